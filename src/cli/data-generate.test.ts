import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startOpenAiServer } from "../testing/index.ts";
import { generateCommand } from "./data-generate.ts";

const onePixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
let folder: string;
let data: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-generate-cli-"));
  data = path.join(folder, "data.jsonl");
  const sample = {
    id: "a",
    instruction: "What is it?",
    input: [{ type: "image", source: "a.png", width: 100, height: 100 }],
    response: "a dog",
    regions: [{ label: "dog", box: [10, 10, 50, 50] }],
  };
  await writeFile(data, `${JSON.stringify(sample)}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...words: string[]): Promise<string[]> {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line) => void printed.push(line));
  try {
    await generateCommand().exitOverride().parseAsync(words, { from: "user" });
    return printed;
  } finally {
    log.mockRestore();
  }
}

test("writes what a served model says that is true, and asks nothing again", async () => {
  const reply = JSON.stringify([
    { question: "Is there a dog?", answer: "Yes." },
    { question: "Is there a cat?", answer: "Yes." },
  ]);
  await using server = await startOpenAiServer(() => reply);
  const out = path.join(folder, "out.jsonl");
  const words = [data, "--model", `${server.url}#writer`, "--out", out, "--kind", "conversation"];
  const expected = [`wrote 1 samples to ${out} (1 of 1 calls)`, "rejected, untrue: 1"];
  expect(await run(...words)).toEqual(expected);
  expect(await run(...words)).toEqual(expected);
  expect(server.requests).toHaveLength(1);
  expect(JSON.parse(await readFile(out, "utf8"))).toMatchObject({ response: "Yes.", type: "conversation" });
});

test("a wrong kind and a cap without prices are one clear line", async () => {
  const words = [data, "--model", "tiny", "--out", path.join(folder, "x.jsonl")];
  await expect(run(...words, "--kind", "poem")).rejects.toThrow(
    '--kind: must be one of conversation, description, reasoning, negative, tool-use, got "poem"',
  );
  await expect(run(...words, "--max-cost", "1")).rejects.toThrow("--max-cost: needs the prices of tokens");
});

test("COCO instances are pictures with boxes", async () => {
  await using server = await startOpenAiServer(() =>
    JSON.stringify([{ question: "How many dogs are there?", answer: "Two dogs." }]),
  );
  const coco = path.join(folder, "instances.json");
  const boxes = [
    [1, 1, 20, 20],
    [50, 40, 30, 20],
  ];
  await writeFile(
    coco,
    JSON.stringify({
      images: [{ id: 1, file_name: "a.png", width: 100, height: 100 }],
      annotations: boxes.map((bbox) => ({ image_id: 1, category_id: 1, bbox })),
      categories: [{ id: 1, name: "dog" }],
    }),
  );
  const out = path.join(folder, "coco.jsonl");
  const words = [coco, "--model", `${server.url}#writer`, "--out", out, "--kind", "conversation"];
  expect(await run(...words)).toEqual([`wrote 1 samples to ${out} (1 of 1 calls)`]);
  expect(JSON.stringify(server.requests[0])).toContain("dog: [0.010, 0.010, 0.210, 0.210]");
});

test("a folder of pictures alone is for a vision model; what it says is kept unchecked, and the summary says so", async () => {
  const pictures = path.join(folder, "pictures");
  await mkdir(path.join(pictures, "more"), { recursive: true });
  await writeFile(path.join(pictures, "a.png"), onePixel);
  await writeFile(path.join(pictures, "more", "b.png"), onePixel);
  await using server = await startOpenAiServer(() =>
    JSON.stringify([{ question: "How many dogs are there?", answer: "Two dogs." }]),
  );
  const out = path.join(folder, "seen.jsonl");
  const words = [pictures, "--model", `${server.url}#writer`, "--out", out];
  const kinds = ["--kind", "conversation", "--kind", "negative"];
  await expect(run(...words, ...kinds)).rejects.toThrow(
    "must have pictures with regions or captions, got none. With --show-pictures a vision model needs neither.",
  );
  expect(await run(...words, ...kinds, "--show-pictures")).toEqual([
    `wrote 2 samples to ${out} (2 of 2 calls)`,
    "not checked for truth, as their pictures have no boxes: 2",
  ]);
  expect(server.requests.map(({ images }) => images.length)).toEqual([1, 1]);
  // A caption is enough for a model that sees nothing.
  await writeFile(path.join(pictures, "a.txt"), "Two dogs on grass.\n");
  const told = path.join(folder, "told.jsonl");
  const [wrote] = await run(...words.with(-1, told), "--kind", "conversation");
  expect(wrote).toBe(`wrote 1 samples to ${told} (1 of 1 calls)`);
  expect(JSON.stringify(server.requests.at(-1)!.body)).toContain("Two dogs on grass.");
  expect(server.requests.at(-1)!.images).toEqual([]);
});

test("bad rows of the dataset go to the rejects with file, line and field; strict stops at the first", async () => {
  await using server = await startOpenAiServer(() =>
    JSON.stringify([{ question: "Is there a dog?", answer: "Yes." }]),
  );
  const file = path.join(folder, "some-bad.jsonl");
  await writeFile(
    file,
    `{"id":"x","instruction":5,"input":[]}\n${await readFile(data, "utf8")}{"question"\n`,
  );
  const out = path.join(folder, "bad-rows", "out.jsonl");
  const words = [file, "--model", `${server.url}#writer`, "--out", out, "--kind", "conversation"];
  await expect(run(...words, "--strict")).rejects.toThrow(`${file}:1, instruction: must be a string`);
  expect(server.requests).toHaveLength(0);
  expect(await run(...words)).toEqual([`wrote 1 samples to ${out} (1 of 1 calls)`, "rejected, bad-row: 2"]);
  const rejects = (await readFile(path.join(folder, "bad-rows", "rejects.jsonl"), "utf8")).trim().split("\n");
  expect(rejects.map((line) => JSON.parse(line))).toMatchObject([
    { reason: "bad-row", file, line: 1, field: "instruction" },
    { reason: "bad-row", file, line: 3, field: "", problem: expect.stringContaining("must be JSON") },
  ]);
});
