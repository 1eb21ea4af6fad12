// Self-consistency (Wang et al., arXiv 2203.11171): several draws of the same question, and the answer that most of them
// reach. Answers are compared in the form that scoring uses. A draw that ended in a problem has no vote. A tie goes to the
// answer that was reached first; drawing ends as soon as the draws that are left could change nothing. Each draw has a
// seed of its own, which also draws other demonstrations where an inner technique chooses those by seed.
// Draws are made one after the other, since the next one may not be needed.
import { type InnerResult, technique } from "../model/index.ts";
import { splitReasoning } from "../model/split-reasoning.ts";
import type { Query, Technique } from "../spec/index.ts";
import { hash32 } from "../util/rng.ts";
import { answerKey } from "./answer-key.ts";
import { drawTemperature } from "./ask-again.ts";
import { checkCount } from "./check-count.ts";
import { endOf } from "./parts.ts";
import { type Problem, problemOf } from "./problem.ts";
import { replay } from "./replay.ts";

export interface VoteOptions {
  /** Used when the call has none above 0. @default 0.7 */
  temperature?: number;
}

/** Makes the technique that answers with the majority of `n` draws. */
export function vote(n = 5, { temperature = drawTemperature }: VoteOptions = {}): Technique {
  checkCount("vote", "n", n);
  return technique("vote", { n, temperature }, async function* ({ options, query, call, emit }) {
    const draws: Draw[] = [];
    let tally: Ballot[] = [];
    while (draws.length < n && !isDecided(tally, n - draws.length)) {
      const result = await call(
        drawOptions(options, { index: draws.length, temperature }),
        `draw ${draws.length + 1}`,
      );
      draws.push(readDraw(result, query));
      tally = count(draws);
    }
    const [first, second] = tally;
    emit("votes-counted", {
      votes: tally.map(({ draw, votes }) => ({ answer: draw.text, votes })),
      drawn: draws.length,
      of: n,
      tie: first !== undefined && first.votes === second?.votes,
      withoutVote: draws.flatMap(({ problem }) => problem ?? []),
    });
    // Nobody has a vote: the first draw stands, with its problem.
    const { result, problem } = first?.draw ?? draws[0]!;
    yield* replay(result.content, "vote");
    const end = endOf({ result, ...(problem ? { problem } : {}) });
    const votes = { for: first?.votes ?? 0, drawn: draws.length };
    return {
      ...end,
      providerMetadata: { ...end.providerMetadata, sightline: { ...end.providerMetadata?.sightline, votes } },
    };
  });
}

/** One draw and the answer that it votes for. */
export interface Draw {
  result: InnerResult;
  text: string;
  key: string;
  problem?: Problem;
}

/** Reads a draw. A problem that an inner technique found, or an empty answer, takes its vote. */
export function readDraw(result: InnerResult, query: Query): Draw {
  const { text } = splitReasoning(result.content);
  const problem = problemOf(result) ?? (text === "" ? "no-answer" : undefined);
  return { result, text, key: answerKey(text, query), ...(problem ? { problem } : {}) };
}

/** Options of a draw: a temperature above 0, and a seed of its own. */
export function drawOptions(
  { temperature: given = 0, seed = 0 }: { temperature?: number; seed?: number },
  { index, temperature }: { index: number; temperature: number },
) {
  return { temperature: given > 0 ? given : temperature, seed: hash32("draw", seed, index) >>> 1 };
}

interface Ballot {
  /** The first draw with this answer. */
  draw: Draw;
  votes: number;
}

/** Answers by votes; of equals the one that was reached first comes first. */
function count(draws: readonly Draw[]): Ballot[] {
  const ballots = new Map<string, Ballot>();
  for (const draw of draws) {
    if (draw.problem) continue;
    const ballot = ballots.get(draw.key);
    if (ballot) ballot.votes++;
    else ballots.set(draw.key, { draw, votes: 1 });
  }
  return [...ballots.values()].sort((a, b) => b.votes - a.votes);
}

/** True when no other answer, known or new, can pass the first one, or draw level from before it. */
function isDecided([first, ...others]: readonly Ballot[], left: number): boolean {
  if (!first || first.votes < left) return false;
  return others.every(({ votes }) => first.votes > votes + left);
}
