// Parameters are declared where they are used: the functions that build a model ask a ParameterSource for each
// weight by name. What the source does decides what comes out: a recorder lists the parameters, a training graph
// makes graph inputs of them, an export makes constants. All of them live in one flat Float32Array, and so do
// their gradients and the optimiser's state, at the same offsets.

import { InternalError } from "../errors/index.ts";
import { Graph, type Value } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";

export interface ParameterSpec {
  name: string;
  shape: number[];
  /** Standard deviation of the normal initial values, or all ones. */
  init: number | "ones";
  /** Muon is for hidden matrices; AdamW for embeddings, gains and the rest. */
  optimizer: "muon" | "adamw";
}

export interface Parameter extends ParameterSpec {
  /** Position of the first element in the flat array. */
  offset: number;
  size: number;
}

/** Gives a graph value for a parameter. */
export interface ParameterSource {
  graph: Graph;
  get(spec: ParameterSpec): Value;
  /** Adds an adapter's share to the output y of the linear layer `name` with input x, where there is one. */
  adapt?(name: string, x: Value, y: Value): Value;
  /** Transformer layers keep only their input for the backward pass and are computed again in it. */
  recomputes?: boolean;
}

/** The parameters of a model in a fixed order, and where each lies in the flat array. */
export interface ParameterLayout {
  parameters: Parameter[];
  size: number;
}

/** Lists the parameters that `build` asks for. */
export function recordParameters(build: (source: ParameterSource) => void): ParameterLayout {
  const parameters: Parameter[] = [];
  const seen = new Map<string, Value>();
  let offset = 0;
  const graph = new Graph();
  build({
    graph,
    get(spec) {
      const found = seen.get(spec.name);
      if (found) return found;
      const size = spec.shape.reduce((a, b) => a * b, 1);
      parameters.push({ ...spec, offset, size });
      // Views into the flat array start at multiples of 64 bytes.
      offset += Math.ceil(size / 16) * 16;
      const value = graph.input(spec.name, "float32", spec.shape);
      seen.set(spec.name, value);
      return value;
    },
  });
  return { parameters, size: offset };
}

/** Parameters as inputs of a graph, for training and for evaluation while training. */
export function inputParameters(graph: Graph): ParameterSource & { used: Map<string, Value> } {
  const used = new Map<string, Value>();
  return {
    graph,
    used,
    get({ name, shape }) {
      const value = used.get(name) ?? graph.input(name, "float32", shape);
      used.set(name, value);
      return value;
    },
  };
}

/** Parameters as constants of a graph, for export. */
export function constantParameters(
  graph: Graph,
  weights: ReadonlyMap<string, Float32Array>,
): ParameterSource {
  const made = new Map<string, Value>();
  return {
    graph,
    get({ name, shape }) {
      const data = weights.get(name);
      if (!data) throw new InternalError({ where: "tune.export", rule: `weights must hold "${name}"` });
      const value = made.get(name) ?? graph.constant(data, shape, name);
      made.set(name, value);
      return value;
    },
  };
}

/** Fills the flat array with initial values; each parameter has its own random stream. */
export function initialize({ parameters }: ParameterLayout, flat: Float32Array, seed: number): void {
  for (const { name, init, offset, size } of parameters) {
    const rng = createRng("init", seed, name);
    for (let i = offset; i < offset + size; i++) flat[i] = init === "ones" ? 1 : init * rng.normal();
  }
}

/** The part of the flat array that one parameter takes. */
export function viewOf(flat: Float32Array, { offset, size }: Parameter): Float32Array {
  return flat.subarray(offset, offset + size);
}
