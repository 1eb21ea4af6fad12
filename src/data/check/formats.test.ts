// The fast checks by hand say yes only where the schema says yes, for the clean rows, for rows that are nearly right, and
// for rows of any JSON.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { detectFormat, instructionFormats } from "./formats/index.ts";
import type { RowValue } from "./row-view.ts";
import { cleanRowsOf } from "./testing/clean-data.ts";
import { anthropicRow } from "./testing/write-rows.ts";

const strange = [
  null,
  "",
  " ",
  0,
  -1,
  1.5,
  Number.POSITIVE_INFINITY,
  true,
  [],
  {},
  ["a"],
  [""],
  [1],
  "text",
  "sha256:00",
  "image",
  "user",
];

/** Changes one value somewhere in a row: replaces it, takes it away, or adds a field beside it. */
function change(row: RowValue, seed: number): RowValue {
  const rng = createRng("change", seed);
  const copy = structuredClone(row);
  let at: Record<string, unknown> = copy;
  for (;;) {
    const keys = Object.keys(at);
    const key = rng.pick(keys);
    const child = at[key];
    if (typeof child === "object" && child !== null && Object.keys(child).length > 0 && rng.chance(0.7)) {
      at = child as Record<string, unknown>;
      continue;
    }
    const kind = Array.isArray(at) ? 1 : rng.next();
    if (kind < 0.2) at[rng.pick(["type", "image", "hash", "width", "extra", "x"])] = rng.pick(strange);
    else if (kind < 0.4) delete at[key];
    else at[key] = rng.pick(strange);
    return copy;
  }
}

const full = {
  id: "1",
  group: "g",
  instruction: "What?",
  input: [
    {
      type: "image",
      source: "a.png",
      hash: `sha256:${"0a".repeat(32)}`,
      mediaType: "image/png",
      width: 1,
      height: 2,
    },
    { type: "audio", source: "a.wav", durationMs: 1.5 },
    { type: "text", text: "" },
  ],
  response: "",
  answers: ["a"],
  choices: ["a", "b"],
  answerType: "choice",
  type: "t",
  regions: [{ label: "dog", box: [1, 2, 3.5, 4], image: 0 }],
  rationale: "r",
  provenance: { dataset: "d", split: "s", model: "m", promptHash: "p", seed: 1.5, license: "l" },
  extra: { anything: [1] },
};

describe.each(instructionFormats.map((format) => [format.name, format] as const))("%s", (name, format) => {
  const clean = [
    ...(name === "anthropic" ? cleanRowsOf(name).map(anthropicRow) : cleanRowsOf(name)),
    ...(name === "sample" ? [full] : []),
  ];

  test("clean rows are right by hand (but for what is left to the schema) and by the schema", () => {
    for (const row of clean) {
      expect(format.explain(row)).toBeUndefined();
      expect(format.isValid(row)).toBe(
        !(name === "anthropic" || (name === "short" && row.choices !== undefined)),
      );
    }
    expect(detectFormat(clean)).toBe(format);
  });

  test("a changed row is right by hand only when it is by the schema", () => {
    const verdicts = { same: 0, left: 0 };
    for (let seed = 0; seed < 2000; seed++) {
      const row = change(clean[seed % clean.length]!, seed);
      const byHand = format.isValid(row);
      const bySchema = format.explain(row) === undefined;
      if (byHand) expect(bySchema, JSON.stringify(row)).toBe(true);
      verdicts[byHand === bySchema ? "same" : "left"]++;
      if (bySchema) format.view(row);
    }
    // Samples are judged by hand alone; the other formats leave rare shapes to the schema.
    if (name === "sample") expect(verdicts.left).toBe(0);
  });

  test("any JSON", () => {
    const row = fc.dictionary(
      fc.constantFrom("id", "messages", "conversations", "input", "question", "x"),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(row, (value) => {
        if (format.isValid(value)) expect(format.explain(value)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});
