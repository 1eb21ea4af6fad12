// The readers of MME, POPE, HallusionBench and AMBER on small folders of the official shape.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BenchmarkFixture, createBenchmarkFixture } from "../../../testing/benchmark-fixture.ts";
import { openDataset } from "../open-dataset.ts";

let fixture: BenchmarkFixture;
beforeAll(async () => {
  fixture = await createBenchmarkFixture();
});
afterAll(() => rm(fixture.root, { recursive: true }));

describe("MME", () => {
  const pair = (thing: string) =>
    `Is there a ${thing}? Please answer yes or no.\tYes\nIs there a yak? Please answer yes or no.\tNo\n`;

  test("reads both layouts of the release", async () => {
    const folder = await fixture.folder({
      "MME/existence/000000006040.jpg": "png",
      "MME/existence/000000006040.txt": pair("dog"),
      "MME/OCR/images/0001.png": "png",
      "MME/OCR/questions_answers_YN/0001.txt": pair("word").replaceAll("\n", "\r\n"),
      "MME/eval_tool/readme.txt": "not a subtask",
    });
    const { samples, baseDir, task, name } = await openDataset(`mme:${folder}/MME`);
    expect({ baseDir, task, name }).toEqual({
      ...{ baseDir: `${folder}/MME`, task: "mme", name: `mme:${folder}/MME` },
    });
    expect(samples).toHaveLength(4);
    expect(samples[2]).toEqual({
      id: "existence/000000006040 1",
      group: "existence/000000006040.jpg",
      instruction: "Is there a dog? Please answer yes or no.",
      input: [{ type: "image", source: "existence/000000006040.jpg" }],
      response: "yes",
      answerType: "yes-no",
      type: "existence",
      provenance: { dataset: "MME", split: "test" },
    });
    expect(samples[1]).toMatchObject({
      ...{ id: "OCR/0001 2", group: "OCR/images/0001.png", response: "no", type: "OCR" },
    });
  });

  test("a file is not the benchmark", async () => {
    const folder = await fixture.folder({ "readme.txt": "hello" });
    await expect(openDataset(`mme:${folder}/readme.txt`)).rejects.toThrow(
      "must be the folder of MME, got a file.",
    );
  });

  test("finds the subtasks in the folder that the release unpacks to", async () => {
    const folder = await fixture.folder({
      "MME_Benchmark_release_version/count/a.jpg": "png",
      "MME_Benchmark_release_version/count/a.txt": pair("dog"),
    });
    const { samples } = await openDataset(`mme:${folder}`);
    expect(samples[0]!.input).toEqual([
      { type: "image", source: "MME_Benchmark_release_version/count/a.jpg" },
    ]);
  });

  test.each<[what: string, files: Record<string, string>, message: RegExp]>([
    [
      "no subtask",
      { "x/a.txt": "" },
      /^"DIR": must hold the subtask folders of MME \(existence, .*none of them/,
    ],
    [
      "a slip in a subtask's name",
      { "count/a.jpg": "png", "count/a.txt": pair("dog"), "existance/a.jpg": "png" },
      /^"DIR": must hold folders named like .*, got "existance"\. Did you mean existence\?$/,
    ],
    [
      "a picture without questions",
      { "count/a.jpg": "png", "count/a.txt": pair("dog"), "count/b.jpg": "png" },
      /^"DIR\/count": must hold a picture and a \.txt file of the same name .*, got "b\.jpg" alone\. Put what is missing/,
    ],
    [
      "questions without a picture",
      { "count/a.txt": pair("dog") },
      /^"DIR\/count": must hold a picture and a \.txt .*, got "a\.txt" alone\. Put what is missing/,
    ],
    [
      "a line without an answer",
      { "count/a.jpg": "png", "count/a.txt": `${pair("dog")}What now?\n` },
      /^DIR\/count\/a\.txt:3: must be a question, a tab and Yes or No, got "What now\?"\. Use the official/,
    ],
    [
      "one question",
      { "count/a.jpg": "png", "count/a.txt": "Is it?\tYes\n" },
      /^DIR\/count\/a\.txt: must hold two questions about its picture, got 1\. acc\+ counts/,
    ],
  ])("refuses %s", async (_, files, message) => {
    expect(await fixture.refusal("mme", files)).toMatch(message);
  });
});

describe("POPE", () => {
  const line = (id: number, label = "yes", image = "COCO_val2014_000000000042.jpg") =>
    `${JSON.stringify({ question_id: id, image, text: "Is there a dog in the image?", label })}\n`;
  const three = {
    "coco_pope_random.json": line(1) + line(2, "no"),
    "coco_pope_popular.json": line(1, "no"),
    "coco_pope_adversarial.json": line(1),
  };
  const picture = { "val2014/COCO_val2014_000000000042.jpg": "png" };

  test("reads the three samplings, pictures beside them", async () => {
    const folder = await fixture.folder({ ...three, ...picture });
    const { samples } = await openDataset(`pope:${folder}`);
    expect(samples.map(({ id, response }) => [id, response])).toEqual([
      ["random 1", "yes"],
      ["random 2", "no"],
      ["popular 1", "no"],
      ["adversarial 1", "yes"],
    ]);
    expect(samples[2]).toEqual({
      id: "popular 1",
      group: "val2014/COCO_val2014_000000000042.jpg",
      instruction: "Is there a dog in the image?",
      input: [{ type: "image", source: "val2014/COCO_val2014_000000000042.jpg" }],
      response: "no",
      answerType: "yes-no",
      type: "popular",
      provenance: { dataset: "POPE", split: "popular" },
    });
    const popular = await openDataset(`pope@popular:${folder}`);
    expect(popular.samples).toEqual([samples[2]]);
    expect((await openDataset(`pope:${folder}/coco_pope_popular.json`)).samples).toEqual(popular.samples);
  });

  test("takes the pictures from another folder", async () => {
    const folder = await fixture.folder(three);
    const coco = await fixture.folder({ "COCO_val2014_000000000042.jpg": "png" });
    const { samples, baseDir } = await openDataset(`pope:${folder},${coco}`);
    expect(baseDir).toBe(coco);
    expect(samples[0]!.input).toEqual([{ type: "image", source: "COCO_val2014_000000000042.jpg" }]);
  });

  test.each<[what: string, files: Record<string, string>, message: RegExp]>([
    [
      "a missing sampling",
      { ...picture, "coco_pope_random.json": line(1) },
      /^"DIR": must hold coco_pope_popular\.json, got no such file\. To ask only some/,
    ],
    [
      "missing pictures",
      three,
      /^DIR\/coco_pope_random\.json:1: picture "COCO_val2014_000000000042\.jpg": must be in one of "DIR\/?", "DIR\/val2014", .*; line 2: picture/,
    ],
    [
      "another label",
      { ...three, ...picture, "coco_pope_random.json": line(1, "maybe") },
      /^DIR\/coco_pope_random\.json:1: label: must be one of "yes", "no"\. Use the official/,
    ],
    [
      "a line that is no JSON, and ids used twice",
      { ...three, ...picture, "coco_pope_random.json": `${line(1)}{oops\n${line(1)}` },
      /^DIR\/coco_pope_random\.json:2: must be JSON, .*; line 3: id: must be unique, but "random 1" is also in line 1\. Use the official/,
    ],
    [
      "a picture outside",
      { ...three, "coco_pope_random.json": line(1, "yes", "../../secret.jpg") },
      /:1: picture "\.\.\/\.\.\/secret\.jpg": must be in one of/,
    ],
    [
      "an empty file",
      { ...three, "coco_pope_random.json": "" },
      /random\.json: must hold at least one question, got none\.$/,
    ],
  ])("refuses %s", async (_, files, message) => {
    expect(await fixture.refusal("pope", files)).toMatch(message);
  });
});

describe("HallusionBench", () => {
  const row = {
    ...{ category: "VD", subcategory: "illusion", visual_input: "1", set_id: "0", figure_id: "0" },
    ...{
      question_id: "1",
      question: "Is the left circle larger?",
      gt_answer: "0",
      gt_answer_details: "same",
    },
    filename: "./hallusion_bench/VD/illusion/0_0.png",
  };
  const blind = { ...row, category: "VS", subcategory: "chart", visual_input: "0", filename: null };
  const picture = { "hallusion_bench/VD/illusion/0_0.png": "png" };

  test("reads questions with and without a picture", async () => {
    const folder = await fixture.folder({ ...picture, "HallusionBench.json": [row, blind] });
    const { samples } = await openDataset(`hallusion-bench:${folder}`);
    const { question: _, gt_answer: __, gt_answer_details: ___, filename: ____, ...keys } = row;
    expect(samples[0]).toEqual({
      id: "VD/illusion/0 0 1",
      group: "hallusion_bench/VD/illusion/0_0.png",
      instruction: "Is the left circle larger?",
      input: [{ type: "image", source: "hallusion_bench/VD/illusion/0_0.png" }],
      response: "no",
      answerType: "yes-no",
      type: "VD/illusion",
      provenance: { dataset: "HallusionBench", split: "test" },
      extra: keys,
    });
    expect(samples[1]).toMatchObject({ id: "VS/chart/0 0 1", group: "VS/chart/0", input: [] });
  });

  test.each<[what: string, files: Record<string, unknown>, message: RegExp]>([
    ["no file", picture, /^"DIR": must hold HallusionBench\.json, got no such file\.$/],
    [
      "an object",
      { "HallusionBench.json": {} },
      /HallusionBench\.json: must be a list of records, got an object\. Use the official/,
    ],
    ["no JSON", { "HallusionBench.json": "[1," }, /HallusionBench\.json: must be JSON, but /],
    [
      "bad records, together",
      {
        ...picture,
        "HallusionBench.json": [row, { ...row, gt_answer: "2" }, { ...row, filename: null, question_id: 5 }],
      },
      /HallusionBench\.json, record 2: gt_answer: must be one of "0", "1"; record 3: filename: missing, must be a picture\. Use the official/,
    ],
    [
      "a missing picture",
      { "HallusionBench.json": [row] },
      /record 1: picture "\.\/hallusion_bench\/VD\/illusion\/0_0\.png": must be in/,
    ],
  ])("refuses %s", async (_, files, message) => {
    expect(await fixture.refusal("hallusion-bench", files)).toMatch(message);
  });
});

describe("AMBER", () => {
  const files = {
    "data/query/query_discriminative.json": [
      { id: 1005, image: "AMBER_1.jpg", query: "Is the sky sunny in this image?" },
      { id: 1006, image: "AMBER_1.jpg", query: "Is there a cat in this image?" },
    ],
    "data/annotations.json": [
      { id: 1, type: "generative", truth: ["sky"], hallu: ["sea"] },
      { id: 1005, type: "discriminative-attribute-state", truth: "yes" },
      { id: 1006, type: "discriminative-hallucination", truth: "no" },
    ],
    "image/AMBER_1.jpg": "png",
  };

  test("reads the discriminative questions", async () => {
    const { samples } = await openDataset(`amber:${await fixture.folder(files)}`);
    expect(samples).toHaveLength(2);
    expect(samples[0]).toEqual({
      id: "1005",
      group: "image/AMBER_1.jpg",
      instruction: "Is the sky sunny in this image?",
      input: [{ type: "image", source: "image/AMBER_1.jpg" }],
      response: "yes",
      answerType: "yes-no",
      type: "attribute-state",
      provenance: { dataset: "AMBER", split: "test" },
    });
    expect(samples[1]).toMatchObject({ type: "hallucination", response: "no" });
  });

  test.each<[what: string, files: Record<string, unknown>, message: RegExp]>([
    [
      "a question without annotation",
      { ...files, "data/annotations.json": files["data/annotations.json"].slice(0, 2) },
      /query_discriminative\.json, record 2: id 1006: has no discriminative annotation\. Use the official/,
    ],
    [
      "another truth",
      {
        ...files,
        "data/annotations.json": [
          { id: 1005, type: "discriminative-relation", truth: ["a"] },
          ...files["data/annotations.json"].slice(2),
        ],
      },
      /record 1: id 1005: its truth must be yes or no\. Use the official/,
    ],
    [
      "a broken annotation",
      { ...files, "data/annotations.json": [{ id: 1 }] },
      /annotations\.json, record 1: type: missing, must be a string \(and 1 more\)\. Use/,
    ],
  ])("refuses %s", async (_, given, message) => {
    expect(await fixture.refusal("amber", given)).toMatch(message);
  });
});
