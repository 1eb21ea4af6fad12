// Direct prompting: the question as it is, plus the closed-set request of LLaVA-1.5 that makes a chatty model answer
// with one word or one letter. A model that answers shortly by itself is asked nothing more, and neither is one whose
// question says already how to answer ("Please answer yes or no." of MME).
import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import type { Capabilities, Query, Technique } from "../spec/index.ts";
import { technique } from "./technique.ts";

const wordSuffix = "Answer the question using a single word or phrase.";
const letterSuffix = "Answer with the option's letter from the given choices directly.";

export interface DirectOptions {
  /**
   * Says nothing of how to answer; options are still listed. For models that were tuned on bare questions.
   * @default false
   */
  plain?: boolean;
}

/** Makes the technique that asks the question with the short-answer or option-letter suffix. */
export function direct({ plain = false }: DirectOptions = {}): Technique {
  return technique(
    "direct",
    plain ? { plain } : {},
    async function* ({ options, query, capabilities, forward }) {
      const says = plain ? optionLines(query) : suffixFor(query, capabilities);
      yield* forward(says === undefined ? {} : { prompt: appendToQuestion(options.prompt, says) });
    },
  );
}

/** The prompt that asks for nothing but the answer. */
export function directPrompt(
  prompt: LanguageModelV4Prompt,
  query: Query,
  capabilities: Capabilities,
): LanguageModelV4Prompt {
  const suffix = suffixFor(query, capabilities);
  return suffix === undefined ? prompt : appendToQuestion(prompt, suffix);
}

/** A model that wants plain questions is told nothing of how to answer. */
function suffixFor(query: Query, { plainQuestions }: Capabilities): string | undefined {
  return plainQuestions ? undefined : answerSuffix(query);
}

/** The text that asks for a closed-set answer; undefined for captions, free answers and when nothing is known. */
export function answerSuffix(query: Query): string | undefined {
  const { answerType, question } = query;
  const lines = optionLines(query);
  if (lines !== undefined) return `${lines}\n${letterSuffix}`;
  if (/\banswer (yes or no|the question using a single word)\b/i.test(question)) return undefined;
  return answerType === "yes-no" || answerType === "number" || answerType === "short"
    ? wordSuffix
    : undefined;
}

/** The options of a question, a lettered line each; undefined where it has none. */
function optionLines({ answerType, choices }: Query): string | undefined {
  if (!choices || choices.length === 0 || (answerType !== undefined && answerType !== "choice"))
    return undefined;
  if (choices.length > 26) {
    throw new InputError({
      where: "direct",
      rule: "a question may have at most 26 choices, one per letter",
      got: String(choices.length),
    });
  }
  return choices.map((choice, i) => `${String.fromCharCode(65 + i)}. ${choice}`).join("\n");
}

/** Appends a line to the last user message of a prompt. */
export function appendToQuestion(prompt: LanguageModelV4Prompt, line: string): LanguageModelV4Prompt {
  const at = prompt.findLastIndex((message) => message.role === "user");
  return prompt.map((message, i) => {
    if (i !== at || message.role !== "user") return message;
    const last = message.content.at(-1);
    const content =
      last?.type === "text"
        ? [...message.content.slice(0, -1), { ...last, text: `${last.text}\n${line}` }]
        : [...message.content, { type: "text" as const, text: line }];
    return { ...message, content };
  });
}
