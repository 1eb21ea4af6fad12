// The readers of MMBench and ScienceQA on small folders of the official shape, and benchmarks by name.
import { readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BenchmarkFixture, createBenchmarkFixture } from "../../../testing/benchmark-fixture.ts";
import { openDataset } from "../open-dataset.ts";

let fixture: BenchmarkFixture;
beforeAll(async () => {
  fixture = await createBenchmarkFixture();
});
afterAll(() => rm(fixture.root, { recursive: true }));

describe("MMBench", () => {
  const columns = [
    "index",
    "question",
    "hint",
    "A",
    "B",
    "C",
    "D",
    "answer",
    "category",
    "l2-category",
    "image",
  ];
  const tsv = (...rows: Record<string, string | number>[]) =>
    [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ""))]
      .map((cells) => cells.join("\t"))
      .join("\n");
  let base: Record<string, string | number>;
  beforeAll(() => {
    base = {
      ...{ index: 241, question: "Which one?", hint: "Look left.", A: "cat", B: "dog", C: "yak" },
      ...{ answer: "B", category: "identity", "l2-category": "fine", image: "" },
    };
    base.image = Buffer.from(fixture.png).toString("base64");
  });
  const shifted = () => ({
    ...base,
    index: 1000241,
    A: "dog",
    B: "yak",
    C: "cat",
    answer: "A",
    image: "241",
  });

  test("writes each picture once; rows may point to another row's picture; passes are gathered", async () => {
    const other = { ...base, index: 242, question: '"What ""now""?\nSay."', hint: "", C: "", image: "241" };
    const folder = await fixture.folder({ "MMBench_DEV_EN.tsv": tsv(base, shifted(), other) });
    const { samples, baseDir } = await openDataset(`mmbench:${folder}`);
    expect(samples).toEqual([
      {
        id: "241",
        group: "MMBench_DEV_EN-images/241.png",
        instruction: "Look left.\nWhich one?",
        input: [{ type: "image", source: "MMBench_DEV_EN-images/241.png" }],
        response: "dog",
        choices: ["cat", "dog", "yak"],
        answerType: "choice",
        type: "identity",
        provenance: { dataset: "MMBench", split: "dev" },
        extra: { answer: "B", ability: "fine" },
      },
      expect.objectContaining({
        id: "242",
        group: "MMBench_DEV_EN-images/241.png",
        instruction: 'What "now"?\nSay.',
        choices: ["cat", "dog"],
      }),
    ]);
    const file = path.join(baseDir, "MMBench_DEV_EN-images/241.png");
    expect(new Uint8Array(await readFile(file))).toEqual(fixture.png);
    expect(await readdir(path.dirname(file))).toEqual(["241.png"]);
    const { ino, mtimeMs } = await stat(file);
    await openDataset(`mmbench:${folder}`);
    expect(await stat(file)).toMatchObject({ ino, mtimeMs });
  });

  test("writes the pictures where they were asked for", async () => {
    const folder = await fixture.folder({ "mmbench_dev_20230712.tsv": tsv(base) });
    const pictures = await fixture.folder({});
    const { samples, baseDir } = await openDataset(`mmbench:${folder},${pictures}`);
    expect([baseDir, samples[0]!.input]).toEqual([pictures, [{ type: "image", source: "241.png" }]]);
    expect(await readdir(pictures)).toEqual(["241.png"]);
  });

  test.each<[what: string, text: () => string, message: RegExp]>([
    [
      "hidden answers, rows counted by line",
      () => tsv({ ...base, question: '"two\nlines"' }, { ...base, index: 3, answer: "" }),
      /^DIR\/mmbench_dev\.tsv:4: answer: missing, the answers of this split are not public\. Use a split with answers/,
    ],
    [
      "a letter without option",
      () => tsv({ ...base, answer: "D" }),
      /:2: answer: must be the letter of an option, got "D"\. /,
    ],
    [
      "a gap in the options",
      () => tsv({ ...base, B: "" }),
      /:2: A, B, …: must be at least two options without a gap\. /,
    ],
    [
      "a picture that is none",
      () => tsv({ ...base, image: "A".repeat(100) }),
      /^DIR\/mmbench_dev\.tsv:2: image: must be a picture, got bytes that start with 00 00 00 00\./,
    ],
    [
      "a row that points nowhere",
      () => tsv({ ...base, image: "5" }),
      /:2: image: must be base64 or the index of a row with a picture\. /,
    ],
    [
      "a pass of a question that is not there",
      () => tsv(shifted()),
      /:2: index: question 241 itself must be in the file too\. /,
    ],
    [
      "a pass with other options",
      () => tsv(base, { ...shifted(), C: "cow" }),
      /:3: index 1000241: must be question 241 with its options shifted\. /,
    ],
    ["a missing column", () => "index\tquestion\n1\twhy\n", /:2: image: missing, must be a string\. /],
    [
      "a row with too few cells",
      () => `${tsv(base)}\n7\tq\n`,
      /^DIR\/mmbench_dev\.tsv:3: must have as many cells as the header, 11, got 2\./,
    ],
    [
      "a quote that is not closed",
      () => `${tsv(base, { ...base, index: 3, question: '"Which' })}\n`,
      /^DIR\/mmbench_dev\.tsv:3: must close the quote that it opens\.$/,
    ],
    [
      "a quote in the middle of a cell",
      () => tsv({ ...base, question: 'Which "one" is it?' }),
      /^DIR\/mmbench_dev\.tsv:2: Invalid Opening Quote: /,
    ],
    ["an empty file", () => tsv(), /^DIR\/mmbench_dev\.tsv: must hold at least one question, got none\.$/],
  ])("refuses %s", async (_, text, message) => {
    expect(await fixture.refusal("mmbench", { "mmbench_dev.tsv": text() })).toMatch(message);
  });
});

describe("ScienceQA", () => {
  const problem = {
    ...{
      question: "Which force?",
      choices: ["push", "pull"],
      answer: 1,
      hint: "Look.\n",
      image: "image.png",
    },
    ...{
      subject: "natural science",
      grade: "grade4",
      solution: "It pulls.",
      split: "test",
      topic: "physics",
    },
  };
  const files = {
    "problems.json": { "7": problem, "9": { ...problem, hint: "", image: null, split: "test" }, "8": {} },
    "pid_splits.json": { test: ["7", "9"], val: ["8"] },
    "images/test/7/image.png": "png",
  };

  test("reads a split, questions with and without a picture", async () => {
    const { samples } = await openDataset(`science-qa:${await fixture.folder(files)}`);
    expect(samples).toEqual([
      {
        id: "7",
        group: "images/test/7/image.png",
        instruction: "Context: Look.\nWhich force?",
        input: [{ type: "image", source: "images/test/7/image.png" }],
        response: "pull",
        choices: ["push", "pull"],
        answerType: "choice",
        type: "natural science",
        rationale: "It pulls.",
        provenance: { dataset: "ScienceQA", split: "test" },
        extra: { answer: "B", grade: 4, hasHint: true },
      },
      expect.objectContaining({ id: "9", instruction: "Which force?", input: [] }),
    ]);
    expect(samples[1]).not.toHaveProperty("group");
  });

  test.each<[what: string, split: string, files: Record<string, unknown>, message: RegExp]>([
    [
      "a broken problem",
      "@val",
      files,
      /problems\.json, record 8: question: missing, must be a string \(and 4 more\)\. Use the official/,
    ],
    [
      "a split without problems",
      "@train",
      files,
      /pid_splits\.json: must have a list of problem ids for "train", got none\.$/,
    ],
    ["no splits", "", { "problems.json": {} }, /^"DIR\/pid_splits\.json": must exist, got no such file\.$/],
    [
      "an answer outside",
      "",
      { ...files, "problems.json": { "7": { ...problem, answer: 2 }, "9": problem } },
      /record 7: answer: must be the position of a choice; record 9: picture "test\/9\/image\.png": must be in/,
    ],
    [
      "a problem that is not there",
      "",
      { ...files, "problems.json": { "7": problem } },
      /record 9: missing, must be an object\. Use the official/,
    ],
  ])("refuses %s", async (_, split, given, message) => {
    expect(await fixture.refusal(`science-qa${split}`, given)).toMatch(message);
  });
});

describe("names", () => {
  test.each([
    ["mmee:x", /^benchmark: must be one of mme, pope, .*, amber, got "mmee"\. Did you mean mme\?$/],
    ["mme:nowhere", /^mme: "nowhere" does not exist\. Write mme:FOLDER, with the official files in it\.$/],
    ["mme:", /^mme: must be followed by its folder\. Write mme:FOLDER/],
    ["mme", /^dataset: "mme" is a benchmark and needs its folder\. Write mme:FOLDER/],
    ["C:/data.jsonl", /^dataset: "C:\/data\.jsonl" does not exist/],
    ["https://example.org/x", /^dataset: "https:\/\/example\.org\/x" does not exist/],
  ])("%s", async (spec, message) => {
    await expect(openDataset(spec)).rejects.toThrow(message);
  });

  test("a file whose name has a colon is that file", async () => {
    const folder = await fixture.folder({
      "mme:x.jsonl": '{"image": "a.png", "question": "What is it?", "answer": "a dog"}',
    });
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(await openDataset("mme:x.jsonl")).toMatchObject({ samples: [{ response: "a dog" }] });
    } finally {
      process.chdir(before);
    }
  });
});
