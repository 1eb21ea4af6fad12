import { expect, test } from "vitest";
import { shotsPlot } from "./report/shots-plot.ts";
import { parseShots, shotsOf, withShots } from "./shots.ts";
import type { ColumnSummary } from "./summary.ts";

test("a technique that shows demonstrations is asked with each number of them, the fewest first", () => {
  expect(withShots("blind show(from=a.jsonl, k=4, select=image) vote(n=2)", [4, 0, 4])).toEqual([
    "blind show(from=a.jsonl, k=0, select=image) vote(n=2)",
    "blind show(from=a.jsonl, k=4, select=image) vote(n=2)",
  ]);
  expect(withShots("show(from=x)", [2])).toEqual(["show(from=x, k=2)"]);
  expect(withShots("direct", [1, 2])).toBeUndefined();
  expect(parseShots("0, 1,8")).toEqual([0, 1, 8]);
  for (const bad of ["", "1,,2", "-1", "1.5", "65", "two"])
    expect(() => parseShots(bad)).toThrow("--shots: must be whole numbers from 0 to 64 with commas");
});

test("columns of one technique are one curve, whatever else their names say", () => {
  expect(shotsOf("tiny/show(from=x, k=2, labels=shuffled) direct")).toEqual({
    curve: "tiny/show(from=x, labels=shuffled) direct",
    shots: 2,
  });
  expect(shotsOf("show(k=0)")).toEqual({ curve: "show", shots: 0 });
  expect(shotsOf("show(from=x)")).toBeUndefined();
  expect(shotsOf("vote(k=3)")).toBeUndefined();
});

const column = (name: string, accuracy: number): ColumnSummary =>
  ({
    name,
    accuracy,
    interval: [accuracy - 0.1, accuracy + 0.1],
    n: 50,
    byType: {},
  }) as unknown as ColumnSummary;

test("the plot has one curve a technique, through its accuracies in the order of shots", () => {
  const plot = shotsPlot([
    column("show(from=x, k=4)", 0.75),
    column("show(from=x, k=0)", 0.25),
    column("show(from=x, k=0, labels=shuffled)", 0.25),
    column("show(from=x, k=4, labels=shuffled)", 0.25),
    column("direct", 0.3),
  ])!.html;
  const curves = [...plot.matchAll(/<polyline class="curve" points="([^"]*)"/g)].map(([, points]) =>
    points!.split(" ").map((pair) => pair.split(",").map(Number)),
  );
  expect(curves).toHaveLength(2);
  const [[low, high], [flat, same]] = curves as [number[][], number[][]];
  expect(low![0]).toBeLessThan(high![0]!);
  expect(low![1]).toBeGreaterThan(high![1]!);
  expect(flat![1]).toBe(same![1]);
  expect(plot).toContain("show(from=x, k=4): 75.0%");
});

test("there is no plot for one number of demonstrations", () => {
  expect(shotsPlot([column("show(from=x, k=4)", 0.5), column("direct", 0.4)])).toBeUndefined();
});
