import { expect, test } from "vitest";
import type { HallusionItem } from "./hallusion-bench.ts";
import { hallusionDiagnosis } from "./hallusion-diagnosis.ts";

type Short = [figure: string, expected: "yes" | "no", label: 0 | 1 | 2];

const diagnose = (category: "VD" | "VS", ...rows: Short[]) => {
  const items = rows.map(
    ([figureId, expected, label]): HallusionItem => ({
      ...{ category, subcategory: "map", setId: "0", questionId: "0", visualInput: 1 },
      ...{ figureId, expected, label },
    }),
  );
  return Object.entries(hallusionDiagnosis(items))
    .filter(([, share]) => share > 0)
    .map(([cause, share]) => [cause, share]);
};

test.each<[what: string, category: "VD" | "VS", rows: Short[], causes: [string, number][]]>([
  [
    "all right",
    "VD",
    [
      ["0", "yes", 1],
      ["1", "no", 1],
    ],
    [],
  ],
  ["a claim without a picture", "VS", [["0", "yes", 0]], [["languageHallucination", 1]]],
  ["unclear without a picture is right", "VS", [["0", "yes", 2]], []],
  ["the original seen wrongly", "VD", [["0", "yes", 0]], [["visualIllusion", 1]]],
  [
    "the answer kept though the picture changed",
    "VD",
    [
      ["0", "yes", 1],
      ["1", "no", 0],
    ],
    [["languageHallucination", 1]],
  ],
  [
    "another wrong answer",
    "VD",
    [
      ["0", "yes", 1],
      ["1", "yes", 0],
    ],
    [["visualIllusion", 1]],
  ],
  [
    "unclear on the edited picture",
    "VD",
    [
      ["0", "yes", 1],
      ["1", "no", 2],
    ],
    [["visualIllusion", 1]],
  ],
  [
    "wrong both times, the same answer",
    "VS",
    [
      ["0", "yes", 0],
      ["1", "yes", 0],
    ],
    [
      ["languageHallucination", 0.5],
      ["mixed", 0.5],
    ],
  ],
  ["the base was not asked", "VD", [["1", "yes", 0]], [["mixed", 1]]],
])("%s", (_, category, rows, causes) => {
  expect(diagnose(category, ...rows)).toEqual(causes);
});

test("questions of another set are no base", () => {
  const item = { category: "VD", subcategory: "map", questionId: "0", visualInput: 1 } as const;
  const diagnosis = hallusionDiagnosis([
    { ...item, setId: "0", figureId: "0", expected: "yes", label: 1 },
    { ...item, setId: "1", figureId: "1", expected: "no", label: 0 },
  ]);
  expect(diagnosis).toEqual({ languageHallucination: 0, visualIllusion: 0, mixed: 1 });
});
