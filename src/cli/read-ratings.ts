import { readFile } from "node:fs/promises";
import { InputError } from "../errors/index.ts";
import { type ImportedRatings, importRatings, parseRatingKey } from "../eval/index.ts";

/** Reads the files that raters exported, with the key that was written beside their page. */
export async function readRatings(
  files: readonly string[],
  keyFile: string | undefined,
): Promise<ImportedRatings> {
  if (keyFile === undefined)
    throw new InputError({
      where: "--import-ratings",
      rule: "needs the key of the page",
      hint: "Add --key.",
    });
  const key = parseRatingKey(await readText(keyFile), keyFile);
  return importRatings(
    await Promise.all(files.map(async (name) => ({ name, text: await readText(name) }))),
    key,
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new InputError({ where: `"${file}"`, rule: "must be a readable file", cause });
  }
}
