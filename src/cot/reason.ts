// Chain of thought: the model writes how it gets to the answer before it answers. Three ways lead there. A model that was
// trained to write rationales is only told to (`sightline.rationale`); any other is prompted, in one call that ends in a
// marked answer line or in two calls of which the second is given the rationale (zero-shot: Kojima et al.,
// arXiv 2205.11916; frame by frame: Himakunthala et al., arXiv 2305.13903); `show()` inside of it makes either few-shot.
// With `unsure` a question is answered directly first and thought about only where that answer is not sure (direct-if-sure.ts).
// The two stages of Multimodal-CoT (Zhang et al., arXiv 2302.00923) are the layout for models tuned with that recipe.
// A reply is read when it is whole: only then is it known which of its lines is the answer.
import type { JSONObject, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import {
  answerParts,
  appendToQuestion,
  createThoughts,
  directPrompt,
  type TechniqueRun,
  technique,
} from "../model/index.ts";
import type { Query, Technique } from "../spec/index.ts";
import { answerStage } from "./answer-stage.ts";
import { askAgain } from "./ask-again.ts";
import { lastLine, optionLines, pictureCount } from "./ask-for.ts";
import { checkTellsSureness, directIfSure } from "./direct-if-sure.ts";
import { multimodalCotPrompt } from "./multimodal-cot.ts";
import { endOf, withRationale } from "./parts.ts";
import type { Reply } from "./problem.ts";
import { readRationale, readTrained, readWhole } from "./read-reply.ts";

export interface ReasonOptions {
  /** Calls to an answer: rationale and answer at once, or the answer in a call of its own. @default 1 */
  stages?: 1 | 2;
  /** How the question is laid out; `multimodal-cot` takes two stages. @default "trigger" */
  format?: "trigger" | "multimodal-cot";
  /** Words that make the model think. @default "Let's think step by step.", with several pictures "… frame by frame." */
  trigger?: string;
  /** Calls that may be repeated for one question because of a problem. @default 1 */
  retries?: number;
  /**
   * Thinks only where the direct answer is less sure than this, from 0 to 1. The model must tell log-probabilities.
   * @default every question is thought about
   */
  unsure?: number;
}

/**
 * Makes the technique that thinks before it answers. `providerOptions.sightline.rationale` may hold a finished rationale;
 * then only the answer is asked for.
 */
export function reason({
  format = "trigger",
  stages = format === "trigger" ? 1 : 2,
  trigger,
  retries = 1,
  unsure,
}: ReasonOptions = {}): Technique {
  if (format === "multimodal-cot" && stages === 1)
    throw new InputError({
      where: "reason",
      rule: "format multimodal-cot needs two stages",
      got: "stages 1",
    });
  if (unsure !== undefined && !(typeof unsure === "number" && unsure >= 0 && unsure <= 1))
    throw new InputError({ where: "reason", rule: "unsure must be from 0 to 1", got: String(unsure) });
  const settings: JSONObject = {
    ...{ stages, format },
    ...(trigger === undefined ? {} : { trigger }),
    retries,
    ...(unsure === undefined ? {} : { unsure }),
  };
  const run: TechniqueRun = async function* (context) {
    const { options, query, capabilities } = context;
    const isTrained = capabilities.rationales === true;
    const isWords = options.responseFormat?.type !== "json";
    // A format other than words cannot hold steps, so it waits for the second call.
    const inOne = stages === 1 && isWords;
    const think = createThoughts("reason");
    const budget = { left: retries };
    const lacksAnswer = ({ problem, reasoning }: Reply) =>
      inOne && problem === "no-answer" && reasoning !== "";
    const given = options.providerOptions?.sightline?.rationale;
    let rationale = typeof given === "string" ? given : undefined;

    if (rationale === undefined) {
      // The brackets of a format are always sure, whatever stands between them.
      const sure = unsure !== undefined && isWords ? await directIfSure(context, unsure) : undefined;
      if (sure) {
        yield* think(sure.reasoning);
        yield* answerParts(sure.answer ?? "");
        return endOf(sure);
      }
      const asked =
        format === "trigger"
          ? triggerPrompt(options.prompt, { query, trigger, inOne })
          : multimodalCotPrompt(options.prompt, query);
      const first = await askAgain(context, {
        label: inOne ? "rationale and answer" : "rationale",
        overrides: {
          prompt: isTrained ? directPrompt(options.prompt, query, capabilities) : asked,
          providerOptions: withRationale(options.providerOptions, true),
          responseFormat: undefined,
          stopSequences: undefined,
        },
        read: (result) => {
          if (isTrained) return readTrained(result, { query, inOne });
          return inOne ? readWhole(result, query) : readRationale(result);
        },
        budget,
        worthIt: (reply) => !lacksAnswer(reply),
      });
      yield* think(first.reasoning);
      // A rationale that lacks only its answer is worth a question of its own.
      const goesOn = inOne ? lacksAnswer(first) && budget.left-- > 0 : !first.problem;
      if (!goesOn) {
        yield* answerParts(first.answer ?? "");
        return endOf(first);
      }
      rationale = first.reasoning;
    }
    const second = await answerStage(context, {
      rationale,
      budget,
      multimodalCot: format === "multimodal-cot",
    });
    yield* think(second.reasoning);
    yield* answerParts(second.answer ?? "");
    return endOf(second);
  };
  return technique("reason", settings, run, unsure === undefined ? {} : { check: checkTellsSureness });
}

interface TriggerOptions {
  query: Query;
  trigger: string | undefined;
  inOne: boolean;
}

function triggerPrompt(
  prompt: LanguageModelV4Prompt,
  { query, trigger, inOne }: TriggerOptions,
): LanguageModelV4Prompt {
  const words = trigger ?? `Let's think ${pictureCount(prompt) > 1 ? "frame by frame" : "step by step"}.`;
  const end = inOne ? [`Write the steps first. ${lastLine(query)}`] : [];
  return appendToQuestion(prompt, [...optionLines(query), words, ...end].join("\n"));
}
