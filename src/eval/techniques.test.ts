import { describe, expect, test } from "vitest";
import { capabilities, declareCapabilities, techniqueSpec, traceEvents } from "../model/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { parseTechnique, techniqueNames } from "./techniques.ts";

const model = {
  specificationVersion: "v4",
  provider: "test",
  modelId: "m",
  supportedUrls: {},
} as LanguageModel;
const able = declareCapabilities(model, { ...capabilities(model), contrast: true });
const made = (text: string) => techniqueSpec(parseTechnique(text).technique(able));

test("a spec is spelled in one way and names the techniques around the model, outermost first", () => {
  expect(parseTechnique(" blind( )   direct ").spec).toBe("blind direct");
  expect(made("direct")).toBe("direct");
  expect(made("blind direct")).toBe("blind direct");
});

test("a technique that only changes pictures asks as direct does", () => {
  expect(parseTechnique("blind").spec).toBe("blind");
  expect(made("blind")).toBe("blind direct");
});

test("options have their bounds", () => {
  expect(made("contrast")).toBe("contrast(alpha=1, beta=0.1, noise=500) direct");
  expect(made("contrast(noise=300) direct")).toBe("contrast(alpha=1, beta=0.1, noise=300) direct");
  expect(parseTechnique("contrast( alpha=2 )").spec).toBe("contrast(alpha=2)");
  for (const [text, rule] of [
    ["contrast(beta=2)", "beta: too big: expected number to be <=1"],
    ["contrast(noise=1000)", "noise: too big: expected number to be <=999"],
    ["contrast(nosie=3)", 'unknown field "nosie" (did you mean "noise"?)'],
  ]) {
    expect(() => parseTechnique(text!)).toThrow(
      `technique "${text}": contrast: ${rule}. Options of contrast: alpha, beta, noise.`,
    );
  }
});

test("chains of thought are named like everything else, and take no short-answer request", () => {
  expect(made("vote(n=3) check reason(stages=2)")).toBe(
    "vote(n=3, temperature=0.7) check(retries=1, reanswer=true) reason(stages=2, format=trigger, retries=1)",
  );
  expect(made("expert(by=tiny) chain(steps=3)")).toBe("expert chain(steps=3, retries=1)");
  expect(made("best-of(n=2, by=tiny) decompose(style=ddcot) ")).toBe(
    "best-of(n=2, temperature=0.7) decompose(style=ddcot, most=6, retries=1)",
  );
  expect(made("probe infill(candidates=2)")).toBe("probe infill(candidates=2, most=8, retries=1)");
  expect(made("vote")).toBe("vote(n=5, temperature=0.7) direct");
  expect(() => parseTechnique("vote(n=0)")).toThrow("vote: n: too small: expected number to be >0");
});

test("demonstrations come from a dataset, which the first question opens", async () => {
  const spec = 'show(from="scenes:demo", k=2, order=nearest-last) vote(n=2)';
  expect(parseTechnique(spec).spec).toBe("show(from=scenes:demo, k=2, order=nearest-last) vote(n=2)");
  expect(made(spec)).toBe(
    "show(from=scenes:demo, k=2, order=nearest-last) vote(n=2, temperature=0.7) direct",
  );
  expect(() => parseTechnique("show(k=2)")).toThrow("show: from:");
  expect(() => parseTechnique("show(from=x, select=best)")).toThrow("show: select:");
  let turns = 0;
  const base = mockModel(({ prompt }) => {
    turns = prompt.length;
    return "yes";
  });
  const call = { prompt: [{ role: "user" as const, content: [{ type: "text" as const, text: "Is it?" }] }] };
  await parseTechnique("show(from=scenes:demo, k=3)").technique(base).doGenerate(call);
  expect(turns).toBe(7);
  const missing = parseTechnique("show(from=scenes:dmeo)").technique(base);
  await expect(missing.doGenerate(call)).rejects.toThrow('got "scenes:dmeo". Did you mean scenes:demo?');
});

test("demonstrations can be learned: the first question pays for the search, the trace tells what it found", async () => {
  let asked = 0;
  const base = mockModel(() => {
    asked++;
    return "yes";
  });
  const spec = "show(from=scenes:demo, k=2, select=learned, sets=2, heldOut=4)";
  const shown = parseTechnique(spec).technique(base);
  const call = { prompt: [{ role: "user" as const, content: [{ type: "text" as const, text: "Is it?" }] }] };
  const { content } = await shown.doGenerate(call);
  const calls = 2 * 2 + 2 * 2;
  expect(asked).toBe(calls + 1);
  const chosen = traceEvents(content).find(({ type }) => type === "demos-chosen");
  const how = { sets: 2, searched: 2, confirmed: 2, gain: 0, p: 1, calls };
  expect(chosen?.data).toMatchObject({ ids: [expect.any(String), expect.any(String)], how });
  await shown.doGenerate(call);
  expect(asked).toBe(calls + 2);
  expect(() => parseTechnique("show(from=x, sets=3)").technique(base)).toThrow(
    "show: sets and heldOut are for select=learned, got fixed",
  );
});

describe("what cannot be a technique is refused", () => {
  test.each([
    [
      "dierct",
      `technique "dierct": unknown technique "dierct". Did you mean direct? Known: ${techniqueNames.join(", ")}, majority.`,
    ],
    ["", 'technique "": must name a technique.'],
    ["direct; rm", 'technique "direct; rm": cannot be read from "; rm" on.'],
    ["direct(", 'technique "direct(": cannot be read from "(" on.'],
    ["direct(n=5)", 'technique "direct(n=5)": direct: unknown field "n". Options of direct: plain.'],
    ["blind(n=5)", 'technique "blind(n=5)": blind: unknown field "n". blind has no options.'],
    ["direct(5)", 'technique "direct(5)": options must be name=value, got "5".'],
    ["direct(a=1, a=2)", 'technique "direct(a=1, a=2)": option "a" is given twice.'],
    ["direct(toString)", 'technique "direct(toString)": options must be name=value, got "toString".'],
    [
      "constructor",
      `technique "constructor": unknown technique "constructor". Known: ${techniqueNames.join(", ")}, majority.`,
    ],
    ["blind majority", 'technique "blind majority": majority is a column of its own and wraps no model.'],
  ])("%s", (text, message) => {
    expect(() => parseTechnique(text)).toThrow(expect.objectContaining({ name: "InputError", message }));
  });
});

test.each(["at=40+60", "box=1+2+30+40.5", "scribble=1+2/3+4/5+6, image=2"])(
  "point(%s) can be written",
  (options) => {
    expect(parseTechnique(`point(${options})`).technique).toBeTypeOf("function");
  },
);

test.each(["", "at=40", "at=1+2+3+4", "box=1+2", "box=1+2/3+4", "at=1+2, box=1+2+3+4", "scribble=1+2+3"])(
  "point(%s) points nowhere",
  (options) =>
    expect(() => parseTechnique(`point(${options})`)).toThrow(
      /point.*(needs one of|must be a string|must be pixels)/,
    ),
);

test("equip takes a planner, a budget and the models behind its tools", () => {
  const spec = "equip(planner=program, by=tiny, turns=4)";
  expect(parseTechnique(spec).spec).toBe(spec);
  expect(() => parseTechnique("equip(planner=programs)")).toThrow(/planner/);
});
