// Operators that only move data: reshape, transpose, slice, pad, concatenate, and the 3x3 neighbourhoods of a
// convolution. Axes are counted from 0.

import type { Value } from "../graph.ts";
import { type Dim, product, type Shape, sameDim, sameShape, sameSize } from "../shape.ts";
import { checkShapes } from "./check.ts";

/** Same elements in another shape. A symbol must keep its place, or be the only one. */
export function reshape(x: Value, shape: Shape): Value {
  checkShapes(
    sameSize(x.shape, shape),
    "reshape",
    `new shape must hold as many elements: ${JSON.stringify(shape)}`,
    x,
  );
  let open = 0;
  const target = shape.map((d, i) => {
    if (typeof d === "number") return d;
    if (x.shape[i] !== undefined && sameDim(d, x.shape[i])) return 0;
    open++;
    return -1;
  });
  checkShapes(open <= 1, "reshape", `at most one symbol may move: ${JSON.stringify(shape)}`, x);
  return x.graph.node("Reshape", [x, x.graph.ints(...target)], [{ type: x.type, shape }], {
    backward: ([dy]) => [reshape(dy!, x.shape), null],
  })[0]!;
}

/** Axes in a new order. */
export function transpose(x: Value, order: readonly number[]): Value {
  const sorted = [...order].sort((a, b) => a - b);
  checkShapes(
    sorted.length === x.shape.length && sorted.every((axis, i) => axis === i),
    "transpose",
    `order [${order}] must name every axis once`,
    x,
  );
  return x.graph.node("Transpose", [x], [{ shape: order.map((axis) => x.shape[axis]!) }], {
    attributes: { perm: order },
    backward: ([dy]) => [
      transpose(
        dy!,
        order.map((_, i) => order.indexOf(i)),
      ),
    ],
  })[0]!;
}

/** Elements start (included) to end (excluded) of one axis of fixed size. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  const size = x.shape[axis];
  checkShapes(
    typeof size === "number" && 0 <= start && start < end && end <= size,
    "slice",
    `${start}..${end} must lie within axis ${axis} of fixed size`,
    x,
  );
  const graph = x.graph;
  const shape = x.shape.map((d, i) => (i === axis ? end - start : d));
  return graph.node(
    "Slice",
    [x, graph.ints(start), graph.ints(end), graph.ints(axis)],
    [{ type: x.type, shape }],
    {
      backward: ([dy]) => [pad(dy!, axis, start, size - end), null, null, null],
    },
  )[0]!;
}

/** Zeros before and after along one axis of fixed size. */
export function pad(x: Value, axis: number, before: number, after: number): Value {
  const size = x.shape[axis];
  checkShapes(typeof size === "number", "pad", `axis ${axis} must have a fixed size`, x);
  if (before === 0 && after === 0) return x;
  const rank = x.shape.length;
  const pads = new Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[rank + axis] = after;
  const shape = x.shape.map((d, i) => (i === axis ? size + before + after : d));
  return x.graph.node("Pad", [x, x.graph.ints(...pads)], [{ shape }], {
    backward: ([dy]) => [slice(dy!, axis, before, before + size), null],
  })[0]!;
}

/** Values one after another along an axis; the other axes must agree. */
export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0]!;
  const rest = (value: Value) => value.shape.filter((_, i) => i !== axis);
  checkShapes(
    values.every((value) => sameShape(rest(value), rest(first)) && typeof value.shape[axis] === "number"),
    "concat",
    `all axes but ${axis} must agree, and axis ${axis} must have a fixed size`,
    ...values,
  );
  const sizes = values.map((value) => value.shape[axis] as number);
  const shape: Dim[] = [...first.shape];
  shape[axis] = sizes.reduce((a, b) => a + b);
  return first.graph.node("Concat", [...values], [{ type: first.type, shape }], {
    attributes: { axis },
    backward: ([dy]) => split(dy!, axis, sizes),
  })[0]!;
}

/** Cuts an axis of fixed size into parts of these sizes. */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  checkShapes(
    x.shape[axis] === sizes.reduce((a, b) => a + b),
    "split",
    `sizes [${sizes}] must add up to axis ${axis}`,
    x,
  );
  const shapes = sizes.map((size) => ({ shape: x.shape.map((d, i) => (i === axis ? size : d)) }));
  return x.graph.node("Split", [x, x.graph.ints(...sizes)], shapes, {
    attributes: { axis },
    backward: (parts) => [
      concat(
        parts.map((part, i) => part ?? zeros(x, shapes[i]!.shape)),
        axis,
      ),
      null,
    ],
  });
}

function zeros(like: Value, shape: Shape): Value {
  const graph = like.graph;
  const known = shape.map((d, i) => (typeof d === "number" ? graph.ints(d) : dimension(like, i)));
  const target = graph.node("Concat", known, [{ type: "int64", shape: [shape.length] }], {
    attributes: { axis: 0 },
  })[0]!;
  return graph.node("Expand", [graph.scalar(0), target], [{ shape }])[0]!;
}

/** The run-time size of one axis, as an int64 vector of length 1. */
export function dimension(x: Value, axis: number): Value {
  return x.graph.node("Shape", [x], [{ type: "int64", shape: [1] }], {
    attributes: { start: axis, end: axis + 1 },
  })[0]!;
}

/**
 * The 3x3 neighbourhood of every pixel, zeros outside: [B, H, W, C] to [B, H, W, 9*C], so that a 3x3 convolution is
 * one matrix product. Columns first, then rows: 6 shifted copies instead of 9.
 */
export function neighbours3x3(x: Value): Value {
  checkShapes(x.shape.length === 4, "neighbours3x3", "input must be [B, H, W, C]", x);
  const shifts = (value: Value, axis: number) => {
    const size = value.shape[axis] as number;
    const padded = pad(value, axis, 1, 1);
    return concat([slice(padded, axis, 0, size), value, slice(padded, axis, 2, size + 2)], 3);
  };
  return shifts(shifts(x, 2), 1);
}

/** Merges n x n pixels into channels: [B, H, W, C] to [B, H/n, W/n, n*n*C]. */
export function spaceToDepth(x: Value, n: number): Value {
  const [b, h, w, c] = x.shape;
  checkShapes(
    x.shape.length === 4 &&
      typeof h === "number" &&
      typeof w === "number" &&
      typeof c === "number" &&
      (h % n) + (w % n) === 0,
    "spaceToDepth",
    `input must be [B, H, W, C] with H and W multiples of ${n}`,
    x,
  );
  const rows = h as number;
  const columns = w as number;
  const cells = reshape(x, [b!, rows / n, n, columns / n, n, c!]);
  return reshape(transpose(cells, [0, 1, 3, 2, 4, 5]), [b!, rows / n, columns / n, n * n * (c as number)]);
}

/**
 * Cuts pictures into squares of n x n pixels: [B, C, H, W] to [B, H/n * W/n, C*n*n], rows of squares first, each square as a
 * convolution's weight is laid out (channel, row, column). A convolution with kernel and stride n is then one matrix product.
 */
export function patches(x: Value, n: number): Value {
  const [b, c, h, w] = x.shape;
  checkShapes(
    x.shape.length === 4 &&
      typeof c === "number" &&
      typeof h === "number" &&
      typeof w === "number" &&
      (h % n) + (w % n) === 0,
    "patches",
    `input must be [B, C, H, W] with H and W multiples of ${n}`,
    x,
  );
  const [channels, rows, columns] = [c as number, (h as number) / n, (w as number) / n];
  const cells = transpose(reshape(x, [b!, channels, rows, n, columns, n]), [0, 2, 4, 1, 3, 5]);
  return reshape(cells, [b!, rows * columns, channels * n * n]);
}

/** All axes but the last as one. */
export function flattenRows(x: Value): Value {
  const rows = product(x.shape.slice(0, -1));
  checkShapes(rows !== undefined, "flattenRows", "at most one leading axis may be a symbol", x);
  return reshape(x, [rows, x.shape.at(-1)!]);
}
