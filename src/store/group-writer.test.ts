import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createGroupWriter } from "./group-writer.ts";

test("items close together are one group, at most so many, in order, acknowledged after the write", async () => {
  const groups: number[][] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const writer = createGroupWriter<number>({
    most: 3,
    waitMs: 5,
    async write(items) {
      groups.push([...items]);
      await held;
    },
  });
  let acknowledged = 0;
  const done = [1, 2, 3, 4].map((i) => writer.add(i).then(() => acknowledged++));
  await sleep(30);
  expect(groups).toEqual([[1, 2, 3]]);
  expect(acknowledged).toBe(0);
  release();
  await Promise.all(done);
  expect(groups).toEqual([[1, 2, 3], [4]]);
});

test("flush writes what is waiting without the wait", async () => {
  const groups: number[][] = [];
  const writer = createGroupWriter<number>({
    waitMs: 60_000,
    write: async (items) => void groups.push([...items]),
  });
  const added = writer.add(1);
  await writer.flush();
  await added;
  expect(groups).toEqual([[1]]);
});

test("after a failed write nothing is acknowledged any more", async () => {
  let calls = 0;
  const writer = createGroupWriter<number>({
    waitMs: 1,
    write: async () => {
      calls++;
      throw new Error("disk");
    },
  });
  await expect(writer.add(1)).rejects.toThrow("disk");
  await expect(writer.add(2)).rejects.toThrow("disk");
  expect(calls).toBe(1);
});
