// What can go wrong with a chain of thought, as it is recorded. Nothing here is repaired by guessing: a reply with a problem
// is asked for again while the budget lasts, and a problem that stays is the end of the matter.
import type { InnerResult } from "../model/index.ts";
import type { Query } from "../spec/index.ts";
import { findLoop } from "./find-loop.ts";
import { isAllowed } from "./read-answer.ts";

/** Why a reply cannot be used as it is. */
export type Problem =
  /** Steps, but no answer that can be told from a step. */
  | "no-answer"
  /** Nothing was written. */
  | "no-rationale"
  /** An answer that is none of the choices. */
  | "outside-choices"
  /** The same words over and over. */
  | "loop"
  /** The token limit ended the reply before its answer. */
  | "cut"
  /** The steps do not lead to the answer. */
  | "inconsistent";

/** A reply read: what was thought, and the answer when there is one. */
export interface Reply {
  result: InnerResult;
  reasoning: string;
  answer?: string;
  problem?: Problem;
}

/** The reply with the problem of its answer, when it has one. */
export function judgeAnswer(reply: Reply, query: Query): Reply {
  const { answer, reasoning, result } = reply;
  if (answer !== undefined && answer !== "") {
    if (findLoop(answer)) return { ...reply, problem: "loop" };
    return isAllowed(answer, query) ? reply : { ...reply, problem: "outside-choices" };
  }
  return { ...reply, problem: cutOrLoop(reasoning, result) ?? "no-answer" };
}

/** The reply with the problem of its rationale, when it has one. */
export function judgeRationale(reply: Reply): Reply {
  const { reasoning, result } = reply;
  const problem = cutOrLoop(reasoning, result) ?? (reasoning === "" ? "no-rationale" : undefined);
  return problem ? { ...reply, problem } : reply;
}

function cutOrLoop(reasoning: string, { text, finishReason }: InnerResult): Problem | undefined {
  if (findLoop(reasoning) || findLoop(text)) return "loop";
  return finishReason.unified === "length" ? "cut" : undefined;
}

/** What a model that takes instructions is told when it is asked again. */
export const hints: Record<Problem, string | undefined> = {
  "no-answer": "Do not forget the last line with the answer.",
  "no-rationale": undefined,
  "outside-choices": "The answer must be one of the given options.",
  loop: "Do not repeat yourself.",
  cut: "Use only a few short steps.",
  inconsistent: "Check every step.",
};

/** The problem that a technique of this room has left in a result. */
export function problemOf({ providerMetadata }: Pick<InnerResult, "providerMetadata">): Problem | undefined {
  const problem = providerMetadata?.sightline?.problem;
  return typeof problem === "string" && problem in hints ? (problem as Problem) : undefined;
}
