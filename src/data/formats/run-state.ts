// Where a run of `adapt` or `mix` was stopped. The state stands beside the unfinished output, and counts only for the same
// data with the same options: then the run goes on behind the rows that it has done.
import { readFile, rm, stat } from "node:fs/promises";
import { removeTemporaries, writeFileAtomic } from "../../util/files.ts";
import { contentHash } from "../../util/hash.ts";

/** What has been done, saved when everything before it is on disk. */
export interface RunState {
  /** What the run reads and does. */
  key: string;
}

/** A file that the run goes on with, and the bytes that it must have at least. */
export interface PartialFile {
  file: string;
  bytes: number;
}

/** The file of the state of an output. */
export function stateFile(out: string): string {
  return `${out}.partial.json`;
}

/** Says what a run reads and does; another version of a file is another run. */
export async function runKey(specs: readonly string[], options: object): Promise<string> {
  const read = await Promise.all(specs.map(async (spec) => [spec, await versionsOf(spec)]));
  return contentHash(JSON.stringify([read, options]));
}

async function versionsOf(spec: string): Promise<unknown[]> {
  // Of a benchmark, NAME:FOLDER, the folder.
  const places = [spec, spec.replace(/^[^:]+:/, "").replace(/,[^,]*$/, "")];
  return Promise.all(
    places.map((place) =>
      stat(place).then(
        ({ size, mtimeMs }) => [size, mtimeMs],
        () => null,
      ),
    ),
  );
}

/** Reads the state of a stopped run; undefined when there is none for this key, or its partial files are not there. */
export async function readState<State extends RunState>(
  out: string,
  key: string,
  partsOf: (state: State) => PartialFile[],
): Promise<State | undefined> {
  let state: State;
  try {
    state = JSON.parse(await readFile(stateFile(out), "utf8")) as State;
  } catch {
    return undefined;
  }
  if (state.key !== key) return undefined;
  for (const { file, bytes } of partsOf(state)) {
    const { size } = await stat(file).catch(() => ({ size: -1 }));
    if (size < bytes) return undefined;
  }
  return state;
}

export async function saveState(out: string, state: RunState): Promise<void> {
  await writeFileAtomic(stateFile(out), JSON.stringify(state));
}

export async function dropState(out: string): Promise<void> {
  await removeTemporaries(stateFile(out));
  await rm(stateFile(out), { force: true });
}
