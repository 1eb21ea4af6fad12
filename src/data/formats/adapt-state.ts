// Where a run of `adapt` was stopped. The state stands beside the unfinished output, and counts only for the same data with
// the same options: then the run goes on behind the rows that it has done.
import { readFile, rm, stat } from "node:fs/promises";
import { writeFileAtomic } from "../../util/files.ts";
import { contentHash } from "../../util/hash.ts";
import { partialFile } from "./output-file.ts";
import type { WriterState } from "./write-instructions.ts";

/** What has been done, saved when everything before it is on disk. */
export interface AdaptState {
  key: string;
  /** Rows read. */
  read: number;
  report: { written: number; heldOut: number; rejected: number; untouched: number; renamed: number };
  held: string[];
  main: WriterState;
  side?: WriterState;
  /** Bytes of rejects. */
  rejects: number;
}

/** The file of the state of an output. */
export function stateFile(out: string): string {
  return `${out}.partial.json`;
}

/** Says what a run reads and does; another version of the file is another run. */
export async function runKey(spec: string, options: object): Promise<string> {
  // Of a benchmark, NAME:FOLDER, the folder.
  const places = [spec, spec.replace(/^[^:]+:/, "").replace(/,[^,]*$/, "")];
  const versions = await Promise.all(
    places.map((place) =>
      stat(place).then(
        ({ size, mtimeMs }) => [size, mtimeMs],
        () => null,
      ),
    ),
  );
  return contentHash(JSON.stringify([spec, versions, options]));
}

/** Reads the state of a stopped run; undefined when there is none for this key, or its partial files are not there. */
export async function readState(
  key: string,
  { out, heldOut, rejects }: { out: string; heldOut?: string; rejects: string },
): Promise<AdaptState | undefined> {
  let state: AdaptState;
  try {
    state = JSON.parse(await readFile(stateFile(out), "utf8")) as AdaptState;
  } catch {
    return undefined;
  }
  if (state.key !== key) return undefined;
  const parts = [
    ...partsOf(out, state.main),
    ...(state.side && heldOut !== undefined ? partsOf(heldOut, state.side) : []),
    { file: partialFile(rejects), bytes: state.rejects },
  ];
  for (const { file, bytes } of parts) {
    const { size } = await stat(file).catch(() => ({ size: -1 }));
    if (size < bytes) return undefined;
  }
  return state;
}

function partsOf(file: string, state: WriterState): { file: string; bytes: number }[] {
  if ("shards" in state) return state.shards.map((shard) => ({ file: shard, bytes: 0 }));
  return [{ file: partialFile(file), bytes: state.bytes }];
}

export async function saveState(out: string, state: AdaptState): Promise<void> {
  await writeFileAtomic(stateFile(out), JSON.stringify(state));
}

export async function dropState(out: string): Promise<void> {
  await rm(stateFile(out), { force: true });
}
