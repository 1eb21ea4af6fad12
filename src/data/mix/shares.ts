// How often each dataset is drawn. By size alone a large dataset drowns the small ones; drawing all alike repeats the
// small ones until they are learnt by heart. Between the two: p_i ~ n_i^(1/T), where T = 1 is by size, T = 2 is by the
// square root of the size, and a large T draws all alike (the temperature of multilingual BERT's and mT5's samplers).
import { InputError } from "../../errors/index.ts";

/** Relative weights, one per source; "sqrt" of the sizes; or the sizes at a temperature. */
export type MixWeights = readonly number[] | "sqrt" | { temperature: number };

/** The share of each source, from 0 to 1; together 1. */
export function mixShares(sizes: readonly number[], weights: MixWeights = { temperature: 1 }): number[] {
  const raw = rawWeights(sizes, weights);
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((weight) => weight / sum);
}

function rawWeights(sizes: readonly number[], weights: MixWeights): readonly number[] {
  if (isList(weights)) {
    if (weights.length !== sizes.length) {
      const got = `${weights.length} for ${sizes.length}`;
      throw new InputError({ where: "weights", rule: "must be one number for each dataset", got });
    }
    const bad = weights.find((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
    if (bad !== undefined) {
      throw new InputError({ where: "weights", rule: "must be numbers from 0 up", got: String(bad) });
    }
    if (weights.every((weight) => weight === 0)) {
      throw new InputError({ where: "weights", rule: "must hold a number above 0", got: weights.join(", ") });
    }
    return weights;
  }
  const temperature = weights === "sqrt" ? 2 : weights.temperature;
  if (!(temperature > 0)) {
    throw new InputError({ where: "temperature", rule: "must be above 0", got: String(temperature) });
  }
  // Relative to the largest, so that a low temperature does not overflow.
  const largest = Math.max(...sizes);
  return sizes.map((size) => (size / largest) ** (1 / temperature));
}

function isList(weights: MixWeights): weights is readonly number[] {
  return Array.isArray(weights);
}
