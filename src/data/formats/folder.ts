import { readdir } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";

const names = ["samples.jsonl", "questions.jsonl", "questions.csv"];

/** Whether a folder has files of rows, whatever they are called. */
export async function hasRows(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => /\.(jsonl?|ndjson|csv|tsv|parquet)$/i.test(name));
}

/** Finds the one questions file in a folder of pictures. */
export async function questionsFile(folder: string): Promise<string> {
  const found = (await readdir(folder)).filter((name) => names.includes(name));
  if (found.length === 1) return path.join(folder, found[0]!);
  throw new InputError({
    where: `"${folder}"`,
    rule: `must hold one of ${names.join(", ")}`,
    got: found.length === 0 ? "none of them" : found.join(" and "),
    hint:
      found.length === 0
        ? 'A line is {"image": "cat.png", "question": "…", "answer": "…"}.'
        : "Name the file.",
  });
}
