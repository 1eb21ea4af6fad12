import { expect, test } from "vitest";
import { surenessOf, withSureness } from "./sureness.ts";

const told = (...probabilities: unknown[]) => ({
  text: "two cats",
  providerMetadata: {
    sightline: {
      logprobs: probabilities.map((p) => (typeof p === "number" ? { logprob: Math.log(p) } : (p as null))),
    },
  },
});

test("is the geometric mean of the tokens' probabilities", () => {
  expect(surenessOf(told(0.9))).toBeCloseTo(0.9, 12);
  expect(surenessOf(told(0.9, 0.4))).toBeCloseTo(0.6, 12);
});

test("is none without words or without numbers", () => {
  expect(surenessOf({ ...told(0.9), text: " \n" })).toBe(0);
  expect(surenessOf({ text: "two" })).toBe(0);
  expect(surenessOf(told())).toBe(0);
  expect(surenessOf(told(null, 0.5))).toBeCloseTo(0.5, 12);
  expect(surenessOf({ text: "two", providerMetadata: { sightline: { logprobs: "high" } } })).toBe(0);
});

test("asking for it keeps what the caller asked for", () => {
  expect(withSureness(undefined)).toEqual({ sightline: { logprobs: true } });
  expect(withSureness({ a: { b: 1 }, sightline: { logprobs: 5, query: { id: "q" } } })).toEqual({
    a: { b: 1 },
    sightline: { logprobs: 5, query: { id: "q" } },
  });
});
