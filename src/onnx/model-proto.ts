// A Graph as the bytes of an ONNX file (ModelProto, IR version 8, opset 17), and back as far as its constants go.
// Field numbers are those of onnx.proto.

import { InputError } from "../errors/index.ts";
import type { Attribute, Constant, ElementType, Graph, Node, Value } from "./graph.ts";
import { MessageWriter, readMessage } from "./protobuf.ts";
import type { Shape } from "./shape.ts";

const elementTypes: Record<ElementType, number> = { float32: 1, int64: 7, bool: 9 };

/** Serialises the graph. */
export function toModelBytes(graph: Graph): Uint8Array {
  const proto = new MessageWriter();
  for (const node of schedule(graph)) proto.message(1, nodeProto(node));
  proto.string(2, "sightline");
  for (const constant of graph.constants) proto.message(5, tensorProto(constant));
  for (const input of graph.inputs) proto.message(11, valueInfo(input.name, input.type, input.shape));
  for (const { name, value } of graph.outputs) {
    proto.message(1, new MessageWriter().string(1, value.name).string(2, name).string(4, "Identity"));
    proto.message(12, valueInfo(name, value.type, value.shape));
  }
  const opset = (domain: string, version: number) => new MessageWriter().string(1, domain).int(2, version);
  return new MessageWriter()
    .int(1, 8)
    .string(2, "sightline")
    .message(7, proto)
    .message(8, opset("", 17))
    .message(8, opset("com.microsoft", 1))
    .finish();
}

/**
 * The nodes that outputs depend on. ONNX Runtime orders nodes by a depth-first walk that starts at the last leaf:
 * leaves (weight gradients) in reverse order make it compute each one as soon as its inputs exist, so that
 * activations can be freed early.
 */
export function schedule(graph: Graph): Node[] {
  const wanted = new Set<Value | null>(graph.outputs.map((output) => output.value));
  const live: Node[] = [];
  const leaves: Node[] = [];
  const used = new Set<Value | null>();
  for (const node of graph.nodes.slice().reverse()) {
    if (!node.outputs.some((output) => wanted.has(output))) continue;
    (node.outputs.some((output) => used.has(output)) ? live : leaves).push(node);
    for (const input of node.inputs) {
      wanted.add(input);
      used.add(input);
    }
  }
  return [...live.reverse(), ...leaves];
}

function nodeProto(node: Node): MessageWriter {
  const proto = new MessageWriter();
  for (const input of node.inputs) proto.string(1, input?.name ?? "");
  for (const output of node.outputs) proto.string(2, output.name);
  proto.string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) proto.message(5, attributeProto(name, value));
  if (node.domain) proto.string(7, node.domain);
  return proto;
}

function attributeProto(name: string, value: Attribute): MessageWriter {
  const proto = new MessageWriter().string(1, name);
  if (typeof value === "string") return proto.string(4, value).int(20, 3);
  if (typeof value === "number") return proto.int(3, value).int(20, 2);
  if ("float" in value) return proto.float(2, value.float).int(20, 1);
  for (const item of value) proto.int(8, item);
  return proto.int(20, 7);
}

function tensorProto({ value, data }: Constant): MessageWriter {
  const proto = new MessageWriter();
  for (const dim of value.shape) proto.int(1, dim as number);
  return proto
    .int(2, elementTypes[value.type])
    .string(8, value.name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function valueInfo(name: string, type: ElementType, shape: Shape): MessageWriter {
  const dims = new MessageWriter();
  for (const dim of shape) {
    const proto = new MessageWriter();
    if (typeof dim === "number") proto.int(1, dim);
    else proto.string(2, dim.times === 1 ? dim.symbol : `${dim.symbol}_x${dim.times}`);
    dims.message(1, proto);
  }
  const tensor = new MessageWriter().int(1, elementTypes[type]).message(2, dims);
  return new MessageWriter().string(1, name).message(2, new MessageWriter().message(1, tensor));
}

/** Float32 constants of an ONNX file by name, such as the weights of an exported model. `where` is for errors. */
export function readConstants(
  bytes: Uint8Array,
  where: string,
): Map<string, { shape: number[]; data: Float32Array }> {
  const found = new Map<string, { shape: number[]; data: Float32Array }>();
  try {
    for (const model of readMessage(bytes)) {
      if (model.field !== 7 || !(model.value instanceof Uint8Array)) continue;
      for (const { field, value } of readMessage(model.value)) {
        if (field === 5 && value instanceof Uint8Array) readTensor(value, found);
      }
    }
  } catch (cause) {
    throw new InputError({ where, rule: "file must be an ONNX model", got: (cause as Error).message, cause });
  }
  return found;
}

function readTensor(bytes: Uint8Array, found: Map<string, { shape: number[]; data: Float32Array }>): void {
  const shape: number[] = [];
  let type = 0;
  let name = "";
  let raw: Uint8Array | undefined;
  for (const { field, value } of readMessage(bytes)) {
    if (field === 1 && typeof value === "bigint") shape.push(Number(value));
    else if (field === 2) type = Number(value);
    else if (field === 8) name = new TextDecoder().decode(value as Uint8Array);
    else if (field === 9) raw = value as Uint8Array;
  }
  if (type === 1 && raw) found.set(name, { shape, data: new Float32Array(new Uint8Array(raw).buffer) });
}
