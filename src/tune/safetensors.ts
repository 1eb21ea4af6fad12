// The safetensors file format: 8 bytes little-endian header length, a JSON header with type, shape and byte range of
// each tensor, then the data. https://github.com/huggingface/safetensors (only F32 is needed here).

import { readFile } from "node:fs/promises";
import { InputError } from "../errors/index.ts";
import { writeFileAtomic } from "../util/files.ts";

export interface StoredTensor {
  shape: readonly number[];
  data: Float32Array;
}

export interface TensorFile {
  tensors: Map<string, StoredTensor>;
  /** Free text by key. */
  metadata: Record<string, string>;
}

/** Writes tensors to a file, whole or not at all. */
export async function writeSafetensors(file: string, { tensors, metadata }: TensorFile): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  let json = JSON.stringify(header);
  json = json.padEnd(Math.ceil(json.length / 8) * 8);
  const head = Buffer.from(json);
  const out = Buffer.alloc(8 + head.length + offset);
  out.writeBigUInt64LE(BigInt(head.length), 0);
  head.copy(out, 8);
  let at = 8 + head.length;
  for (const { data } of tensors.values()) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  await writeFileAtomic(file, out);
}

/** Reads a file of F32 tensors. */
export async function readSafetensors(file: string): Promise<TensorFile> {
  const bytes = await readFile(file);
  const bad = (rule: string, got: string, cause?: unknown) =>
    new InputError({ where: file, rule, got, cause });
  if (bytes.length < 8) throw bad("file must start with an 8-byte header length", `${bytes.length} bytes`);
  const length = Number(bytes.readBigUInt64LE(0));
  if (8 + length > bytes.length)
    throw bad(`header of ${length} bytes must fit the file`, `${bytes.length} bytes`);
  let metadata: Record<string, string>;
  let entries: [name: string, entry: { dtype: string; shape: number[]; data_offsets: [number, number] }][];
  try {
    const { __metadata__, ...header } = JSON.parse(bytes.toString("utf8", 8, 8 + length));
    metadata = __metadata__ ?? {};
    entries = Object.entries(header);
  } catch (cause) {
    throw bad("header must be JSON", String((cause as Error).message), cause);
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of entries) {
    const { dtype, shape, data_offsets: range } = entry;
    const [start, end] = range.map((offset) => 8 + length + offset) as [number, number];
    const size = shape.reduce((a, b) => a * b, 1);
    if (dtype !== "F32") throw bad(`tensor "${name}" must be F32`, dtype);
    if (end > bytes.length || end - start !== 4 * size) {
      throw bad(`data of "${name}" must be ${4 * size} bytes inside the file`, `bytes ${start} to ${end}`);
    }
    tensors.set(name, { shape, data: new Float32Array(new Uint8Array(bytes.subarray(start, end)).buffer) });
  }
  return { tensors, metadata };
}
