import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { decodeImage, encodePng } from "../media/index.ts";
import { inlineBytes } from "../model/content-address.ts";
import { traceEvents } from "../model/index.ts";
import type { Box, Capabilities } from "../spec/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { type Pointer, type PointOptions, point } from "./point.ts";

const [width, height] = [40, 20];

/** A grey picture in which the pixel at x, y has the colour (x, y, 0). */
async function call(pictures = 1) {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const at = Math.floor(i / 3);
    return [at % width, Math.floor(at / width), 0][i % 3]!;
  });
  const data = await encodePng(pixels, width, height);
  const picture = { type: "file", mediaType: "image/png", data: { type: "data", data } } as const;
  const prompt: LanguageModelV4Prompt = [
    { role: "user", content: [...Array(pictures).fill(picture), { type: "text", text: "What is this?" }] },
  ];
  return { prompt };
}

async function run(
  pointer: Pointer,
  { capabilities = {}, ...options }: PointOptions & { capabilities?: Partial<Capabilities> } = {},
) {
  const model = mockModel("a dog", { capabilities });
  const { content } = await point(pointer, options)(model).doGenerate(await call());
  const user = model.calls[0]!.prompt[0]!.content as Exclude<LanguageModelV4Prompt[0]["content"], string>;
  const shown = await Promise.all(
    user.flatMap((part) =>
      part.type === "file" ? [decodeImage(inlineBytes(part.data as never)!, { where: "x" })] : [],
    ),
  );
  const text = user.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
  return { shown, text, event: traceEvents(content).find(({ type }) => type === "pointed-at")!.data };
}

test("a box: the picture with the mark on it, then the piece with some of its surroundings", async () => {
  const { shown, text, event } = await run({ box: [10, 5, 20, 15] });
  expect(event).toEqual({ image: 1, box: [10, 5, 20, 15], show: "both" });
  expect(shown.map(({ width, height }) => [width, height])).toEqual([
    [40, 20],
    [14, 14],
  ]);
  expect([...shown[1]!.pixels.slice(0, 3)]).toEqual([8, 3, 0]);
  const corner = (5 * width + 10) * 3;
  expect([...shown[0]!.pixels.slice(corner, corner + 3)]).not.toEqual([10, 5, 0]);
  expect(text).toMatch(/^What is this\?\nThe question is about the region \[10, 5, 20, 15\] of picture 1/);
});

test("a model whose questions are plain is shown the piece alone, and its question stays as it is", async () => {
  const { shown, text } = await run({ box: [20, 15, 10, 5] }, { capabilities: { plainQuestions: true } });
  expect(shown.map(({ width }) => width)).toEqual([14]);
  expect(text).toBe("What is this?");
});

test("a scribble is the box around it; where no picture more fits, only the mark is shown", async () => {
  const scribble = [
    [3, 9],
    [9, 4],
    [6, 6.5],
  ] as const;
  const { shown, event } = await run({ scribble }, { capabilities: { maxImages: 1 } });
  expect(event).toEqual({ image: 1, box: [3, 4, 9, 9], show: "mark" });
  expect(shown).toHaveLength(1);
});

test("a point is the smallest thing under it, or a square around it", async () => {
  const things = [
    { name: "table", box: [0, 0, 40, 20] as Box, score: 0.9 },
    { name: "cup", box: [10, 5, 16, 12] as Box, score: 0.5 },
    { name: "owl", box: [30, 5, 36, 12] as Box, score: 1 },
  ];
  const detector = { name: "script", vocabulary: async () => [], detect: async () => things };
  expect((await run({ at: [12, 8] }, { detector })).event).toMatchObject({
    box: [10, 5, 16, 12],
    name: "cup",
  });
  expect((await run({ at: [12, 8] })).event).toMatchObject({ box: [9, 5, 15, 11] });
  expect((await run({ at: [40, 20] })).event).toMatchObject({ box: [37, 17, 40, 20] });
});

test("what points nowhere is refused", async () => {
  await expect(run({ at: [41, 3] })).rejects.toThrow(
    "point: must be inside the picture of 40 x 20 pixels, got [41, 3].",
  );
  await expect(run({ at: [1, 3] }, { image: 2 })).rejects.toThrow(
    "point: picture 2 must be in the prompt, got 1 picture.",
  );
  await expect(run({ at: [1, 3] }, { show: "both", capabilities: { maxImages: 1 } })).rejects.toThrow(
    'the model must take one more picture, for show "both", got 1 of 1',
  );
  expect(() => point({ scribble: [] })).toThrow("point: needs 1 to 10000 points of two numbers, got 0.");
  expect(() => point({ at: [Number.NaN, 0] })).toThrow("point: needs 1 to 10000 points");
});
