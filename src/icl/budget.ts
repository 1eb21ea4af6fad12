// What a model has room for. The prompt is measured as it will be sent; while it is too large, the least useful
// demonstration is left out. Tokens for the answer are kept free: as many as the call asks for, at most half the context.
import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import { imageSize } from "../media/index.ts";
import { inlineBytes } from "../model/content-address.ts";
import type { Capabilities } from "../spec/index.ts";

export interface Budget {
  /** The technique that shows them, for errors. @default "show" */
  where?: string;
  /** Prompt and answer together, in tokens; undefined is unknown and taken as enough. */
  contextTokens?: number | undefined;
  maxImages?: number | undefined;
  /** Answer length that the call asks for. */
  maxOutputTokens?: number | undefined;
  countTokens?: Capabilities["countTokens"] | undefined;
  tokensPerImage?: number | undefined;
}

export interface Fitted<T> {
  prompt: LanguageModelV4Prompt;
  kept: T[];
  /** The least useful last. */
  dropped: T[];
  /** What there was not enough room for. */
  limit?: "tokens" | "pictures";
}

/** Length of an answer when the call does not say. */
const defaultAnswerTokens = 256;
/** Role markers and ends of turns, in any chat template; a message is counted with so many tokens on top of its text. */
const messageTokens = 4;
/** English text has about 4 characters a token; 3 errs on the safe side. */
const charactersPerToken = 3;
/** Anthropic's published estimate of a picture's tokens. */
const pixelsPerToken = 750;

/**
 * Finds the most demonstrations that fit.
 * @param items the most useful first
 * @param lay makes the prompt that shows these
 */
export async function fitDemonstrations<T>(
  items: readonly T[],
  lay: (items: T[]) => LanguageModelV4Prompt,
  budget: Budget,
): Promise<Fitted<T>> {
  const { contextTokens = Number.POSITIVE_INFINITY, maxImages = Number.POSITIVE_INFINITY } = budget;
  const answer = Math.min(budget.maxOutputTokens ?? defaultAnswerTokens, Math.floor(contextTokens / 2));
  const measure = promptMeasure(budget);
  let limit: Fitted<T>["limit"];
  for (let n = items.length; ; n--) {
    const prompt = lay(items.slice(0, n));
    if (n === 0 && items.length === 0) return { prompt, kept: [], dropped: [] };
    const pictures = picturesOf(prompt).length;
    const tokens = contextTokens === Number.POSITIVE_INFINITY ? 0 : await measure(prompt);
    const over = pictures > maxImages ? "pictures" : tokens + answer > contextTokens ? "tokens" : undefined;
    if (!over)
      return { prompt, kept: items.slice(0, n), dropped: items.slice(n), ...(limit ? { limit } : {}) };
    limit ??= over;
    if (n > 1) continue;
    const { where = "show" } = budget;
    const none = where === "show" ? "k=0" : "shots=0";
    const rule = { where, hint: `Ask with ${none}, or a model that takes more.` };
    throw new InputError(
      over === "pictures"
        ? {
            ...rule,
            rule: `one demonstration and the question may have ${maxImages} pictures`,
            got: `${pictures}`,
          }
        : {
            ...rule,
            rule: `one demonstration, the question and an answer of ${answer} tokens must fit into ${contextTokens} tokens`,
            got: `${tokens + answer}`,
          },
    );
  }
}

/** Makes the function that counts a prompt's tokens; texts and pictures that come again are counted once. */
function promptMeasure({ countTokens, tokensPerImage }: Budget) {
  const texts = new Map<string, number>();
  const textTokens = (text: string): number => {
    const tokens = texts.get(text) ?? countTokens?.(text) ?? Math.ceil(text.length / charactersPerToken);
    texts.set(text, tokens);
    return tokens;
  };
  const pictures = new Map<unknown, number>();
  const pictureTokens = async (part: ReturnType<typeof picturesOf>[number]): Promise<number> => {
    if (tokensPerImage !== undefined) return tokensPerImage;
    const bytes = inlineBytes(part.data);
    if (!bytes) return 0;
    const known = pictures.get(part.data);
    if (known !== undefined) return known;
    const { width, height } = await imageSize(bytes);
    const tokens = Math.ceil((width * height) / pixelsPerToken);
    pictures.set(part.data, tokens);
    return tokens;
  };
  return async (prompt: LanguageModelV4Prompt): Promise<number> => {
    let sum = 0;
    for (const message of prompt) {
      sum += messageTokens;
      if (message.role === "system") sum += textTokens(message.content);
      else
        for (const part of message.content) {
          if (part.type === "text") sum += textTokens(part.text);
          else if (part.type === "tool-call" || part.type === "tool-result")
            sum += textTokens(JSON.stringify(part));
        }
    }
    for (const part of picturesOf(prompt)) sum += await pictureTokens(part);
    return sum;
  };
}

function picturesOf(prompt: LanguageModelV4Prompt) {
  return prompt.flatMap((message) =>
    message.role === "system"
      ? []
      : message.content.filter((part) => part.type === "file" && part.mediaType.startsWith("image")),
  ) as Extract<
    Extract<LanguageModelV4Prompt[number], { role: "user" }>["content"][number],
    { type: "file" }
  >[];
}
