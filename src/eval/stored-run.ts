// Starting a run in a store, or going on with one. Going on asks what has no result yet: more questions, more columns
// and questions whose Sample has changed are simply not answered yet. Settings that change answers must be the same.
import { randomBytes } from "node:crypto";
import type { Samples } from "../data/formats/index.ts";
import { InputError } from "../errors/index.ts";
import { createRun, findRun, openRun, type RunLease, type Store, writeQuestions } from "../store/index.ts";
import { galleryQuestion } from "./gallery-question.ts";
import { manifestDifferences, parseManifest, type RunManifest, sampleHash } from "./manifest.ts";
import { untyped } from "./row.ts";

/** A run that this process may work on. */
export interface OpenRun {
  lease: RunLease;
  /** Questions whose Sample has changed since they were answered; they are asked again. */
  changed: number;
}

/** Starts a run. @param now for its id: date, time and four random characters */
export async function startRun(
  store: Store,
  { manifest, samples, now = new Date() }: { manifest: RunManifest; samples: Samples; now?: Date },
): Promise<OpenRun> {
  const stamp = now.toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
  const id = `${stamp}-${randomBytes(2).toString("hex")}`;
  const lease = await createRun(store, { id, dataset: manifest.dataset.name, manifest, now });
  return { lease, changed: await keepQuestions(store, lease, samples) };
}

/** Goes on with a run. @param id its id, the start of it, or `latest` */
export async function resumeRun(
  store: Store,
  id: string,
  { manifest, samples }: { manifest: RunManifest; samples: Samples },
): Promise<OpenRun> {
  const run = await findRun(store, id);
  const before = parseManifest(run.manifest);
  const known = new Set(before.columns.map(({ name }) => name));
  const harmless = /^(dataset content|questions|version|node|platform|timeoutMs|column .*)$/;
  const [first] = manifestDifferences(before, manifest).filter(({ what }) => !harmless.test(what));
  if (first) {
    throw new InputError({
      where: `run ${run.id}`,
      rule: `was made with ${first.what} ${first.a}`,
      got: first.b,
      hint: "Give the same options, or start a new run without --resume.",
    });
  }
  const [had, given] = [before.dataset.questions, manifest.dataset.questions];
  if (given < had) {
    throw new InputError({
      where: `run ${run.id}`,
      rule: `was made with ${had} questions, and going on can only add some`,
      got: String(given),
      hint: "Give at least as many (--limit), or start a new run without --resume.",
    });
  }
  const added = manifest.columns.filter(({ name }) => !known.has(name));
  const merged = { ...manifest, columns: [...before.columns, ...added] };
  const lease = await openRun(store, run.id, merged);
  return { lease, changed: await keepQuestions(store, lease, samples) };
}

async function keepQuestions(store: Store, lease: RunLease, samples: Samples): Promise<number> {
  try {
    return await writeQuestions(store, lease.run.id, storedQuestions(samples));
  } catch (error) {
    await lease.release().catch(() => {});
    throw error;
  }
}

async function* storedQuestions(samples: Samples) {
  let seq = 0;
  for await (const sample of samples) {
    const { id, type = untyped, group = id } = sample;
    const { question, references, choices } = galleryQuestion(sample);
    const data = { question, references, ...(choices ? { choices } : {}) };
    yield { id, seq: seq++, hash: sampleHash(sample), type, cluster: group, data };
  }
}
