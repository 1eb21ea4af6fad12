// A dataset as instruction data in another format: read row by row, templates applied, written row by row. Rows that
// cannot be read or written go to rejects.jsonl with file, line and field; too many of them stop the run. A run that is
// stopped keeps what it has: the same call reads the rows again, but writes only those that are not written yet.
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { nearest } from "../../util/text.ts";
import { applyTemplate, type TemplatePool } from "../templates/index.ts";
import type { RowProblem } from "./messages.ts";
import { partialFile } from "./output-file.ts";
import { openInstructions } from "./read-instructions.ts";
import { type RejectOptions, Rejects, type RejectsState, rejectsFile } from "./rejects.ts";
import { dropState, type RunState, readState, runKey, saveState } from "./run-state.ts";
import { uniqueId } from "./unique-id.ts";
import {
  createInstructionWriter,
  type InstructionWriterOptions,
  partsOf,
  type WriterState,
} from "./write-instructions.ts";

export interface AdaptOptions extends RejectOptions {
  format: InstructionWriterOptions["format"];
  /** File to write; for `hf` the start of the shards' names. */
  out: string;
  /** Where what is held out goes. @default none may be held out */
  heldOut?: string;
  /** Names of datasets and tasks (`provenance.dataset`, `type`) that go to `heldOut`. @default [] */
  holdOut?: readonly string[];
  /** Pool of instruction templates; one is drawn for each sample. @default none */
  template?: TemplatePool;
  /** Says that a short answer is wanted, where the template does not. @default true */
  lengthControl?: boolean;
  /** @default 0 */
  seed?: number;
  /** Samples to write at most, the first ones. */
  limit?: number;
  keepExtra?: boolean;
  trust?: boolean;
  /** Folder of a media store that the pictures are gathered in. @default the format's own way */
  mediaDir?: string;
  /** Bytes of pictures and text that make a Parquet shard full. @default 200 MB */
  shardBytes?: number;
  /** Refuses rows without a response. @default false */
  needResponse?: boolean;
  signal?: AbortSignal;
  /** Called after every row with the number of rows so far. */
  onProgress?: (rows: number) => void;
}

/** What adapting did. */
export interface AdaptReport {
  written: number;
  heldOut: number;
  rejected: number;
  /** Samples that the template is not for, written as they were. */
  untouched: number;
  /** Samples whose id came before: theirs got a number. */
  renamed: number;
  /** How often each field had no place in the format. */
  lost: ReadonlyMap<string, number>;
  files: string[];
}

/** What has been done of a run. */
interface AdaptState extends RunState {
  /** Rows read. */
  read: number;
  report: { written: number; heldOut: number; untouched: number; renamed: number };
  held: string[];
  main: WriterState;
  side?: WriterState;
  rejects: RejectsState;
}

/** Reads a dataset in any format and writes it in another. */
export async function adapt(spec: string, options: AdaptOptions): Promise<AdaptReport> {
  const { format, out, heldOut, holdOut = [], limit, signal, onProgress } = options;
  const { baseDir, rows } = await openInstructions(spec);
  const { signal: _, onProgress: __, maxRejects: ___, ...rest } = options;
  const key = await runKey([spec], rest);
  const from = await readState<AdaptState>(out, key, ({ main, side, rejects }) => [
    ...partsOf(out, main),
    ...(side && heldOut !== undefined ? partsOf(heldOut, side) : []),
    { file: partialFile(rejectsFile(out)), bytes: rejects.bytes },
  ]);
  if (!from) await dropState(out);
  const common = {
    ...{ format, baseDir, keepExtra: options.keepExtra, trust: options.trust },
    ...{ mediaDir: options.mediaDir, shardBytes: options.shardBytes },
  };
  const main = await createInstructionWriter({ ...common, out }, from?.main);
  const side =
    heldOut !== undefined && holdOut.length > 0
      ? await createInstructionWriter({ ...common, out: heldOut }, from?.side)
      : undefined;
  const writers = side ? [main, side] : [main];
  const rejects = await Rejects.create(out, options, from?.rejects);
  const report = { ...(from?.report ?? { written: 0, heldOut: 0, untouched: 0, renamed: 0 }) };
  const ids = new Map<string, number>();
  const groups = new Set<string>();
  const held = new Set<string>(from?.held);
  let read = 0;
  /** Rows of which nothing is left to do. */
  let done = from?.read ?? 0;
  const checkpoint = async () => {
    const state: AdaptState = {
      ...{ key, read: done, report, held: [...held], main: await main.checkpoint() },
      ...(side && { side: await side.checkpoint() }),
      rejects: await rejects.sync(),
    };
    await saveState(out, state);
  };
  let isRead = false;
  try {
    for await (const row of rows()) {
      signal?.throwIfAborted();
      read++;
      // What was done before the run was stopped; only the ids and names that were seen are taken down again.
      if (from && read <= from.read) {
        if ("sample" in row) see(row.sample);
        continue;
      }
      if (limit !== undefined && report.written + report.heldOut >= limit) break;
      const problem = "problem" in row ? row.problem : await take(row.sample);
      if (problem) await rejects.add(row, problem);
      rejects.check(read);
      done = read;
      if (writers.some((writer) => writer.isDue(read))) await checkpoint();
      onProgress?.(read);
    }
    isRead = true;
    if (report.written + report.heldOut === 0)
      throw new InputError({
        where: spec,
        rule: "must hold at least one good row",
        got: read === 0 ? "no rows" : `${read} bad ones`,
      });
    checkHeld(holdOut, held, groups);
    for (const writer of writers) await writer.finish();
    await rejects.finish();
    const files: string[] = [];
    for (const writer of writers) files.push(...(await writer.commit()));
    const lost = new Map(main.lost);
    for (const [name, count] of side?.lost ?? []) lost.set(name, (lost.get(name) ?? 0) + count);
    await dropState(out);
    return { ...report, rejected: rejects.count, lost, files };
  } catch (error) {
    if (signal?.aborted && !isRead) {
      await checkpoint();
      for (const file of [...writers, rejects]) await file.keep();
      throw error;
    }
    for (const writer of writers) await writer.discard();
    // The rejects say what went wrong: they stay.
    await rejects.finish();
    await dropState(out);
    throw error;
  }

  async function take(found: Sample): Promise<RowProblem | undefined> {
    const seen = see(found);
    if ("problem" in seen) return seen.problem;
    const { named, names } = seen;
    const { template: pool, seed, lengthControl } = options;
    const made = pool ? applyTemplate(named, { pool, seed, lengthControl }) : undefined;
    const matching = holdOut.filter((name) => names.includes(name));
    const writer = side && matching.length > 0 ? side : main;
    const problem = await writer.write(made ?? named);
    if (problem) return problem;
    for (const name of matching) held.add(name);
    if (pool && !made) report.untouched++;
    if (named !== found) report.renamed++;
    if (writer === main) report.written++;
    else report.heldOut++;
    return undefined;
  }

  /** Takes down the id and the names of a Sample. */
  function see(found: Sample): { named: Sample; names: string[] } | { problem: RowProblem } {
    if (options.needResponse && found.response === undefined)
      return { problem: { path: "response", rule: "missing, and this trainer needs one" } };
    const names = namesOf(found);
    for (const name of names) groups.add(name);
    return { named: uniqueId(found, ids), names };
  }
}

/** What a Sample can be held out by: its dataset and its task. */
function namesOf({ provenance, type, answerType }: Sample): string[] {
  return [provenance?.dataset, type, answerType].filter((name) => name !== undefined);
}

function checkHeld(holdOut: readonly string[], held: Set<string>, groups: Set<string>): void {
  const missing = holdOut.find((name) => !held.has(name));
  if (missing === undefined) return;
  const known = [...groups].sort();
  const slip = nearest(missing, known);
  throw new InputError({
    where: "--hold-out",
    rule: `must name a dataset or task that the rows have (${known.slice(0, 20).join(", ") || "they name none"})`,
    got: `"${missing}"`,
    hint: slip && `Did you mean ${slip}?`,
  });
}
