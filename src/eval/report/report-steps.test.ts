import { expect, test } from "vitest";
import { cellsPerRow } from "../../data/scenes/index.ts";
import { cellName } from "../../data/scenes/program.ts";
import { gridSides, reportSteps } from "./report-steps.ts";

/** Name of the cell of seven by seven that a box fills, or the box itself. */
function nameOf(box: readonly number[]): string {
  const [x1, y1, x2, y2] = box.map((side) => side * 7) as [number, number, number, number];
  const isCell = Math.abs(x2 - x1 - 1) + Math.abs(y2 - y1 - 1) < 1e-9;
  return isCell ? `${"abcdefg"[Math.round(x1)]}${Math.round(y1) + 1}` : JSON.stringify(box);
}
const namesOf = (reasoning: string) =>
  reportSteps(reasoning, 1).map(({ regions = [] }) => regions.map(({ box }) => nameOf(box)));

test.each([
  ["owl: 1 c3, 2 d3, 3 f5. eggplant: none. 3 - 0 = 3.", [["c3", "d3", "f5"], [], []]],
  ["things: 1 hot dog a1, 2 tree g7. left: 1 hot dog a1.", [["a1", "g7"], ["a1"]]],
  ["b3: 1 dog.", [["b3"]]],
  ["b3: none.", [["b3"]]],
  ["dog: 1 a3, 2 d55, 3 h1, 4 g8, cat", [["a3"]]],
  ["I see vitamin b6 and a c3 plug. b3: it is red.", [[], []]],
  ["size: 7, 5. A C I D.", [[], []]],
  ["The dog is at [0.1, .25, 0.5, 1] here.", [["[0.1,0.25,0.5,1]"]]],
  ["Between [0, 0, 0.5, 0.5] and [0.5,0.5,1.0,1.0]", [["[0,0,0.5,0.5]", "[0.5,0.5,1,1]"]]],
  ["[10, 20, 30, 40], [0.5, 0.5, 0.1, 0.9], [0.1, 0.1, 1.5, 0.9], [0.1, 0.2, 0.3]", [[]]],
])("%j", (reasoning, regions) => {
  expect(namesOf(reasoning)).toEqual(regions);
});

test("the cells are those that rationales name", () => {
  expect(gridSides).toBe(cellsPerRow);
  for (const [x, y] of [
    [3, 3],
    [60, 100],
    [111, 40],
  ] as const) {
    const name = cellName({ name: "", box: [x, y, x, y] }, 112);
    const [{ regions } = { regions: [] }] = reportSteps(`dog: 1 ${name}`, 1);
    const [x1, y1, x2, y2] = regions![0]!.box.map((side) => side * 112) as [number, number, number, number];
    expect(x1 <= x && x < x2 && y1 <= y && y < y2).toBe(true);
  }
});

test("of several pictures the one that a step names", () => {
  const steps =
    "Picture 2: [0, 0, 1, 1].\nIn frame 1, then frame 3, [0, 0, 1, 1].\nImage 4: [0, 0, 1, 1].\ndog: 1 a1";
  expect(reportSteps(steps, 3).map(({ regions }) => regions?.[0]?.picture)).toEqual([
    1,
    undefined,
    undefined,
    undefined,
  ]);
  expect(reportSteps("dog: 1 a1", 0)).toEqual([{ text: "dog: 1 a1" }]);
});

test("a long text without an end is read in a moment", () => {
  const start = performance.now();
  reportSteps(`dog: 1${" ".repeat(50_000)},${"[0.1, ".repeat(20_000)}`, 1);
  expect(performance.now() - start).toBeLessThan(1000);
});
