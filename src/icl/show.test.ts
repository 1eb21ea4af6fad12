import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { describe, expect, test } from "vitest";
import { callOf, declareCapabilities, traceEvents } from "../model/index.ts";
import type { Capabilities, Sample } from "../spec/index.ts";
import { scriptedMock, scriptedServer } from "../testing/conformance-models.ts";
import { mockModel } from "../testing/mock-model.ts";
import { describeTechnique } from "../testing/technique-conformance.ts";
import { createPool, type ShowOptions, show } from "./index.ts";
import { patternPicture, testPool, testSample } from "./testing.ts";

const samples = [0, 1, 2, 3, 4].map((i) => testSample(i));
const pool = testPool(samples);

const models = [scriptedMock, scriptedServer];
describeTechnique("show", show(pool, { k: 2 }), { models });
describeTechnique("show, in-line", show(pool, { k: 2, layout: "in-line" }), { models });
describeTechnique("show around show", (model) => show(pool, { k: 1 })(show(pool, { k: 1 })(model)), {
  models,
});

const question = { id: "q", instruction: "What is this?", input: [{ type: "image", source: "9" }] } as const;

/** Asks the question; gives what the model saw, as lines, and the events. */
async function ask(
  options: ShowOptions,
  {
    sample = question as unknown as Sample,
    able = {},
    from = pool,
    rationale = false,
  }: {
    sample?: Sample;
    able?: Partial<Capabilities>;
    from?: typeof pool;
    rationale?: boolean;
  } = {},
) {
  let seen: LanguageModelV4CallOptions["prompt"] = [];
  const base = mockModel(({ prompt }) => {
    seen = prompt;
    return "x";
  });
  const none = { toolCalls: false, logprobs: false, choices: false, contrast: false, prefixCache: false };
  const model = declareCapabilities(base, { ...none, plainQuestions: true, ...able });
  const loadImage = async ({ source }: { source: string }) => ({
    bytes: await patternPicture(Number(source)),
    mediaType: "image/png",
  });
  const call = await callOf(sample, { loadImage });
  if (rationale) {
    const sightline = { ...call.providerOptions!.sightline, rationale: true };
    call.providerOptions = { ...call.providerOptions, sightline };
  }
  const { content } = await show(from, options)(model).doGenerate(call);
  const lines = seen.map((message) =>
    typeof message.content === "string"
      ? `${message.role}: ${message.content}`
      : `${message.role}: ${message.content.map((part) => (part.type === "text" ? part.text : "[picture]")).join(" ")}`,
  );
  return { lines, events: traceEvents(content) };
}

describe("what the model sees", () => {
  test("demonstrations are turns before the question, which stays as it is", async () => {
    const { lines, events } = await ask({ k: 2 });
    expect(lines).toEqual([
      "user: [picture] What is thing 0?",
      "assistant: answer 0",
      "user: [picture] What is thing 1?",
      "assistant: answer 1",
      "user: [picture] What is this?",
    ]);
    expect(events.find(({ type }) => type === "demos-chosen")!.data!.ids).toEqual(["d0", "d1"]);
  });

  test("k = 0 shows none", async () => {
    expect((await ask({ k: 0 })).lines).toEqual(["user: [picture] What is this?"]);
  });

  test("a question never sees itself, nor its picture under another name", async () => {
    const itself = await ask({ k: 4 }, { sample: { ...question, id: "d1" } as unknown as Sample });
    expect(itself.lines.join()).not.toContain("thing 1");
    const twin = { ...question, input: [{ type: "image", source: "2" }] } as unknown as Sample;
    expect((await ask({ k: 4 }, { sample: twin })).lines.join()).not.toContain("thing 2");
  });

  test("fewer demonstrations than wanted are said", async () => {
    const { events, lines } = await ask({ k: 5 }, { sample: { ...question, id: "d1" } as unknown as Sample });
    expect(lines.length).toBe(9);
    expect(events.find(({ type }) => type === "demos-missing")!.data).toEqual({ wanted: 5, found: 4 });
  });

  test("what the model has no room for is left out and said", async () => {
    const { lines, events } = await ask({ k: 4 }, { able: { maxImages: 3 } });
    expect(lines.filter((line) => line.includes("[picture]")).length).toBe(3);
    expect(events.find(({ type }) => type === "demos-dropped")!.data!.ids).toHaveLength(2);
  });

  test("a rationale stands before its answer where one is asked for", async () => {
    const thinking = testPool([testSample(0, { rationale: "It is round." })]);
    const with_ = await ask({ k: 1 }, { from: thinking, rationale: true });
    expect(with_.lines[1]).toBe("assistant: It is round.\nAnswer: answer 0");
    expect((await ask({ k: 1 }, { from: thinking })).lines[1]).toBe("assistant: answer 0");
  });

  test("controls: no pictures, and answers of others", async () => {
    const blind = await ask({ k: 2, pictures: "none" });
    expect(blind.lines.slice(0, 4).join()).not.toContain("[picture]");
    const shuffled = await ask({ k: 5, labels: "shuffled" });
    const answers = shuffled.lines.filter((line) => line.startsWith("assistant"));
    expect(answers.sort()).toEqual([0, 1, 2, 3, 4].map((i) => `assistant: answer ${i}`));
    expect(shuffled.lines[1]).not.toBe("assistant: answer 0");
  });
});

describe("what cannot be shown", () => {
  test("no demonstrations, one without an answer, more than there are", () => {
    const loadImage = async () => ({ bytes: await patternPicture(0), mediaType: "image/png" });
    expect(() => createPool([], { loadImage })).toThrow("demonstrations: must be at least one, got none.");
    const unlabelled = testSample(0, { response: undefined } as unknown as Partial<Sample>);
    expect(() => createPool([unlabelled], { loadImage })).toThrow("demonstration d0: must have a response");
    expect(() => show(pool, { k: 6 })).toThrow(
      "show: k must be a whole number from 0 to 5, the number of demonstrations, got 6.",
    );
  });

  test("a picture that is gone is named with its demonstration", async () => {
    const { InputError } = await import("../errors/index.ts");
    const gone = createPool(samples, {
      loadImage: async ({ source }) => {
        throw new InputError({ where: `"${source}.png"`, rule: "must exist" });
      },
    });
    await expect(ask({ k: 1 }, { from: gone })).rejects.toThrow(
      'demonstration d0, picture "0.png": must exist',
    );
  });
});
