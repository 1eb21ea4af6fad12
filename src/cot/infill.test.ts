import { describe, expect, test } from "vitest";
import { encodePng } from "../media/index.ts";
import { textOf, traceEvents } from "../model/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { type InfillOptions, infill } from "./infill.ts";

const frame = async (grey: number) => ({
  type: "file" as const,
  mediaType: "image/png",
  data: { type: "data" as const, data: await encodePng(new Uint8Array(12).fill(grey), 2, 2) },
});

async function ask(
  script: string[],
  { pictures = 1, ...options }: InfillOptions & { pictures?: number } = {},
) {
  const model = mockModel(script);
  const frames = await Promise.all(Array.from({ length: pictures }, (_, i) => frame(i)));
  const { content, providerMetadata } = await infill(options)(model).doGenerate({
    prompt: [{ role: "user", content: [...frames, { type: "text", text: "Who threw it?" }] }],
  });
  const said = model.calls.map(({ prompt }) => {
    const parts = prompt[0]!.content as { type: string; text?: string; data?: { data: Uint8Array } }[];
    return {
      text: parts.map(({ text }) => text ?? "").join(""),
      frames: parts.flatMap(({ data }) => (data ? [frames.findIndex((f) => f.data.data === data.data)] : [])),
    };
  });
  const filled = traceEvents(content).filter(({ type }) => type === "gap-filled");
  const reasoning = content.flatMap((part) => (part.type === "reasoning" ? part.text : [])).join("");
  return {
    text: textOf(content),
    reasoning,
    said,
    filled: filled.map(({ data }) => data!),
    model,
    sightline: providerMetadata!.sightline!,
  };
}

describe("between the pictures of a sequence", () => {
  test("every gap is asked with its two neighbours, and the most agreed candidate is kept", async () => {
    const { text, reasoning, said, model } = await ask(
      [
        "Dogs ran.",
        "the boy threw the ball",
        "The boy threw a ball.",
        "Tom fell.",
        "Tom fell down.",
        "Rain.",
        "the boy",
      ],
      { pictures: 3 },
    );
    expect(text).toBe("the boy");
    expect(said.map(({ frames }) => frames)).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
      [1, 2],
      [1, 2],
      [1, 2],
      [0, 1, 2],
    ]);
    expect(reasoning).toBe(
      "Between picture 1 and 2: the boy threw the ball\nBetween picture 2 and 3: Tom fell.",
    );
    expect(said[0]!.text).toBe(
      "What happened between these two keyframes? One sentence that helps to answer: Who threw it?",
    );
    expect(new Set(model.calls.slice(0, 6).map(({ seed }) => seed)).size).toBe(6);
  });

  test("with an encoder the candidate nearest to both pictures is kept", async () => {
    const vectors: Record<string, number[]> = { "He sat.": [1, 0], "He ran.": [1, 1] };
    const seen: number[] = [];
    const encoder = {
      id: "toy",
      dimensions: 2,
      async embed({ texts = [], images = [] }: { texts?: string[]; images?: Uint8Array[] }) {
        seen.push(images.length);
        const around = [Float32Array.of(1, 0.4), Float32Array.of(0.4, 1)];
        return [
          ...texts.map((text) => Float32Array.from(vectors[text]!)),
          ...images.map((_, i) => around[i]!),
        ];
      },
    };
    const { filled } = await ask(["He sat.", "He sat.", "He ran.", "he"], { pictures: 2, encoder });
    expect(filled).toEqual([{ gap: 1, candidates: ["He sat.", "He sat.", "He ran."], chosen: "He ran." }]);
    expect(seen).toEqual([2]);
  });
});

describe("in a chain about one picture", () => {
  test("missing steps are put in, and what lacks nothing is left", async () => {
    const { text, reasoning, said } = await ask([
      "The boy stands.\nThe ball flies.\nThe girl laughs.",
      "He throws it.",
      "He throws it.",
      "nothing",
      "Nothing.",
      "nothing",
      "She sees it.",
      "the boy",
    ]);
    expect(text).toBe("the boy");
    expect(reasoning).toBe("The boy stands.\nHe throws it.\nThe ball flies.\nThe girl laughs.");
    expect(said[1]!.text).toContain(
      "One step of the answer: The boy stands.\nThe next step: The ball flies.",
    );
  });

  test("a first chain that loops fills nothing", async () => {
    const loop = "It is so. ".repeat(30);
    const { text, reasoning, sightline } = await ask([loop, loop]);
    expect(text).toBe("");
    expect(reasoning).not.toBe("");
    expect(sightline).toMatchObject({ problem: "loop", calls: 2 });
  });
});
