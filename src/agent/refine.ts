// The language model as semantics refiner (section 4.2 of the survey): what other models and tools found becomes fluent text
// under the controls of Caption Anything (Wang et al., arXiv 2305.02677): length, sentiment, language, factuality. The
// controls that code can check are checked, and a text that breaks one is asked for again; if it stays so, the draft
// stands and the trace says why. The writer sees words only, never the picture.
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import { answerParts, technique, textOf } from "../model/index.ts";
import { splitTags } from "../model/split-reasoning.ts";
import type { LanguageModel, Technique } from "../spec/index.ts";
import { digits } from "../util/normalise-answer.ts";
import { markData } from "./untrusted.ts";

export const sentiments = ["positive", "natural", "negative"] as const;

export interface RefineOptions {
  /** The language model that writes. @default the model that gave the draft */
  by?: () => Promise<LanguageModel>;
  /** Most words of the text. @default as many as it takes */
  words?: number;
  /** @default "natural" */
  sentiment?: (typeof sentiments)[number];
  /** Name of the language of the text, such as "German". @default that of the draft */
  language?: string;
  /** Nothing is said that the draft does not say. False lets the writer imagine more. @default true */
  factual?: boolean;
  /** Times that a text is asked for again. @default 2 */
  retries?: number;
}

/** Characters of the draft that the writer is given. */
const maxDraft = 8000;

/** Makes the technique that rewrites the model's answer. An empty answer goes on as it is. */
export function refine({
  by,
  words,
  sentiment = "natural",
  language,
  factual = true,
  retries = 2,
}: RefineOptions = {}): Technique {
  if (words !== undefined && !(Number.isInteger(words) && words > 0))
    throw new InputError({
      where: "refine",
      rule: "words must be a whole number above 0",
      got: String(words),
    });
  if (language !== undefined && !/^\p{L}[\p{L} -]{1,39}$/u.test(language))
    throw new InputError({
      where: "refine",
      rule: "language must be the name of a language",
      got: JSON.stringify(language),
    });
  const rules = [
    ...(words === undefined ? [] : [`Write at most ${words} word${words === 1 ? "" : "s"}.`]),
    ...(sentiment === "natural" ? [] : [`Let it sound ${sentiment}.`]),
    ...(language === undefined ? [] : [`Write in ${language}.`]),
    factual
      ? "Say nothing that the notes do not say, and change no number and no name."
      : "You may add what is likely, but contradict nothing in the notes.",
  ];
  const request = `Rewrite these notes about a picture as one fluent text. ${rules.join(" ")} Write the text only.`;
  const settings = { by: by !== undefined, sentiment, factual, retries };
  return technique(
    "refine",
    {
      ...settings,
      ...(words === undefined ? {} : { words }),
      ...(language === undefined ? {} : { language }),
    },
    async function* ({ call, emit, signal }) {
      const draft = await call({}, "draft");
      const notes = draft.text.trim();
      if (notes === "") return { finishReason: draft.finishReason };
      const writer = by && (await by());
      const write = async (text: string) => {
        const prompt: LanguageModelV4CallOptions["prompt"] = [
          { role: "user", content: [{ type: "text", text }] },
        ];
        const asked = { prompt, temperature: 0, responseFormat: undefined, tools: undefined };
        const written = writer
          ? textOf((await writer.doGenerate({ prompt, temperature: 0, abortSignal: signal })).content)
          : (await call(asked, "refine")).text;
        return splitTags(written).text.trim();
      };
      const first = `${request}\n${markData(notes, maxDraft)}`;
      let faults: string[] = [];
      for (let attempt = 0; attempt <= retries; attempt++) {
        const again = faults.length > 0 ? `\nYour last text was refused: ${faults.join(" ")}` : "";
        const text = await write(first + again);
        faults = faultsOf(text, notes, { words, factual });
        if (faults.length > 0) continue;
        emit("answer-refined", { before: notes, after: text, attempts: attempt + 1 });
        yield* answerParts(text);
        return { finishReason: draft.finishReason };
      }
      emit("refine-failed", { faults, attempts: retries + 1 });
      yield* answerParts(notes);
      return {
        finishReason: draft.finishReason,
        providerMetadata: { sightline: { problem: "not-refined" } },
      };
    },
  );
}

/** What code can see to be against the controls, as sentences that the writer is told. */
export function faultsOf(
  text: string,
  notes: string,
  { words, factual = true }: Pick<RefineOptions, "words" | "factual">,
): string[] {
  const faults: string[] = [];
  if (text === "") return ["It was empty."];
  const count = [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)].filter(
    ({ isWordLike }) => isWordLike,
  ).length;
  if (words !== undefined && count > words) faults.push(`It had ${count} words, and ${words} are the most.`);
  if (factual) {
    const known = numbersIn(notes);
    const added = [...numbersIn(text)].filter((number) => !known.has(number));
    if (added.length > 0) faults.push(`The notes do not say ${added.join(", ")}.`);
    for (const [, quoted = ""] of text.matchAll(/["“„«]([^"“”„«»]{1,200})["”“»]/gu))
      if (!notes.toLowerCase().includes(quoted.toLowerCase()))
        faults.push(`The notes do not say ${JSON.stringify(quoted)}.`);
  }
  return faults;
}

/** Numbers in digits and in English words. One is left out: "a dog" says it too, and "one" says other things. */
function numbersIn(text: string): Set<string> {
  const found = text.match(/\d+(?:[.,]\d+)*|\p{L}+/gu) ?? [];
  const numbers = found.map((word) => digits(word.toLowerCase())).filter((word) => /^\d/.test(word));
  return new Set(numbers.filter((number) => number !== "1"));
}
