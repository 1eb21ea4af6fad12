// Asks a table a question: looks a value up, compares, adds, counts. With the table of `read_chart` that answers questions about charts;
// `query_chart` is both in one call, for models that write one call better than two.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { editDistance } from "../../util/text.ts";
import type { ChartReader, ChartTable } from "./chart/chart-reader.ts";
import { imageHandle, imageOf, toJson, type VisionTool, visionTool } from "./vision-tool.ts";

const operations = ["value", "largest", "smallest", "difference", "sum", "count_above"] as const;

const rowSchema = z.object({
  label: z.string().max(200),
  series: z.string().max(200).optional(),
  value: z.number(),
});
type Row = z.infer<typeof rowSchema>;

/** A name stands for a label from which it differs in no more than this share of the letters. */
const slips = 0.34;

/** What is asked of a table. */
const queryFields = {
  operation: z.enum(operations),
  of: z.string().max(300).optional().describe("labels and series, such as dogs, Monday"),
  above: z.number().optional().describe("for count_above"),
};
type Query = z.infer<z.ZodObject<typeof queryFields>>;

const querying =
  "the value of a row, the label (or the series) of the largest or smallest value, the difference between two values, a sum, or how many values are larger than `above`. `of` names the labels and series that are meant, separated by commas; without it all rows are. Names may differ in a letter or two. It knows no units and no dates.";

/** The tool that answers questions about rows of labels and values. */
export function queryTableTool(): VisionTool {
  return visionTool({
    name: "query_table",
    description: `Answers a question about the rows of a table, such as those of read_chart: ${querying}`,
    input: z.strictObject({
      rows: z.array(rowSchema).min(1).max(500).describe("rows of label, series and value"),
      ...queryFields,
    }),
    cost: "none",
    run: async ({ rows, ...query }) => ({ value: toJson(queryRows(rows, query)), backend: "arithmetic" }),
  });
}

/** The tool that reads a chart and answers a question about its table. */
export function queryChartTool(reader: ChartReader): VisionTool {
  // The next question is often about the same chart.
  let last: { bytes: Uint8Array; table: ChartTable } | undefined;
  return visionTool({
    name: "query_chart",
    description: `Reads a chart of upright bars or of lines with marked points, as read_chart does, and answers a question about its table: ${querying}`,
    input: z.strictObject({ image: imageHandle, ...queryFields }),
    cost: "small-model",
    async run({ image, ...query }, context) {
      const { bytes } = imageOf(context, image);
      if (last?.bytes !== bytes) {
        const options = context.signal ? { signal: context.signal } : {};
        last = { bytes, table: await reader.read(bytes, options) };
      }
      const { rows, notes } = last.table;
      if (rows.length === 0) throw refused("the chart must be readable", notes.join(" "));
      const value = { ...queryRows(rows, query), ...(notes.length > 0 && { notes }) };
      return { value: toJson(value), backend: reader.name };
    },
  });
}

/** The answer to a question, and how many rows it is about; an InputError where the rows do not say one thing. */
function queryRows(rows: readonly Row[], { operation, of = "", above }: Query) {
  const names = of.split(",").map((name) => name.trim());
  const meant = pickRows(
    rows,
    names.filter((name) => name !== ""),
  );
  return { answer: answerOf(meant, operation, above), rows: meant.length };
}

/** The rows whose label is one of the labels named, if any is, and whose series is one of the series named, if any is. */
function pickRows(rows: readonly Row[], names: readonly string[]): Row[] {
  const [allLabels, allSeries] = (["label", "series"] as const).map((key) => [
    ...new Set(rows.flatMap((row) => (row[key] ? [row[key]] : []))),
  ]) as [string[], string[]];
  const labels = new Set<string>();
  const series = new Set<string>();
  for (const name of names) {
    const [label, kind] = [nearestOf(name, allLabels), nearestOf(name, allSeries)];
    if (label && (!kind || label.off <= kind.off)) labels.add(label.name);
    else if (kind) series.add(kind.name);
    // A table of one series does not say what it counts, only its title does.
    else if (allSeries.length > 0) {
      const hint = `Labels: ${allLabels.join(", ")}. Series: ${allSeries.join(", ")}.`;
      throw refused("of must name labels or series of the rows", JSON.stringify(name), hint);
    }
  }
  return rows.filter(
    (row) =>
      (labels.size === 0 || labels.has(row.label)) &&
      (series.size === 0 || (row.series !== undefined && series.has(row.series))),
  );
}

/** The name that is most like another, and in what share of its letters it differs; undefined where none is like it. */
function nearestOf(name: string, names: readonly string[]): { name: string; off: number } | undefined {
  const wanted = name.toLowerCase();
  const [best] = names
    .map((each) => ({
      name: each,
      off: editDistance(wanted, each.toLowerCase()) / Math.max(wanted.length, each.length),
    }))
    .toSorted((a, b) => a.off - b.off);
  return best && best.off <= slips ? best : undefined;
}

function answerOf(
  rows: readonly Row[],
  operation: (typeof operations)[number],
  above: number | undefined,
): string | number {
  const values = rows.map(({ value }) => value);
  const need = (count: number) => {
    if (rows.length !== count)
      throw refused(`${operation} needs ${count === 1 ? "one row" : `${count} rows`}`, `${rows.length} rows`);
  };
  switch (operation) {
    case "value":
      need(1);
      return values[0]!;
    case "difference":
      need(2);
      return exact(Math.abs(values[0]! - values[1]!));
    case "sum":
      return exact(values.reduce((sum, value) => sum + value, 0));
    case "count_above":
      if (above === undefined) throw refused("count_above needs above", "none");
      return values.filter((value) => value > above).length;
    default: {
      if (rows.length === 0) throw refused(`${operation} needs rows`, "none");
      const best = operation === "largest" ? Math.max(...values) : Math.min(...values);
      return nameIn(rows, rows[values.indexOf(best)]!);
    }
  }
}

/** What tells a row from the others: its label, its series where all labels are the same, or both. */
function nameIn(rows: readonly Row[], { label, series }: Row): string {
  const isOne = (key: "label" | "series") => new Set(rows.map((row) => row[key])).size === 1;
  if (series === undefined || isOne("series")) return label;
  return isOne("label") ? series : `${series} ${label}`;
}

/** A sum of decimals without the dust of binary fractions. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}

function refused(rule: string, got: string, hint?: string): InputError {
  return new InputError({ where: "query", rule, got, ...(hint && { hint }) });
}
