import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { describe, expect, test } from "vitest";
import { decodeImage, encodePng } from "../media/index.ts";
import { inlineBytes } from "../model/content-address.ts";
import { traceEvents } from "../model/index.ts";
import { scriptedMock, scriptedServer } from "../testing/conformance-models.ts";
import { type MockAnswer, mockModel } from "../testing/index.ts";
import { describeTechnique } from "../testing/technique-conformance.ts";
import { look } from "./index.ts";

describeTechnique("look", look({ minSide: 1 }), { models: [scriptedMock, scriptedServer] });

/** A picture whose red grows to the right and whose green grows downwards: a pixel tells where it is from. */
async function slope(width: number, height: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += 3) pixels.set([x % 256, y % 256, 0], i);
  return encodePng(pixels, width, height);
}
const asking = (data: Uint8Array, query: object = {}): LanguageModelV4CallOptions => ({
  prompt: [
    {
      role: "user",
      content: [
        { type: "file", mediaType: "image/png", data: { type: "data", data } },
        { type: "text", text: "What does it say?" },
      ],
    },
  ],
  providerOptions: {
    sightline: { query: { id: "q", group: "q", question: "What does it say?", imageIds: [], ...query } },
  },
});
const pictures = ({ prompt }: LanguageModelV4CallOptions) =>
  Promise.all(
    prompt.flatMap((message) =>
      message.role === "user"
        ? message.content.flatMap((part) =>
            part.type === "file" ? [decodeImage(inlineBytes(part.data)!)] : [],
          )
        : [],
    ),
  );
const said = (text: string, logprob: number): MockAnswer => ({
  text,
  providerMetadata: { sightline: { logprobs: [{ token: text, logprob }] } },
});
const sure = { capabilities: { logprobs: true } };
const answerOf = async (
  model: ReturnType<typeof mockModel>,
  call: LanguageModelV4CallOptions,
  options = {},
) => {
  const { content } = await look(options)(model).doGenerate(call);
  const text = content.map((part) => (part.type === "text" ? part.text : "")).join("");
  return { text, events: traceEvents(content) };
};

describe("a model that tells how sure it is", () => {
  test("sees the whole and every part alone; the surest answer stands, and why is in the trace", async () => {
    const model = mockModel(
      [said("fog", -2), said("f", -3), said("frog", -0.1), said("og", -1), said("", 0)],
      sure,
    );
    const { text, events } = await answerOf(model, asking(await slope(210, 105)));
    expect(text).toBe("frog");
    expect(events.find(({ type }) => type === "answer-chosen")!.data).toMatchObject({ view: "part-2" });
    const views = (await Promise.all(model.calls.map(pictures))).map(([picture]) => picture!);
    expect(views.map(({ width, height }) => [width, height])).toEqual([
      [210, 105],
      ...Array.from({ length: 4 }, () => [120, 60]),
    ]);
    // First pixels: the parts begin at 0 and 90 across, at 0 and 45 down, and reach the far edges.
    expect(views.slice(1).map(({ pixels }) => [pixels[0], pixels[1]])).toEqual([
      [0, 0],
      [90, 0],
      [0, 45],
      [90, 45],
    ]);
  });

  test("a likely yes about a part stands against surer noes; an unlikely one does not", async () => {
    const yesNo = { answerType: "yes-no" };
    const call = asking(await slope(240, 240), yesNo);
    const likely = [said("no", -0.01), said("no", -0.01), said("yes", -0.3), said("no", 0), said("no", 0)];
    expect((await answerOf(mockModel(likely, sure), call)).text).toBe("yes");
    const unlikely = likely.with(2, said("yes", -0.9));
    expect((await answerOf(mockModel(unlikely, sure), call)).text).toBe("no");
  });

  test("a number of a part is not taken for that of the whole", async () => {
    const model = mockModel([said("5", -2), said("1", 0), said("2", 0), said("1", 0), said("1", 0)], sure);
    expect((await answerOf(model, asking(await slope(240, 240), { answerType: "number" }))).text).toBe("5");
  });

  test("nor is it where only the answer tells that a number was asked for", async () => {
    const none = Array.from({ length: 4 }, () => said("I see no apple.", 0));
    const call = asking(await slope(240, 240));
    expect((await answerOf(mockModel([said("2", -2), ...none], sure), call)).text).toBe("2");
    expect((await answerOf(mockModel([said("a pear", -2), ...none], sure), call)).text).toBe(
      "I see no apple.",
    );
  });
});

test("any other model is shown the picture and then as many parts as it takes, in one call", async () => {
  const model = mockModel("frog", { capabilities: { maxImages: 3 } });
  expect((await answerOf(model, asking(await slope(240, 240)))).text).toBe("frog");
  const shown = await pictures(model.calls[0]!);
  expect(shown.map(({ width }) => width)).toEqual([240, 138, 138]);
  expect(model.calls).toHaveLength(1);
});

test("a small picture, and a prompt with two, go on as they are", async () => {
  const small = asking(await slope(100, 100));
  const model = mockModel("frog", sure);
  await answerOf(model, small);
  const two = asking(await slope(300, 300));
  (two.prompt[0] as { content: object[] }).content.unshift(
    (two.prompt[0] as { content: object[] }).content[0]!,
  );
  await answerOf(model, two);
  expect(model.calls.map(({ prompt }) => prompt)).toEqual([small.prompt, two.prompt]);
});

test.each([
  [{ parts: 5 }, "look: parts must be 2, 3 or 4, got 5."],
  [{ overlap: 0.7 }, /overlap must be from 0 to 0.5/],
])("%j is refused", (options, message) => {
  expect(() => look(options)).toThrow(message);
});
