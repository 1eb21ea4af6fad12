// The readers of VQAv2, TextVQA, DocVQA, ChartQA, COCO captions and RefCOCO on small folders of the official shape.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BenchmarkFixture, createBenchmarkFixture } from "../../../testing/benchmark-fixture.ts";
import { openDataset } from "../open-dataset.ts";

let fixture: BenchmarkFixture;
beforeAll(async () => {
  fixture = await createBenchmarkFixture();
});
afterAll(() => rm(fixture.root, { recursive: true }));

type Case = [what: string, files: Record<string, unknown>, message: RegExp];

describe("VQAv2", () => {
  const questions = "v2_OpenEnded_mscoco_val2014_questions.json";
  const annotations = "v2_mscoco_val2014_annotations.json";
  const answers = ["blue", ...Array<string>(9).fill("red")];
  const annotation = {
    ...{ question_id: 42000, image_id: 42, question_type: "what color", answer_type: "other" },
    multiple_choice_answer: "red",
    answers: answers.map((answer, i) => ({ answer, answer_confidence: "yes", answer_id: i + 1 })),
  };
  const files = {
    [questions]: {
      license: { name: "CC BY 4.0", url: "" },
      data_subtype: "val2014",
      questions: [{ image_id: 42, question: "What color is it?", question_id: 42000 }],
    },
    [annotations]: { annotations: [annotation] },
    "val2014/COCO_val2014_000000000042.jpg": "png",
  };

  test("OK-VQA and VQAv1 have the same form under names without v2_", async () => {
    for (const [description, dataset] of [
      ["This is v1.0 of the OK-VQA dataset.", "OK-VQA"],
      ["This is v1.0 of the VQA dataset.", "VQAv1"],
    ]) {
      const { samples } = await openDataset(
        `vqa:${await fixture.folder({
          [questions.slice(3)]: { ...files[questions], info: { description } },
          [annotations.slice(3)]: files[annotations],
          "val2014/COCO_val2014_000000000042.jpg": "png",
        })}`,
      );
      expect(samples.map(({ id, answers: given, provenance }) => [id, given, provenance?.dataset])).toEqual([
        ["42000", answers, dataset],
      ]);
    }
  });

  test("joins questions and annotations", async () => {
    const { samples } = await openDataset(`vqa:${await fixture.folder(files)}`);
    expect(samples).toEqual([
      {
        id: "42000",
        group: "val2014/COCO_val2014_000000000042.jpg",
        instruction: "What color is it?",
        input: [{ type: "image", source: "val2014/COCO_val2014_000000000042.jpg" }],
        response: "red",
        answers,
        answerType: "short",
        type: "other",
        provenance: { dataset: "VQAv2", split: "val", license: "CC BY 4.0" },
        extra: { question_type: "what color" },
      },
    ]);
  });

  test.each<Case>([
    [
      "no annotations",
      { [questions]: files[questions] },
      /must hold v2_mscoco_val2014_annotations\.json, got no such file\. Use a split with annotations, such as vqa@val:FOLDER\.$/,
    ],
    [
      "a question without annotation",
      { ...files, [annotations]: { annotations: [] } },
      /questions\.json, record 1: question 42000: has no annotation\. Use a split/,
    ],
    [
      "a broken annotation",
      { ...files, [annotations]: { annotations: [{ ...annotation, answers: [] }] } },
      /annotations\.json, record 1: answers: must not be empty\. Use a split with annotations/,
    ],
    [
      "no list",
      { ...files, [questions]: [] },
      /questions\.json: must have a list "questions", got nothing\. Use the official/,
    ],
    [
      "a missing picture",
      { ...files, "val2014/COCO_val2014_000000000042.jpg": undefined },
      /record 1: picture "COCO_val2014_000000000042\.jpg": must be in one of/,
    ],
  ])("refuses %s", async (_, given, message) => {
    const present = Object.fromEntries(Object.entries(given).filter(([, content]) => content !== undefined));
    expect(await fixture.refusal("vqa", present)).toMatch(message);
  });
});

describe("TextVQA", () => {
  const row = { question_id: 34602, image_id: "003a8ae2ef43b901", question: "What is the brand?" };
  const answers = ["nous les gosses", "dakota", "clos culombu", "dakota digital", "dakota"];
  const picture = { "train_images/003a8ae2ef43b901.jpg": "png" };
  const file = (data: unknown[]) => ({ ...picture, "TextVQA_0.5.1_val.json": { data } });

  test("reads answers of all people; the reference is the most frequent", async () => {
    const folder = await fixture.folder(file([{ ...row, answers, image_classes: ["Camera"] }]));
    expect((await openDataset(`text-vqa:${folder}`)).samples).toEqual([
      {
        id: "34602",
        group: "train_images/003a8ae2ef43b901.jpg",
        instruction: "What is the brand?",
        input: [{ type: "image", source: "train_images/003a8ae2ef43b901.jpg" }],
        response: "dakota",
        answers,
        answerType: "short",
        provenance: { dataset: "TextVQA", split: "val" },
        extra: { image_classes: ["Camera"] },
      },
    ]);
  });

  test("refuses hidden answers", async () => {
    expect(
      await fixture.refusal(
        "text-vqa",
        file([
          { ...row, answers },
          { ...row, question_id: 2 },
        ]),
      ),
    ).toBe(
      "DIR/TextVQA_0.5.1_val.json, record 2: answers: missing, the answers of this split are not public. Use a split with answers, such as text-vqa@val:FOLDER.",
    );
    expect(await fixture.refusal("text-vqa@dev", file([]))).toBe(
      'text-vqa: must be asked for one of the splits val, train, test, got "dev".',
    );
    expect(await fixture.refusal("text-vqa@train", file([]))).toBe(
      '"DIR": must hold TextVQA_0.5.1_train.json, got no such file.',
    );
  });
});

describe("DocVQA", () => {
  const row = { questionId: 49153, question: "What is the date?", image: "documents/pybv0228_81.png" };
  const picture = { "documents/pybv0228_81.png": "png" };

  test("reads answers and question types", async () => {
    const types = ["handwritten", "form"];
    const data = [{ ...row, answers: ["1/8/93", "Jan 8 1993"], question_types: types }];
    const folder = await fixture.folder({ ...picture, "val_v1.0_withQT.json": { data } });
    expect((await openDataset(`doc-vqa:${folder}`)).samples).toEqual([
      {
        id: "49153",
        group: "documents/pybv0228_81.png",
        instruction: "What is the date?",
        input: [{ type: "image", source: "documents/pybv0228_81.png" }],
        response: "1/8/93",
        answers: ["1/8/93", "Jan 8 1993"],
        answerType: "short",
        type: "handwritten",
        provenance: { dataset: "DocVQA", split: "val" },
        extra: { question_types: types },
      },
    ]);
  });

  test("refuses hidden answers and two files that would do", async () => {
    expect(await fixture.refusal("doc-vqa", { ...picture, "val_v1.0.json": { data: [row] } })).toMatch(
      /val_v1\.0\.json, record 1: answers: missing, .* not public\. Use a split with answers/,
    );
    const both = { "val_v1.0.json": { data: [] }, "val_v1.0_withQT.json": { data: [] } };
    expect(await fixture.refusal("doc-vqa", both)).toBe(
      '"DIR": must hold val_v1.0.json or val_v1.0_withQT.json, got val_v1.0.json and val_v1.0_withQT.json. Name the file instead of the folder.',
    );
  });
});

describe("ChartQA", () => {
  const files = {
    "test/test_human.json": [{ imgname: "1.png", query: "How many bars?", label: "14" }],
    "test/test_augmented.json": [{ imgname: "1.png", query: "What year?", label: 2015 }],
    "test/png/1.png": "png",
  };

  test("reads both halves", async () => {
    const { samples } = await openDataset(`chart-qa:${await fixture.folder(files)}`);
    expect(samples).toEqual([
      {
        id: "human 1",
        group: "test/png/1.png",
        instruction: "How many bars?",
        input: [{ type: "image", source: "test/png/1.png" }],
        response: "14",
        answers: ["14"],
        answerType: "short",
        type: "human",
        provenance: { dataset: "ChartQA", split: "test" },
      },
      expect.objectContaining({ id: "augmented 1", response: "2015", type: "augmented" }),
    ]);
  });

  test.each<Case>([
    [
      "one half",
      { "test/test_human.json": files["test/test_human.json"], "test/png/1.png": "png" },
      /must hold test_augmented\.json, got no such file\. The score is the mean/,
    ],
    [
      "a missing label",
      { ...files, "test/test_human.json": [{ imgname: "1.png", query: "How?" }] },
      /test_human\.json, record 1: label: missing, must be the answer\. Use the official/,
    ],
  ])("refuses %s", async (_, given, message) => {
    expect(await fixture.refusal("chart-qa", given)).toMatch(message);
  });
});

describe("COCO captions", () => {
  const name = "annotations/captions_val2017.json";
  const images = [{ id: 139, file_name: "000000000139.jpg", width: 640, height: 426 }];
  const annotations = ["A man.", " A person in a room. "].map((caption, id) => ({
    image_id: 139,
    id,
    caption,
  }));
  const picture = { "val2017/000000000139.jpg": "png" };

  test("gathers the captions of a picture", async () => {
    const folder = await fixture.folder({ ...picture, [name]: { images, annotations } });
    expect((await openDataset(`coco-captions:${folder}`)).samples).toEqual([
      {
        id: "139",
        group: "val2017/000000000139.jpg",
        instruction: "Provide a one-sentence caption for the provided image.",
        input: [{ type: "image", source: "val2017/000000000139.jpg", width: 640, height: 426 }],
        response: "A man.",
        answers: ["A man.", "A person in a room."],
        answerType: "caption",
        provenance: { dataset: "COCO captions", split: "val" },
      },
    ]);
  });

  test.each<Case>([
    [
      "a picture without caption",
      { ...picture, [name]: { images, annotations: [] } },
      /captions_val2017\.json, record 1: picture 139: has no caption\. Use the official/,
    ],
    [
      "an empty caption",
      { ...picture, [name]: { images, annotations: [{ image_id: 139, caption: " " }] } },
      /record 1: annotations: caption: must not be empty\. Use the official/,
    ],
    [
      "the test split",
      {},
      /must hold captions_val2017\.json or captions_val2014\.json, got no such file\. The captions of COCO's test split/,
    ],
  ])("refuses %s", async (_, given, message) => {
    expect(await fixture.refusal("coco-captions", given)).toMatch(message);
  });
});

describe("RefCOCO", () => {
  const row = { image: "a.jpg", sentence: "the left dog", bbox: [1, 0, 2, 1.5] };
  const picture = { "images/a.jpg": "png" };

  test("reads a list or lines; sizes come from the picture when they are not given", async () => {
    const folder = await fixture.folder({
      ...picture,
      "refcoco_val.json": [row],
      "refcoco+_testA.jsonl": `${JSON.stringify({ ...row, id: 7, width: 40, height: 20 })}\n`,
    });
    const [sample] = (await openDataset(`ref-coco:${folder}`)).samples;
    expect(sample).toEqual({
      id: "1",
      group: "images/a.jpg",
      instruction: "Provide the bounding box coordinate of the region this sentence describes: the left dog",
      input: [{ type: "image", source: "images/a.jpg", width: 4, height: 2 }],
      response: "[1, 0, 3, 1.5]",
      answerType: "free",
      type: "RefCOCO",
      regions: [{ label: "the left dog", box: [1, 0, 3, 1.5] }],
      provenance: { dataset: "RefCOCO", split: "val" },
    });
    const testA = await openDataset(`ref-coco@testA:${folder}`);
    expect(testA.samples).toMatchObject([
      {
        id: "7",
        type: "RefCOCO+",
        input: [{ width: 40 }],
        provenance: { dataset: "RefCOCO+", split: "testA" },
      },
    ]);
  });

  test("a file that is named says its split, so that a training split is known as one", async () => {
    const files = { "refcoco_train.json": [row], "refcoco_testB.json": [row], ...picture };
    const folder = await fixture.folder(files);
    for (const split of ["train", "testB"]) {
      const { samples } = await openDataset(`ref-coco:${folder}/refcoco_${split}.json`);
      expect(samples[0]!.provenance!.split).toBe(split);
    }
    const told = await openDataset(`ref-coco@val:${folder}/refcoco_testB.json`);
    expect(told.samples[0]!.provenance!.split).toBe("val");
  });

  test.each<Case>([
    [
      "pickles",
      { "refs(unc).p": "x" },
      /^"DIR\/refs\(unc\)\.p": must be JSON, Python pickles are not read\. In Python, write each sentence .* to refcoco_val\.json\.$/,
    ],
    ["an empty folder", {}, /must hold a file like refcoco_val\.json, got no such file\.$/],
    [
      "corners for a size",
      { ...picture, "refcoco_val.json": [{ ...row, bbox: [1, 0, 4, 2] }] },
      /record 1: bbox: must be \[x, y, width, height\] inside the picture of 4 x 2 pixels, got \[1, 0, 4, 2\]\. A row is \{"image"/,
    ],
    [
      "three numbers",
      { ...picture, "refcoco_val.json": [{ ...row, bbox: [1, 0, 4] }] },
      /record 1: bbox: must have at least 4 items\. A row is/,
    ],
    [
      "a list that is none",
      { ...picture, "refcoco_val.json": [7] },
      /record 1: must be an object, got number\. A row is/,
    ],
  ])("refuses %s", async (_, given, message) => {
    expect(await fixture.refusal("ref-coco", given)).toMatch(message);
  });
});
