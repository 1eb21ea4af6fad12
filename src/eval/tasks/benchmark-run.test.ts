// From official files to figures: what a model is asked equals the benchmark's usual prompt, and a run is scored by it.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../data/formats/index.ts";
import { answerSuffix, direct, queryOf } from "../../model/index.ts";
import type { Sample } from "../../spec/index.ts";
import {
  type BenchmarkFixture,
  createBenchmarkFixture,
  type FixtureFiles,
} from "../../testing/benchmark-fixture.ts";
import { mockModel } from "../../testing/mock-model.ts";
import { modelColumn } from "../column.ts";
import { createImageLoader } from "../image-loader.ts";
import { runCompare } from "../run-compare.ts";
import { taskFor } from "./index.ts";

let fixture: BenchmarkFixture;
beforeAll(async () => {
  fixture = await createBenchmarkFixture();
});
afterAll(() => rm(fixture.root, { recursive: true }));

/** What direct prompting sends for a question. */
function promptText(sample: Sample): string {
  return [sample.instruction, answerSuffix(queryOf(sample)) ?? []].flat().join("\n");
}

const mme = {
  "count/a.jpg": "png",
  "count/a.txt":
    "Are there two dogs? Please answer yes or no.\tYes\nAre there six dogs? Please answer yes or no.\tNo\n",
};
const word = "Answer the question using a single word or phrase.";
const letter = "Answer with the option's letter from the given choices directly.";
const coco = "COCO_val2014_000000000042.jpg";
const pope = `${JSON.stringify({ question_id: 1, image: coco, text: "Is there a dog in the image?", label: "no" })}\n`;

test.each<[benchmark: string, files: FixtureFiles, prompt: string]>([
  ["mme", mme, "Are there two dogs? Please answer yes or no."],
  ["pope@random", { "coco_pope_random.json": pope, [coco]: "png" }, `Is there a dog in the image?\n${word}`],
  [
    "science-qa",
    {
      "problems.json": {
        "1": {
          ...{ question: "Which?", choices: ["push", "pull"], answer: 0, hint: "Look.", image: null },
          ...{ subject: "natural science", grade: "grade2" },
        },
      },
      "pid_splits.json": { test: ["1"] },
    },
    `Context: Look.\nWhich?\nA. push\nB. pull\n${letter}`,
  ],
  [
    "doc-vqa",
    {
      "val_v1.0.json": {
        data: [{ questionId: 1, question: "Who?", image: "documents/a.png", answers: ["Li"] }],
      },
      "documents/a.png": "png",
    },
    `Who?\n${word}`,
  ],
  [
    "coco-captions",
    {
      "captions_val2017.json": {
        images: [{ id: 1, file_name: "1.jpg" }],
        annotations: [{ image_id: 1, caption: "A dog." }],
      },
      "1.jpg": "png",
    },
    "Provide a one-sentence caption for the provided image.",
  ],
  [
    "ref-coco",
    { "refcoco_val.json": [{ image: "a.jpg", sentence: "left dog", bbox: [0, 0, 1, 1] }], "a.jpg": "png" },
    "Provide the bounding box coordinate of the region this sentence describes: left dog",
  ],
])("%s asks as the benchmark is asked", async (benchmark, files, prompt) => {
  const { samples } = await openDataset(`${benchmark}:${await fixture.folder(files)}`);
  expect(promptText(samples[0]!)).toBe(prompt);
});

test("mmbench asks the hint, the question and the shifted options", async () => {
  const picture = Buffer.from(fixture.png).toString("base64");
  const row = ["7", "Which one?", "Look left.", "cat", "dog", "A", picture].join("\t");
  const tsv = `index\tquestion\thint\tA\tB\tanswer\timage\n${row}\n`;
  const dataset = await openDataset(`mmbench:${await fixture.folder({ "mmbench_dev.tsv": tsv })}`);
  const { expand } = await taskFor(dataset);
  const passes = dataset.samples.flatMap(expand!);
  expect(passes.map(promptText)).toEqual([
    `Look left.\nWhich one?\nA. cat\nB. dog\n${letter}`,
    `Look left.\nWhich one?\nA. dog\nB. cat\n${letter}`,
  ]);
});

test("a run of a benchmark ends in its figures", async () => {
  const dataset = await openDataset(`mme:${await fixture.folder(mme)}`);
  const task = await taskFor(dataset);
  const column = modelColumn({
    ...{ name: "direct", technique: "direct", modelName: "mock", concurrency: 1 },
    ...{ model: direct()(mockModel("Yes, there are.")), seed: 0, timeoutMs: 60_000, maxOutputTokens: 8 },
    loadImage: createImageLoader({ baseDir: dataset.baseDir }),
  });
  const run = await runCompare({ samples: dataset.samples, columns: [column] }, { scorer: task.scorer });
  const byId = new Map(dataset.samples.map((sample) => [sample.id, sample]));
  const rows = run.columns[0]!.rows.map(({ id, text, score }) => ({ sample: byId.get(id)!, text, score }));
  expect(task.figures!(rows)).toEqual(
    expect.arrayContaining([
      { name: "perception (1 of 10 subtasks)", value: 0.5 },
      { name: "acc", value: 0.5, type: "count" },
      { name: "acc+", value: 0, type: "count" },
      { name: "yes ratio", value: 1 },
    ]),
  );
});
