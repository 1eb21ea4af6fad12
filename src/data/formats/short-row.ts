// The short form that people have at hand, one question a row: { image, question, answer } and, when there is more to
// say, id, images, answers, choices, type. Other fields are kept in the Sample's `extra`.
import { z } from "zod";
import type { AnswerType, Sample } from "../../spec/index.ts";
import { nearest } from "../../util/text.ts";
import { issueText } from "../schema/index.ts";
import type { Row } from "./json-lines.ts";
import type { RowProblems } from "./row-problems.ts";

const text = z
  .union([z.string(), z.number()], "must be text or a number")
  .transform((value) => String(value).trim());
const filled = text.refine((value) => value !== "", "must not be empty");

const shortRowSchema = z.object({
  id: filled.optional(),
  image: z.string("must be a path or URL").min(1).optional(),
  images: z.array(z.string().min(1)).min(1).optional(),
  question: z.string().trim().min(1),
  answer: filled.optional(),
  answers: z.array(filled).min(1).optional(),
  choices: z.array(filled).min(2).optional(),
  type: z.string("must be text").trim().min(1).optional(),
});

/** Names of the short form's fields. */
export const shortFields = Object.keys(shortRowSchema.shape);

/**
 * Turns rows of the short form into Samples. A row without an id gets its number among the rows, from 1.
 * @param before rows that came before these
 */
export function samplesOfShortRows(
  rows: Row[],
  problems: RowProblems,
  before = 0,
): { line: number; sample: Sample }[] {
  const samples: { line: number; sample: Sample }[] = [];
  for (const [index, { line, value }] of rows.entries()) {
    const result = shortRowSchema.safeParse(value);
    if (!result.success) {
      problems.add(line, withSlip(issueText(result.error), result.error.issues[0]!.path[0], value));
      continue;
    }
    const problem = checkShortRow(result.data);
    if (problem) problems.add(line, withSlip(problem, problem.split(":")[0], value));
    else samples.push({ line, sample: toSample(result.data, value as object, String(before + index + 1)) });
  }
  return samples;
}

type ShortRow = z.infer<typeof shortRowSchema>;

function checkShortRow({ image, images, answer, answers, choices }: ShortRow): string | undefined {
  if (image === undefined && images === undefined) return "image: missing, must be a path or URL";
  if (answer === undefined && answers === undefined) return "answer: missing, must be the reference answer";
  if (!choices) return undefined;
  for (const reference of answers ?? [answer!]) {
    if (optionOf(reference, choices) === undefined) {
      return `answer: must be one of the choices or its letter, got ${JSON.stringify(reference)}`;
    }
  }
  return undefined;
}

function toSample(row: ShortRow, value: object, fallbackId: string): Sample {
  const { choices, type } = row;
  const images = row.images ?? [row.image!];
  const references = row.answers ?? [row.answer!];
  const answers = choices ? references.map((reference) => optionOf(reference, choices)!) : references;
  const extra = Object.fromEntries(Object.entries(value).filter(([key]) => !shortFields.includes(key)));
  return {
    id: row.id ?? fallbackId,
    group: images.join(" "),
    instruction: row.question,
    input: images.map((source) => ({ type: "image", source })),
    response:
      row.answer !== undefined && choices ? optionOf(row.answer, choices)! : (row.answer ?? answers[0]!),
    ...(answers.length > 1 || row.answers ? { answers } : {}),
    ...(choices ? { choices } : {}),
    answerType: answerTypeOf(row, answers),
    ...(type ? { type } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

/** A model is asked for a word or phrase when the references are that short; the rows do not say it themselves. */
function answerTypeOf({ choices, type }: ShortRow, answers: string[]): AnswerType {
  if (choices) return "choice";
  if (type === "caption") return "caption";
  return answers.every((answer) => answer.split(/\s+/).length <= 4) ? "short" : "free";
}

/** The option that a reference answer names, by its text or by its letter. */
function optionOf(reference: string, choices: string[]): string | undefined {
  const same = choices.find((choice) => choice.toLowerCase() === reference.toLowerCase());
  if (same !== undefined) return same;
  const letter = /^\(?([A-Za-z])[).]?$/.exec(reference)?.[1];
  return letter ? choices[letter.toUpperCase().charCodeAt(0) - 65] : undefined;
}

/** Adds the field that was probably meant to a message about a missing one. */
function withSlip(message: string, field: PropertyKey | undefined, value: unknown): string {
  if (!/: missing/.test(message) || typeof field !== "string") return message;
  const strangers = Object.keys(value as object).filter((key) => !shortFields.includes(key));
  const slip = nearest(field, strangers);
  return slip ? `${message} (there is a field "${slip}")` : message;
}
