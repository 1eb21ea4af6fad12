// Thinking only where it may help (certainty-based adaptive reasoning, Lu et al., arXiv 2505.15154): the question is first
// answered directly, and an answer that the model is sure of stands. Sure means that its probability, as the geometric mean
// over its tokens, reaches a bound. An answer with a problem is never sure.
import { SetupError } from "../errors/index.ts";
import { asTold, directPrompt, surenessOf, type TechniqueContext, withSureness } from "../model/index.ts";
import type { Capabilities } from "../spec/index.ts";
import { withRationale } from "./parts.ts";
import type { Reply } from "./problem.ts";
import { readAnswerOnly } from "./read-reply.ts";

/** Asks for the answer alone; returns the reply when the model is at least so sure of it, from 0 to 1. */
export async function directIfSure(context: TechniqueContext, bound: number): Promise<Reply | undefined> {
  const { options, query, capabilities, call, emit } = context;
  const prompt = directPrompt(options.prompt, query, capabilities);
  const result = await call(
    { prompt, providerOptions: withSureness(withRationale(options.providerOptions, false)) },
    "direct answer",
  );
  const sureness = surenessOf(result);
  const reply = readAnswerOnly(asTold(result, options.providerOptions), query);
  const stands = !reply.problem && sureness >= bound;
  emit("answered-directly", { answer: reply.answer, sureness: Number(sureness.toFixed(4)), stands });
  return stands ? reply : undefined;
}

/** Refuses a model that keeps its probabilities to itself. */
export function checkTellsSureness({ logprobs }: Capabilities): void {
  if (logprobs) return;
  throw new SetupError({
    where: "reason",
    rule: "unsure needs a model that tells the probabilities of its tokens, which this one does not",
    hint: "Use tiny or local:<folder>, or leave unsure out to think about every question.",
  });
}
