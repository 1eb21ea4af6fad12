// Which cells speak for things. Where a thing's middle lies near a border of cells, several cells find it, each half sure; what
// they agree on is its box. Of cells whose boxes lie on each other the surest is the leader, and it is as sure as they are
// together. That is what a detector's non-maximum suppression keeps, written as arithmetic on all pairs of cells.
import { ops, type Value } from "../onnx/index.ts";
import { gridCells, gridSize, type ModelConfig } from "./model-config.ts";

/** Boxes that overlap so much, as intersection over union, are of the same thing. */
const sameThing = 0.3;
/** Boxes without an area are of no thing. */
const leastArea = 1e-6;

/**
 * How sure each cell is of the middle of a thing, [B, cells, 1], and the sides of that thing's box from the cell's centre,
 * [B, cells, 4], to two numbers a cell, [B, cells, 2]: how sure a leader is of its thing (0 for other cells), and how sure the
 * leader of a cell that is none. No gradient flows back: the head has a loss of its own.
 */
export function findLeaders(sure: Value, sides: Value, config: ModelConfig): Value {
  const { graph } = sure;
  const [grid, cells] = [gridSize(config), gridCells(config)];
  const batch = sure.shape[0]!;
  const [column, row, pair] = [
    [batch, cells, 1],
    [batch, 1, cells],
    [batch, cells, cells],
  ] as const;
  const make = (op: string, inputs: Value[], shape: Value["shape"], type: Value["type"] = "float32") =>
    graph.node(op, inputs, [{ type, shape }], { wrt: [] })[0]!;
  const over = (op: "ReduceMax" | "ReduceSum", x: Value) => {
    const [inputs, axes] = op === "ReduceSum" ? [[x, graph.ints(2)], {}] : [[x], { axes: [2] }];
    return graph.node(op, inputs, [{ shape: column }], { attributes: { ...axes, keepdims: 1 }, wrt: [] })[0]!;
  };
  const number = (test: Value) =>
    graph.node("Cast", [test], [{ shape: test.shape }], { attributes: { to: 1 }, wrt: [] })[0]!;
  const across = (x: Value) => ops.reshape(x, row);

  const centres = Float32Array.from({ length: 4 * cells }, (_, i) => {
    const cell = i >> 2;
    return (i % 2 === 0 ? cell % grid : Math.floor(cell / grid)) + 0.5;
  });
  const outwards = make("Mul", [sides, graph.constant(Float32Array.of(-1, -1, 1, 1), [4])], sides.shape);
  const boxes = make("Add", [outwards, graph.constant(centres, [cells, 4])], sides.shape);
  const [x1, y1, x2, y2] = ops.split(boxes, 2, [1, 1, 1, 1]) as [Value, Value, Value, Value];
  const shared = (low: Value, high: Value) => {
    const start = make("Max", [low, across(low)], pair);
    const end = make("Min", [high, across(high)], pair);
    return make("Relu", [make("Sub", [end, start], pair)], pair);
  };
  const length = (low: Value, high: Value) => make("Relu", [make("Sub", [high, low], column)], column);
  const area = make("Mul", [length(x1, x2), length(y1, y2)], column);
  const common = make("Mul", [shared(x1, x2), shared(y1, y2)], pair);
  const union = make("Sub", [make("Add", [area, across(area)], pair), common], pair);
  const needed = make("Mul", [union, graph.scalar(sameThing)], pair);
  const least = make("Add", [needed, graph.scalar(leastArea)], pair);
  const same = number(make("GreaterOrEqual", [common, least], pair, "bool"));
  const claims = make("Mul", [same, across(sure)], pair);
  const together = make("Min", [over("ReduceSum", claims), graph.scalar(1)], column);
  const leads = number(make("GreaterOrEqual", [sure, over("ReduceMax", claims)], column, "bool"));
  const leader = make("Mul", [leads, together], column);
  return ops.concat([leader, make("Sub", [together, leader], column)], 2);
}
