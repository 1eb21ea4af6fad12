// Samples as a file of another format, written row by row. A writer tells which fields the format had no place for, and
// a Sample that the format cannot say comes back as a problem.
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { placeholderMessages, writeHfRow } from "./hf-messages.ts";
import { writeLlavaRow, writeShareGptRow } from "./llava.ts";
import { createMediaStore, readPicture } from "./media-store.ts";
import { mediaOf, messagesOf, type RowProblem } from "./messages.ts";
import { writeOpenAiRow } from "./openai.ts";
import { OutputFile } from "./output-file.ts";
import { encodeParquet, type ParquetRow } from "./parquet.ts";
import { type MediaMode, placeMedia } from "./place-media.ts";
import type { RowWriter } from "./row-writer.ts";

/** Formats of one text file, with how each row is made and where its pictures are. */
const textFormats = {
  llava: { write: writeLlavaRow, media: "link" },
  sharegpt: { write: writeShareGptRow, media: "link" },
  openai: { write: writeOpenAiRow, media: "inline" },
  samples: { write: (sample) => ({ row: { ...sample }, lost: [] }), media: "link" },
  "llama-factory": { write: placeholderMessages(false), media: "copy" },
  "ms-swift": { write: placeholderMessages(true), media: "copy" },
} satisfies Record<string, { write: RowWriter; media: MediaMode }>;

/** Formats that instruction data can be written in. */
export const instructionFormats = ["llava", "sharegpt", "openai", "hf", "samples"] as const;
export type InstructionFormat = (typeof instructionFormats)[number];

export interface InstructionWriterOptions {
  format: keyof typeof textFormats | "hf";
  /** File to write; for `hf` the start of the shards' names, such as `DIR/train`. */
  out: string;
  /** Folder that the pictures' paths start from. */
  baseDir: string;
  /** Stores what the format has no place for under the one key `sightline`. @default false */
  keepExtra?: boolean;
  /** Permits pictures outside `baseDir`. @default false */
  trust?: boolean;
  /** Folder of a media store that the pictures are gathered in. @default the format's own way */
  mediaDir?: string;
}

/** What a writer has brought to disk, from which another one can go on. */
export type WriterState = { rows: number; lost: [field: string, count: number][] } & (
  | { bytes: number }
  | { shards: string[] }
);

/** Writes Samples; nothing is in place before `commit`. */
export interface InstructionWriter {
  /** Writes one Sample, or says why the format cannot. */
  write(sample: Sample): Promise<RowProblem | undefined>;
  /** How often each field had no place. */
  lost: ReadonlyMap<string, number>;
  /** Brings what was written to disk; undefined when that would cost an extra shard and is not forced. */
  checkpoint(force: boolean): Promise<WriterState | undefined>;
  /** Puts the files in their places and names them. */
  commit(): Promise<string[]>;
  /** Stops behind the last checkpoint, to go on later. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** Starts writing instruction data, or goes on from a state. */
export async function createInstructionWriter(
  options: InstructionWriterOptions,
  state?: WriterState,
): Promise<InstructionWriter> {
  if (options.format === "hf" && options.mediaDir !== undefined) {
    const rule = "is for formats that name their pictures; Parquet has them inside";
    throw new InputError({ where: "--media", rule, hint: "Leave it out." });
  }
  return options.format === "hf"
    ? parquetWriter(options, state)
    : textWriter(options, textFormats[options.format], state);
}

async function textWriter(
  { out, baseDir, keepExtra = false, trust = false, mediaDir }: InstructionWriterOptions,
  { write, media: usual }: { write: RowWriter; media: MediaMode },
  state?: WriterState,
): Promise<InstructionWriter> {
  const isList = path.extname(out).toLowerCase() === ".json";
  const outDir = path.dirname(path.resolve(out));
  const mode = mediaDir === undefined ? usual : "copy";
  const store = createMediaStore(path.resolve(mediaDir ?? path.join(outDir, "media")));
  const lost = new Map(state?.lost);
  const file = await OutputFile.create(out, state && "bytes" in state ? state.bytes : 0);
  let rows = state?.rows ?? 0;
  return {
    lost,
    async write(sample) {
      // What the format cannot say is found before its pictures are moved.
      const tried = write(sample, { keepExtra });
      if ("problem" in tried) return tried.problem;
      const placed = await attempt(() => placeMedia(sample, { mode, baseDir, outDir, trust, store }));
      if ("problem" in placed) return placed.problem;
      const written = write(placed.value, { keepExtra });
      if ("problem" in written) return written.problem;
      count(lost, written.lost);
      const text = JSON.stringify(written.row);
      await file.write(isList ? `${rows === 0 ? "[\n" : ",\n"}${text}` : `${text}\n`);
      rows++;
      return undefined;
    },
    async checkpoint() {
      return { rows, lost: [...lost], bytes: await file.sync() };
    },
    keep: () => file.keep(),
    async commit() {
      if (isList) await file.write(rows === 0 ? "[]\n" : "\n]\n");
      await file.commit();
      return [out];
    },
    discard: () => file.discard(),
  };
}

/** A shard is written when it holds this many bytes of pictures and text; readers hold one in memory. */
const shardBytes = 200e6;

async function parquetWriter(
  { out, baseDir, keepExtra = false, trust = false }: InstructionWriterOptions,
  state?: WriterState,
): Promise<InstructionWriter> {
  const folder = path.dirname(path.resolve(out));
  await mkdir(folder, { recursive: true });
  const name = path.basename(out);
  const old = (await readdir(folder)).filter(
    (each) => each.startsWith(`${name}-`) && each.endsWith(".parquet"),
  );
  if (old.length > 0) {
    const hint = "Name a new folder.";
    throw new InputError({
      where: `"${folder}"`,
      rule: `must hold no ${name} shards yet`,
      got: old[0],
      hint,
    });
  }
  const lost = new Map(state?.lost);
  const shards: string[] = state && "shards" in state ? [...state.shards] : [];
  let total = state?.rows ?? 0;
  let rows: ParquetRow[] = [];
  let bytes = 0;
  const flush = async () => {
    const temporary = path.join(folder, `.${name}-${String(shards.length).padStart(5, "0")}.parquet.partial`);
    shards.push(temporary);
    await writeFileAtomic(temporary, await encodeParquet(rows, keepExtra));
    rows = [];
    bytes = 0;
  };
  return {
    lost,
    async write(sample) {
      const written = writeHfRow(sample, { keepExtra });
      if ("problem" in written) return written.problem;
      const pictures = mediaOf(messagesOf(sample)).filter((part) => part.type === "image");
      const loaded = await attempt(() =>
        Promise.all(pictures.map((image) => readPicture(image, { baseDir, trust }))),
      );
      if ("problem" in loaded) return loaded.problem;
      count(lost, written.lost);
      const { id, messages, sightline } = written.row as {
        id: string;
        messages: unknown[];
        sightline?: object;
      };
      const images = loaded.value.map(({ bytes: picture }, i) => ({
        ...{ bytes: picture, path: fileName(pictures[i]!.source) },
      }));
      const kept = sightline ? JSON.stringify(sightline) : undefined;
      total++;
      rows.push({ id, messages, images, ...(kept === undefined ? {} : { sightline: kept }) });
      for (const image of images) bytes += image.bytes.length;
      bytes += JSON.stringify(messages).length + (kept?.length ?? 0);
      if (bytes >= shardBytes) await flush();
      return undefined;
    },
    async checkpoint(force) {
      if (rows.length > 0 && !force) return undefined;
      if (rows.length > 0) await flush();
      return { rows: total, lost: [...lost], shards: [...shards] };
    },
    keep: async () => undefined,
    async commit() {
      if (rows.length > 0 || shards.length === 0) await flush();
      const shardCount = String(shards.length).padStart(5, "0");
      const files = shards.map((_, i) => `${out}-${String(i).padStart(5, "0")}-of-${shardCount}.parquet`);
      for (const [i, shard] of shards.entries()) await rename(shard, files[i]!);
      return files;
    },
    async discard() {
      for (const shard of shards) await rm(shard, { force: true });
    },
  };
}

/** A picture that was inside its row or at a URL has no file name worth keeping. */
function fileName(source: string): string | null {
  return /^(data:|https?:)/i.test(source) ? null : path.basename(source);
}

function count(lost: Map<string, number>, names: readonly string[]): void {
  for (const name of names) lost.set(name, (lost.get(name) ?? 0) + 1);
}

/** A picture that cannot be read is a problem of its row, not of the whole run. */
async function attempt<T>(run: () => Promise<T>): Promise<{ value: T } | { problem: RowProblem }> {
  try {
    return { value: await run() };
  } catch (error) {
    if (!InputError.isInstance(error)) throw error;
    return { problem: { path: "input", rule: (error as Error).message } };
  }
}
