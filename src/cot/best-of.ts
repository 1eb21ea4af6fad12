// Best of n: several draws, of which a verifier picks one (Cobbe et al., arXiv 2110.14168). The verifier is code that
// recomputes what it can (the default), a model that is asked whether the answer is right, or any function. Among equally
// good draws the answer that most of them reach wins, then the one that was reached first.
import { capabilities, type TechniqueContext, technique } from "../model/index.ts";
import { splitReasoning } from "../model/split-reasoning.ts";
import type { Technique } from "../spec/index.ts";
import { drawTemperature } from "./ask-again.ts";
import { askInstead } from "./ask-for.ts";
import { checkCount } from "./check-count.ts";
import { checkSteps } from "./check-steps.ts";
import { askOther, type OtherModel } from "./other-model.ts";
import { endOf } from "./parts.ts";
import { replay } from "./replay.ts";
import { drawOptions, readDraw } from "./vote.ts";

/** An answer and how it was reached. */
export interface Candidate {
  rationale: string;
  answer: string;
}

/** Says how good a candidate is, from 0 to 1. */
export type Verify = (
  candidate: Candidate,
  context: Pick<TechniqueContext, "emit" | "signal" | "options" | "query">,
) => number | Promise<number>;

export interface BestOfOptions {
  /** @default code that recomputes sums, comparisons and counts */
  verify?: Verify;
  /** Used when the call has none above 0. @default 0.7 */
  temperature?: number;
}

/** The share of recomputed claims that hold; 1 without any. */
export const verifySteps: Verify = ({ rationale, answer }) => {
  const claims = checkSteps(rationale, answer);
  return claims.length === 0 ? 1 : claims.filter(({ holds }) => holds).length / claims.length;
};

/** Makes a verifier of a model: the chance that it says yes, or its yes, when asked whether the answer is right. */
export function verifyBy(other: OtherModel): Verify {
  return async ({ rationale, answer }, context) => {
    const model = typeof other === "function" ? await other() : other;
    const { prompt, providerOptions } = context.options;
    const lines = [
      `Question: ${context.query.question}`,
      ...(rationale === "" ? [] : [`Reasoning: ${rationale}`]),
      `Answer: ${answer}`,
      "Is this answer right? Reply with yes or no.",
    ];
    const scored = capabilities(model).choices ? { choices: ["yes", "no"] } : {};
    const sightline = { ...providerOptions?.sightline, ...scored };
    const { text, providerMetadata } = await askOther(
      model,
      { prompt: askInstead(prompt, lines.join("\n")), providerOptions: { ...providerOptions, sightline } },
      { ...context, label: "verify" },
    );
    const scores = providerMetadata?.sightline?.choices as { logprob: number }[] | undefined;
    if (!scores) return /^\W*yes\b/i.test(text) ? 1 : 0;
    return 1 / (1 + Math.exp(scores[1]!.logprob - scores[0]!.logprob));
  };
}

/** Makes the technique that answers with the best of `n` draws. */
export function bestOf(
  n = 5,
  { verify = verifySteps, temperature = drawTemperature }: BestOfOptions = {},
): Technique {
  checkCount("best-of", "n", n);
  return technique("best-of", { n, temperature }, async function* (context) {
    const { options, query, call, emit } = context;
    const draws: (ReturnType<typeof readDraw> & { score: number })[] = [];
    for (let index = 0; index < n; index++) {
      const draw = readDraw(
        await call(drawOptions(options, { index, temperature }), `draw ${index + 1}`),
        query,
      );
      const { reasoning: rationale } = splitReasoning(draw.result.content);
      // What ended in a problem is below everything that did not.
      const score = draw.problem ? -1 : await verify({ rationale, answer: draw.text }, context);
      draws.push({ ...draw, score });
    }
    const top = Math.max(...draws.map(({ score }) => score));
    const best = draws.filter(({ score }) => score === top);
    const votes = (key: string) => best.filter((draw) => draw.key === key).length;
    const chosen = best.reduce((first, draw) => (votes(draw.key) > votes(first.key) ? draw : first));
    emit("candidates-verified", {
      candidates: draws.map(({ text, score, problem }) => ({
        answer: text,
        score,
        ...(problem ? { problem } : {}),
      })),
      chosen: draws.indexOf(chosen) + 1,
    });
    yield* replay(chosen.result.content, "best-of");
    return endOf({ result: chosen.result, ...(chosen.problem ? { problem: chosen.problem } : {}) });
  });
}
