// The graph builder. A Graph is a list of ONNX nodes in the order they were added; a Value is one edge of it, with
// its element type and shape. Operators are functions from Values to Values (ops/): they check shapes, add the
// node, and leave behind how to differentiate it. gradient.ts walks that list backwards and adds the nodes of the
// backward pass to the same graph, so one ONNX Runtime session computes the loss and all gradients.

import { InternalError } from "../errors/index.ts";
import { formatShape, type Shape } from "./shape.ts";

export type ElementType = "float32" | "int64" | "bool";
export type Attribute = number | string | readonly number[] | { float: number };

/** Gradients of the values in `wrt`, given those of a node's outputs; null where there is none. */
export type Backward = (outputGradients: (Value | null)[]) => (Value | null)[];

export interface Node {
  op: string;
  domain: string;
  inputs: (Value | null)[];
  outputs: Value[];
  attributes: Record<string, Attribute>;
  /** What `backward` gives gradients for. */
  wrt: (Value | null)[];
  backward?: Backward;
}

/** One edge of the graph: the result of a node, a graph input or a constant. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** Node that makes it; undefined for inputs and constants. */
  readonly producer?: Node;
}

export interface Constant {
  value: Value;
  data: Float32Array | BigInt64Array;
}

export interface NodeOptions {
  attributes?: Record<string, Attribute>;
  /** Operator set; "com.microsoft" for ONNX Runtime's own operators. @default "" (ONNX) */
  domain?: string;
  backward?: Backward;
  /** What `backward` gives gradients for, when several nodes form one operator. @default the node's inputs */
  wrt?: Value[];
}

/** An ONNX graph under construction. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: { name: string; value: Value }[] = [];
  readonly constants: Constant[] = [];
  #names = new Set<string>();
  #shared = new Map<string, Value>();
  #next = 0;

  /** Declares a graph input. */
  input(name: string, type: ElementType, shape: Shape): Value {
    const value = this.#value(type, shape, name);
    this.inputs.push(value);
    return value;
  }

  /** Stores data in the graph; float32 or int64 by the array's type. */
  constant(data: Float32Array | BigInt64Array, shape: readonly number[], name?: string): Value {
    const size = shape.reduce((a, b) => a * b, 1);
    if (size !== data.length) {
      throw new InternalError({
        where: "onnx.constant",
        rule: `data must fill shape ${formatShape(shape)} (${size} elements)`,
        got: `${data.length} elements`,
      });
    }
    const value = this.#value(data instanceof Float32Array ? "float32" : "int64", shape, name);
    this.constants.push({ value, data });
    return value;
  }

  /** A float constant; equal scalars share one entry. */
  scalar(x: number): Value {
    return this.#share(`f${x}`, () => this.constant(Float32Array.of(x), []));
  }

  /** A vector of whole numbers, as shapes and axes are given; equal ones share one entry. */
  ints(...values: number[]): Value {
    return this.#share(`i${values}`, () =>
      this.constant(BigInt64Array.from(values, BigInt), [values.length]),
    );
  }

  /** A whole-number scalar. */
  int(value: number): Value {
    return this.#share(`s${value}`, () => this.constant(BigInt64Array.of(BigInt(value)), []));
  }

  /** Adds a node with these outputs. Operators call this; shapes are theirs to get right. */
  node(
    op: string,
    inputs: (Value | null)[],
    outputs: { type?: ElementType; shape: Shape }[],
    { attributes = {}, domain = "", backward, wrt }: NodeOptions = {},
  ): Value[] {
    for (const input of inputs) {
      if (input && input.graph !== this) {
        throw new InternalError({
          where: `onnx.${op}`,
          rule: `inputs must belong to one graph`,
          got: input.name,
        });
      }
    }
    const node: Node = { op, domain, inputs, outputs: [], attributes, wrt: wrt ?? inputs };
    if (backward) node.backward = backward;
    node.outputs = outputs.map(({ type = "float32", shape }) => this.#value(type, shape, undefined, node));
    this.nodes.push(node);
    return node.outputs;
  }

  /** Names a value as an output of the graph. */
  output(name: string, value: Value): void {
    this.outputs.push({ name, value });
  }

  #share(key: string, make: () => Value): Value {
    const found = this.#shared.get(key) ?? make();
    this.#shared.set(key, found);
    return found;
  }

  #value(type: ElementType, shape: Shape, name = `v${this.#next++}`, producer?: Node): Value {
    if (this.#names.has(name)) {
      throw new InternalError({ where: "onnx.graph", rule: "names must be unique", got: `"${name}" twice` });
    }
    this.#names.add(name);
    return producer ? { graph: this, name, type, shape, producer } : { graph: this, name, type, shape };
  }
}
