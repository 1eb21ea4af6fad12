import { expect, test } from "vitest";
import { createPacer, fixedPace, type Pacer } from "./pacer.ts";

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

test("a busy server sends the limit back to what went well, and it rises to just below what was too many", () => {
  const { pacer, answers, busy } = paced();
  answers(4 + 8 + 16);
  expect(pacer.limit()).toBe(32);
  busy();
  expect(pacer.limit()).toBe(16);
  answers(16);
  expect(pacer.limit()).toBe(17);
  busy();
  expect(pacer.limit()).toBe(16);
  // Tried again after sixteen rounds, then after 32.
  answers(16 * 16 - 1);
  expect(pacer.limit()).toBe(16);
  answers(1);
  expect(pacer.limit()).toBe(17);
  busy();
  answers(16 * 32 - 1);
  expect(pacer.limit()).toBe(16);
  answers(1);
  expect(pacer.limit()).toBe(17);
  // The server has more room now.
  answers(17);
  expect(pacer.limit()).toBe(18);
});

test("a server that grows slower lowers the limit by a tenth", () => {
  const { pacer, answers, busy } = paced({ most: 20 });
  answers(4 + 8 + 16);
  expect(pacer.limit()).toBe(20);
  answers(20);
  busy();
  expect(pacer.limit()).toBe(18);
  busy();
  expect(pacer.limit()).toBe(16);
});

test("many busy answers at once are one sign; the limit never falls below one", () => {
  const { pacer, busy } = paced();
  busy();
  pacer.busy();
  pacer.busy();
  expect(pacer.limit()).toBe(2);
  for (let i = 0; i < 9; i++) busy();
  expect(pacer.limit()).toBe(1);
});

test("a raise that was too much makes only the refused calls wait, not the others", () => {
  const { pacer, answers, busy } = paced();
  answers(4 + 8);
  busy(3000);
  pacer.busy(5000);
  expect([pacer.limit(), pacer.waitMs()]).toEqual([8, 0]);
  // The number that went well is refused too: the calls of a window of time are used up.
  busy(3000);
  expect([pacer.limit(), pacer.waitMs()]).toEqual([7, 3000]);
});

test("busy again right after a raise is a new sign, however soon", () => {
  const { pacer, answers, busy } = paced();
  answers(4 + 8);
  busy(80);
  expect(pacer.limit()).toBe(8);
  answers(8);
  expect(pacer.limit()).toBe(9);
  pacer.busy(80);
  expect([pacer.limit(), pacer.waitMs()]).toEqual([8, 0]);
});

test("nothing starts before the time that a server asked for where all went well", () => {
  const { pacer, answers, busy, wait } = paced({ most: 4 });
  answers(4);
  busy(3000);
  expect(pacer.waitMs()).toBe(3000);
  pacer.busy(500);
  expect(pacer.waitMs()).toBe(3000);
  wait(2999);
  expect(pacer.waitMs()).toBe(1);
  wait(5);
  expect(pacer.waitMs()).toBe(0);
});

/** Takes a call at a time: answers it after so many milliseconds, or refuses it for so many. */
type Server = (now: number) => { answerMs: number; done?: () => void } | { refuseMs: number };

/** Answers a second of a run in virtual time, asked as the runner asks: a refused call keeps its place. */
function rate(makePacer: (now: () => number) => Pacer, server: Server, questions: number): number {
  let now = 0;
  let open = 0;
  let left = questions;
  const events: { at: number; happen: () => void }[] = [];
  const later = (ms: number, happen: () => void) => events.push({ at: now + ms, happen });
  const pacer = makePacer(() => now);
  const call = () => {
    const reply = server(now);
    if ("refuseMs" in reply) {
      pacer.busy(reply.refuseMs);
      later(reply.refuseMs, call);
      return;
    }
    later(reply.answerMs, () => {
      reply.done?.();
      open--;
      pacer.answered();
    });
  };
  for (;;) {
    while (left > 0 && open < pacer.limit() && pacer.waitMs() === 0) {
      left--;
      open++;
      call();
    }
    if (left > 0 && pacer.waitMs() > 0) later(pacer.waitMs(), () => {});
    if (open === 0 && left === 0) return (questions / now) * 1000;
    events.sort((a, b) => b.at - a.at);
    const next = events.pop()!;
    now = next.at;
    next.happen();
  }
}

function callsAtOnce(room: number, answerMs: number, refuseMs: number): Server {
  let open = 0;
  return () => {
    if (open >= room) return { refuseMs };
    open++;
    return { answerMs, done: () => open-- };
  };
}

function callsInWindow(calls: number, windowMs: number, answerMs: number): Server {
  let window = { end: 0, calls: 0 };
  return (now) => {
    if (now >= window.end) window = { end: now + windowMs, calls: 0 };
    return ++window.calls > calls ? { refuseMs: window.end - now } : { answerMs };
  };
}

test.each<[string, () => Server]>([
  ["16 calls at once", () => callsAtOnce(16, 40, 80)],
  ["5 slow calls at once", () => callsAtOnce(5, 900, 1000)],
  ["150 calls in half a second", () => callsInWindow(150, 500, 40)],
  ["500 calls in a minute", () => callsInWindow(500, 60_000, 2000)],
])("on a server for %s the pace found is at least 0.95 of the best fixed one", (_, makeServer) => {
  const fixed = [4, 5, 8, 12, 16, 20, 32, 64].map((n) => rate(() => fixedPace(n), makeServer(), 3000));
  const found = rate((now) => createPacer({ now }), makeServer(), 3000);
  expect(found / Math.max(...fixed)).toBeGreaterThan(0.95);
});
