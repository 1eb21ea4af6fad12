import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { type InstructionRow, openInstructions } from "../formats/index.ts";
import type { MediaStore } from "../formats/media-store.ts";
import type { RowProblem } from "../formats/messages.ts";
import { placeMedia } from "../formats/place-media.ts";
import { tryMedia } from "../formats/try-media.ts";
import { uniqueId } from "../formats/unique-id.ts";
import { type MixSource, moveMedia } from "./mix-source.ts";

export interface OpenSourceOptions {
  name: string;
  /** Folder from which the media's paths are to start, such as that of the file that the mix is written to. */
  mediaFrom: string;
  /** Gathers the pictures in a media store. @default they stay where they are */
  store?: MediaStore;
  /** Permits pictures outside the dataset's folder to be gathered. @default false */
  trust?: boolean;
  /**
   * Told of each row while the rows are counted, with what is wrong with it, and later of rows whose pictures cannot be
   * gathered. Bad rows are left out. @default a bad row is an error
   */
  onRow?: (row: InstructionRow, problem?: RowProblem) => void | Promise<void>;
  /** What was found when the same dataset was opened before: its rows are not counted again. */
  from?: { size: number; refused: readonly number[] };
  signal?: AbortSignal;
}

/** A dataset of a mix. */
export interface DatasetSource extends MixSource {
  /** Rows that are good, from 1, but whose pictures cannot be gathered. */
  refused: ReadonlySet<number>;
  /** Leaves pictures alone, while what was drawn before is drawn again. */
  skipMedia: boolean;
}

/**
 * Opens a dataset for mixing by name or path, in any format that `openInstructions` reads, and counts its good rows. Files
 * are streamed, so they may be of any size; benchmarks, COCO instances and sets of the bundled world are held in memory.
 */
export async function openMixSource(
  spec: string,
  { name, mediaFrom, store, trust = false, onRow = refuse, from, signal }: OpenSourceOptions,
): Promise<DatasetSource> {
  const { baseDir, rows } = await openInstructions(spec);
  const refused = new Set<number>(from?.refused);
  let size = from?.size ?? 0;
  if (!from) {
    for await (const row of rows()) {
      signal?.throwIfAborted();
      const problem = "problem" in row ? row.problem : undefined;
      if (!problem) size++;
      await onRow(row, problem);
    }
  }
  const move = async (sample: Sample): Promise<Sample> => {
    if (store) return placeMedia(sample, { mode: "copy", baseDir, outDir: mediaFrom, trust, store });
    return moveMedia(sample, (source) => slashes(path.relative(mediaFrom, path.resolve(baseDir, source))));
  };
  const source: DatasetSource = {
    name,
    size,
    refused,
    skipMedia: false,
    async *open() {
      const ids = new Map<string, number>();
      let number = 0;
      for await (const row of rows()) {
        signal?.throwIfAborted();
        if ("problem" in row) continue;
        number++;
        const sample = uniqueId(row.sample, ids);
        if (refused.has(number)) continue;
        const moved = source.skipMedia ? { value: sample } : await tryMedia(() => move(sample));
        if ("value" in moved) {
          yield moved.value;
          continue;
        }
        refused.add(number);
        await onRow(row, moved.problem);
      }
    },
  };
  return source;
}

/** For whoever cannot do without a row. */
function refuse({ file, line }: InstructionRow, problem?: RowProblem): void {
  if (!problem) return;
  const { path: field, rule } = problem;
  throw new InputError({
    where: `${file}:${line}${field ? `, ${field}` : ""}`,
    rule,
    hint: 'See all that is wrong with "sightline data check".',
  });
}

/** Paths in a dataset are written with slashes on every system. */
function slashes(file: string): string {
  return path.sep === "/" ? file : file.split(path.sep).join("/");
}
