// Corrects an answer by looking again (Woodpecker, Yin et al., arXiv 2310.16045), in its five steps: (1) which things does the answer
// name, (2) what is to be asked of them, (3) a detector and a vision model look, (4) what they saw becomes a list of
// claims, (5) the answer is rewritten to agree with it. A language model (`by`) does steps 1, 2 and 5 for any text.
// Without one, rules do them for what rules can: things that the detector can name, how many there are, and whether they are there.

import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { answerParts, technique, textOf } from "../../model/index.ts";
import type { Box, LanguageModel, Technique } from "../../spec/index.ts";
import { onlyPicture } from "../only-picture.ts";
import type { DetectedThing, Detector } from "../tools/detector.ts";
import { markData } from "../untrusted.ts";
import { counted, mentionsIn, rewriteList } from "./mentions.ts";

export interface WoodpeckerOptions {
  detector: Detector;
  /** A language model for texts that rules cannot take apart. */
  by?: () => Promise<LanguageModel>;
  /** The vision model that answers questions about attributes; asked only where `by` writes such questions. */
  ask?: (picture: Uint8Array, question: string, signal: AbortSignal) => Promise<string>;
}

/** What was seen of one thing. */
interface Claim {
  name: string;
  boxes: Box[];
}

/** Makes the technique that corrects what the model answers. Prompts without exactly one picture go on as they are. */
export function woodpecker({ detector, by, ask }: WoodpeckerOptions): Technique {
  return technique(
    "woodpecker",
    { by: by !== undefined },
    async function* ({ options, query, signal, call, emit }) {
      const draft = await call({}, "draft");
      const text = draft.text.trim();
      const bytes = onlyPicture(options.prompt);
      const done = function* (answer: string) {
        if (answer !== "") yield* answerParts(answer);
      };
      if (!bytes || text === "") {
        yield* done(text);
        return { finishReason: draft.finishReason };
      }
      const vocabulary = await detector.vocabulary();
      const corrector = by && (await by());
      const write = (prompt: string) => written(corrector!, prompt, signal);
      const about = isYesOrNo(text) ? query.question : text;
      const names = corrector
        ? namesIn(await write(`${namesRequest}\n${markData(about, 4000)}`))
        : [...new Set(mentionsIn(about, vocabulary).map(({ name }) => name))];
      if (names.length === 0) {
        yield* done(text);
        return { finishReason: draft.finishReason };
      }
      const things = await detector.detect(bytes, { signal });
      const claims = names.map((name) => claimOf(name, things));
      const known = claims.filter(({ name }) => vocabulary.includes(name));
      let answer: string;
      const details: string[] = [];
      if (corrector) {
        if (ask)
          for (const question of questionsIn(
            await write(`${questionsRequest}\n${markData({ text: about, things: names }, 4000)}`),
          ))
            details.push(`${question} ${await ask(bytes, question, signal)}`);
        answer = await write(
          `${rewriteRequest}\n${markData({ question: query.question, answer: text, counting: claimTexts(known), overall: details }, 6000)}`,
        );
      } else answer = correctByRules(text, query.question, known);
      emit("answer-corrected", {
        before: text,
        after: answer,
        claims: known.map(({ name, boxes }) => ({ name, boxes })),
        details,
      });
      yield* done(answer === "" ? text : answer);
      return { finishReason: draft.finishReason };
    },
    { imageBytes: true },
  );
}

const namesRequest =
  "List the things one could see in a picture that this text names: singular, without number or colour, joined by full stops. Write none if it names none. Write nothing else.";
const questionsRequest =
  "Write short questions about attributes and positions (never about number or existence) that check what this text says of these things, one a line, at most five. Write nothing else.";
const rewriteRequest =
  "The answer may say things of a picture that are not so. Rewrite it so that it agrees with what was seen (counting, overall), and change nothing else. What was counted as 0 is not in the picture. Write only the answer.";

/** Whether things are there, and how many, as far as rules can put it into an answer. */
export function correctByRules(text: string, question: string, claims: readonly Claim[]): string {
  const seen = new Map(claims.map(({ name, boxes }) => [name, boxes.length]));
  const vocabulary = [...seen.keys()];
  if (isYesOrNo(text)) {
    const asked = mentionsIn(question, vocabulary);
    // "Are there more dogs than cats?" asks something else.
    if (
      new Set(asked.map(({ name }) => name)).size !== 1 ||
      !/\b(is|are) there\b|\b(see|show|contain)s?\b|\bin (the|this)\b/i.test(question)
    )
      return text;
    const isThere = seen.get(asked[0]!.name)! > 0;
    if (isThere === /^yes/i.test(text)) return text;
    const word = isThere ? "yes" : "no";
    return text.replace(/^(yes|no)/i, (old) =>
      /^[A-Z]/.test(old) ? `${word[0]!.toUpperCase()}${word.slice(1)}` : word,
    );
  }
  const rewritten = rewriteList(text, (item) => {
    const [mention, ...others] = mentionsIn(item, vocabulary);
    // An item that says more than what is there ("a dog on a mat") is no matter of counts alone.
    if (!mention || others.length > 0 || mention.end - mention.start < item.length) return item;
    const count = seen.get(mention.name)!;
    if (count === 0) return undefined;
    if (mention.count === undefined || mention.count === count) return item;
    return `${item.slice(0, mention.start)}${counted(mention.name, count)}${item.slice(mention.end)}`;
  });
  return rewritten ?? text;
}

function claimOf(name: string, things: readonly DetectedThing[]): Claim {
  return { name, boxes: things.filter((thing) => thing.name === name).map(({ box }) => box) };
}

function claimTexts(claims: readonly Claim[]): string[] {
  return claims.map(
    ({ name, boxes }) =>
      `${name}: ${boxes.length}${boxes.length > 0 ? ` at ${boxes.map((box) => `[${box.join(", ")}]`).join("; ")}` : ""}`,
  );
}

function namesIn(reply: string): string[] {
  const names = reply
    .toLowerCase()
    .split(/[.\n,]+/)
    .map((name) => name.trim().replace(/^(an?|the)\s+/, ""));
  return [...new Set(names)]
    .filter((name) => name !== "" && name !== "none" && name.length <= 60)
    .slice(0, 20);
}

function questionsIn(reply: string): string[] {
  return reply
    .split("\n")
    .map((line) => line.replace(/^[\s\d.*-]+/, "").trim())
    .filter((line) => line.endsWith("?"))
    .slice(0, 5);
}

function isYesOrNo(text: string): boolean {
  return /^(yes|no)\b/i.test(text);
}

async function written(model: LanguageModel, text: string, abortSignal: AbortSignal): Promise<string> {
  const prompt: LanguageModelV4CallOptions["prompt"] = [{ role: "user", content: [{ type: "text", text }] }];
  return textOf((await model.doGenerate({ prompt, abortSignal, temperature: 0 })).content).trim();
}
