// Makes an ONNX file smaller by its weights alone: they are stored as float16 or int8, and a node turns each back into float32
// before it is used. What is computed, and the file's inputs and outputs, stay float32, so the file runs wherever the old one
// did. For int8 each output channel of a matrix has a scale of its own (symmetric, as in Jacob et al. 2018, arXiv 1712.05877).

import { InputError } from "../errors/index.ts";
import { toHalves } from "./half.ts";
import { MessageWriter, readMessage } from "./protobuf.ts";

export type WeightType = "float16" | "int8";

/** Tensors with fewer elements are left as they are: gains, scalars, shapes. */
const fewest = 1024;

const FLOAT = 1;
const INT8 = 3;
const FLOAT16 = 10;

interface Tensor {
  name: string;
  shape: number[];
  data: Float32Array;
}

/**
 * The file with its large weights as `type`. For int8 these are matrices that are multiplied with, and tables looked up by
 * `input_ids`; tables of another kind (rotary angles) stay exact. `where` is for errors.
 */
export function compressWeights(bytes: Uint8Array, type: WeightType, where: string): Uint8Array {
  try {
    const out = new MessageWriter();
    for (const { field, value } of readMessage(bytes)) {
      if (typeof value === "bigint") out.int(field, value);
      else out.bytes(field, field === 7 ? compressGraph(value, type) : value);
    }
    return out.finish();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError({ where, rule: "file must be an ONNX model", got: cause.message, cause });
  }
}

function compressGraph(graph: Uint8Array, type: WeightType): Uint8Array {
  const axes = type === "int8" ? channelAxes(graph) : undefined;
  const nodes = new MessageWriter();
  const rest = new MessageWriter();
  for (const { field, value } of readMessage(graph)) {
    if (typeof value === "bigint") {
      rest.int(field, value);
      continue;
    }
    const tensor = field === 5 ? readFloats(value) : undefined;
    if (!tensor || tensor.data.length < fewest) rest.bytes(field, value);
    else if (!axes) storeHalf(tensor, nodes, rest);
    else {
      const axis = tensor.shape.length === 2 ? axes.get(tensor.name) : undefined;
      if (axis === undefined) rest.bytes(field, value);
      else storeInt8(tensor, axis, nodes, rest);
    }
  }
  const [first, second] = [nodes.finish(), rest.finish()];
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Which axis of a matrix counts output channels, by name; undefined where uses disagree or are of another kind. */
function channelAxes(graph: Uint8Array): Map<string, number | undefined> {
  const axes = new Map<string, number | undefined>();
  for (const { field, value } of readMessage(graph)) {
    if (field !== 1 || typeof value === "bigint") continue;
    const { op, inputs, transB } = readNode(value);
    inputs.forEach((name, i) => {
      let axis: number | undefined;
      if (i === 1 && (op === "MatMul" || op === "Gemm" || op === "FusedMatMul")) axis = transB ? 0 : 1;
      if (i === 0 && op === "Gather" && inputs[1] === "input_ids") axis = 0;
      axes.set(name, !axes.has(name) || axes.get(name) === axis ? axis : undefined);
    });
  }
  return axes;
}

function readNode(bytes: Uint8Array): { op: string; inputs: string[]; transB: boolean } {
  const text = new TextDecoder();
  const node = { op: "", inputs: [] as string[], transB: false };
  for (const { field, value } of readMessage(bytes)) {
    if (typeof value === "bigint") continue;
    if (field === 1) node.inputs.push(text.decode(value));
    if (field === 4) node.op = text.decode(value);
    if (field !== 5) continue;
    const attribute = [...readMessage(value)];
    const name = attribute.find((part) => part.field === 1)?.value;
    const number = attribute.find((part) => part.field === 3)?.value;
    if (name instanceof Uint8Array && text.decode(name) === "transB") node.transB = number === 1n;
  }
  return node;
}

/** A float32 tensor that is stored in the file itself; undefined for any other. */
function readFloats(bytes: Uint8Array): Tensor | undefined {
  const shape: number[] = [];
  let type = 0;
  let name = "";
  let raw: Uint8Array | undefined;
  for (const { field, value } of readMessage(bytes)) {
    if (typeof value === "bigint") {
      if (field === 1) shape.push(Number(value));
      if (field === 2) type = Number(value);
    } else if (field === 8) name = new TextDecoder().decode(value);
    else if (field === 9) raw = value;
  }
  const size = shape.reduce((a, b) => a * b, 1);
  if (type !== FLOAT || !raw || raw.length !== 4 * size) return undefined;
  return { name, shape, data: new Float32Array(new Uint8Array(raw).buffer) };
}

function storeHalf({ name, shape, data }: Tensor, nodes: MessageWriter, rest: MessageWriter): void {
  const halves = toHalves(data);
  const stored = `${name}_float16`;
  rest.message(5, tensorProto(stored, shape, FLOAT16, new Uint8Array(halves.buffer)));
  nodes.message(1, nodeProto("Cast", [stored], name, { to: FLOAT }));
}

function storeInt8(
  { name, shape, data }: Tensor,
  axis: number,
  nodes: MessageWriter,
  rest: MessageWriter,
): void {
  const columns = shape[1]!;
  const channel = (i: number) => (axis === 0 ? Math.floor(i / columns) : i % columns);
  const scales = new Float32Array(shape[axis]!);
  data.forEach((value, i) => {
    scales[channel(i)] = Math.max(scales[channel(i)]!, Math.abs(value) / 127);
  });
  const codes = Int8Array.from(data, (value, i) => {
    const scale = scales[channel(i)]!;
    return scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(value / scale)));
  });
  const [stored, scale] = [`${name}_int8`, `${name}_scale`];
  rest.message(5, tensorProto(stored, shape, INT8, new Uint8Array(codes.buffer)));
  rest.message(5, tensorProto(scale, [scales.length], FLOAT, new Uint8Array(scales.buffer)));
  nodes.message(1, nodeProto("DequantizeLinear", [stored, scale], name, { axis }));
}

function tensorProto(name: string, shape: readonly number[], type: number, raw: Uint8Array): MessageWriter {
  const proto = new MessageWriter();
  for (const dim of shape) proto.int(1, dim);
  return proto.int(2, type).string(8, name).bytes(9, raw);
}

function nodeProto(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Record<string, number>,
): MessageWriter {
  const proto = new MessageWriter();
  for (const input of inputs) proto.string(1, input);
  proto.string(2, output).string(4, op);
  for (const [name, value] of Object.entries(attributes))
    proto.message(5, new MessageWriter().string(1, name).int(3, value).int(20, 2));
  return proto;
}
