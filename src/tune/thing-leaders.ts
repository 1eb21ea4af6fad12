// Which cells speak for things. Where a thing's middle lies near a border of cells, several cells find it, each half sure; what
// they agree on is its box. Of cells whose boxes lie on each other the surest is the leader, and it is as sure as those that lie
// on it are together. That is what a detector's greedy non-maximum suppression keeps, written as arithmetic on all pairs of cells:
// a box is dropped only for a surer one that is kept itself, and a box between two leaders belongs to the one it overlaps most.
//
// No gradient flows back through any of it: the head that finds things has a loss of its own.
import { ops, type Shape, type Value } from "../onnx/index.ts";
import { gridCells, gridSize, type ModelConfig } from "./model-config.ts";

/** Boxes that overlap so much, as intersection over union, are of the same thing. */
const sameThing = 0.3;
/** Where it is known how much alike boxes look: so much less overlap is needed where they do, and more where they do not. */
const alikeShare = 0.1;
/**
 * Rounds of dropping boxes for surer ones that were not dropped in the round before. Five reach what taking the surest box again
 * and again gives, but for long chains of boxes; odd, since after an even number two boxes of one thing may be left.
 */
export const dropRounds = 5;
/** Boxes without an area are of no thing. */
const leastArea = 1e-6;
/** Signs of left, top, right and bottom. */
export const OUTWARDS = Float32Array.of(-1, -1, 1, 1);

interface StillOptions {
  type?: Value["type"];
  axes?: number[];
  keepdims?: number;
  perm?: number[];
}

/** A node through which no gradient flows. */
export function still(
  op: string,
  inputs: Value[],
  shape: Shape,
  { type = "float32", ...attributes }: StillOptions = {},
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

/** Which boxes are of the same thing. */
export interface GroupedBoxes {
  /** How sure each box (columns) of the thing of each leader (rows) is, 0 for boxes of other things, [B, n, n]. */
  claims: Value;
  /** 1 where the box (column) is of the thing of the leader (row), [B, n, n]. */
  owners: Value;
}

/**
 * Groups boxes [B, n, 4] that lie on each other; `sure` [B, n, 1] is how sure each is of its thing, `alike` [B, n, n] how much
 * alike they look, from 0 to 1, where that is known.
 */
export function groupBoxes(sure: Value, boxes: Value, alike?: Value): GroupedBoxes {
  const { graph } = sure;
  const column = sure.shape;
  const [batch, count] = column as [Shape[number], number, 1];
  const row = [batch, 1, count];
  const pair = [batch, count, count];
  const across = (x: Value) => ops.reshape(x, row);
  const overlap = overlaps(boxes);
  const difference = alike && still("Mul", [alike, graph.scalar(2 * alikeShare)], pair);
  const needed = difference
    ? still("Sub", [graph.scalar(sameThing + alikeShare), difference], pair)
    : graph.scalar(sameThing);
  const same = asNumber(still("GreaterOrEqual", [overlap, needed], pair, { type: "bool" }));
  let leads: Value | undefined;
  for (let round = 0; round < dropRounds; round++) {
    const rivals = leads ? still("Mul", [leads, sure], column) : sure;
    const theirs = still("Mul", [same, across(rivals)], pair);
    const surest = still("ReduceMax", [theirs], column, { axes: [2], keepdims: 1 });
    leads = asNumber(still("GreaterOrEqual", [sure, surest], column, { type: "bool" }));
  }
  const near = still("Mul", [still("Mul", [same, overlap], pair), leads!], pair);
  const nearest = still("ReduceMax", [near], row, { axes: [1], keepdims: 1 });
  const least = still("Max", [nearest, graph.scalar(leastArea)], row);
  const owners = asNumber(still("GreaterOrEqual", [near, least], pair, { type: "bool" }));
  return { claims: still("Mul", [owners, across(sure)], pair), owners };
}

/** Intersection over union of all pairs of boxes [B, n, 4], [B, n, n]. */
function overlaps(boxes: Value): Value {
  const { graph } = boxes;
  const [batch, count] = boxes.shape as [Shape[number], number, number];
  const [column, pair] = [
    [batch, count, 1],
    [batch, count, count],
  ];
  const across = (x: Value) => ops.reshape(x, [batch, 1, count]);
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
  return still("Div", [common, still("Max", [union, graph.scalar(leastArea)], pair)], pair);
}

/** Of a number that leaders have [B, n, 1], what the leader of each box has, [B, n, 1]. */
export function ofLeader(owners: Value, number: Value): Value {
  const [batch, count] = number.shape as [Shape[number], number, number];
  const turned = still("Transpose", [owners], [batch, count, count], { perm: [0, 2, 1] });
  return still("MatMul", [turned, number], number.shape);
}

/**
 * How sure each cell is of the middle of a thing, [B, cells, 1], and the sides of that thing's box from the cell's centre,
 * [B, cells, 4], to two numbers a cell, [B, cells, 2]: how sure a leader is of its thing (0 for other cells), and how sure the
 * leader of a cell that is none.
 */
export function findLeaders(sure: Value, sides: Value, config: ModelConfig): Value {
  const { claims, owners } = groupBoxes(sure, boxesAround(sides, config));
  const together = still("Min", [sumLast(claims), sure.graph.scalar(1)], sure.shape);
  return ops.concat([together, still("Sub", [ofLeader(owners, together), together], sure.shape)], 2);
}
