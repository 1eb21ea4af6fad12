import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scoreFile } from "./score-file.ts";
import { formatScoreTable } from "./score-table.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-chair-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

const lines = [
  { id: "1", prediction: "a dog with a cat and cat", objects: ["dog", "chair"] },
  {
    id: "2",
    prediction: "a man on a bike",
    objects: ["person"],
    answers: ["a cyclist", "a bicycle in the rain"],
  },
  { id: "3", prediction: "nothing", objects: [] },
];

test("the file's score is CHAIRi, with the other figures beside it", async () => {
  const file = await write("captions.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
  const output = await scoreFile(file, "chair");
  expect(output.items).toEqual([
    { id: "1", score: 2 / 3, mentioned: ["dog", "cat", "cat"], hallucinated: ["cat", "cat"] },
    { id: "2", score: 0, mentioned: ["person", "bicycle"], hallucinated: [] },
    { id: "3", score: 0, mentioned: [], hallucinated: [] },
  ]);
  const { interval, ...summary } = output.summary;
  expect(summary).toEqual({ score: 0.4, n: 3, chairI: 0.4, chairS: 1 / 3, recall: 0.75, meanLength: 13 / 3 });
  expect(interval![0]).toBeLessThan(0.4);
  expect(interval![1]).toBeGreaterThan(0.4);
  expect(formatScoreTable(output, "captions.jsonl")).toMatch(/\nrecall {6}75\.0%\nmeanLength {2}4\.333\n/);
});

test("synonyms of one's own, as JSON or as lines, decide what is an object", async () => {
  const prediction = "a hound and a feline";
  const file = await write("own.jsonl", JSON.stringify({ id: "1", prediction, objects: ["dog"] }));
  const json = await write("s.json", '{"dog": ["hound"], "cat": ["feline"]}');
  const text = await write("s.txt", "dog, hound\ncat, feline\n");
  for (const synonyms of [json, text]) {
    const { items } = await scoreFile(file, "chair", { synonyms });
    expect(items).toEqual([{ id: "1", score: 0.5, mentioned: ["dog", "cat"], hallucinated: ["cat"] }]);
  }
});

test("what cannot be scored is said", async () => {
  const file = await write("bad.jsonl", '{"id": "1", "prediction": "a fox", "objects": ["fox"]}');
  const synonyms = await write("few.json", '{"dog": []}');
  await expect(scoreFile(file, "chair", { synonyms })).rejects.toThrow(
    'bad.jsonl:1: objects: must be in the synonyms, got "fox".',
  );
  await expect(scoreFile(file, "bleu", { synonyms })).rejects.toThrow(
    'synonyms: belong to the metric chair, got "bleu".',
  );
  const broken = await write("broken.json", '{"dog": "puppy"}');
  await expect(scoreFile(file, "chair", { synonyms: broken })).rejects.toThrow(
    'broken.json": must be JSON such as {"dog": ["puppy"]}, or lines such as "dog, puppy".',
  );
  await expect(scoreFile(await write("none.jsonl", '{"id": 1, "prediction": "a"}'), "chair")).rejects.toThrow(
    "none.jsonl:1: objects: must be the names of what is in the picture.",
  );
});
