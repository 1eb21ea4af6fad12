import type { JSONObject } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { askChart } from "../../data/scenes/chart-questions.ts";
import { makeChart } from "../../data/scenes/make-chart.ts";
import { chartLinesOf } from "../../data/scenes/tool-trace.ts";
import type { Box } from "../../spec/index.ts";
import { createRng } from "../../util/rng.ts";
import { parseLineProgram } from "../planners/line-program.ts";
import type { ChartReader } from "./chart/chart-reader.ts";
import { queryChartTool, queryTableTool } from "./query-table.ts";

const tool = queryTableTool();
const ask = async (input: JSONObject) =>
  (await tool.run(input, { image: () => undefined })).value as { answer: string | number; rows: number };
const picture = { handle: "image_1", bytes: new Uint8Array([1]), mediaType: "image/png" };
const shown = { image: () => picture };
const rows = [
  { label: "Monday", series: "dogs", value: 3 },
  { label: "Friday", series: "dogs", value: 7.5 },
  { label: "Monday", series: "cats", value: 5 },
  { label: "Friday", series: "cats", value: 1 },
];

test("looks up, compares, adds and counts the rows that are named", async () => {
  const answer = async (operation: string, of?: string, above?: number) =>
    (await ask({ rows, operation, ...(of && { of }), ...(above !== undefined && { above }) })).answer;
  expect(await answer("value", "cats, Monday")).toBe(5);
  expect(await answer("value", " Monday, cats")).toBe(5);
  expect(await answer("largest", "dogs")).toBe("Friday");
  expect(await answer("smallest", "dogs")).toBe("Monday");
  expect(await answer("largest", "dogs, cats, Monday")).toBe("cats");
  expect(await answer("smallest")).toBe("cats Friday");
  expect(await answer("difference", "dogs, Monday, Friday")).toBe(4.5);
  expect(await answer("sum", "dogs")).toBe(10.5);
  expect(await answer("sum")).toBe(16.5);
  expect(await answer("count_above", "dogs", 3)).toBe(1);
});

test("a name may differ in a letter or two, but not name something else", async () => {
  expect((await ask({ rows, operation: "value", of: "cats, mondoy" })).answer).toBe(5);
  await expect(ask({ rows, operation: "value", of: "cats, Wednesday" })).rejects.toThrow(
    /of must name labels or series of the rows, got "Wednesday"/,
  );
});

test("where rows have no series, what the table counts is not a row's name", async () => {
  const plain = [
    { label: "Q1", value: 2 },
    { label: "Q2", value: 8 },
  ];
  expect((await ask({ rows: plain, operation: "value", of: "dogs, Q2" })).answer).toBe(8);
  expect((await ask({ rows: plain, operation: "largest", of: "dogs" })).answer).toBe("Q2");
});

test("what does not say one thing is refused, and so are rows that are none", async () => {
  for (const [input, message] of [
    [{ rows, operation: "value", of: "dogs" }, "value needs one row, got 2 rows"],
    [{ rows, operation: "difference" }, "difference needs 2 rows, got 4 rows"],
    [{ rows, operation: "count_above" }, "count_above needs above, got none"],
    [{ rows: [], operation: "sum" }, "rows"],
    [{ rows: [{ label: "a", value: "many" }], operation: "sum" }, "rows"],
    [{ rows, operation: "mean" }, "operation"],
  ] as const)
    await expect(ask(input)).rejects.toThrow(message);
});

test("a chart is read once for all questions about it, and one that cannot be read is an error that says why", async () => {
  let reads = 0;
  const table = {
    form: "bars" as const,
    rows: [{ label: "Q1", value: 2, box: [0, 0, 1, 1] as Box, score: 1 }],
  };
  const chart = queryChartTool({
    name: "script",
    read: async () => ({ ...table, notes: ++reads === 1 ? ["Only one number of the axis was read."] : [] }),
  });
  const input = { image: "image_1", operation: "value", of: "Q1" };
  const first = await chart.run(input, shown);
  expect(first.value).toEqual({ answer: 2, rows: 1, notes: ["Only one number of the axis was read."] });
  await chart.run({ ...input, operation: "sum" }, shown);
  expect(reads).toBe(1);
  await chart.run(input, { image: () => ({ ...picture, bytes: new Uint8Array([2]) }) });
  expect(reads).toBe(2);
  const none = queryChartTool({
    name: "script",
    read: async () => ({ form: "none", rows: [], notes: ["No bars were found."] }),
  });
  await expect(none.run(input, shown)).rejects.toThrow("the chart must be readable, got No bars were found.");
});

test("asked of the true table, the gold program of every question about a chart gives its answer", async () => {
  let asked = 0;
  for (let index = 0; index < 60; index++) {
    const scene = makeChart({ split: "train", seed: 5, index });
    const { marks, series } = scene.chart!;
    // A legend tells several series from each other; with one there is none to read.
    const table = marks.map(({ series: name, label, value }) => ({
      ...(series.length > 1 && { series: name }),
      ...{ label, value },
    }));
    for (const { program, answer, question } of askChart(scene, createRng("query-table", index))) {
      const lines = parseLineProgram(chartLinesOf(program as Parameters<typeof chartLinesOf>[0], question));
      if ("error" in lines) throw new Error(lines.error);
      const [query] = lines.lines;
      const input: JSONObject = { image: "image_1" };
      for (const [key, term] of Object.entries(query!.input))
        if ("literal" in term) input[key] = term.literal;
      const reader: ChartReader = {
        name: "truth",
        read: async () => ({
          form: "bars",
          rows: table.map((row) => ({ ...row, box: [0, 0, 1, 1], score: 1 })),
          notes: [],
        }),
      };
      const { value, backend } = await queryChartTool(reader).run(input, shown);
      const said = value as { answer: string | number };
      expect(backend).toBe("truth");
      expect(String(said.answer), question).toBe(answer);
      asked++;
    }
  }
  expect(asked).toBeGreaterThan(600);
});
