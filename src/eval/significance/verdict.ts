import { mcnemarP } from "../statistics.ts";
import { normalQuantile } from "./distributions.ts";

export interface Verdict {
  verdict: "better" | "worse" | "cannot tell";
  /**
   * How many more questions would probably tell, if both keep differing on the same share of questions in the same
   * way. Only for "cannot tell"; null when both did equally well, where no number would.
   */
  moreQuestions?: number | null;
}

/** How two columns did on the same n questions: how many only the one, and only the other, got right. */
export interface PairedCounts {
  n: number;
  onlyColumn: number;
  onlyAgainst: number;
}

/** Reads a paired comparison at the 5% level; `p` is already adjusted for how many comparisons are made. */
export function verdictOf(counts: PairedCounts, p: number): Verdict {
  const lead = counts.onlyColumn - counts.onlyAgainst;
  if (lead === 0) return { verdict: "cannot tell", moreQuestions: null };
  if (p < 0.05) return { verdict: lead > 0 ? "better" : "worse" };
  return { verdict: "cannot tell", moreQuestions: Math.max(1, questionsNeeded(counts) - counts.n) };
}

/**
 * Questions for an 80% chance to find the difference with McNemar's test (Connor, Biometrics 43, 1987), and at least
 * as many as would make the exact test significant if everything seen so far kept its share.
 */
function questionsNeeded({ n, onlyColumn, onlyAgainst }: PairedCounts): number {
  const discordant = (onlyColumn + onlyAgainst) / n;
  const lead = Math.abs(onlyColumn - onlyAgainst) / n;
  const spread =
    normalQuantile(0.975) * Math.sqrt(discordant) + normalQuantile(0.8) * Math.sqrt(discordant - lead ** 2);
  let needed = Math.ceil(spread ** 2 / lead ** 2);
  const scaled = (count: number) => Math.round((count * needed) / n);
  while (mcnemarP(scaled(onlyColumn), scaled(onlyAgainst)) >= 0.05) needed = Math.ceil(needed * 1.02);
  return needed;
}
