// Parquet files of messages and pictures. Files are read a row group at a time and written as shards of bounded size,
// so that a set larger than memory passes through.
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Compressors } from "hyparquet";
import { InputError } from "../../errors/index.ts";
import { toDataUrl } from "../../media/data-url.ts";
import { imageMediaType } from "../../media/image-format.ts";
import { huggingFaceFeatures, messagesSchema } from "./parquet-schema.ts";

/** Snappy is built into the reader; the others that people use are in Node. */
const compressors: Compressors = {
  GZIP: (input) => new Uint8Array(gunzipSync(input)),
  BROTLI: (input) => new Uint8Array(brotliDecompressSync(input)),
  ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)),
};

/** Yields the rows of a Parquet file, numbered from 1. Bytes stay bytes. */
export async function* parquetRows(
  file: string,
): AsyncGenerator<{ line: number; value: Record<string, unknown> }> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import("hyparquet");
  let start = 0;
  try {
    const buffer = await asyncBufferFromFile(file);
    const metadata = await parquetMetadataAsync(buffer);
    for (const group of metadata.row_groups) {
      const end = start + Number(group.num_rows);
      // Without `utf8: false` a column of raw bytes would be decoded as text.
      const options = { file: buffer, metadata, compressors, utf8: false, rowStart: start, rowEnd: end };
      for (const [i, row] of (await parquetReadObjects(options)).entries())
        yield { line: start + i + 1, value: plain(row) as Record<string, unknown> };
      start = end;
    }
  } catch (cause) {
    if (InputError.isInstance(cause)) throw cause;
    const reason = (cause as Error).message.replace(/\s+/g, " ").slice(0, 100);
    throw new InputError({ where: `"${file}"`, rule: `must be a Parquet file, but ${reason}`, cause });
  }
}

/** Turns pictures that are in a row as bytes into data URLs, and parses the column that keeps extra fields. */
export function placePictures(row: Record<string, unknown>): Record<string, unknown> {
  const { image, images, sightline, ...others } = row;
  const list = Array.isArray(images) ? images : image === undefined ? [] : [image];
  const placed = list.map((picture: unknown) => {
    const bytes = picture instanceof Uint8Array ? picture : (picture as { bytes?: unknown } | null)?.bytes;
    if (!(bytes instanceof Uint8Array)) return picture;
    return toDataUrl(bytes, imageMediaType(bytes) ?? "application/octet-stream");
  });
  return {
    ...others,
    images: placed,
    ...(typeof sightline === "string" ? { sightline: parseKept(sightline) } : {}),
  };
}

function parseKept(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Values as JSON has them; columns that are null are absent. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (one == null ? [] : [[key, plain(one)]])),
  );
}

/** A row of the messages file with the bytes of its pictures. */
export interface ParquetRow {
  id: string;
  messages: unknown[];
  images: { bytes: Uint8Array; path: string | null }[];
  sightline?: string;
}

/** Reads back the rows of a file that `encodeParquet` made. */
export async function readEncodedRows(file: string): Promise<ParquetRow[]> {
  const rows: ParquetRow[] = [];
  for await (const { value } of parquetRows(file)) {
    const { images, ...others } = value as unknown as ParquetRow;
    rows.push({ ...others, images: images.map(({ bytes, path }) => ({ bytes, path: path ?? null })) });
  }
  return rows;
}

/** Rows of a group: few, because pictures make them large. */
const groupRows = 100;

/** Encodes rows as one Parquet file. */
export async function encodeParquet(rows: readonly ParquetRow[], keepExtra: boolean): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const names = ["id", "messages", "images", ...(keepExtra ? ["sightline"] : [])] as (keyof ParquetRow)[];
  const buffer = parquetWriteBuffer({
    columnData: names.map((name) => ({ name, data: rows.map((row) => row[name] ?? null) })),
    schema: messagesSchema(keepExtra),
    rowGroupSize: groupRows,
    statistics: false,
    kvMetadata: [{ key: "huggingface", value: huggingFaceFeatures(keepExtra) }],
  });
  return new Uint8Array(buffer);
}
