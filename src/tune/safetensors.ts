// The safetensors file format: 8 bytes little-endian header length, a JSON header with type, shape and byte range of
// each tensor, then the data. https://github.com/huggingface/safetensors. Written as F32; F32, F16 and BF16 are read, all to
// F32. A file is untrusted: its header is checked as a whole before any data is read.

import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
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

/** Where a file holds a tensor: bytes start (included) to end (excluded), counted from the file's first. */
export interface TensorPlace {
  dtype: keyof typeof bytesPerElement;
  shape: readonly number[];
  start: number;
  end: number;
}

const bytesPerElement = { F32: 4, F16: 2, BF16: 2 };

/** The format's own limit on the header, in bytes. */
const MAX_HEADER = 100_000_000;

/** Bytes that one read asks for at most. */
const READ_SIZE = 2 ** 30;

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

/** Reads all tensors of a file. */
export async function readSafetensors(file: string): Promise<TensorFile> {
  return withFile(file, async (handle) => {
    const { places, metadata } = await readHeader(handle, file);
    const tensors = new Map<string, StoredTensor>();
    for (const [name, place] of places)
      tensors.set(name, { shape: place.shape, data: await readTensor(handle, place, file) });
    return { tensors, metadata };
  });
}

/** What a file holds, without its data. */
export async function readSafetensorsHeader(file: string): Promise<Map<string, TensorPlace>> {
  return withFile(file, async (handle) => (await readHeader(handle, file)).places);
}

/** Reads the data of tensors of one file, one after another. */
export async function readTensorData(
  file: string,
  places: Iterable<TensorPlace>,
  take: (place: TensorPlace, data: Float32Array) => void,
): Promise<void> {
  await withFile(file, async (handle) => {
    for (const place of places) take(place, await readTensor(handle, place, file));
  });
}

async function withFile<T>(file: string, read: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, "r");
  try {
    return await read(handle);
  } finally {
    await handle.close();
  }
}

const whole = z.number().int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(whole),
  data_offsets: z.tuple([whole, whole]),
});
const metadataSchema = z.record(z.string(), z.string()).default({});

/** The checked header: every byte of the data belongs to exactly one tensor. */
async function readHeader(
  handle: FileHandle,
  file: string,
): Promise<{ places: Map<string, TensorPlace>; metadata: Record<string, string> }> {
  const bad = (rule: string, got?: string, cause?: unknown) =>
    new InputError({ where: file, rule, ...(got !== undefined && { got }), cause });
  const { size } = await handle.stat();
  if (size < 8) throw bad("file must start with an 8-byte header length", `${size} bytes`);
  const length = Number(new DataView((await readBytes(handle, 0, 8, file)).buffer).getBigUint64(0, true));
  if (length > MAX_HEADER) throw bad(`header must be at most ${MAX_HEADER} bytes`, `${length}`);
  if (8 + length > size) throw bad(`header of ${length} bytes must fit the file`, `${size} bytes`);
  let metadata: Record<string, string>;
  let entries: [name: string, entry: unknown][];
  try {
    const text = new TextDecoder().decode(await readBytes(handle, 8, 8 + length, file));
    const { __metadata__, ...header } = JSON.parse(text);
    metadata = metadataSchema.parse(__metadata__);
    entries = Object.entries(header);
  } catch (cause) {
    const got =
      cause instanceof z.ZodError ? "__metadata__ that is not text by key" : (cause as Error).message;
    throw bad("header must be JSON", got, cause);
  }
  const found: [string, TensorPlace][] = entries.map(([name, value]) => {
    const entry = entrySchema.safeParse(value);
    if (!entry.success) {
      const { path, message } = entry.error.issues[0]!;
      throw bad(`tensor "${name}" must have dtype, shape and data_offsets`, `${path.join(".")}: ${message}`);
    }
    const { dtype, shape, data_offsets: range } = entry.data;
    if (!isReadable(dtype)) {
      throw bad(`tensor "${name}" must be ${Object.keys(bytesPerElement).join(", ")}`, dtype);
    }
    const [start, end] = range.map((offset) => 8 + length + offset) as [number, number];
    const bytes = bytesPerElement[dtype] * shape.reduce((a, b) => a * b, 1);
    if (end > size || end - start !== bytes) {
      throw bad(`data of "${name}" must be ${bytes} bytes inside the file`, `bytes ${start} to ${end}`);
    }
    return [name, { dtype, shape, start, end }];
  });
  let at = 8 + length;
  for (const [name, { start, end }] of [...found].sort(
    ([, a], [, b]) => a.start - b.start || a.end - b.end,
  )) {
    if (start !== at)
      throw bad(`data of "${name}" must follow the tensor before it (byte ${at})`, `${start}`);
    at = end;
  }
  if (at !== size) throw bad(`file must end with its last tensor (byte ${at})`, `${size} bytes`);
  return { places: new Map(found), metadata };
}

function isReadable(dtype: string): dtype is TensorPlace["dtype"] {
  return Object.hasOwn(bytesPerElement, dtype);
}

async function readBytes(
  handle: FileHandle,
  start: number,
  end: number,
  file: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(bytes.length - at, READ_SIZE), start + at);
    if (bytesRead === 0) {
      throw new InputError({
        where: file,
        rule: `file must not end before byte ${end}`,
        got: `${start + at}`,
      });
    }
    at += bytesRead;
  }
  return bytes;
}

async function readTensor(
  handle: FileHandle,
  { dtype, start, end }: TensorPlace,
  file: string,
): Promise<Float32Array> {
  const { buffer } = await readBytes(handle, start, end, file);
  if (dtype === "F32") return new Float32Array(buffer);
  const halves = new Uint16Array(buffer);
  const bits = new Uint32Array(halves.length);
  if (dtype === "BF16") for (let i = 0; i < bits.length; i++) bits[i] = halves[i]! << 16;
  else {
    const table = halfBits();
    for (let i = 0; i < bits.length; i++) bits[i] = table[halves[i]!]!;
  }
  return new Float32Array(bits.buffer);
}

let halfTable: Uint32Array | undefined;

/** The bits of every F16 number as F32. */
function halfBits(): Uint32Array {
  if (halfTable) return halfTable;
  halfTable = new Uint32Array(65536);
  const values = new Float32Array(halfTable.buffer);
  for (let h = 0; h < 65536; h++) {
    const [sign, exponent, fraction] = [h & 0x8000 ? -1 : 1, (h >> 10) & 31, h & 1023];
    values[h] =
      exponent === 31
        ? fraction
          ? Number.NaN
          : sign * Number.POSITIVE_INFINITY
        : sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
  }
  return halfTable;
}
