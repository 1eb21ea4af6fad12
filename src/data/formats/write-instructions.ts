// Samples as a file of another format, written row by row. A writer tells which fields the format had no place for, and
// a Sample that the format cannot say comes back as a problem.
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { placeholderMessages } from "./hf-messages.ts";
import { writeLlavaRow, writeShareGptRow } from "./llava.ts";
import { createMediaStore } from "./media-store.ts";
import type { RowProblem } from "./messages.ts";
import { writeOpenAiRow } from "./openai.ts";
import { OutputFile, partialFile } from "./output-file.ts";
import { parquetWriter, type ShardsState } from "./parquet-writer.ts";
import { type MediaMode, placeMedia } from "./place-media.ts";
import { type RowWriter, tally } from "./row-writer.ts";
import type { PartialFile } from "./run-state.ts";
import { tryMedia } from "./try-media.ts";

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
  /** Bytes of pictures and text that make a Parquet shard full. @default 200 MB */
  shardBytes?: number;
}

/** What a writer has brought to disk, from which another one can go on. */
export type WriterState = { rows: number; lost: [field: string, count: number][] } & (
  | { bytes: number }
  | ShardsState
);

/** The files that a writer goes on with from a state. */
export function partsOf(out: string, state: WriterState): PartialFile[] {
  if ("bytes" in state) return [{ file: partialFile(out), bytes: state.bytes }];
  const files = [...state.shards, ...(state.pending ? [state.pending.file] : [])];
  return files.map((file) => ({ file, bytes: 1 }));
}

/** A run of text that is killed does no more than this many rows again. */
export const rowsBetweenStates = 1000;

/** Writes Samples; nothing is in place before `commit`. */
export interface InstructionWriter {
  /** Writes one Sample, or says why the format cannot. */
  write(sample: Sample): Promise<RowProblem | undefined>;
  /** How often each field had no place. */
  lost: ReadonlyMap<string, number>;
  /** Whether a checkpoint is worth its cost after so many rows were read. */
  isDue(rows: number): boolean;
  /** Brings what was written to disk. The state of the checkpoint before stays good. */
  checkpoint(): Promise<WriterState>;
  /** Brings all to disk, after the last Sample. */
  finish(): Promise<void>;
  /** Puts the finished files in their places and names them. */
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
    ? parquetWriter(options, state && "shards" in state ? state : undefined)
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
      const placed = await tryMedia(() => placeMedia(sample, { mode, baseDir, outDir, trust, store }));
      if ("problem" in placed) return placed.problem;
      const written = write(placed.value, { keepExtra });
      if ("problem" in written) return written.problem;
      tally(lost, written.lost);
      const text = JSON.stringify(written.row);
      await file.write(isList ? `${rows === 0 ? "[\n" : ",\n"}${text}` : `${text}\n`);
      rows++;
      return undefined;
    },
    async checkpoint() {
      return { rows, lost: [...lost], bytes: await file.sync() };
    },
    keep: () => file.keep(),
    isDue: (read) => read % rowsBetweenStates === 0,
    async finish() {
      if (isList) await file.write(rows === 0 ? "[]\n" : "\n]\n");
      await file.sync();
    },
    async commit() {
      await file.commit();
      return [out];
    },
    discard: () => file.discard(),
  };
}
