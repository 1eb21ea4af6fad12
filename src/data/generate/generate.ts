// Self-instruction: a model writes instruction data about annotated pictures, one call for each picture and kind. Each
// finished call goes to a journal; the output file is made of the whole journal, in the order of the calls, so that
// where a run was cut off leaves no mark on it.
import path from "node:path";
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Prompt,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { InputError } from "../../errors/index.ts";
import type { PromptOptions } from "../../model/index.ts";
import { promptHash, promptOf, textOf } from "../../model/index.ts";
import type { LanguageModel, Sample } from "../../spec/index.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { contentHash } from "../../util/hash.ts";
import { createRng, hash32 } from "../../util/rng.ts";
import { formatSampleJsonl } from "../formats/sample-jsonl.ts";
import { contextText, isAnnotated, type PictureContext } from "./context.ts";
import { type Journal, type JournalEntry, openJournal } from "./journal.ts";
import {
  defaultTools,
  type InstructionKind,
  instructionKinds,
  type SeedExample,
  seedOf,
  systemText,
  type ToolName,
} from "./kinds.ts";
import { nearCopies } from "./near-copies.ts";
import type { BadPictureRow } from "./open-pictures.ts";
import { readOutput } from "./read-output.ts";
import { createVocabulary } from "./vocabulary.ts";

export interface GenerateOptions {
  model: LanguageModel;
  /** JSONL of Samples to write; the journal is `<out>.journal`, rejects go to `rejects.jsonl` beside it. */
  out: string;
  /** @default all five */
  kinds?: readonly InstructionKind[];
  /** Replaces the worked example of a kind. */
  seeds?: Partial<Record<InstructionKind, SeedExample>>;
  tools?: readonly ToolName[];
  /** Chooses the pictures, and is sent with every call. @default 0 */
  seed?: number;
  /** Pictures at most, drawn by the seed. @default all */
  limit?: number;
  /** Shows the picture itself to a vision model, beside the text. */
  loadImage?: PromptOptions["loadImage"];
  /** Calls under way at once. @default 4 */
  concurrency?: number;
  /** Share of written pieces that may be rejected; looked at from the 50th piece on. @default 0.8 */
  maxRejects?: number;
  /** What a call cost; needed for `maxCost`. */
  costOf?: (usage: LanguageModelV4Usage) => number | undefined;
  /** No call is started once this much was spent, earlier runs of the journal included; those under way are finished. */
  maxCost?: number;
  /** Rows of the dataset that could not be used; they go to the rejects too. @default none */
  badRows?: readonly BadPictureRow[];
  signal?: AbortSignal;
  /** Calls done, and calls in all. */
  onProgress?: (done: number, total: number) => void;
}

/** What a run wrote and turned down. */
export interface GenerateReport {
  samples: number;
  /** Those among them that were not checked for truth, since nothing is known of what is in their pictures. */
  unchecked: number;
  /** Pieces turned down, by reason, and rows of the dataset (`bad-row`). */
  rejected: Record<string, number>;
  calls: { done: number; total: number };
  cost: number;
  /** Why the run ended before its last call. */
  stopped?: "signal" | "cost";
}

interface Task {
  key: string;
  picture: PictureContext;
  kind: InstructionKind;
}

/**
 * Has a model write instruction data about annotated pictures.
 * @throws InputError when too much is rejected, or the journal beside `out` is of other settings.
 */
export async function generate(
  pictures: readonly PictureContext[],
  options: GenerateOptions,
): Promise<GenerateReport> {
  const { model, out, kinds = instructionKinds, seeds = {}, tools = defaultTools } = options;
  const { seed = 0, limit = pictures.length, concurrency = 4, maxRejects = 0.8 } = options;
  const { costOf, maxCost = Number.POSITIVE_INFINITY, signal, loadImage, onProgress } = options;
  const chosen = createRng("generate", seed)
    .shuffle([...pictures])
    .slice(0, limit);
  const tasks: Task[] = chosen.flatMap((picture) =>
    kinds
      // What is absent is known only where all that is there is listed.
      .filter((kind) => kind !== "negative" || isAnnotated(picture))
      .map((kind) => ({ key: `${picture.image.source} ${kind}`, picture, kind })),
  );
  const vocabulary = createVocabulary(pictures.flatMap(({ objects }) => objects.map(({ label }) => label)));
  const name = `${model.provider}:${model.modelId}`;
  const settings = contentHash(JSON.stringify([name, seed, kinds, seeds, tools, Boolean(loadImage), chosen]));
  const journal = await openJournal(`${out}.journal`, settings);
  const stop = new AbortController();
  const abort = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;

  const run = async ({ key, picture, kind }: Task): Promise<JournalEntry> => {
    const prompt = await writerPrompt(picture, { kind, seed: seeds[kind] ?? seedOf(kind), tools, loadImage });
    const call: LanguageModelV4CallOptions = { prompt, seed: hash32(seed, key), abortSignal: abort };
    const { content, usage } = await model.doGenerate(call);
    const cost = costOf?.(usage);
    if (cost === undefined && Number.isFinite(maxCost)) {
      throw new InputError({
        where: "maxCost",
        rule: "needs the price of the model and the tokens of each call",
        got: `no cost for a call of ${name}`,
      });
    }
    const provenance = { model: name, promptHash: await promptHash(prompt), seed };
    const { samples, rejects } = readOutput(textOf(content), {
      kind,
      picture,
      vocabulary,
      tools,
      provenance,
    });
    return { key, samples, rejects, cost: cost ?? 0 };
  };

  let stopped: GenerateReport["stopped"];
  try {
    const total = tallyOf(journal.entries.values());
    const waiting = tasks.filter(({ key }) => !journal.entries.has(key));
    let done = tasks.length - waiting.length;
    onProgress?.(done, tasks.length);
    const worker = async () => {
      for (let task = waiting.shift(); task; task = waiting.shift()) {
        if (abort.aborted) return;
        if (total.cost >= maxCost) {
          stopped = "cost";
          return;
        }
        const entry = await run(task);
        await journal.append(entry);
        add(total, entry);
        onProgress?.(++done, tasks.length);
        checkRejects(total, maxRejects, out);
      }
    };
    const workers = Array.from({ length: concurrency }, () =>
      worker().catch((error: unknown) => {
        const isFirst = !abort.aborted;
        stop.abort(error);
        if (isFirst) throw error;
      }),
    );
    const ends = await Promise.allSettled(workers);
    const failed = ends.find((end) => end.status === "rejected");
    if (signal?.aborted) stopped = "signal";
    const report = await publish(tasks, journal, { out, badRows: options.badRows });
    if (failed) throw failed.reason;
    return { ...report, ...(stopped ? { stopped } : {}) };
  } finally {
    await journal.close();
  }
}

/** The prompt of one call: rules, a worked example, the picture. */
async function writerPrompt(
  picture: PictureContext,
  {
    kind,
    seed,
    tools,
    loadImage,
  }: {
    kind: InstructionKind;
    seed: SeedExample;
    tools: readonly ToolName[];
    loadImage?: PromptOptions["loadImage"];
  },
): Promise<LanguageModelV4Prompt> {
  const shown: Sample = {
    id: picture.id,
    instruction: contextText(picture) || "Nothing is known of the picture.",
    input: loadImage ? [picture.image] : [],
  };
  const question = await promptOf(shown, { loadImage: loadImage ?? noImage });
  return [
    { role: "system", content: systemText(kind, tools) },
    { role: "user", content: [{ type: "text", text: seed.context }] },
    { role: "assistant", content: [{ type: "text", text: JSON.stringify(seed.output) }] },
    ...question,
  ];
}

function noImage(): never {
  throw new Error("A context in text has no picture.");
}

/** Writes what the journal holds, in the order of the tasks, without near-copies. */
async function publish(
  tasks: readonly Task[],
  journal: Journal,
  { out, badRows = [] }: Pick<GenerateOptions, "out" | "badRows">,
): Promise<GenerateReport> {
  const isCopy = nearCopies();
  const samples: Sample[] = [];
  const rejects: object[] = [];
  const rejected: Record<string, number> = {};
  const reject = (reason: string, fields: object) => {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
    rejects.push({ reason, ...fields });
  };
  for (const row of badRows) reject("bad-row", row);
  const ids = new Map<string, number>();
  let unchecked = 0;
  for (const { key, picture } of tasks) {
    const entry = journal.entries.get(key);
    for (const { reason, ...fields } of entry?.rejects ?? []) reject(reason, { call: key, ...fields });
    for (const sample of entry?.samples ?? []) {
      if (isCopy(sample)) reject("near-copy", { call: key, text: sample.instruction });
      else {
        // Two pictures may share a group.
        const count = ids.get(sample.id) ?? 0;
        ids.set(sample.id, count + 1);
        if (!isAnnotated(picture)) unchecked++;
        samples.push(count > 0 ? { ...sample, id: `${sample.id}-${count}` } : sample);
      }
    }
  }
  await writeFileAtomic(out, formatSampleJsonl(samples));
  const lines = rejects.map((each) => `${JSON.stringify(each)}\n`).join("");
  await writeFileAtomic(path.join(path.dirname(out), "rejects.jsonl"), lines);
  const done = tasks.filter(({ key }) => journal.entries.has(key)).length;
  const { cost } = tallyOf(journal.entries.values());
  return { samples: samples.length, unchecked, rejected, calls: { done, total: tasks.length }, cost };
}

interface Tally {
  cost: number;
  taken: number;
  rejected: number;
}

function tallyOf(entries: Iterable<JournalEntry>): Tally {
  const tally = { cost: 0, taken: 0, rejected: 0 };
  for (const entry of entries) add(tally, entry);
  return tally;
}

function add(tally: Tally, { cost, samples, rejects }: JournalEntry): void {
  tally.cost += cost;
  tally.taken += samples.reduce((sum, { turns = [] }) => sum + 1 + turns.length / 2, 0);
  tally.rejected += rejects.length;
}

function checkRejects({ taken, rejected }: Tally, most: number, out: string): void {
  const pieces = taken + rejected;
  if (pieces < 50 || rejected <= most * pieces) return;
  throw new InputError({
    where: "--max-rejects",
    rule: `at most ${most * 100}% of what the model writes may be rejected`,
    got: `${rejected} of the first ${pieces}`,
    hint: `The reasons are in "${path.join(path.dirname(out), "rejects.jsonl")}".`,
  });
}
