// What is kept apart. Pairs of concepts and words are dealt to train, val and test by a hash, so the deal needs no
// stored list: a train picture never shows a val or test pair together and never says a val or test word; a val
// (test) picture with several kinds of thing always shows at least one val (test) pair. `test-style` is dealt as
// `test` and drawn in the one style that no other split uses.
import { hash32 } from "../../util/rng.ts";

/** The art of four icon sets. OpenMoji is share-alike: only for measuring, never trained on or written to disk in this repository. */
export const styles = ["noto", "twemoji", "fluent-emoji-flat", "openmoji"] as const;
export type Style = (typeof styles)[number];

/** Icon sets that training pictures also draw from; they do not have every concept. */
export const practiceSets = [
  "noto-v1",
  "emojione",
  "fxemoji",
  "streamline-emojis",
  "fluent-emoji-high-contrast",
  "emojione-monotone",
  "game-icons",
  "mdi",
  "hugeicons",
  "icon-park",
  "lucide",
  "ph",
  "tabler",
  "fa6-solid",
] as const;
/** Where the art of an object is from. */
export type ArtSet = Style | (typeof practiceSets)[number];

export const sceneSplits = ["train", "val", "test", "test-style"] as const;
export type SceneSplit = (typeof sceneSplits)[number];

/** The styles that pictures of a split are drawn in; `train` draws from the practice sets too. */
export function stylesOf(split: SceneSplit): readonly Style[] {
  return split === "test-style" ? ["openmoji"] : ["noto", "twemoji", "fluent-emoji-flat"];
}

/** The split that a pair of different concepts belongs to: 5% test, 2% val. */
export function pairSplit(a: string, b: string): "train" | "val" | "test" {
  const share = hash32("pair", a < b ? a : b, a < b ? b : a) / 4294967296;
  return share < 0.05 ? "test" : share < 0.07 ? "val" : "train";
}

/** The split that a dictionary word belongs to: 15% test, 5% val. */
export function wordSplit(word: string): "train" | "val" | "test" {
  const share = hash32("word", word.toUpperCase()) / 4294967296;
  return share < 0.15 ? "test" : share < 0.2 ? "val" : "train";
}
