// Self-check: a chain that leads elsewhere when it is followed once more is not trusted. The inner technique answers; then
// the answer is asked for again from its rationale alone, without the pictures, and code recomputes what it can. Where
// either disagrees the question is drawn again within the budget; a disagreement that stays is recorded, and the answer
// is left as it was given.
import { technique } from "../model/index.ts";
import { splitReasoning } from "../model/split-reasoning.ts";
import type { Technique } from "../spec/index.ts";
import { answerKey } from "./answer-key.ts";
import { drawTemperature } from "./ask-again.ts";
import { withoutPictures } from "./ask-for.ts";
import { checkSteps } from "./check-steps.ts";
import { endOf, withRationale } from "./parts.ts";
import { type Problem, problemOf } from "./problem.ts";
import { replay } from "./replay.ts";
import { drawOptions } from "./vote.ts";

export interface CheckOptions {
  /** Draws beyond the first. @default 1 */
  retries?: number;
  /** Whether the answer is asked for again from the rationale alone. @default true */
  reanswer?: boolean;
}

/** Makes the technique that checks an answer against its rationale; it goes around `reason()`. */
export function check({ retries = 1, reanswer = true }: CheckOptions = {}): Technique {
  return technique("check", { retries, reanswer }, async function* ({ options, query, call, emit }) {
    for (let attempt = 0; ; attempt++) {
      const again =
        attempt === 0 ? {} : drawOptions(options, { index: attempt, temperature: drawTemperature });
      const result = await call(again, "answer");
      const { reasoning, text } = splitReasoning(result.content);
      const isCheckable = reasoning !== "" && text !== "" && problemOf(result) === undefined;
      let problem: Problem | undefined = problemOf(result);
      if (isCheckable) {
        const claims = checkSteps(reasoning, text);
        const alone = reanswer
          ? await call(
              {
                prompt: withoutPictures(options.prompt),
                providerOptions: withRationale(options.providerOptions, reasoning),
              },
              "answer from the rationale alone",
            )
          : undefined;
        const followed = alone && splitReasoning(alone.content).text;
        const agrees = followed === undefined || answerKey(followed, query) === answerKey(text, query);
        const wrong = claims.filter(({ holds }) => !holds);
        if (!agrees || wrong.length > 0) problem = "inconsistent";
        emit("steps-checked", {
          attempt: attempt + 1,
          answer: text,
          ...(followed === undefined ? {} : { fromRationale: followed, agrees }),
          claims: claims.length,
          wrong: wrong.map((claim) => ({ ...claim })),
        });
      }
      if (problem === "inconsistent" && attempt < retries) continue;
      yield* replay(result.content, "check");
      return endOf({ result, ...(problem ? { problem } : {}) });
    }
  });
}
