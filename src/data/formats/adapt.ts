// A dataset as instruction data in another format: read row by row, templates applied, written row by row. Rows that
// cannot be read or written go to rejects.jsonl with file, line and field; too many of them stop the run. A run that is
// stopped keeps what it has: the same call reads the rows again, but writes only those that are not written yet.
import { rm } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { nearest } from "../../util/text.ts";
import { applyTemplate, type TemplatePool } from "../templates/index.ts";
import { dropState, readState, runKey, saveState } from "./adapt-state.ts";
import type { RowProblem } from "./messages.ts";
import { OutputFile } from "./output-file.ts";
import { type InstructionRow, openInstructions } from "./read-instructions.ts";
import { createInstructionWriter, type InstructionWriterOptions } from "./write-instructions.ts";

/** The most rejects that a run may have: a number, or a share of the lines after the first 1,000. */
export type MaxRejects = { count: number } | { share: number };

export interface AdaptOptions {
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
  /** Refuses rows without a response. @default false */
  needResponse?: boolean;
  /** Stops at the first bad row. @default false */
  strict?: boolean;
  /** @default a share of 0.05 */
  maxRejects?: MaxRejects;
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

/** A run that is killed does no more than this many rows again. */
const rowsBetweenStates = 1000;

/** Rows read before a share of rejects can stop the run: the first few say little. */
const firstRows = 1000;

/** Reads a dataset in any format and writes it in another. */
export async function adaptInstructions(spec: string, options: AdaptOptions): Promise<AdaptReport> {
  const { format, out, heldOut, holdOut = [], strict = false, limit, signal, onProgress } = options;
  const { baseDir, rows } = await openInstructions(spec);
  const { signal: _, onProgress: __, maxRejects, ...rest } = options;
  const key = await runKey(spec, rest);
  const from = await readState(key, { out, heldOut, rejects: rejectsFile(out) });
  if (!from) await dropState(out);
  const common = {
    format,
    baseDir,
    keepExtra: options.keepExtra,
    trust: options.trust,
    mediaDir: options.mediaDir,
  };
  const main = await createInstructionWriter({ ...common, out }, from?.main);
  const side =
    heldOut !== undefined && holdOut.length > 0
      ? await createInstructionWriter({ ...common, out: heldOut }, from?.side)
      : undefined;
  const rejects = await OutputFile.create(rejectsFile(out), from?.rejects);
  const report = { ...(from?.report ?? { written: 0, heldOut: 0, rejected: 0, untouched: 0, renamed: 0 }) };
  const ids = new Map<string, number>();
  const groups = new Set<string>();
  const held = new Set<string>(from?.held);
  let read = 0;
  /** Rows of which nothing is left to do. */
  let done = from?.read ?? 0;
  const checkpoint = async (force: boolean) => {
    const [mainState, sideState] = [await main.checkpoint(force), await side?.checkpoint(force)];
    if (!mainState || (side && !sideState)) return;
    const states = { main: mainState, ...(sideState && { side: sideState }) };
    await saveState(out, {
      key,
      read: done,
      report,
      held: [...held],
      ...states,
      rejects: await rejects.sync(),
    });
  };
  let isRejectsDone = false;
  const keepRejects = async () => {
    isRejectsDone = true;
    if (report.rejected > 0) return rejects.commit();
    await rejects.discard();
    await rm(rejectsFile(out), { force: true });
  };
  const refuse = async (row: InstructionRow, { path: field, rule }: RowProblem) => {
    if (strict) {
      throw new InputError({ where: `${row.file}:${row.line}${field ? `, ${field}` : ""}`, rule });
    }
    report.rejected++;
    const text = "text" in row ? row.text?.slice(0, 10_000) : undefined;
    const line = { file: row.file, line: row.line, field, problem: rule, ...(text ? { row: text } : {}) };
    await rejects.write(`${JSON.stringify(line)}\n`);
  };
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
      if (problem) await refuse(row, problem);
      checkRejects(report.rejected, read, maxRejects, rejectsFile(out));
      done = read;
      // A shard is on disk when it is full.
      if (format === "hf" || read % rowsBetweenStates === 0) await checkpoint(false);
      onProgress?.(read);
    }
    await keepRejects();
    if (report.written + report.heldOut === 0)
      throw new InputError({
        where: spec,
        rule: "must hold at least one good row",
        got: read === 0 ? "no rows" : `${read} bad ones`,
      });
    checkHeld(holdOut, held, groups);
    const files = [...(await main.commit()), ...((await side?.commit()) ?? [])];
    const lost = new Map(main.lost);
    for (const [name, count] of side?.lost ?? []) lost.set(name, (lost.get(name) ?? 0) + count);
    await dropState(out);
    return { ...report, lost, files };
  } catch (error) {
    if (signal?.aborted && !isRejectsDone) {
      await checkpoint(true);
      for (const file of [main, side, rejects]) await file?.keep();
      throw error;
    }
    await main.discard();
    await side?.discard();
    // The rejects say what went wrong: they stay.
    if (!isRejectsDone) await keepRejects();
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

/** The file of bad rows, beside the output. */
export function rejectsFile(out: string): string {
  return path.join(path.dirname(path.resolve(out)), "rejects.jsonl");
}

/** What a Sample can be held out by: its dataset and its task. */
function namesOf({ provenance, type, answerType }: Sample): string[] {
  return [provenance?.dataset, type, answerType].filter((name) => name !== undefined);
}

/** Official files have ids twice (LLaVA's mix does): a dataset of Samples has not. */
function uniqueId(sample: Sample, ids: Map<string, number>): Sample {
  const before = ids.get(sample.id);
  if (before === undefined) {
    ids.set(sample.id, 1);
    return sample;
  }
  let next = before + 1;
  while (ids.has(`${sample.id}-${next}`)) next++;
  ids.set(sample.id, next);
  ids.set(`${sample.id}-${next}`, 1);
  return { ...sample, id: `${sample.id}-${next}` };
}

function checkRejects(rejected: number, read: number, max: MaxRejects = { share: 0.05 }, file: string): void {
  const most = "count" in max ? max.count : read <= firstRows ? Number.POSITIVE_INFINITY : max.share * read;
  if (rejected <= most) return;
  throw new InputError({
    where: "--max-rejects",
    rule:
      "count" in max ? `must be enough for all bad rows` : `at most ${max.share * 100}% of rows may be bad`,
    got: `${rejected} bad of the first ${read}`,
    hint: `They are in "${file}".`,
  });
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
