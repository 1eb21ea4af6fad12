// A chain written step by step, each step a call that sees the steps before it (the "predicting" pattern). Without a number
// the model says when it is done by writing the answer, up to a hard cap; with one it writes exactly so many. Short calls
// keep a small model on its path, and every step can be seen, counted and stopped.
import {
  answerParts,
  appendToQuestion,
  createThoughts,
  type TechniqueContext,
  technique,
} from "../model/index.ts";
import { joinLines, splitReasoning } from "../model/split-reasoning.ts";
import type { Technique } from "../spec/index.ts";
import { normaliseAnswer } from "../util/normalise-answer.ts";
import { answerStage } from "./answer-stage.ts";
import { askAgain } from "./ask-again.ts";
import { answerForm, optionLines } from "./ask-for.ts";
import { checkCount } from "./check-count.ts";
import { endOf, withRationale } from "./parts.ts";
import { judgeAnswer, judgeRationale, type Reply } from "./problem.ts";
import { readAnswer } from "./read-answer.ts";
import { splitSteps } from "./steps.ts";

export interface ChainOptions {
  /** Exactly so many steps. @default as many as the model wants, up to `cap` */
  steps?: number;
  /** Most steps when the model decides. @default 8 */
  cap?: number;
  /** Calls that may be repeated for one question because of a problem. @default 1 */
  retries?: number;
}

/** Makes the technique that writes its chain step by step. */
export function chain({ steps, cap = 8, retries = 1 }: ChainOptions = {}): Technique {
  const length = steps ?? cap;
  checkCount("chain", steps === undefined ? "cap" : "steps", length);
  const settings = steps === undefined ? { cap, retries } : { steps, retries };
  return technique("chain", settings, async function* (context) {
    const { emit } = context;
    const think = createThoughts("chain");
    const budget = { left: retries };
    const written: string[] = [];
    while (written.length < length) {
      const reply = await nextStep(context, { written, fixed: steps, budget });
      yield* think(reply.reasoning);
      if (reply.reasoning !== "") written.push(reply.reasoning);
      if (reply.answer === undefined && !reply.problem) continue;
      emit("chain-ended", { steps: written.length, by: reply.problem ?? "the model" });
      yield* answerParts(reply.answer ?? "");
      return endOf(reply);
    }
    emit("chain-ended", { steps: written.length, by: steps === undefined ? "the cap" : "the given length" });
    const reply = await answerStage(context, { rationale: written.join("\n"), budget });
    yield* think(reply.reasoning);
    yield* answerParts(reply.answer ?? "");
    return endOf(reply);
  });
}

interface NextStep {
  written: readonly string[];
  /** Number of steps when it is given; undefined lets the model answer instead of a step. */
  fixed: number | undefined;
  budget: { left: number };
}

async function nextStep(context: TechniqueContext, { written, fixed, budget }: NextStep): Promise<Reply> {
  const { options, query } = context;
  const n = written.length + 1;
  const so = written.length > 0 ? ["Steps so far:", ...written.map((step, i) => `${i + 1}. ${step}`)] : [];
  const request =
    fixed === undefined
      ? `Write step ${n} in one sentence. If the steps are enough, write instead "Answer:" and then ${answerForm(query)}.`
      : `Write step ${n} of ${fixed} in one sentence.`;
  const known = new Set(written.map(normaliseAnswer));
  const read = (reply: Reply): Reply => {
    if (reply.answer !== undefined) return judgeAnswer(reply, query);
    const judged = judgeRationale(reply);
    // A step that was written before leads round in a circle.
    return !judged.problem && known.has(normaliseAnswer(judged.reasoning))
      ? { ...judged, problem: "loop" }
      : judged;
  };
  return askAgain(context, {
    label: `step ${n}`,
    overrides: {
      prompt: appendToQuestion(options.prompt, [...optionLines(query), ...so, request].join("\n")),
      providerOptions: withRationale(options.providerOptions, true),
      responseFormat: undefined,
      stopSequences: undefined,
    },
    read(result) {
      const { reasoning, text } = splitReasoning(result.content);
      const { rationale, answer } = fixed === undefined ? readAnswer(text, query) : { rationale: text };
      const step = joinLines([reasoning, splitSteps(rationale).join(" ")]);
      return read({ result, reasoning: step, ...(answer === undefined ? {} : { answer }) });
    },
    budget,
  });
}
