// Official files that are broken, for every benchmark the same four ways: what is said names the file, the row, the field
// and what to do.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type BenchmarkFixture,
  createBenchmarkFixture,
  type FixtureFiles,
} from "../../../testing/benchmark-fixture.ts";
import { benchmarkNames } from "./index.ts";

let fixture: BenchmarkFixture;
beforeAll(async () => {
  fixture = await createBenchmarkFixture();
});
afterAll(() => rm(fixture.root, { recursive: true }));

/** Another content of the file; undefined leaves the file out. */
type Change = Record<string, unknown>;
interface Broken {
  files: FixtureFiles;
  /** The file itself cannot be read. */
  syntax: Change;
  /** A field or column has another name. */
  field: Change;
  picture: Change;
  answer: Change;
}

const lines = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const tsv = (...rows: string[][]) => rows.map((cells) => `${cells.join("\t")}\n`).join("");

const pope = { question_id: 1, image: "a.jpg", text: "Is there a dog?", label: "yes" };
const hallusion = {
  ...{ category: "VD", subcategory: "chart", visual_input: "1", set_id: "0", figure_id: "1" },
  ...{ question_id: "0", question: "Is it?", gt_answer: "1", filename: "a.png" },
};
const problem = {
  ...{ question: "Which?", choices: ["a", "b"], answer: 1, hint: "", image: "image.png", grade: "grade4" },
  ...{ subject: "natural science", split: "test" },
};
const vqaQuestions = "v2_OpenEnded_mscoco_val2014_questions.json";
const vqaAnnotations = "v2_mscoco_val2014_annotations.json";
const vqaQuestion = { question_id: 7, image_id: 1, question: "What is it?" };
const textVqa = { question_id: 1, image_id: "a", question: "What?", answers: ["x"] };
const docVqa = { questionId: 1, question: "What?", image: "documents/a.png", answers: ["x"] };
const chart = { imgname: "a.png", query: "How many?", label: "3" };
const caption = { image_id: 1, caption: "A dog." };
const expression = { image: "a.png", sentence: "the dog", bbox: [0, 0, 2, 2] };
const amberQuery = { id: 1, image: "AMBER_1.jpg", query: "Is it?" };
const amberTruth = { id: 1, type: "discriminative-attribute-state", truth: "yes" };
const mmbench = ["index", "question", "A", "B", "answer", "image"];

const benchmarks: Record<string, Broken> = {
  mme: {
    files: { "OCR/a.png": "png", "OCR/a.txt": "Is it?\tYes\nIs it not?\tNo\n" },
    syntax: { "OCR/a.txt": "Is it?\tYes\nIs it not? No\n" },
    field: { "OCR/a.txt": "Is it?\tYes\n" },
    picture: { "OCR/a.png": undefined },
    answer: { "OCR/a.txt": "Is it?\tYes\nIs it not?\t\n" },
  },
  mmbench: {
    files: { "mmbench_dev.tsv": tsv(mmbench, ["1", "Which?", "a", "b", "A", "PNG"]) },
    syntax: { "mmbench_dev.tsv": tsv(mmbench, ["1", "Which?", "a"]) },
    field: {
      "mmbench_dev.tsv": tsv(
        ["index", "query", "A", "B", "answer", "image"],
        ["1", "W?", "a", "b", "A", "PNG"],
      ),
    },
    picture: { "mmbench_dev.tsv": tsv(mmbench, ["1", "Which?", "a", "b", "A", "7"]) },
    answer: { "mmbench_dev.tsv": tsv(mmbench, ["1", "Which?", "a", "b", "", "PNG"]) },
  },
  pope: {
    files: { "coco_pope_random.json": lines(pope), "a.jpg": "png" },
    syntax: { "coco_pope_random.json": `${lines(pope)}{"question_id": 2,\n` },
    field: { "coco_pope_random.json": lines({ ...pope, text: undefined, question: "Is there?" }) },
    picture: { "a.jpg": undefined },
    answer: { "coco_pope_random.json": lines({ ...pope, label: undefined }) },
  },
  "hallusion-bench": {
    files: { "HallusionBench.json": [hallusion], "a.png": "png" },
    syntax: { "HallusionBench.json": "[{" },
    field: { "HallusionBench.json": [{ ...hallusion, question: undefined, query: "Is it?" }] },
    picture: { "a.png": undefined },
    answer: { "HallusionBench.json": [{ ...hallusion, gt_answer: undefined }] },
  },
  "science-qa": {
    files: {
      "problems.json": { 5: problem },
      "pid_splits.json": { test: ["5"] },
      "images/test/5/image.png": "png",
    },
    syntax: { "problems.json": '{"5": ' },
    field: { "problems.json": { 5: { ...problem, choices: undefined, options: ["a", "b"] } } },
    picture: { "images/test/5/image.png": undefined },
    answer: { "problems.json": { 5: { ...problem, answer: undefined } } },
  },
  vqa: {
    files: {
      [vqaQuestions]: { questions: [vqaQuestion] },
      [vqaAnnotations]: { annotations: [{ question_id: 7, answers: [{ answer: "x" }] }] },
      "val2014/COCO_val2014_000000000001.jpg": "png",
    },
    syntax: { [vqaQuestions]: '{"questions": [' },
    field: { [vqaQuestions]: { questions: [{ ...vqaQuestion, question: undefined, text: "What?" }] } },
    picture: { "val2014/COCO_val2014_000000000001.jpg": undefined },
    answer: { [vqaAnnotations]: { annotations: [{ question_id: 7 }] } },
  },
  "text-vqa": {
    files: { "TextVQA_0.5.1_val.json": { data: [textVqa] }, "train_images/a.jpg": "png" },
    syntax: { "TextVQA_0.5.1_val.json": '{"data": ' },
    field: { "TextVQA_0.5.1_val.json": { data: [{ ...textVqa, image_id: undefined, image: "a" }] } },
    picture: { "train_images/a.jpg": undefined },
    answer: { "TextVQA_0.5.1_val.json": { data: [{ ...textVqa, answers: undefined }] } },
  },
  "doc-vqa": {
    files: { "val_v1.0.json": { data: [docVqa] }, "documents/a.png": "png" },
    syntax: { "val_v1.0.json": '{"data": [}' },
    field: { "val_v1.0.json": { data: [{ ...docVqa, question: undefined, query: "What?" }] } },
    picture: { "documents/a.png": undefined },
    answer: { "val_v1.0.json": { data: [{ ...docVqa, answers: undefined }] } },
  },
  "chart-qa": {
    files: {
      ...{ "test/test_human.json": [chart], "test/test_augmented.json": [chart], "test/png/a.png": "png" },
    },
    syntax: { "test/test_augmented.json": "[{]" },
    field: { "test/test_human.json": [{ ...chart, query: undefined, question: "How many?" }] },
    picture: { "test/png/a.png": undefined },
    answer: { "test/test_human.json": [{ ...chart, label: undefined }] },
  },
  "coco-captions": {
    files: {
      "captions_val2017.json": { images: [{ id: 1, file_name: "a.jpg" }], annotations: [caption] },
      "val2017/a.jpg": "png",
    },
    syntax: { "captions_val2017.json": '{"images": [}' },
    field: { "captions_val2017.json": { images: [{ id: 1, name: "a.jpg" }], annotations: [caption] } },
    picture: { "val2017/a.jpg": undefined },
    answer: {
      "captions_val2017.json": { images: [{ id: 1, file_name: "a.jpg" }], annotations: [{ image_id: 1 }] },
    },
  },
  "ref-coco": {
    files: { "refcoco_val.json": [expression], "a.png": "png" },
    syntax: { "refcoco_val.json": "[{" },
    field: { "refcoco_val.json": [{ ...expression, sentence: undefined, text: "the dog" }] },
    picture: { "a.png": undefined },
    answer: { "refcoco_val.json": [{ ...expression, bbox: undefined }] },
  },
  amber: {
    files: {
      ...{ "query_discriminative.json": [amberQuery], "annotations.json": [amberTruth] },
      "image/AMBER_1.jpg": "png",
    },
    syntax: { "annotations.json": "[{" },
    field: { "query_discriminative.json": [{ ...amberQuery, query: undefined, question: "Is it?" }] },
    picture: { "image/AMBER_1.jpg": undefined },
    answer: { "annotations.json": [{ ...amberTruth, truth: undefined }] },
  },
};

const official = "Use the official file as it was released.";
const pictures = "Put the pictures there, or name their folder behind a comma: NAME:FOLDER,PICTURES.";
const split = (name: string) => `Use a split with answers, such as ${name}:FOLDER.`;
const row = 'A row is {"image": "a.jpg", "sentence": "the dog", "bbox": [x, y, width, height]}.';

/** What is said: of the file that cannot be read, the renamed field, the missing picture and the missing answer. */
const messages: Record<string, [syntax: string, field: string, picture: string, answer: string]> = {
  mme: [
    `OCR/a.txt:2: must be a question, a tab and Yes or No, got "Is it not? No". ${official}`,
    "OCR/a.txt: must hold two questions about its picture, got 1. acc+ counts pictures with both right.",
    'OCR": must hold a picture and a .txt file of the same name for every pair of questions, got "a.txt" alone. Put what is missing beside it, or leave out the other one.',
    `OCR/a.txt:2: must be a question, a tab and Yes or No, got "Is it not?\\t". ${official}`,
  ],
  mmbench: [
    `mmbench_dev.tsv:2: must have as many cells as the header, 6, got 3. ${official}`,
    `mmbench_dev.tsv:2: question: missing, must be a string. ${official}`,
    `mmbench_dev.tsv:2: image: must be base64 or the index of a row with a picture. ${official}`,
    `mmbench_dev.tsv:2: answer: missing, the answers of this split are not public. ${split("mmbench@dev")}`,
  ],
  pope: [
    `coco_pope_random.json:2: must be JSON, but … ${official}`,
    `coco_pope_random.json:1: text: missing, must be a string. ${official}`,
    `coco_pope_random.json:1: picture "a.jpg": must be in one of "DIR", "DIR/val2014", … ${pictures}`,
    `coco_pope_random.json:1: label: must be one of "yes", "no". ${official}`,
  ],
  "hallusion-bench": [
    `HallusionBench.json: must be JSON, but … ${official}`,
    `HallusionBench.json, record 1: question: missing, must be a string. ${official}`,
    `HallusionBench.json, record 1: picture "a.png": must be in one of "DIR", … ${pictures}`,
    `HallusionBench.json, record 1: gt_answer: must be text or a number. ${official}`,
  ],
  "science-qa": [
    `problems.json: must be JSON, but … ${official}`,
    `problems.json, record 5: choices: missing, must be an array. ${official}`,
    `problems.json, record 5: picture "test/5/image.png": must be in one of "DIR/images", "DIR". ${pictures}`,
    `problems.json, record 5: answer: must be the position of the right choice. ${official}`,
  ],
  vqa: [
    `v2_OpenEnded_mscoco_val2014_questions.json: must be JSON, but … ${official}`,
    `v2_OpenEnded_mscoco_val2014_questions.json, record 1: question: missing, must be a string. ${official}`,
    `_questions.json, record 1: picture "COCO_val2014_000000000001.jpg": must be in one of "DIR/val2014", … ${pictures}`,
    "v2_mscoco_val2014_annotations.json, record 1: answers: missing, must be an array. Use a split with annotations, such as vqa@val:FOLDER.",
  ],
  "text-vqa": [
    `TextVQA_0.5.1_val.json: must be JSON, but … ${official}`,
    `TextVQA_0.5.1_val.json, record 1: image_id: missing, must be a string. ${official}`,
    `TextVQA_0.5.1_val.json, record 1: picture "a.jpg": must be in one of "DIR/train_images", … ${pictures}`,
    `TextVQA_0.5.1_val.json, record 1: answers: missing, the answers of this split are not public. ${split("text-vqa@val")}`,
  ],
  "doc-vqa": [
    `val_v1.0.json: must be JSON, but … ${official}`,
    `val_v1.0.json, record 1: question: missing, must be a string. ${official}`,
    `val_v1.0.json, record 1: picture "documents/a.png": must be in one of "DIR", … ${pictures}`,
    `val_v1.0.json, record 1: answers: missing, the answers of this split are not public. ${split("doc-vqa@val")}`,
  ],
  "chart-qa": [
    `test/test_augmented.json: must be JSON, but … ${official}`,
    `test/test_human.json, record 1: query: missing, must be a string. ${official}`,
    `test/test_human.json, record 1: picture "a.png": must be in one of "DIR/png", "DIR/test/png", … ${pictures}`,
    `test/test_human.json, record 1: label: missing, must be the answer. ${official}`,
  ],
  "coco-captions": [
    `captions_val2017.json: must be JSON, but … ${official}`,
    `captions_val2017.json, record 1: file_name: missing, must be a string. ${official}`,
    `captions_val2017.json, record 1: picture "a.jpg": must be in one of "DIR/val2017", … ${pictures}`,
    `captions_val2017.json, record 1: annotations: caption: missing, must be a string. ${official}`,
  ],
  "ref-coco": [
    `refcoco_val.json: must be JSON, but … ${official}`,
    `refcoco_val.json, record 1: sentence: missing, must be a string. ${row}`,
    `refcoco_val.json, record 1: picture "a.png": must be in one of "DIR", … ${pictures}`,
    `refcoco_val.json, record 1: bbox: must be [x, y, width, height]. ${row}`,
  ],
  amber: [
    `annotations.json: must be JSON, but … ${official}`,
    `query_discriminative.json, record 1: query: missing, must be a string. ${official}`,
    `query_discriminative.json, record 1: picture "AMBER_1.jpg": must be in one of "DIR/image", … ${pictures}`,
    `annotations.json, record 1: truth: missing, must be yes or no. ${official}`,
  ],
};

test("every benchmark is in the table", () => {
  expect(Object.keys(benchmarks).sort()).toEqual([...benchmarkNames].sort());
});

const kinds = ["syntax", "field", "picture", "answer"] as const;
const cases = Object.entries(benchmarks).flatMap(([name, { files, ...changes }]) =>
  kinds.map((kind, i) => ({
    name,
    kind,
    files: { ...files, ...changes[kind] },
    message: messages[name]![i]!,
  })),
);

test.each(Object.entries(benchmarks))("%s is read when it is whole", async (name, { files }) => {
  expect(await fixture.refusal(`${name}${splitOf(name)}`, filled(files))).toBe("Error: was not refused");
});

test.each(cases)("$name says what is wrong: $kind", async ({ name, files, message }) => {
  const said = await fixture.refusal(`${name}${splitOf(name)}`, filled(files));
  const escaped = message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*");
  expect(said).toMatch(new RegExp(`^"?DIR/.*${escaped}$`));
});

/** Only one of POPE's three files is there. */
function splitOf(name: string): string {
  return name === "pope" ? "@random" : "";
}

/** The files without those that are left out, and with the picture's base64 for PNG. */
function filled(files: FixtureFiles): FixtureFiles {
  const base64 = Buffer.from(fixture.png).toString("base64");
  return Object.fromEntries(
    Object.entries(files).flatMap(([file, content]) => {
      if (content === undefined) return [];
      return [[file, typeof content === "string" ? content.replace("PNG", base64) : content]];
    }),
  );
}
