import { expect, test } from "vitest";
import { mockModel } from "../testing/mock-model.ts";
import { technique } from "./technique.ts";
import { techniqueSpec } from "./technique-spec.ts";

test("a model tells its techniques, outermost first, with their options", () => {
  const make = (name: string, options = {}) =>
    technique(name, options, async function* ({ forward }) {
      yield* forward();
    });
  const model = mockModel("a");
  expect(techniqueSpec(model)).toBe("");
  const vote = make("vote", { n: 5, seed: undefined });
  const show = make("show", { k: 4, by: "similar", note: "two words", file: "a/b.jsonl" });
  expect(techniqueSpec(vote(make("reason")(show(model))))).toBe(
    'vote(n=5) reason show(k=4, by=similar, note="two words", file=a/b.jsonl)',
  );
});
