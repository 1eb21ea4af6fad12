// Things that a description names late, or that the model was not sure of, are often not there (LURE, Zhou et al.,
// arXiv 2310.00754). They are replaced by a mark, and the description is revised: by a model that sees the picture, or by leaving out what
// is marked.
import { InputError } from "../../errors/index.ts";
import { answerParts, escapeRegex, type InnerResult, technique, textOf } from "../../model/index.ts";
import type { LanguageModel, Technique } from "../../spec/index.ts";
import type { Detector } from "../tools/detector.ts";
import { type Mention, mentionsIn, rewriteList } from "./mentions.ts";

export interface LureOptions {
  /** What counts as a thing: all that it can name. */
  detector: Pick<Detector, "vocabulary">;
  /** `drop` leaves marked things out; `model` asks the same model, or `by`, to revise. @default "drop" */
  revise?: "drop" | "model";
  /** The model that revises. */
  by?: () => Promise<LanguageModel>;
  /** Things in this last share of the words are marked. @default 0.2 */
  late?: number;
  /** So are things whose first token has a negative log-probability above this. @default 0.9 */
  unsure?: number;
}

/** What stands in the place of a doubtful thing. */
export const doubtMark = "[IDK]";

const request =
  "According to the picture, remove the information that does not exist in the following description:";

/** Makes the technique that revises doubtful things. Answers that name fewer than two things are left alone. */
export function lure({ detector, revise = "drop", by, late = 0.2, unsure = 0.9 }: LureOptions): Technique {
  for (const [name, value, most] of [
    ["late", late, 1],
    ["unsure", unsure, 100],
  ] as const)
    if (!(value >= 0 && value <= most))
      throw new InputError({ where: "lure", rule: `${name} must be from 0 to ${most}`, got: String(value) });
  return technique("lure", { revise, late, unsure }, async function* ({ options, capabilities, call, emit }) {
    const sightline = {
      ...options.providerOptions?.sightline,
      ...(capabilities.logprobs && { logprobs: true }),
    };
    const draft = await call({ providerOptions: { ...options.providerOptions, sightline } }, "draft");
    const text = draft.text.trim();
    const mentions = mentionsIn(text, await detector.vocabulary());
    const doubts =
      mentions.length < 2 ? [] : doubtful(text, mentions, { surprises: surprisesOf(draft), late, unsure });
    if (doubts.length === 0) {
      if (text !== "") yield* answerParts(text);
      return { finishReason: draft.finishReason };
    }
    const masked = mask(text, doubts);
    let answer: string;
    if (revise === "drop") answer = dropMarked(masked);
    else {
      const ask = `${request} ${masked}`;
      const prompt = options.prompt.map((message, i) =>
        message.role === "user" && i === options.prompt.findLastIndex(({ role }) => role === "user")
          ? {
              ...message,
              content: [
                ...message.content.filter(({ type }) => type !== "text"),
                { type: "text" as const, text: ask },
              ],
            }
          : message,
      );
      answer = by
        ? textOf((await (await by()).doGenerate({ ...options, prompt })).content).trim()
        : (await call({ prompt }, "revise")).text.trim();
    }
    emit("answer-revised", { before: text, masked, after: answer, doubtful: doubts.map(({ name }) => name) });
    if (answer !== "") yield* answerParts(answer);
    return { finishReason: draft.finishReason };
  });
}

/** Things named late or with a surprising first token. */
export function doubtful(
  text: string,
  mentions: readonly Mention[],
  { surprises, late, unsure }: { surprises: ReadonlyMap<number, number>; late: number; unsure: number },
): Mention[] {
  const starts = [...text.matchAll(/\S+/g)].map(({ index }) => index);
  const from = starts[Math.ceil(starts.length * (1 - late))] ?? Number.POSITIVE_INFINITY;
  return mentions.filter((mention) => {
    // The thing's own first token, not that of the article or number before it.
    const name = text.slice(mention.start, mention.end).search(/\S+\s*$/) + mention.start;
    return name >= from || (surprises.get(name) ?? 0) > unsure;
  });
}

/** Where each token begins, and how surprising it was, -log p. */
function surprisesOf({ text, providerMetadata }: InnerResult): Map<number, number> {
  const told = providerMetadata?.sightline?.logprobs;
  const surprises = new Map<number, number>();
  const offset = text.length - text.trimStart().length;
  let at = 0;
  for (const entry of Array.isArray(told) ? told : []) {
    const { token, logprob } = entry as { token?: unknown; logprob?: unknown };
    if (typeof token !== "string" || typeof logprob !== "number") return new Map();
    const shown = at === 0 && surprises.size === 0 ? token.trimStart() : token;
    const lead = shown.length - shown.trimStart().length;
    surprises.set(at + lead - offset, -logprob);
    at += shown.length;
  }
  return surprises;
}

/** Replaces things by marks; marks that follow each other become one. */
export function mask(text: string, doubts: readonly Mention[]): string {
  let masked = text;
  for (const { start, end } of doubts.toSorted((a, b) => b.start - a.start))
    masked = `${masked.slice(0, start)}${doubtMark}${masked.slice(end)}`;
  const mark = escapeRegex(doubtMark);
  return masked.replace(new RegExp(`${mark}(?:(?:,|\\s|\\band\\b)*${mark})+`, "g"), doubtMark);
}

/** Leaves out the items of a list, or the sentences, that hold a mark. */
export function dropMarked(text: string): string {
  if (!/[.!?]\s+\S/.test(text)) {
    const list = rewriteList(text, (item) => (item.includes(doubtMark) ? undefined : item));
    if (list !== undefined) return list;
  }
  return text
    .split(/(?<=[.!?])\s+/)
    .filter((sentence) => !sentence.includes(doubtMark))
    .join(" ");
}
