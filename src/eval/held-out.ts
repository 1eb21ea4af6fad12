// The held-out guard: a score on a training split shows what a model was taught, so such a dataset is refused unless the
// caller says that this is what is wanted.
import type { Samples } from "../data/formats/index.ts";
import { InputError } from "../errors/index.ts";

export interface AssertHeldOutOptions {
  /** Names the dataset in the message. */
  name: string;
  /** Measures on a training split all the same. @default false */
  allowTrain?: boolean;
}

/** Throws when some Samples say that they are of a training split. */
export async function assertHeldOut(
  samples: Samples,
  { name, allowTrain = false }: AssertHeldOutOptions,
): Promise<void> {
  if (allowTrain) return;
  let [count, train] = [0, 0];
  let split: string | undefined;
  for await (const { provenance } of samples) {
    count++;
    if (!isTrain(provenance?.split)) continue;
    train++;
    split ??= provenance?.split;
  }
  if (train === 0) return;
  throw new InputError({
    where: name,
    rule: "must not be a training split, because models may have been trained on it",
    got: `${train} of ${count} questions of "${split}"`,
    hint: "Choose a split for testing, or allow it (--allow-train).",
  });
}

/** True for "train", "training" and names that start with them, such as "train2014" or "trainval". */
function isTrain(split: string | undefined): boolean {
  return split !== undefined && /^train/i.test(split);
}
