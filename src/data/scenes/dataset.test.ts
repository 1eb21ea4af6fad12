import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { decodeImage, parseDataUrl } from "../../media/index.ts";
import { openDataset } from "../formats/index.ts";
import { sampleSchema } from "../schema/index.ts";
import { chooseQuestions } from "./choose-questions.ts";
import { sceneName, sceneSamples, toSample } from "./dataset.ts";
import { loadWorld } from "./load-world.ts";
import { makeScene } from "./scene.ts";
import { questionTypes } from "./wordings.ts";

const world = await loadWorld({ styles: ["noto", "twemoji", "fluent-emoji-flat"] });

test("2,000 test questions: types in equal numbers, and guessing the most frequent answer does not pay", {
  timeout: 300_000,
}, () => {
  const chosen = [...chooseQuestions(world, { split: "test" })];
  const questions = chosen.flatMap(({ questions }) => questions);
  expect(questions.length).toBe(2000);
  const most: Record<string, number> = {};
  for (const type of questionTypes) {
    const answers = questions.filter((question) => question.type === type).map(({ answer }) => answer);
    expect(Math.abs(answers.length - 2000 / 9)).toBeLessThan(1);
    const counts = new Map<string, number>();
    for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    most[type] = Math.max(...counts.values()) / answers.length;
  }
  expect(most.existence).toBeLessThanOrEqual(0.52);
  expect(most.naming).toBeLessThanOrEqual(0.03);
  expect(most.counting).toBeLessThanOrEqual(0.3);
  expect(most.position).toBeLessThanOrEqual(0.1);
  expect(most.category).toBeLessThanOrEqual(0.1);
  for (const type of ["reading", "comparison", "caption", "absent"])
    expect(most[type]).toBeLessThanOrEqual(0.05);
  for (const { scene, questions } of chosen) {
    expect(questions.length).toBeLessThanOrEqual(3);
    const kinds = new Set(scene.objects.map(({ concept }) => concept)).size;
    if (questions.some(({ type }) => type === "counting")) expect(kinds).toBeGreaterThanOrEqual(2);
  }
});

test("a Sample holds the picture, every accepted answer, the boxes and where it came from", async () => {
  const samples = await sceneSamples({ split: "test", count: 20, seed: 5 }, { world });
  expect(samples.length).toBe(20);
  expect(new Set(samples.map(({ id }) => id)).size).toBe(20);
  for (const sample of samples) expect(sampleSchema.parse(sample)).toEqual(sample);
  const again = await sceneSamples({ split: "test", count: 20, seed: 5 }, { world });
  expect(again).toEqual(samples);
  const sample = samples.find(({ type }) => type === "absent")!;
  const [, seed, index] = sample.group!.split("-").map(Number);
  expect(seed).toBe(5);
  const scene = makeScene(world, { split: "test", seed: 5, index: index! });
  const image = sample.input[0]!;
  if (image.type !== "image") return expect.fail(image.type);
  const { pixels } = await decodeImage(parseDataUrl(image.source).bytes);
  expect(Buffer.compare(pixels, scene.pixels)).toBe(0);
  expect(sample.answers![0]).toMatch(/^I see no [a-z ]+\.$/);
  expect(sample.answerType).toBe("short");
  expect(sample.regions!.map(({ box }) => box)).toEqual(scene.objects.map(({ box }) => box));
  expect(sample.provenance).toMatchObject({ dataset: "scenes", split: "test", seed: 5 });
});

test("the demo set is what the command in its README makes", async () => {
  const demo = await openDataset("scenes:demo");
  const chosen = [...chooseQuestions(world, { split: "test", count: 200, seed: 7 })];
  const expected = chosen.flatMap(({ scene, questions }) =>
    questions.map((question) => ({ ...toSample(scene, question, "", ""), input: [] })),
  );
  expect(demo.samples.map((sample) => ({ ...sample, input: [] }))).toEqual(expected);
  for (const { scene } of chosen) {
    const file = path.join(demo.baseDir, `images/${sceneName(scene)}.png`);
    const { pixels } = await decodeImage(new Uint8Array(await readFile(file)));
    if (Buffer.compare(pixels, scene.pixels) !== 0) expect.fail(file);
  }
  expect(demo.samples.every(({ provenance }) => !provenance!.license?.includes("SA"))).toBe(true);
});
