// The only file that opens ONNX Runtime. The native library is loaded on the first session, not on import.
// `run` blocks the event loop while it computes: long work (training) belongs in a worker thread.

import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { InputError, InternalError, SetupError } from "../errors/index.ts";

/** A tensor as it goes in and out of a session: plain data and its dimensions. */
export type TensorData =
  | { type: "float32"; data: Float32Array; dims: readonly number[] }
  | { type: "int64"; data: BigInt64Array; dims: readonly number[] }
  | { type: "bool"; data: Uint8Array; dims: readonly number[] };

export type Tensors = Record<string, TensorData>;

export interface SessionOptions {
  /** Threads inside one operator. @default 1 */
  threads?: number;
  /** Reuse one memory plan per input shape; costs memory in training graphs. @default false */
  memoryPattern?: boolean;
  /** Graph optimisations. Training graphs gain nothing from more than "basic". @default "basic" */
  optimization?: "disabled" | "basic" | "all";
  /** For errors: what is opened, such as a file name. @default "model" */
  name?: string;
}

/** An opened model. Dispose it to give its memory back. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Computes outputs (all, or those named). `into` holds preallocated outputs that are written in place; their
   * shapes must be exact.
   */
  run(inputs: Tensors, options?: { outputs?: readonly string[]; into?: Tensors }): Promise<Tensors>;
  dispose(): Promise<void>;
}

/** Opens a model from a file path or from bytes. */
export async function openSession(
  model: string | Uint8Array,
  { threads = 1, memoryPattern = false, optimization = "basic", name }: SessionOptions = {},
): Promise<Session> {
  const where = name ?? (typeof model === "string" ? model : "onnx.openSession");
  const ort = await loadRuntime();
  let session: InferenceSession;
  try {
    const options: InferenceSession.SessionOptions = {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      enableMemPattern: memoryPattern,
      graphOptimizationLevel: optimization,
      logSeverityLevel: 3,
      // Spinning threads starve each other on busy cores.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    };
    session = await (typeof model === "string"
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(model, options));
  } catch (cause) {
    const hint = typeof model === "string" ? "Copy, download or export the file again." : undefined;
    throw new InputError({
      where,
      rule: "ONNX Runtime must accept the model",
      got: oneLine(cause),
      hint,
      cause,
    });
  }
  const toTensor = ({ type, data, dims }: TensorData): OrtTensor => new ort.Tensor(type, data, dims);
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(inputs, { outputs, into } = {}) {
      const feeds = mapValues(inputs, toTensor);
      const fetches = into
        ? mapValues(into, toTensor)
        : Object.fromEntries((outputs ?? session.outputNames).map((output) => [output, null]));
      let results: InferenceSession.ReturnType;
      try {
        results = await session.run(feeds, fetches);
      } catch (cause) {
        const shapes = Object.entries(inputs).map(([key, { dims }]) => `${key} [${dims.join(", ")}]`);
        const rule = `inputs must fit the model (${oneLine(cause)})`;
        throw new InternalError({ where, rule, got: shapes.slice(0, 8).join(", "), cause });
      }
      return mapValues(results, ({ type, data, dims }) => ({ type, data, dims }) as TensorData);
    },
    dispose: () => session.release(),
  };
}

async function loadRuntime(): Promise<typeof import("onnxruntime-node")> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw new SetupError({
      where: "onnx.openSession",
      rule: `package "onnxruntime-node" must load (${oneLine(cause)})`,
      hint: "Install it with: npm install onnxruntime-node@1.30.0",
      cause,
    });
  }
}

function mapValues<A, B>(record: { readonly [key: string]: A }, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function oneLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error)
    .replace(/\s+/g, " ")
    .replace(/\.$/, "")
    .slice(0, 300);
}
