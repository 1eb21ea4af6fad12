// Reads whole replies: what of them is rationale, what is the answer, and whether something is wrong.
import type { InnerResult } from "../model/index.ts";
import { joinLines, splitReasoning } from "../model/split-reasoning.ts";
import type { Query } from "../spec/index.ts";
import { judgeAnswer, judgeRationale, type Reply } from "./problem.ts";
import { isBareAnswer, readAnswer, readBareAnswer } from "./read-answer.ts";

/** Steps and a marked answer in one reply. */
export function readWhole(result: InnerResult, query: Query): Reply {
  const { reasoning, text } = splitReasoning(result.content);
  const { rationale, answer } = readAnswer(text, query);
  if (answer !== undefined)
    return judgeAnswer({ result, reasoning: joinLines([reasoning, rationale]), answer }, query);
  // A model that thinks apart may well say nothing but the answer.
  const isAnswer = isBareAnswer(text, query) || (reasoning !== "" && text !== "" && !text.includes("\n"));
  if (isAnswer) return judgeAnswer({ result, reasoning, answer: text }, query);
  return judgeAnswer({ result, reasoning: joinLines([reasoning, rationale]) }, query);
}

/** Everything that was written is rationale. */
export function readRationale(result: InnerResult): Reply {
  const { reasoning, text } = splitReasoning(result.content);
  return judgeRationale({ result, reasoning: joinLines([reasoning, text]) });
}

/** A trained model keeps rationale and answer apart by itself. */
export function readTrained(result: InnerResult, { query, inOne }: { query: Query; inOne: boolean }): Reply {
  const { reasoning, text } = splitReasoning(result.content);
  if (!inOne) return judgeRationale({ result, reasoning });
  return judgeAnswer({ result, reasoning, ...(text === "" ? {} : { answer: text }) }, query);
}

/** Nothing but the answer was asked for. */
export function readAnswerOnly(result: InnerResult, query: Query): Reply {
  const { reasoning, text } = splitReasoning(result.content);
  const { rationale, answer } = readBareAnswer(text, query);
  const thought = joinLines([reasoning, rationale]);
  return judgeAnswer({ result, reasoning: thought, ...(answer === undefined ? {} : { answer }) }, query);
}
