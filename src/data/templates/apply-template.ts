// A benchmark's question as an instruction: a template drawn for the sample, and a sentence that says how long the
// answer should be. The draw depends on the seed and the sample's id only, so that order and splits do not change it.
import type { Sample } from "../../spec/index.ts";
import { createRng } from "../../util/rng.ts";
import {
  asksShort,
  captionTemplates,
  optionLetterSentence,
  shortAnswerSentence,
  vqaTemplates,
  vqgTemplates,
} from "./pools.ts";

/** Pools of templates by what they are for. */
export const templatePools = ["vqa", "caption", "vqg"] as const;
export type TemplatePool = (typeof templatePools)[number];

export interface ApplyTemplateOptions {
  pool: TemplatePool;
  /** @default 0 */
  seed?: number;
  /** Says that a short answer or a letter is wanted, where the template does not. @default true */
  lengthControl?: boolean;
}

/** Rewrites the instruction by a template of the pool; undefined for a Sample that the pool is not for. */
export function applyTemplate(
  sample: Sample,
  { pool, seed = 0, lengthControl = true }: ApplyTemplateOptions,
): Sample | undefined {
  const isCaption = sample.answerType === "caption";
  if (sample.turns || isCaption !== (pool === "caption")) return undefined;
  const rng = createRng("template", pool, seed, sample.id);
  if (pool === "caption") return { ...sample, instruction: rng.pick(captionTemplates) };
  const answer = sample.response ?? sample.answers?.[0];
  if (pool === "vqg") {
    if (answer === undefined || sample.choices) return undefined;
    const { answers: _, answerType: __, ...rest } = sample;
    const instruction = fill(rng.pick(vqgTemplates), "Answer", answer);
    return { ...rest, instruction, response: sample.instruction, answerType: "free" };
  }
  const template = rng.pick(vqaTemplates).replace("<Image> ", "");
  const instruction = fill(template, "Question", sample.instruction);
  if (!lengthControl) return { ...sample, instruction };
  if (sample.choices) return askForLetter(sample, sample.choices, instruction, answer);
  const isShort = ["short", "number", "yes-no"].includes(sample.answerType ?? "");
  if (!isShort || asksShort(template)) return { ...sample, instruction };
  return { ...sample, instruction: `${instruction}\n${shortAnswerSentence}` };
}

/** Puts the options under the question and makes the response the letter of the right one. */
function askForLetter(sample: Sample, choices: string[], instruction: string, answer?: string): Sample {
  const letter = (i: number) => String.fromCharCode(65 + i);
  const lines = choices.map((choice, i) => `${letter(i)}. ${choice}`);
  const right = choices.indexOf(answer ?? "");
  return {
    ...sample,
    instruction: [instruction, ...lines, optionLetterSentence].join("\n"),
    ...(right >= 0 ? { response: letter(right) } : {}),
    // The accepted answers stay texts of options; `answers` must not be taken from the letter.
    ...(right >= 0 && !sample.answers ? { answers: [choices[right]!] } : {}),
  };
}

function fill(template: string, name: string, value: string): string {
  return template.replace(`{${name}}`, () => value);
}
