// Several datasets as one file of Samples. Their rows are counted first, since shares may go by size, and what is wrong with
// them is told then; after that they are drawn. A run that is stopped keeps what it has: the same call draws the same
// Samples again, but writes only those that are not written yet.
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { createMediaStore } from "../formats/index.ts";
import { OutputFile, partialFile } from "../formats/output-file.ts";
import { type RejectOptions, Rejects, type RejectsState, rejectsFile } from "../formats/rejects.ts";
import { dropState, type RunState, readState, runKey, saveState } from "../formats/run-state.ts";
import { rowsBetweenStates } from "../formats/write-instructions.ts";
import { mixBatches, mixSamples } from "./draw.ts";
import { type DatasetSource, openMixSource } from "./open-source.ts";
import { type MixWeights, mixShares } from "./shares.ts";

export interface MixOptions extends RejectOptions {
  /** JSONL of Samples to write. Paths of pictures start from its folder. */
  out: string;
  /** @default { temperature: 1 }, which is by size */
  weights?: MixWeights;
  /** Samples to draw. @default as many as all datasets hold */
  count?: number;
  /** Samples to write at most, the first ones that are drawn. */
  limit?: number;
  /** Every so many Samples hold the datasets by their shares exactly. @default each is drawn by chance */
  batchSize?: number;
  /** One dataset after the other, each by its share; not with `batchSize`. @default false */
  sequential?: boolean;
  /** @default 0 */
  seed?: number;
  /** Folder of a media store that the pictures are gathered in. @default they stay where they are */
  mediaDir?: string;
  /** Permits pictures outside the datasets' folders to be gathered. @default false */
  trust?: boolean;
  signal?: AbortSignal;
  /** Told of the rows that were counted so far. */
  onCount?: (rows: number) => void;
  /** Told of the Samples that were drawn, and of all. */
  onProgress?: (done: number, total: number) => void;
}

/** What was drawn from a dataset. */
export interface MixedSource {
  name: string;
  /** Rows that can be drawn. */
  size: number;
  /** The part of the mix that was asked for, from 0 to 1. */
  share: number;
  /** Above the size, rows repeat. */
  drawn: number;
}

/** What mixing did. */
export interface MixReport {
  written: number;
  rejected: number;
  sources: MixedSource[];
}

/** What has been done of a run. */
interface MixState extends RunState {
  sources: { size: number; refused: number[] }[];
  /** Rejects that were found while counting. */
  counted: number;
  written: number;
  bytes: number;
  rejects: RejectsState;
}

/**
 * Draws from several datasets, by name or path, into one file.
 * @throws InputError when a dataset that has a share holds no good row, or too many rows are bad
 */
export async function mix(specs: readonly string[], options: MixOptions): Promise<MixReport> {
  const { out, signal, onCount, onProgress } = options;
  if (specs.some((spec) => path.resolve(spec) === path.resolve(out)))
    throw new InputError({ where: "--out", rule: "must not be one of the datasets", got: `"${out}"` });
  const { signal: _, onCount: __, onProgress: ___, maxRejects: ____, ...rest } = options;
  const key = await runKey(specs, rest);
  const from = await readState<MixState>(out, key, ({ bytes, rejects }) => [
    { file: partialFile(out), bytes },
    { file: partialFile(rejectsFile(out)), bytes: rejects.bytes },
  ]);
  if (!from) await dropState(out);
  const file = await OutputFile.create(out, from?.bytes);
  const rejects = await Rejects.create(out, options, from?.rejects);
  let counted = from?.counted;
  let written = 0;
  let rows = 0;
  const sources: DatasetSource[] = [];
  const checkpoint = async () => {
    if (counted === undefined) return;
    const state: MixState = {
      ...{ key, counted, written, bytes: await file.sync(), rejects: await rejects.sync() },
      sources: sources.map(({ size, refused }) => ({ size, refused: [...refused] })),
    };
    await saveState(out, state);
  };
  let isDrawn = false;
  try {
    const store =
      options.mediaDir === undefined ? undefined : createMediaStore(path.resolve(options.mediaDir));
    for (const [i, name] of namesOf(specs).entries()) {
      const source = await openMixSource(specs[i]!, {
        ...{ name, mediaFrom: path.dirname(path.resolve(out)), store, trust: options.trust, signal },
        ...(from && { from: from.sources[i] }),
        async onRow(row, problem) {
          if (problem) await rejects.add(row, problem);
          // A picture that cannot be gathered is one of the rows that were drawn, not of those that were counted.
          if (counted !== undefined) rejects.check(written + rejects.count - counted, { since: counted });
          else {
            rejects.check(++rows);
            onCount?.(rows);
          }
        },
      });
      sources.push(source);
    }
    const plan = planOf(sources, options);
    if (!from) {
      counted = rejects.count;
      await checkpoint();
    }
    const done = from?.written ?? 0;
    const drawn = new Map(sources.map(({ name }) => [name, 0]));
    let saved = done;
    for (const source of sources) source.skipMedia = done > 0;
    for await (const batch of batchesOf(sources, plan, options)) {
      for (const sample of batch) {
        if (written === plan.total) break;
        const name = sample.id.slice(0, sample.id.indexOf("/"));
        drawn.set(name, drawn.get(name)! + 1);
        if (++written > done) await file.write(`${JSON.stringify(sample)}\n`);
      }
      // A run stops between two batches.
      if (written === done) for (const source of sources) source.skipMedia = false;
      if (written - saved >= rowsBetweenStates) {
        await checkpoint();
        saved = written;
      }
      onProgress?.(written, plan.total);
      if (written === plan.total) break;
      signal?.throwIfAborted();
    }
    isDrawn = true;
    await file.sync();
    await rejects.finish();
    await file.commit();
    await dropState(out);
    return {
      ...{ written, rejected: rejects.count },
      sources: sources.map(({ name, size, refused }, i) => ({
        ...{ name, size: size - refused.size, share: plan.shares[i]!, drawn: drawn.get(name)! },
      })),
    };
  } catch (error) {
    if (signal?.aborted && !isDrawn) {
      // What was written before stays when this run was stopped before it had come so far.
      if (written >= (from?.written ?? 0)) await checkpoint();
      for (const each of [file, rejects]) await each.keep();
      throw error;
    }
    await file.discard();
    // The rejects say what went wrong: they stay.
    await rejects.finish();
    await dropState(out);
    throw error;
  }
}

interface Plan {
  shares: number[];
  count: number;
  /** Samples to write: the first of those that are drawn. */
  total: number;
}

function planOf(sources: readonly DatasetSource[], { weights, count, limit, ...mode }: MixOptions): Plan {
  if (mode.batchSize !== undefined && mode.sequential)
    throw new InputError({ where: "sequential", rule: "has no batches", hint: "Leave batchSize out." });
  const sizes = sources.map(({ size }) => size);
  const shares = mixShares(sizes, weights);
  const empty = sources.find(({ size }, i) => size === 0 && !(shares[i] === 0));
  if (empty)
    throw new InputError({ where: empty.name, rule: "must hold at least one good row", got: "none" });
  const all = count ?? sizes.reduce((a, b) => a + b, 0);
  return { shares, count: all, total: Math.min(all, limit ?? all) };
}

async function* batchesOf(
  sources: readonly DatasetSource[],
  { shares, count, total }: Plan,
  { batchSize, sequential, seed }: MixOptions,
): AsyncGenerator<Sample[]> {
  if (batchSize !== undefined) {
    yield* mixBatches(sources, { weights: shares, count, seed, batchSize });
  } else if (sequential) {
    // Ends of the stages by rounding the running share, so that they add up to the count.
    const ends = shares.map((_, i) => Math.round(shares.slice(0, i + 1).reduce((a, b) => a + b, 0) * count));
    for (const [i, source] of sources.entries()) {
      const stage = { weights: [1], count: ends[i]! - (ends[i - 1] ?? 0) };
      if (stage.count > 0) for await (const sample of mixSamples([source], stage)) yield [sample];
    }
  } else {
    for await (const sample of mixSamples(sources, { weights: shares, count: total, seed })) yield [sample];
  }
}

/** Short names: the file's or folder's own, with a number when that is taken. */
function namesOf(specs: readonly string[]): string[] {
  const names = new Set<string>();
  for (const spec of specs) {
    const name = path.basename(spec).replace(/\.(jsonl|ndjson|csv)$/i, "");
    let unique = name;
    for (let nth = 2; names.has(unique); nth++) unique = `${name}-${nth}`;
    names.add(unique);
  }
  return [...names];
}
