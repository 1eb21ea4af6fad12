// The call that turns a finished rationale into an answer. Question and rationale stand in one message, so that whatever
// an inner technique puts before the question (demonstrations) stays before it.
import { appendToQuestion, directPrompt, type TechniqueContext } from "../model/index.ts";
import { askAgain } from "./ask-again.ts";
import { answerForm, optionLines } from "./ask-for.ts";
import { multimodalCotPrompt } from "./multimodal-cot.ts";
import { withRationale } from "./parts.ts";
import type { Reply } from "./problem.ts";
import { readAnswerOnly } from "./read-reply.ts";

export interface AnswerStageOptions {
  rationale: string;
  budget: { left: number };
  multimodalCot?: boolean;
  /** Prompt that holds the question. @default the one of the call */
  prompt?: TechniqueContext["options"]["prompt"];
}

/** Asks for the answer that follows from a rationale. */
export async function answerStage(
  context: TechniqueContext,
  { rationale, budget, multimodalCot = false, prompt: question = context.options.prompt }: AnswerStageOptions,
): Promise<Reply> {
  const { options, query, capabilities } = context;
  const prompt = () => {
    if (capabilities.rationales) return directPrompt(question, query, capabilities);
    if (multimodalCot) return multimodalCotPrompt(question, query, rationale);
    const request = `Given this reasoning, reply with ${answerForm(query)} only.`;
    return appendToQuestion(question, [...optionLines(query), `Reasoning: ${rationale}`, request].join("\n"));
  };
  return askAgain(context, {
    label: "answer",
    overrides: { prompt: prompt(), providerOptions: withRationale(options.providerOptions, rationale) },
    read: (result) => readAnswerOnly(result, query),
    budget,
  });
}
