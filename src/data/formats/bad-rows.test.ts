// Bad rows of tables, benchmarks and COCO instances go to rejects.jsonl one by one; the good ones are written.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodePng } from "../../media/index.ts";
import { type AdaptOptions, adapt } from "./adapt.ts";
import { openDataset } from "./open-dataset.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-bad-rows-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, content: string | object): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

async function putPicture(name: string): Promise<void> {
  await put(name, "");
  await writeFile(path.join(folder, name), await encodePng(new Uint8Array(12), 2, 2));
}

/** Adapts to Samples; gives the ids that were written and the rejects without their rows. */
async function adapted(spec: string, more: Partial<AdaptOptions> = {}) {
  const out = path.join(folder, "adapted", "data.jsonl");
  await mkdir(path.dirname(out), { recursive: true });
  const report = await adapt(spec, {
    format: "samples",
    out,
    maxRejects: { count: 50 },
    ...more,
  });
  const lines = (text: string) =>
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const written = lines(await readFile(out, "utf8"));
  const rejects = lines(
    await readFile(path.join(folder, "adapted", "rejects.jsonl"), "utf8").catch(() => ""),
  );
  expect([report.written, report.rejected]).toEqual([written.length, rejects.length]);
  return {
    ids: written.map(({ id }) => id as string),
    rejects: rejects.map(({ file, line, field, problem }) => [
      path.relative(folder, file),
      line,
      field,
      problem,
    ]),
  };
}

test.each([
  ["csv", ","],
  ["tsv", "\t"],
])("%s: a missing answer, an answer that is no choice, a cell too many", async (extension, mark) => {
  const rows = [
    ["image", "question", "answer", "choices"],
    ["a.png", "What is it?", "a dog", ""],
    ["a.png", "And this?", "", ""],
    ["a.png", "Which?", "an owl", "a dog|a cat"],
    ["a.png", "Where?", "here", "", "what is this?"],
    ["a.png", "Which one?", "B", "a dog|a cat"],
  ];
  const file = await put(`rows.${extension}`, rows.map((row) => row.join(mark)).join("\n"));
  const { ids, rejects } = await adapted(file);
  expect(ids).toEqual(["1", "4"]);
  expect(rejects).toEqual([
    [`rows.${extension}`, 3, "answer", "missing, must be the reference answer"],
    [`rows.${extension}`, 4, "answer", 'must be one of the choices or its letter, got "an owl"'],
    [`rows.${extension}`, 5, "", "must have as many cells as the header, 4, got 5"],
  ]);
  await expect(adapted(file, { strict: true })).rejects.toThrow(
    `rows.${extension}:3, answer: missing, must be`,
  );
  await expect(adapted(file, { maxRejects: { count: 1 } })).rejects.toThrow("2 bad of the first 3");
  // An evaluation still refuses the file as a whole.
  await expect(openDataset(file)).rejects.toThrow("line 5: must have as many cells");
});

test("pope: a line that is no JSON, an unknown label, a missing picture", async () => {
  await putPicture("a.png");
  const ask = (question_id: number, label: string, image = "a.png") =>
    JSON.stringify({ question_id, image, text: "Is there a dog?", label });
  const lines = [ask(1, "yes"), "{", ask(2, "maybe"), ask(3, "no", "none.png"), ask(4, "no")];
  await put("coco_pope_random.json", lines.join("\n"));
  const { ids, rejects } = await adapted(`pope@random:${folder}`);
  expect(ids).toEqual(["random 1", "random 4"]);
  expect(rejects.map(([file, line, field]) => [file, line, field])).toEqual([
    ["coco_pope_random.json", 2, ""],
    ["coco_pope_random.json", 3, "label"],
    ["coco_pope_random.json", 4, expect.anything()],
  ]);
});

test("vqa: an annotation without answers costs its question, and both are told", async () => {
  await putPicture("val2014/COCO_val2014_000000000001.jpg");
  const questions = [1, 2, 3].map((question_id) => ({ question_id, image_id: 1, question: "What?" }));
  await put("v2_OpenEnded_mscoco_val2014_questions.json", { questions });
  const annotations = [1, 2, 3].map((question_id) => ({
    question_id,
    answers: question_id === 2 ? [] : [{ answer: "a dog" }],
  }));
  await put("v2_mscoco_val2014_annotations.json", { annotations });
  const { ids, rejects } = await adapted(`vqa:${folder}`);
  expect(ids).toEqual(["1", "3"]);
  expect(rejects).toEqual([
    ["v2_mscoco_val2014_annotations.json", 2, "answers", "must not be empty"],
    ["v2_OpenEnded_mscoco_val2014_questions.json", 2, "", "question 2: has no annotation"],
  ]);
});

test("mme: a bad line leaves the other question of its pair", async () => {
  await putPicture("count/one.png");
  await put("count/one.txt", "Are there two dogs?\tYes\nAre there six dogs?\tperhaps\n");
  const { ids, rejects } = await adapted(`mme:${folder}`);
  expect(ids).toEqual(["count/one 1"]);
  expect(rejects).toHaveLength(1);
  expect(rejects[0]!.slice(0, 2)).toEqual(["count/one.txt", 2]);
  await expect(openDataset(`mme:${folder}`)).rejects.toThrow(
    "one.txt:2: must be a question, a tab and Yes or No",
  );
});

test("mmbench: a row with too few cells, an answer that is no letter", async () => {
  const picture = Buffer.from(await encodePng(new Uint8Array(12 * 16 * 16), 32, 32)).toString("base64");
  const names = ["index", "question", "A", "B", "answer", "image"];
  const row = (index: number, answer: string) =>
    [index, "Which?", "a dog", "a cat", answer, picture].join("\t");
  const rows = [names.join("\t"), row(1, "A"), "2\tWhich?", row(3, "X"), row(4, "B")];
  await put("MMBench_DEV_EN.tsv", `${rows.join("\n")}\n`);
  const { ids, rejects } = await adapted(`mmbench:${folder}`);
  expect(ids).toEqual(["1", "4"]);
  expect(rejects).toEqual([
    ["MMBench_DEV_EN.tsv", 3, "", "must have as many cells as the header, 6, got 2"],
    ["MMBench_DEV_EN.tsv", 4, "answer", 'must be the letter of an option, got "X"'],
  ]);
});

test("COCO instances: a picture with a bad annotation is left out, the others are not", async () => {
  const file = await put("instances.json", {
    images: [{ id: 1, file_name: "a.png" }, { id: 2, file_name: "b.png" }, { id: 3 }],
    annotations: [
      { image_id: 1, category_id: 1, bbox: [1, 1, 5, 5] },
      { image_id: 2, category_id: 1, bbox: [1, 1, 5] },
      { image_id: 9, category_id: 1 },
    ],
    categories: [{ id: 1, name: "dog" }],
  });
  const { ids, rejects } = await adapted(file);
  expect(ids).toEqual(["a.png"]);
  expect(rejects.map(([name, line, field]) => [name, line, field])).toEqual([
    ["instances.json", 3, "images[2].file_name"],
    ["instances.json", 2, "annotations[1].bbox"],
    ["instances.json", 3, "annotations[2].image_id"],
  ]);
});
