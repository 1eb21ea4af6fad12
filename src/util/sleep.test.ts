import { expect, test } from "vitest";
import { sleep } from "./sleep.ts";

test("waits, and at once gives up with the reason of an abort", async () => {
  const started = performance.now();
  await sleep(20);
  expect(performance.now() - started).toBeGreaterThan(15);
  const reason = new Error("enough");
  await expect(sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const waiting = sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});
