import { expect, test } from "vitest";
import { createPacer } from "./pacer.ts";

function paced(options = {}) {
  let time = 0;
  const pacer = createPacer({ start: 4, now: () => time, ...options });
  const answers = (n: number) => {
    for (let i = 0; i < n; i++) pacer.answered();
  };
  const busy = (retryAfterMs?: number) => {
    time += 1000;
    pacer.busy(retryAfterMs);
  };
  return { pacer, answers, busy, wait: (ms: number) => (time += ms) };
}

test("the limit doubles with every round of answers until the server is busy", () => {
  const { pacer, answers } = paced({ most: 50 });
  expect(pacer.limit()).toBe(4);
  answers(3);
  expect(pacer.limit()).toBe(4);
  answers(1);
  expect(pacer.limit()).toBe(8);
  answers(8 + 16 + 32);
  expect(pacer.limit()).toBe(50);
});

test("a busy server lowers the limit a little, and it creeps back to just below that mark", () => {
  const { pacer, answers, busy } = paced();
  answers(4 + 8 + 16);
  expect(pacer.limit()).toBe(32);
  busy();
  expect(pacer.limit()).toBe(28);
  answers(28 + 29 + 30);
  expect(pacer.limit()).toBe(31);
  // Past the mark only after eight rounds.
  answers(31 * 8 - 1);
  expect(pacer.limit()).toBe(31);
  answers(1);
  expect(pacer.limit()).toBe(32);
});

test("many busy answers at once are one sign; the limit never falls below one", () => {
  const { pacer, busy } = paced();
  busy();
  pacer.busy();
  pacer.busy();
  expect(pacer.limit()).toBe(3);
  for (let i = 0; i < 9; i++) busy();
  expect(pacer.limit()).toBe(1);
});

test("nothing starts before the time that the server asked for", () => {
  const { pacer, busy, wait } = paced();
  busy(3000);
  expect(pacer.waitMs()).toBe(3000);
  pacer.busy(500);
  expect(pacer.waitMs()).toBe(3000);
  wait(2999);
  expect(pacer.waitMs()).toBe(1);
  wait(5);
  expect(pacer.waitMs()).toBe(0);
});
