import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEarlyStop } from "./early-stop.ts";
import type { ParameterLayout } from "./parameters.ts";

const layout: ParameterLayout = {
  parameters: [{ name: "a", shape: [3], init: 1, optimizer: "adamw", offset: 0, size: 3 }],
  size: 16,
};
const weights = (value: number) => new Float32Array(16).fill(value);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-early-stop-"));
});
afterAll(() => rm(dir, { recursive: true }));

const open = (from: number, change: object = {}) =>
  openEarlyStop(
    {
      file: path.join(dir, "best.safetensors"),
      layout,
      recipe: "r",
      stage: 1,
      patience: 2,
      every: 10,
      ...change,
    },
    from,
  );

test("ends after so many evaluations without a better one, and gives back the best weights", async () => {
  const judge = await open(0);
  expect(await judge.see(10, 0.5, weights(1))).toBe(false);
  expect(await judge.see(20, 0.4, weights(2))).toBe(false);
  expect(await judge.see(30, 0.6, weights(3))).toBe(false);
  expect(await judge.see(40, 0.6, weights(4))).toBe(false);
  expect(await judge.see(50, 0.1, weights(5))).toBe(true);
  expect(judge.best).toEqual({ step: 30, accuracy: 0.6 });
  const back = weights(0);
  judge.restore(back);
  expect([...back.subarray(0, 3)]).toEqual([3, 3, 3]);
});

test("a resumed stage goes on waiting where it was; another stage, run or a later best starts anew", async () => {
  const resumed = await open(42);
  expect(resumed.best).toEqual({ step: 30, accuracy: 0.6 });
  expect(await resumed.see(50, 0.1, weights(5))).toBe(true);
  const back = weights(0);
  resumed.restore(back);
  expect([...back.subarray(0, 3)]).toEqual([3, 3, 3]);
  expect((await open(0)).best).toBeUndefined();
  expect((await open(29)).best).toBeUndefined();
  expect((await open(42, { stage: 2 })).best).toBeUndefined();
  expect((await open(42, { recipe: "other" })).best).toBeUndefined();
  const other = { parameters: [{ ...layout.parameters[0]!, shape: [4], size: 4 }], size: 16 };
  await expect(open(42, { layout: other })).rejects.toThrow('"a" must have shape [4], got [3].');
});
