import { expect, test } from "vitest";
import { once } from "./once.ts";

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
