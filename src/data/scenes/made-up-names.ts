// Made-up names: words that mean nothing, so that only the examples in a prompt can say what they stand for.
import { hash32, type Rng } from "../../util/rng.ts";
import { conceptIndex } from "./concepts.ts";
import { words } from "./words.ts";

const onsets = [..."bdfgjklmnprstvwz", "bl", "dr", "fl", "gr", "kr", "pl", "sn", "tr"];
const vowels = [..."aeiou", "ee", "oo"];
const codas = [..."bdfgklmnpstxz", "nk", "rt", "sk"];
const real = new Set(words.map((word) => word.toLowerCase()));

/** Draws a made-up name. Training never draws one of the names of val and test. */
export function drawMadeUpName(split: "train" | "val" | "test", rng: Rng): string {
  for (;;) {
    const name = rng.pick(onsets) + rng.pick(vowels) + rng.pick(codas);
    const share = hash32("made-up", name) / 4294967296;
    const owner = share < 0.15 ? "test" : share < 0.2 ? "val" : "train";
    if (owner === split && !real.has(name) && conceptIndex(name) === undefined) return name;
  }
}
