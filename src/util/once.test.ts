import { expect, test } from "vitest";
import { once, onceEach } from "./once.ts";

test("a job runs once for all who ask, and again only after it failed", async () => {
  let runs = 0;
  const job = once(async () => {
    if (++runs === 1) throw new Error("not yet");
    return runs;
  });
  await expect(Promise.all([job(), job()])).rejects.toThrow("not yet");
  expect(runs).toBe(1);
  expect(await Promise.all([job(), job(), job()])).toEqual([2, 2, 2]);
  expect(runs).toBe(2);
});

test("each name has a job of its own", async () => {
  const runs: string[] = [];
  const job = onceEach(async (name) => runs.push(name));
  expect(await Promise.all([job("a"), job("b"), job("a")])).toEqual([1, 2, 1]);
  expect(runs).toEqual(["a", "b"]);
});
