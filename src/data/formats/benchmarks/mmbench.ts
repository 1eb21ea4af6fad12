// MMBench (OpenCompass): a TSV with index, question, hint, A, B, C, D, answer, category, l2-category and image, the picture
// as base64, or the index of another row that has it. The official file may hold the shifted passes of CircularEval too,
// with index + 1,000,000 for each shift; they are checked to be shifts and left to the task, which makes the same passes
// from the question itself, so that a sample of the questions keeps whole groups.
//
// A file is some 100 MB and more of base64. Held as data URLs in the Samples it would be in memory several times, so
// each picture goes to a file once, in the folder NAME-images beside NAME.tsv or in the pictures folder that was given,
// and a later opening finds it there.
import { mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InputError } from "../../../errors/index.ts";
import { checkImageBytes } from "../../../media/index.ts";
import type { Sample } from "../../../spec/index.ts";
import { issueText } from "../../schema/index.ts";
import { RowProblems } from "../row-problems.ts";
import type { BenchmarkReader, BenchmarkSource } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { whatToDo } from "./records.ts";
import { readTsv } from "./tsv.ts";

const row = z.object({
  index: z.string().regex(/^\d+$/, "must be a whole number"),
  question: z.string().trim().min(1),
  hint: z.string().optional(),
  answer: z.string().optional(),
  category: z.string().optional(),
  "l2-category": z.string().optional(),
  image: z.string().min(1),
});

/** Shifted passes have the question's index and a multiple of this. */
const passStep = 1_000_000;
/** Base64 of a picture is longer than any index; VLMEvalKit draws the same line. */
const longestIndex = 64;
const hint = "Use a split with answers, such as mmbench@dev:FOLDER.";

interface Question {
  line: number;
  index: number;
  /** File name of the picture, or the index of the row that has it. */
  picture: { file: string } | { sameAs: string };
  instruction: string;
  choices: string[];
  answer: number;
  category: string | undefined;
  ability: string | undefined;
}

/** Reads MMBench. */
export const mmbench: BenchmarkReader = {
  title: "MMBench",
  splits: ["dev", "test"],
  async read(source) {
    const file = await officialFile(source, new RegExp(`^mmbench.*${source.split}.*\\.tsv$`, "i"), {
      usual: `a file like MMBench_${source.split.toUpperCase()}_EN.tsv`,
    });
    const folder = source.pictures ?? path.join(source.folder, `${path.basename(file, ".tsv")}-images`);
    const problems = new RowProblems(file, "line", source.onBadRow);
    const questions: Question[] = [];
    const fileOfIndex = new Map<string, string>();
    await readTsv(file, async ({ line, value }) => {
      if (typeof value === "string") return problems.add(line, value);
      const question = toQuestion(line, value);
      if (typeof question === "string") return problems.add(line, question);
      const { image, index } = value as { image: string; index: string };
      if (image.length > longestIndex && question.index < passStep) {
        const name = await keepPicture(image, { folder, index, where: `${file}:${line}` });
        fileOfIndex.set(String(question.index), name);
        question.picture = { file: name };
      }
      questions.push(question);
    });
    const groups = [...Map.groupBy(questions, ({ index }) => index % passStep)];
    const samples = groups.flatMap(([id, passes]) => {
      const base = passes.find(({ index }) => index === id);
      if (!base) problems.add(passes[0]!.line, `index: question ${id} itself must be in the file too`);
      else if (checkPasses(base, passes, problems)) {
        const name = "file" in base.picture ? base.picture.file : fileOfIndex.get(base.picture.sameAs);
        if (name !== undefined) return [toSample(base, pictureSource(source, folder, name), source.split)];
        problems.add(base.line, `image: must be base64 or the index of a row with a picture`);
      }
      return [];
    });
    problems.finish(samples.length, whatToDo(problems, hint));
    return samples;
  },
};

function toQuestion(line: number, value: Record<string, string>): Question | string {
  const result = row.safeParse(value);
  if (!result.success) return issueText(result.error);
  const { index, question, hint, answer, category, image } = result.data;
  const cells = [..."ABCDEFGHIJ"].map((letter) => value[letter]?.trim() ?? "");
  const count = cells.indexOf("");
  const choices = count < 0 ? cells : cells.slice(0, count);
  if (choices.length < 2 || cells.slice(choices.length).some((cell) => cell !== "")) {
    return "A, B, …: must be at least two options without a gap";
  }
  if (!answer?.trim()) return "answer: missing, the answers of this split are not public";
  const at = answer.trim().length === 1 ? answer.trim().charCodeAt(0) - 65 : -1;
  if (at < 0 || at >= choices.length) return `answer: must be the letter of an option, got "${answer}"`;
  return {
    ...{ line, index: Number(index), choices, answer: at },
    // The base64 itself is not kept: the caller writes it to a file.
    picture: { sameAs: image.length > longestIndex ? "" : image },
    instruction: hint?.trim() ? `${hint.trim()}\n${question}` : question,
    category: category?.trim() || undefined,
    ability: result.data["l2-category"]?.trim() || undefined,
  };
}

/** Writes a picture unless it is there already; returns its file name. */
async function keepPicture(
  base64: string,
  { folder, index, where }: { folder: string; index: string; where: string },
): Promise<string> {
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  const extension = checkImageBytes(bytes, `${where}: image`).replace("image/", "").replace("jpeg", "jpg");
  const name = `${Number(index)}.${extension}`;
  const file = path.join(folder, name);
  try {
    const { size } = await stat(file).catch(() => ({ size: -1 }));
    if (size === bytes.length) return name;
    await mkdir(folder, { recursive: true });
    await writeFile(file, bytes);
    return name;
  } catch (error) {
    throw new InputError({
      where: `"${folder}"`,
      rule: "must be a folder that the pictures of the TSV can be written to",
      got: (error as NodeJS.ErrnoException).code,
      hint: "Name another one behind a comma: mmbench:FOLDER,PICTURES.",
      cause: error,
    });
  }
}

/** True when the passes of a question have its options, shifted, and the same right one. */
function checkPasses(base: Question, passes: readonly Question[], problems: RowProblems): boolean {
  const cycle = base.choices.map((_, shift) =>
    JSON.stringify([...base.choices.slice(shift), ...base.choices.slice(0, shift)]),
  );
  const wrong = passes.filter(
    ({ choices, answer }) =>
      !cycle.includes(JSON.stringify(choices)) || choices[answer] !== base.choices[base.answer],
  );
  for (const { line, index } of wrong) {
    problems.add(line, `index ${index}: must be question ${base.index} with its options shifted`);
  }
  return wrong.length === 0;
}

/** The picture's path from the dataset's base folder, which is the pictures folder when one was given. */
function pictureSource(source: BenchmarkSource, folder: string, name: string): string {
  return path.posix.join(source.pictures === undefined ? path.basename(folder) : "", name);
}

function toSample(base: Question, source: string, split: string): Sample {
  const { index, instruction, choices, answer, category, ability } = base;
  return {
    id: String(index),
    group: source,
    instruction,
    input: [{ type: "image", source }],
    response: choices[answer]!,
    choices,
    answerType: "choice",
    ...(category ? { type: category } : {}),
    provenance: { dataset: "MMBench", split },
    extra: { answer: String.fromCharCode(65 + answer), ...(ability ? { ability } : {}) },
  };
}
