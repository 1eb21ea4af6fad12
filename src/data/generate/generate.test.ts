import { mkdtemp, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveModel } from "../../model/index.ts";
import { mockModel, startOpenAiServer } from "../../testing/index.ts";
import type { PictureContext } from "./context.ts";
import { generate } from "./generate.ts";
import type { InstructionKind } from "./kinds.ts";

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-generate-"));
  out = path.join(folder, "out.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pictures: PictureContext[] = Array.from({ length: 6 }, (_, i) => ({
  id: `p${i}`,
  image: { type: "image", source: `${i}.png`, width: 100, height: 100 },
  captions: [],
  objects: [
    { label: "dog", box: [0.1, 0.1, 0.3, 0.3] },
    { label: "cat", box: [0.6, 0.1, 0.7, 0.3] },
  ],
}));

async function written(): Promise<{ id: string; response: string; [key: string]: unknown }[]> {
  return (await readFile(out, "utf8"))
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const replies: Record<InstructionKind, unknown> = {
  conversation: [
    { question: "Is there a dog?", answer: "Yes." },
    { question: "How many cats are there?", answer: "Three." },
    { question: "What is to the left of the cat?", answer: "The dog." },
  ],
  description: {
    question: "Describe it.",
    answer: "A dog is left of a cat. A horse looks on. The dog is larger than the cat.",
  },
  reasoning: [
    { question: "Who lives here?", answer: "There is a dog and a cat, so perhaps a friend of animals." },
    { question: "Why is the dog left of the cat?", answer: "By chance." },
    { question: "What does the caption say?", answer: "Nothing." },
  ],
  negative: [
    {
      manipulation: "nonexistent-object",
      about: "horse",
      question: "What does the horse eat?",
      answer: "There is no horse.",
    },
    {
      manipulation: "nonexistent-object",
      about: "dog",
      question: "What does the dog eat?",
      answer: "There is no dog.",
    },
    {
      manipulation: "existent-object",
      about: "cat",
      question: "Why are there five of the cat?",
      answer: "No. There are five cats.",
    },
    {
      manipulation: "knowledge",
      about: "dog",
      question: "Is the dog a fish, as all dogs are?",
      answer: "It surely is.",
    },
  ],
  "tool-use": [
    { question: "Cut out the dog.", action: { tool: "crop", input: "<image>, dog" } },
    { question: "Paint it.", action: { tool: "paint", input: "<image>" } },
    { question: "What is 2 + 2?", action: null, reply: "4" },
  ],
};

test("each kind keeps what is true and follows the rules, and says why the rest was rejected", async () => {
  const kinds = Object.keys(replies) as InstructionKind[];
  let next = 0;
  const model = mockModel(() => JSON.stringify(replies[kinds[next++]!]));
  const options = { model, out, kinds, concurrency: 1, limit: 1, seed: 3 };
  const report = await generate(pictures, options);
  const samples = await written();
  expect(samples.map(({ type, response }) => [type, response])).toEqual([
    ["conversation", "The dog."],
    ["description", "A dog is left of a cat. The dog is larger than the cat."],
    ["reasoning", "There is a dog and a cat, so perhaps a friend of animals."],
    ["negative", "There is no horse."],
    ["tool-use", "Thought: Do I need to use a tool? Yes\nAction: crop\nAction Input: <image>, dog"],
    ["tool-use", "Thought: Do I need to use a tool? No\nAI: 4"],
  ]);
  expect(samples[0]).toMatchObject({
    turns: [{ role: "user" }, { role: "assistant", content: [{ text: "Yes." }] }],
    provenance: { model: "mock:mock", promptHash: expect.stringMatching(/^sha256:/), seed: 3 },
  });
  expect(report.rejected).toEqual({
    untrue: 4,
    leak: 1,
    "forbidden-words": 1,
    "not-denied": 1,
    "unknown-tool": 1,
  });
  const rejects = (await readFile(path.join(folder, "rejects.jsonl"), "utf8")).trim().split("\n");
  expect(rejects).toHaveLength(8);
});

const conversation = JSON.stringify(replies.conversation);

test("a run that was cut off goes on without a repeated call, and ends as one that was not", async () => {
  const options = { out, kinds: ["conversation"] as const, concurrency: 2 };
  await generate(pictures, { ...options, model: mockModel(conversation) });
  const whole = await readFile(out, "utf8");
  await rm(`${out}.journal`);

  const controller = new AbortController();
  const first = mockModel((_, i) => {
    if (i === 3) controller.abort();
    return conversation;
  });
  const cut = await generate(pictures, { ...options, model: first, signal: controller.signal });
  expect(cut.stopped).toBe("signal");
  expect(cut.calls.done).toBeLessThan(6);
  // The machine went down in the middle of a line.
  const { size } = await stat(`${out}.journal`);
  await truncate(`${out}.journal`, size - 5);
  const rest = mockModel(conversation);
  const end = await generate(pictures, { ...options, model: rest });
  expect(end.calls).toEqual({ done: 6, total: 6 });
  expect(rest.calls).toHaveLength(6 - (cut.calls.done - 1));
  expect(await readFile(out, "utf8")).toBe(whole);
});

test("near-copies about a picture are dropped; a journal of other settings is refused", async () => {
  const twice = [0, 1].map(() => (replies.reasoning as unknown[])[0]);
  const options = { model: mockModel(JSON.stringify(twice)), out, kinds: ["reasoning"] as const };
  const report = await generate(pictures, options);
  expect([report.samples, report.rejected]).toEqual([6, { "near-copy": 6 }]);
  await expect(generate(pictures, { ...options, seed: 1 })).rejects.toThrow(
    "is of a run with other settings",
  );
});

test("the cost cap starts no further call, and the spent money counts when the run goes on", async () => {
  const model = mockModel(conversation);
  const options = { model, out, kinds: ["conversation"] as const, concurrency: 1, costOf: () => 1 };
  expect(await generate(pictures, { ...options, maxCost: 2 })).toMatchObject({
    stopped: "cost",
    cost: 2,
  });
  expect(await generate(pictures, { ...options, maxCost: 3 })).toMatchObject({
    stopped: "cost",
    cost: 3,
  });
  expect(model.calls).toHaveLength(3);
  await expect(generate(pictures, { ...options, costOf: () => undefined, maxCost: 9 })).rejects.toThrow(
    "needs the price of the model",
  );
});

test("a run in which nearly everything is rejected stops, and what it cost is kept", async () => {
  const many = Array.from({ length: 60 }, (_, i) => ({
    ...pictures[0]!,
    id: `m${i}`,
    image: { ...pictures[0]!.image, source: `m${i}.png` },
  }));
  const model = mockModel("I am sorry.");
  const options = { model, out, kinds: ["description"] as const, concurrency: 1 };
  await expect(generate(many, options)).rejects.toThrow(
    "at most 80% of what the model writes may be rejected, got 50 of the first 50",
  );
  expect((await readFile(`${out}.journal`, "utf8")).trim().split("\n")).toHaveLength(51);
});

test("a hosted vision model gets the text and the picture", async () => {
  await using server = await startOpenAiServer(() => conversation);
  const model = await resolveModel(`${server.url}#writer`);
  const bytes = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const loadImage = async () => ({ bytes, mediaType: "image/png" });
  const report = await generate(pictures.slice(0, 1), {
    model,
    out,
    kinds: ["conversation"],
    loadImage,
  });
  expect(report.samples).toBe(1);
  expect(server.requests[0]!.images).toHaveLength(1);
  expect(JSON.stringify(server.requests[0]!.body.messages)).toContain("dog: [0.100, 0.100, 0.300, 0.300]");
});
