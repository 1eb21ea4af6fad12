// ScienceQA (lupantech/ScienceQA, data/scienceqa): problems.json, an object from problem id to { question, choices, answer,
// hint, image, subject, grade, solution, … } where answer is the position of the right choice, pid_splits.json with the
// ids of each split, and pictures in images/SPLIT/ID/image.png. Questions with and without a picture are read. The prompt
// is the hint as context, then the question; the choices follow as lettered lines.
import path from "node:path";
import { z } from "zod";
import { InputError } from "../../../errors/index.ts";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { findPictures, type Pictures } from "./pictures.ts";
import { readJson, samplesOfRecords, textOrNumber } from "./records.ts";

const problem = z
  .object({
    pid: z.string(),
    question: z.string().trim().min(1),
    choices: z.array(textOrNumber).min(2),
    answer: z.int("must be the position of the right choice").nonnegative(),
    hint: z.string().nullish(),
    image: z.string().nullish(),
    subject: z.string().min(1),
    grade: z.string().regex(/^grade\d+$/, 'must be like "grade4"'),
    solution: z.string().nullish(),
    split: z.string().optional(),
  })
  .refine(({ answer, choices }) => answer < choices.length, "answer: must be the position of a choice");

/** Reads ScienceQA. */
export const scienceQa: BenchmarkReader = {
  title: "ScienceQA",
  splits: ["test", "val", "train", "minitest", "minival", "trainval"],
  async read(source) {
    const folders = ["", "data", "data/scienceqa", "scienceqa"];
    const file = await officialFile(source, /^problems\.json$/, { folders, usual: "problems.json" });
    const splitsFile = path.join(path.dirname(file), "pid_splits.json");
    const ids = ((await readJson(splitsFile)) as Record<string, unknown> | null)?.[source.split];
    if (!Array.isArray(ids) || ids.length === 0) {
      const rule = `must have a list of problem ids for "${source.split}"`;
      throw new InputError({ where: splitsFile, rule, got: Array.isArray(ids) ? "an empty one" : "none" });
    }
    const all = (await readJson(file)) as Record<string, unknown>;
    const place = path.relative(source.folder, path.dirname(file)).split(path.sep).join("/");
    const pictures = findPictures(source, [path.posix.join(place, "images"), place, "images", ""]);
    const records = ids.map((pid) => ({
      number: Number(pid),
      value: withId(all?.[String(pid)], String(pid)),
    }));
    return samplesOfRecords(records, {
      ...{ file, onBadRow: source.onBadRow, schema: problem },
      toSample: (row) => toSample(row, source.split, pictures),
    });
  },
};

function withId(value: unknown, pid: string): unknown {
  return typeof value === "object" && value !== null ? { ...value, pid } : value;
}

function toSample(row: z.infer<typeof problem>, split: string, pictures: Pictures) {
  const { pid, question, choices, answer, subject, grade, image } = row;
  const hint = row.hint?.trim() ?? "";
  const names = image ? [`${row.split ?? split}/${pid}/${image}`, `${pid}/${image}`] : [];
  const source = names.map((name) => pictures.find(name)).find((found) => found !== undefined);
  if (image && source === undefined) return pictures.missing(names[0]!);
  const solution = row.solution?.trim();
  return {
    id: pid,
    ...(source ? { group: source } : {}),
    instruction: hint ? `Context: ${hint}\n${question}` : question,
    input: source ? [{ type: "image" as const, source }] : [],
    response: choices[answer]!,
    choices,
    answerType: "choice" as const,
    type: subject,
    ...(solution ? { rationale: solution } : {}),
    provenance: { dataset: "ScienceQA", split },
    extra: { answer: String.fromCharCode(65 + answer), grade: Number(grade.slice(5)), hasHint: hint !== "" },
  };
}
