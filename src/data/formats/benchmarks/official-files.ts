// Finds the official files of a benchmark in its folder, by name, in the places where releases put them.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../../errors/index.ts";
import type { BenchmarkSource } from "./benchmark-reader.ts";

export interface FindFilesOptions {
  /** Folders to look in, below the benchmark's folder. @default [""] */
  folders?: readonly string[];
  /** Names the file in messages, such as `val_v1.0.json`. */
  usual: string;
  /** What to do when it is missing, one sentence. */
  hint?: string;
}

/** All files of the benchmark's folder whose name matches, sorted; empty when there are none. */
export async function filesNamed(
  folder: string,
  pattern: RegExp,
  folders: readonly string[] = [""],
): Promise<string[]> {
  const found: string[] = [];
  for (const place of folders) {
    const names = await readdir(path.join(folder, place)).catch(() => []);
    found.push(...names.filter((name) => pattern.test(name)).map((name) => path.join(folder, place, name)));
  }
  return found.sort();
}

/** The one file whose name matches, or the one that the path named. */
export async function officialFile(
  { folder, file }: BenchmarkSource,
  pattern: RegExp,
  { folders, usual, hint }: FindFilesOptions,
): Promise<string> {
  if (file !== undefined) return file;
  const found = await filesNamed(folder, pattern, folders);
  if (found.length === 1) return found[0]!;
  throw new InputError({
    where: `"${folder}"`,
    rule: `must hold ${usual}`,
    got: found.length === 0 ? "no such file" : found.map((name) => path.relative(folder, name)).join(" and "),
    hint: found.length === 0 ? hint : "Name the file instead of the folder.",
  });
}
