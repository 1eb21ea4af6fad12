// ANLS, the score of DocVQA, InfographicVQA and ST-VQA (Biten et al., "Scene Text Visual Question Answering", ICCV 2019):
// 1 - edit distance / length of the longer string, or 0 where that distance is half the length or more. Lower case, ends
// cut, spaces collapsed. Traps: at exactly half the paper's rule gives 0 while the code of pix2struct, LLaVA (m4c) and
// VLMEvalKit gives 0.5; and lengths are counted in characters, not UTF-16 units.
import { editDistance } from "../../util/text.ts";

/** Options of `anls`. */
export interface AnlsOptions {
  /**
   * What a distance of exactly half the length scores: 0 by the paper's rule, 0.5 in the usual code.
   * @default 0
   */
  atHalf?: 0 | 0.5;
}

/** The best similarity of the prediction to an accepted answer, 0 or from 0.5 to 1. */
export function anls(
  prediction: string,
  answers: readonly string[],
  { atHalf = 0 }: AnlsOptions = {},
): number {
  const given = characters(prediction);
  return Math.max(0, ...answers.map((answer) => similarity(given, characters(answer), atHalf)));
}

function similarity(a: readonly string[], b: readonly string[], atHalf: number): number {
  const longest = Math.max(a.length, b.length);
  if (longest === 0) return 1;
  const distance = editDistance(a, b);
  if (2 * distance === longest) return atHalf;
  return 2 * distance < longest ? 1 - distance / longest : 0;
}

function characters(text: string): string[] {
  return [...text.toLowerCase().trim().replace(/\s+/g, " ")];
}
