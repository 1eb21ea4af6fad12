import { expect, test } from "vitest";
import { learned, show } from "../icl/index.ts";
import { patternPicture, testPool, testSample } from "../icl/testing.ts";
import type { Sample } from "../spec/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { callModel } from "./call-model.ts";
import { learnDemonstrations } from "./learn-demonstrations.ts";

const samples = Array.from({ length: 30 }, (_, i) => testSample(i));
const pool = testPool(samples);
const heldOut = Array.from({ length: 40 }, (_, i): Sample => {
  return testSample(100 + i, { response: "right", answers: ["right"] });
});
const loadImage = async ({ source }: { source: string }) => {
  const bytes = await patternPicture(Number(source));
  return { bytes, mediaType: "image/png", hash: source };
};

/** Answers rightly when demonstration 17 is shown, otherwise for every fourth question. */
let asked = 0;
const picky = mockModel(({ prompt }) => {
  asked++;
  const text = JSON.stringify(prompt);
  return text.includes("What is thing 17?") || /What is thing 1\d[048]\?/.test(text) ? "right" : "wrong";
});

test("finds the set that helps, tests it on questions that had no say, and counts what it cost", async () => {
  asked = 0;
  const found = await learnDemonstrations(pool, { model: picky, heldOut, loadImage, sets: 12, seed: 2 });
  expect(found.ids).toContain("d17");
  expect(found).toMatchObject({ sets: 12, searched: 20, confirmed: 20, calls: 12 * 20 + 2 * 20 });
  expect(asked).toBe(found.calls);
  expect(found.gain).toBeGreaterThan(0.4);
  expect(found.p).toBeLessThan(0.01);
  const model = show(pool, { k: 4, select: learned(found) })(picky);
  const [question] = heldOut;
  const { text } = await callModel(question!, {
    model,
    loadImage,
    seed: 0,
    timeoutMs: 5000,
    maxOutputTokens: 9,
  });
  expect(text).toBe("right");
});

test("where demonstrations make no difference, the gain is nothing and p says so", async () => {
  const deaf = mockModel(() => "wrong");
  const found = await learnDemonstrations(pool, { model: deaf, heldOut, loadImage, sets: 3 });
  expect(found).toMatchObject({ ids: ["d0", "d1", "d2", "d3"], gain: 0, p: 1 });
});

test("held-out questions among the demonstrations, or about their pictures, are refused", async () => {
  const learn = (questions: Sample[]) =>
    learnDemonstrations(pool, { model: picky, heldOut: questions, loadImage });
  await expect(learn([...heldOut, samples[5]!])).rejects.toThrow(
    'learnDemonstrations: held-out questions must not be among the demonstrations, nor about their pictures, got "d5"',
  );
  await expect(learn([...heldOut, testSample(200, { group: "d3" })])).rejects.toThrow(
    "nor about their pictures",
  );
  await expect(learn(heldOut.slice(0, 2))).rejects.toThrow("needs at least 4 held-out questions, got 2");
});

test("a cancelled search stops at once", async () => {
  const stop = new AbortController();
  const onCall = (done: number) => {
    if (done === 5) stop.abort(new Error("enough"));
  };
  asked = 0;
  const running = learnDemonstrations(pool, {
    model: picky,
    heldOut,
    loadImage,
    signal: stop.signal,
    onCall,
  });
  await expect(running).rejects.toThrow("enough");
  expect(asked).toBe(5);
});
