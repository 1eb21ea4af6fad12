import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { MixSource, MixWeights, SourceUse } from "../data/mix/index.ts";
import type { Sample } from "../spec/index.ts";
import { numberBetween, wholeNumber } from "./option-values.ts";
import { createProgress } from "./progress.ts";
import { withStopSignal } from "./stop-signal.ts";

interface MixCommandOptions {
  out: string;
  weights?: number[];
  sqrt?: boolean;
  temperature?: number;
  count?: number;
  batchSize?: number;
  sequential?: boolean;
  seed: number;
  media?: string;
  trustDataset?: boolean;
}

/** Defines `sightline data mix`. */
export function mixCommand(): Command {
  return new Command("mix")
    .summary("one dataset out of several, by weight")
    .description(
      "Draws from several datasets into one JSONL of Samples. Paths of pictures are rewritten to start from its folder. " +
        "A dataset that runs out is read again, which the summary says. Without an option of weights, by size.",
    )
    .argument("<dataset...>", "files, folders or names of datasets")
    .requiredOption("--out <file>", "JSONL of Samples to write")
    .addOption(
      new Option("--weights <list>", "how often to draw from each, such as 3,1")
        .argParser(numbers)
        .conflicts(["sqrt", "temperature"]),
    )
    .addOption(new Option("--sqrt", "by the square root of the sizes").conflicts("temperature"))
    .option(
      "--temperature <t>",
      "by size^(1/T): 1 is by size, a large one draws all alike",
      numberBetween(1e-3, 1e6),
    )
    .option("--count <n>", "Samples to draw (default: as many as all datasets hold)", wholeNumber(1))
    .addOption(
      new Option("--batch-size <n>", "every n Samples hold the datasets by their shares exactly")
        .argParser(wholeNumber(1))
        .conflicts("sequential"),
    )
    .option("--sequential", "one dataset after the other, each by its share")
    .option("--seed <n>", "the same seed gives the same file", wholeNumber(0), 0)
    .option("--media <dir>", "gather the pictures in this folder, each once, named by its content")
    .option("--trust-dataset", "gather pictures outside the datasets' folders too")
    .action(mixDatasets);
}

async function mixDatasets(specs: string[], options: MixCommandOptions): Promise<void> {
  const { mixShares, openMixSource } = await import("../data/mix/index.ts");
  const { checkWritable } = await import("./check-writable.ts");
  const { out, sqrt, temperature = 1 } = options;
  await checkWritable(out);
  await withStopSignal(async (signal) => {
    const names = namesOf(specs);
    const sources: MixSource[] = [];
    const { createMediaStore } = await import("../data/formats/index.ts");
    const store = options.media === undefined ? undefined : createMediaStore(path.resolve(options.media));
    const trust = options.trustDataset;
    for (const [i, spec] of specs.entries()) {
      const mediaFrom = path.dirname(path.resolve(out));
      sources.push(await openMixSource(spec, { name: names[i]!, mediaFrom, store, trust, signal }));
    }
    const weights: MixWeights = options.weights ?? (sqrt ? "sqrt" : { temperature });
    const shares = mixShares(
      sources.map(({ size }) => size),
      weights,
    );
    const count = options.count ?? sources.reduce((sum, { size }) => sum + size, 0);
    const uses: SourceUse[] = [];
    const stream = await drawn(sources, { ...options, shares, count, onUse: (use) => uses.push(...use) });
    await writeSamples(out, stream, count, signal);
    for (const [i, { name, size, drawn, rounds }] of uses.entries()) {
      const again = rounds > 1 ? `, repeated ${(drawn / size).toFixed(2)} times over` : "";
      const share = ((100 * drawn) / count).toFixed(1);
      const wanted = (100 * shares[i]!).toFixed(1);
      console.log(`${name}: ${drawn} of ${size}, ${share}% (share ${wanted}%)${again}`);
    }
    console.log(`wrote ${count} Samples to ${out}`);
  });
}

interface Draw extends MixCommandOptions {
  shares: number[];
  count: number;
  onUse: (use: SourceUse[]) => void;
}

async function drawn(
  sources: MixSource[],
  { shares, count, seed, batchSize, sequential, onUse }: Draw,
): Promise<AsyncIterable<Sample>> {
  const { mix, mixBatches } = await import("../data/mix/index.ts");
  const options = { weights: shares, count, seed, onUse };
  if (batchSize) return flat(mixBatches(sources, { ...options, batchSize }));
  if (!sequential) return mix(sources, options);
  // Ends of the stages by rounding the running share, so that they add up to the count.
  const ends = shares.map((_, i) => Math.round(shares.slice(0, i + 1).reduce((a, b) => a + b, 0) * count));
  return chained(
    sources.map((source, i) => mix([source], { count: ends[i]! - (ends[i - 1] ?? 0), weights: [1], onUse })),
  );
}

async function* flat(batches: AsyncIterable<Sample[]>): AsyncGenerator<Sample> {
  for await (const batch of batches) yield* batch;
}

async function* chained(streams: AsyncIterable<Sample>[]): AsyncGenerator<Sample> {
  for (const stream of streams) yield* stream;
}

/** Writes the stream to a file beside the final one, which gets its name only when it is whole. */
async function writeSamples(
  out: string,
  samples: AsyncIterable<Sample>,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(path.dirname(path.resolve(out)), { recursive: true });
  const temporary = `${out}.${randomBytes(6).toString("hex")}.tmp`;
  const progress = createProgress();
  progress.start("samples", count);
  const file = await open(temporary, "w");
  try {
    let lines: string[] = [];
    const flush = async () => {
      await file.write(lines.join(""));
      progress.advance(written);
      lines = [];
    };
    let written = 0;
    for await (const sample of samples) {
      signal.throwIfAborted();
      lines.push(`${JSON.stringify(sample)}\n`);
      written++;
      if (lines.length === 1000) await flush();
    }
    await flush();
    await file.sync();
    await file.close();
    await rename(temporary, out);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  } finally {
    progress.stop();
  }
}

/** Short names: the file's or folder's own, with a number when two have the same. */
function namesOf(specs: string[]): string[] {
  const seen = new Map<string, number>();
  return specs.map((spec) => {
    const name = path.basename(spec).replace(/\.(jsonl|ndjson|csv)$/i, "");
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return nth === 1 ? name : `${name}-${nth}`;
  });
}

function numbers(text: string): number[] {
  const values = text.split(",").map(Number);
  if (
    text.split(",").every((word, i) => word.trim() !== "" && values[i]! >= 0 && Number.isFinite(values[i]))
  ) {
    return values;
  }
  throw new InvalidArgumentError("It must be numbers with commas between them, such as 3,1.");
}
