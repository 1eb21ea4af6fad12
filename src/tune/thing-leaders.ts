// Which cells speak for things. Where a thing's middle lies near a border of cells, several cells find it, each half sure; what
// they agree on is its box. Of cells whose boxes lie on each other the surest is the leader, and it is as sure as they are
// together. That is what a detector's non-maximum suppression keeps, written as arithmetic on all pairs of cells.
//
// No gradient flows back through any of it: the head that finds things has a loss of its own.
import { ops, type Shape, type Value } from "../onnx/index.ts";
import { gridCells, gridSize, type ModelConfig } from "./model-config.ts";

/** Boxes that overlap so much, as intersection over union, are of the same thing. */
const sameThing = 0.3;
/** Boxes without an area are of no thing. */
const leastArea = 1e-6;
/** Signs of left, top, right and bottom. */
export const OUTWARDS = Float32Array.of(-1, -1, 1, 1);

/** A node through which no gradient flows. */
export function still(
  op: string,
  inputs: Value[],
  shape: Shape,
  { type = "float32", ...attributes }: { type?: Value["type"]; axes?: number[]; keepdims?: number } = {},
): Value {
  return inputs[0]!.graph.node(op, inputs, [{ type, shape }], { attributes, wrt: [] })[0]!;
}

/** 1 where the test holds, 0 elsewhere. */
export function asNumber(test: Value): Value {
  return test.graph.node("Cast", [test], [{ shape: test.shape }], { attributes: { to: 1 }, wrt: [] })[0]!;
}

/** Sums over the last axis of [B, n, m], to [B, n, 1]. */
export function sumLast(x: Value): Value {
  const shape = [...x.shape.slice(0, 2), 1];
  return still("ReduceSum", [x, x.graph.ints(2)], shape, { keepdims: 1 });
}

/** Centres of the cells, x and y twice, [cells, 4], in cells. */
export function cellCentres(config: ModelConfig): Float32Array {
  const [grid, cells] = [gridSize(config), gridCells(config)];
  return Float32Array.from({ length: 4 * cells }, (_, i) => {
    const cell = i >> 2;
    return (i % 2 === 0 ? cell % grid : Math.floor(cell / grid)) + 0.5;
  });
}

/** Sides from the centres of the cells, [B, cells, 4], to boxes in cells; `shift` is how far the look was moved, in cells. */
export function boxesAround(sides: Value, config: ModelConfig, shift = 0): Value {
  const { graph } = sides;
  const centres = cellCentres(config).map((at) => at + shift);
  const outwards = still("Mul", [sides, graph.constant(OUTWARDS, [4])], sides.shape);
  return still("Add", [outwards, graph.constant(centres, [gridCells(config), 4])], sides.shape);
}

/** What boxes say of each other. */
export interface GroupedBoxes {
  /** How sure each other box of the same thing is, 0 for boxes of other things, [B, n, n]. */
  claims: Value;
  /** 1 for the surest box of each thing, [B, n, 1]. */
  leads: Value;
}

/** Groups boxes [B, n, 4] that lie on each other; `sure` [B, n, 1] is how sure each is of its thing. */
export function groupBoxes(sure: Value, boxes: Value): GroupedBoxes {
  const { graph } = sure;
  const column = sure.shape;
  const [batch, count] = column as [Shape[number], number, 1];
  const row = [batch, 1, count];
  const pair = [batch, count, count];
  const across = (x: Value) => ops.reshape(x, row);
  const [x1, y1, x2, y2] = ops.split(boxes, 2, [1, 1, 1, 1]) as [Value, Value, Value, Value];
  const shared = (low: Value, high: Value) => {
    const start = still("Max", [low, across(low)], pair);
    const end = still("Min", [high, across(high)], pair);
    return still("Relu", [still("Sub", [end, start], pair)], pair);
  };
  const length = (low: Value, high: Value) => still("Relu", [still("Sub", [high, low], column)], column);
  const area = still("Mul", [length(x1, x2), length(y1, y2)], column);
  const common = still("Mul", [shared(x1, x2), shared(y1, y2)], pair);
  const union = still("Sub", [still("Add", [area, across(area)], pair), common], pair);
  const needed = still("Mul", [union, graph.scalar(sameThing)], pair);
  const least = still("Add", [needed, graph.scalar(leastArea)], pair);
  const same = asNumber(still("GreaterOrEqual", [common, least], pair, { type: "bool" }));
  const claims = still("Mul", [same, across(sure)], pair);
  const surest = still("ReduceMax", [claims], column, { axes: [2], keepdims: 1 });
  return { claims, leads: asNumber(still("GreaterOrEqual", [sure, surest], column, { type: "bool" })) };
}

/**
 * How sure each cell is of the middle of a thing, [B, cells, 1], and the sides of that thing's box from the cell's centre,
 * [B, cells, 4], to two numbers a cell, [B, cells, 2]: how sure a leader is of its thing (0 for other cells), and how sure the
 * leader of a cell that is none.
 */
export function findLeaders(sure: Value, sides: Value, config: ModelConfig): Value {
  const { claims, leads } = groupBoxes(sure, boxesAround(sides, config));
  const together = still("Min", [sumLast(claims), sure.graph.scalar(1)], sure.shape);
  const leader = still("Mul", [leads, together], sure.shape);
  return ops.concat([leader, still("Sub", [together, leader], sure.shape)], 2);
}
