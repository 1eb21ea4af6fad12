import { InputError } from "../../../errors/index.ts";
import { RowProblems } from "../../formats/row-problems.ts";
import { samplesOfShortRows, shortFields } from "../../formats/short-row.ts";
import type { InstructionFormat, RowValue } from "../row-view.ts";

interface ShortRow {
  id?: string | number;
  image?: string;
  question: string;
  type?: string;
  choices?: unknown[];
}

/** JSON Lines of the short form: image, question, answer. */
export const shortFormat: InstructionFormat = {
  name: "short",
  matches: (value) => "question" in value,
  isValid: isShort,
  explain(value) {
    const problems = new RowProblems("row");
    samplesOfShortRows([{ line: 1, value }], problems);
    try {
      problems.throwIfAny();
      return undefined;
    } catch (error) {
      if (InputError.isInstance(error)) return error.rule;
      throw error;
    }
  },
  view(value) {
    const { id, image, question, type, choices } = value as unknown as ShortRow;
    const images = (value.images as string[] | undefined) ?? [image!];
    const given = value.answer === undefined ? [] : [value.answer];
    const answers = [...given, ...((value.answers as unknown[] | undefined) ?? [])].map((a) =>
      String(a).trim(),
    );
    const isShortAnswer = answers.every((answer) => answer.split(/\s+/).length <= 4);
    return {
      ...(id === undefined ? {} : { id: String(id).trim() }),
      turns: [
        {
          role: "user",
          text: question,
          field: "question",
          pieces: [...images.map(() => "picture" as const), { text: question }],
        },
        { role: "assistant", text: answers[0]!, field: value.answer === undefined ? "answers[0]" : "answer" },
      ],
      pictures: images.map((source, i) => ({ source, field: value.images ? `images[${i}]` : "image" })),
      pictureParts: images.length,
      emptyParts: 0,
      countsPlaceholders: true,
      answerType: choices ? "choice" : type === "caption" ? "caption" : isShortAnswer ? "short" : "free",
    };
  },
  openFields: shortFields,
  uniqueIds: true,
};

function isShort(value: RowValue): boolean {
  const { id, image, images, question, answer, answers, choices, type } = value;
  // Whether an answer is among the choices is left to the reader.
  if (choices !== undefined) return false;
  if (image === undefined && images === undefined) return false;
  if (answer === undefined && answers === undefined) return false;
  return (
    (id === undefined || isFilled(id)) &&
    (image === undefined || (typeof image === "string" && image !== "")) &&
    (images === undefined || (isList(images) && images.every((i) => typeof i === "string" && i !== ""))) &&
    typeof question === "string" &&
    question.trim() !== "" &&
    (answer === undefined || isFilled(answer)) &&
    (answers === undefined || (isList(answers) && answers.every(isFilled))) &&
    (type === undefined || (typeof type === "string" && type.trim() !== ""))
  );
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > 0;
}

/** Text that is not blank, or a number. */
function isFilled(value: unknown): boolean {
  return typeof value === "string" ? value.trim() !== "" : Number.isFinite(value);
}
