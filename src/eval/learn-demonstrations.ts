// Learning which demonstrations to show: sets drawn at random are tried on one half of the held-out questions, and the one
// that scores best there is compared with the plain set (the first demonstrations) on the other half, which had no say in
// the choice. So the gain it reports is one that holds for new questions.
import { InputError } from "../errors/index.ts";
import { type DemonstrationPool, fixed, type LearnedOptions, type ShowOptions, show } from "../icl/index.ts";
import type { ImagePart, LanguageModel, Sample, Scorer } from "../spec/index.ts";
import { createRng } from "../util/rng.ts";
import { callModel } from "./call-model.ts";
import type { LoadedImage } from "./image-loader.ts";
import { createScorer } from "./scorer.ts";
import { permutationP } from "./significance/index.ts";

export interface LearnDemonstrationsOptions extends Pick<ShowOptions, "layout" | "order"> {
  model: LanguageModel;
  /** Labelled Samples that decide; none of them, nor a question about one of their pictures, may be in the pool. */
  heldOut: readonly Sample[];
  loadImage(image: ImagePart): Promise<LoadedImage>;
  /** Demonstrations of a set. @default 4 */
  k?: number;
  /** Sets to try, the plain one included. @default 8 */
  sets?: number;
  /** @default 0 */
  seed?: number;
  /** @default exact match; captions by the objects that they name */
  scorer?: Scorer;
  /** Called after each question that was asked. */
  onCall?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Longest time for one question, and its longest answer. */
const limits = { timeoutMs: 120_000, maxOutputTokens: 256 };

/** Finds the set of demonstrations to show. Costs sets * |heldOut| / 2 calls, and |heldOut| / 2 for each of two tests. */
export async function learnDemonstrations(
  pool: DemonstrationPool,
  options: LearnDemonstrationsOptions,
): Promise<LearnedOptions> {
  const { heldOut, k = 4, sets = 8, seed = 0, scorer = createScorer(), signal, onCall } = options;
  check(pool, heldOut, { k, sets });
  const shuffled = createRng("learn-demonstrations", seed, "questions").shuffle([...heldOut]);
  const deciding = shuffled.slice(0, Math.ceil(shuffled.length / 2));
  const testing = shuffled.slice(deciding.length);
  const total = sets * deciding.length + 2 * testing.length;
  let calls = 0;
  const scoresOf = async (ids: readonly string[], questions: readonly Sample[]): Promise<number[]> => {
    const model = show(pool, { ...layoutOf(options), k, select: fixed({ ids }) })(options.model);
    const scores: number[] = [];
    for (const sample of questions) {
      signal?.throwIfAborted();
      const asked = { model, loadImage: options.loadImage, seed, ...limits };
      const { text } = await callModel(sample, { ...asked, ...(signal && { signal }) });
      scores.push((await scorer.score(text, sample)).score);
      calls++;
      onCall?.(calls, total);
    }
    return scores;
  };

  const candidates = drawSets(pool, { k, sets, seed });
  let best = { ids: candidates[0]!, mean: -1 };
  for (const ids of candidates) {
    const mean = meanOf(await scoresOf(ids, deciding));
    if (mean > best.mean) best = { ids, mean };
  }
  const chosen = await scoresOf(best.ids, testing);
  const plain = await scoresOf(candidates[0]!, testing);
  const differences = chosen.map((score, i) => score - plain[i]!);
  return {
    ids: best.ids,
    ...{ sets, searched: deciding.length, confirmed: testing.length, calls },
    gain: meanOf(differences),
    p: permutationP(differences, { seed }),
  };
}

/** The plain set, then random ones. */
function drawSets(
  { samples }: DemonstrationPool,
  { k, sets, seed }: { k: number; sets: number; seed: number },
): string[][] {
  const ids = samples.map(({ id }) => id);
  const rng = createRng("learn-demonstrations", seed, "sets");
  return Array.from({ length: sets }, (_, i) => (i === 0 ? ids : rng.shuffle([...ids])).slice(0, k));
}

function layoutOf({ layout, order }: Pick<ShowOptions, "layout" | "order">) {
  return { ...(layout && { layout }), ...(order && { order }) };
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function check(
  { samples }: DemonstrationPool,
  heldOut: readonly Sample[],
  { k, sets }: { k: number; sets: number },
): void {
  const where = "learnDemonstrations";
  if (heldOut.length < 4) {
    const hint = "Raise heldOut, name a larger dataset, or choose another selector.";
    throw new InputError({
      where,
      rule: "needs at least 4 held-out questions",
      got: `${heldOut.length}`,
      hint,
    });
  }
  if (!Number.isInteger(sets) || sets < 2)
    throw new InputError({ where, rule: "sets must be a whole number from 2 up", got: `${sets}` });
  if (!Number.isInteger(k) || k < 1 || k > samples.length) {
    const rule = `k must be a whole number from 1 to ${samples.length}, the number of demonstrations`;
    throw new InputError({ where, rule, got: `${k}` });
  }
  const groups = new Set(samples.flatMap(({ id, group }) => [id, group ?? id]));
  const leaked = heldOut.find(({ id, group }) => groups.has(id) || groups.has(group ?? id));
  if (leaked)
    throw new InputError({
      where,
      rule: "held-out questions must not be among the demonstrations, nor about their pictures",
      got: JSON.stringify(leaked.id),
    });
}
