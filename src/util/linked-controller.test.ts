import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { linkedController } from "./linked-controller.ts";

test("aborts with its parent's reason, also when that was aborted before", () => {
  const parent = new AbortController();
  const child = linkedController(parent.signal);
  parent.abort("stop");
  expect([child.signal.aborted, child.signal.reason]).toEqual([true, "stop"]);
  expect(linkedController(parent.signal).signal.reason).toBe("stop");
});

test("after its release neither parent nor time reach it; the parent never hears of it", async () => {
  const parent = new AbortController();
  const child = linkedController(parent.signal, 5);
  child.release();
  parent.abort();
  await sleep(20);
  expect(child.signal.aborted).toBe(false);
  const other = new AbortController();
  linkedController(other.signal).abort("own");
  expect(other.signal.aborted).toBe(false);
});

test("aborts when its time is up", async () => {
  const child = linkedController(undefined, 5);
  await sleep(30);
  expect((child.signal.reason as Error).name).toBe("TimeoutError");
});
