import type { Value } from "../graph.ts";
import { type Dim, product } from "../shape.ts";
import { checkShapes } from "./check.ts";
import { reshape } from "./layout.ts";

/**
 * Rows of a table: table [N, D], index int64 of any shape, to [...index, D]. The gradient adds rows with
 * ScatterElements on expanded indices (ScatterND's sums are wrong for repeated indices on several threads).
 */
export function gatherRows(table: Value, index: Value): Value {
  const graph = table.graph;
  checkShapes(
    table.shape.length === 2 && index.type === "int64",
    "gatherRows",
    "table must be [N, D], index int64",
    table,
  );
  const [n, d] = table.shape as [Dim, number];
  return graph.node("Gather", [table, index], [{ shape: [...index.shape, d] }], {
    attributes: { axis: 0 },
    wrt: [table],
    backward: ([dy]) => {
      const rows = product(index.shape);
      checkShapes(
        rows !== undefined,
        "gatherRows",
        "index may have at most one symbol to be differentiated",
        index,
      );
      const updates = reshape(dy!, [rows, d]);
      const column = reshape(index, [rows, 1]);
      const shape = graph.node("Shape", [updates], [{ type: "int64", shape: [2] }])[0]!;
      const expanded = graph.node("Expand", [column, shape], [{ type: "int64", shape: [rows, d] }])[0]!;
      const target = graph.node("Shape", [table], [{ type: "int64", shape: [2] }])[0]!;
      const zeros = graph.node("Expand", [graph.scalar(0), target], [{ shape: [n, d] }])[0]!;
      return graph.node("ScatterElements", [zeros, expanded, updates], [{ shape: [n, d] }], {
        attributes: { axis: 0, reduction: "add" },
      });
    },
  })[0]!;
}
