import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodePng } from "../media/index.ts";
import type { Sample } from "../spec/index.ts";
import { contentHash } from "../util/hash.ts";
import { contamination, contaminationNote } from "./contamination.ts";
import { assertHeldOut } from "./held-out.ts";

let root: string;
let red: Uint8Array;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-contamination-"));
  red = await encodePng(new Uint8Array([255, 0, 0]), 1, 1);
  await writeFile(path.join(root, "red.png"), red);
  await writeFile(path.join(root, "same.png"), red);
  await writeFile(path.join(root, "blue.png"), await encodePng(new Uint8Array([0, 0, 255]), 1, 1));
});
afterAll(() => rm(root, { recursive: true }));

const ask = (id: string, source: string, instruction: string, response: string): Sample => ({
  ...{ id, instruction, response, input: [{ type: "image", source }] },
});

describe("contamination", () => {
  test("pictures by content, questions by normalised words and answer", async () => {
    const measured = [
      ask("leak", "red.png", "What is it?", "a dog"),
      ask("picture", "red.png", "Where is it?", "left"),
      ask("words", "blue.png", "what is  it", "Dog."),
      ask("other answer", "blue.png", "What is it?", "a cat"),
      { ...ask("several", "blue.png", "What is it?", "hound"), answers: ["hound", "the dog"] },
      ask("gone", "gone.png", "Why?", "so"),
    ];
    const training = [
      ask("t1", "same.png", "What is it?", "dog"),
      ask("t2", "https://example.org/a.png", "Who?", "Li"),
    ];
    const found = await contamination(
      { samples: measured, baseDir: root },
      { samples: training, baseDir: root },
    );
    expect(found).toEqual({
      questions: 6,
      pictures: { count: 2, ids: ["leak", "picture"] },
      questionAnswers: { count: 3, ids: ["leak", "words", "several"] },
      both: { count: 1, ids: ["leak"] },
      unread: ["https://example.org/a.png", "gone.png"],
    });
    expect(contaminationNote(found)).toBe(
      "In the training data: 1 of 6 questions with picture, words and answer, 2 of 6 with the picture, 3 of 6 with words and answer; 2 pictures could not be read.",
    );
  });

  test("a declared hash stands for a picture that is not at hand, and words and picture must be of one question", async () => {
    const far = { type: "image", source: "https://example.org/r.png", hash: contentHash(red) } as const;
    const training = [
      { ...ask("t1", "", "Where?", "left"), input: [far] },
      ask("t2", "blue.png", "What is it?", "dog"),
    ];
    const measured = [ask("m", "red.png", "What is it?", "dog")];
    const found = await contamination(
      { samples: measured, baseDir: root },
      { samples: training, baseDir: root },
    );
    expect([found.pictures.count, found.questionAnswers.count, found.both.count]).toEqual([1, 1, 0]);
    expect(found.unread).toEqual([]);
  });

  test("an aborted search ends", async () => {
    const data = { samples: [ask("m", "red.png", "What?", "dog")], baseDir: root };
    await expect(contamination(data, data, { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow(
      "stop",
    );
  });
});

describe("held out", () => {
  const of = (...splits: (string | undefined)[]) =>
    splits.map((split, i) => ({
      ...ask(String(i), "a.png", "q", "a"),
      ...(split ? { provenance: { split } } : {}),
    }));

  test.each(["train", "Training", "train2014", "trainval"])(
    "%s is refused unless it is allowed",
    async (split) => {
      const samples = of("val", split, undefined);
      await expect(assertHeldOut(samples, { name: "vqa@train:x" })).rejects.toThrow(
        `vqa@train:x: must not be a training split, because models may have been trained on it, got 1 of 3 questions of "${split}". Choose a split for testing, or allow it (--allow-train).`,
      );
      await assertHeldOut(samples, { name: "x", allowTrain: true });
    },
  );

  test("other splits and no split are fine", async () => {
    await assertHeldOut(of("val", "test", "transfer", undefined), { name: "x" });
  });
});
