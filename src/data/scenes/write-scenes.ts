// The generated world as files: `samples.jsonl` beside `images/*.png`. Every file is written whole or not at all,
// the samples last, so that they only name pictures that are there.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { contentHash } from "../../util/hash.ts";
import { formatSampleJsonl } from "../formats/sample-jsonl.ts";
import { chooseQuestions, type SceneSet } from "./choose-questions.ts";
import { encodeScene, loadWorldOf, sceneName, toSample } from "./dataset.ts";
import type { World } from "./world.ts";

/** Where to write, and what to say meanwhile. */
export interface WriteScenesOptions {
  /** Folder to write; made when missing. */
  out: string;
  /** Writes into a folder that already has files. @default false */
  force?: boolean;
  /** A world loaded already, with the styles of the split. @default loaded now */
  world?: World;
  /** Called after every picture with the number of questions so far. */
  onProgress?: (questions: number) => void;
}

/** Writes a set of questions and their pictures; gives back how many of each. */
export async function writeScenes(
  set: SceneSet,
  { out, force = false, world, onProgress }: WriteScenesOptions,
): Promise<{ questions: number; pictures: number }> {
  if (!force) await refuseUsedFolder(out);
  const atlas = world ?? (await loadWorldOf(set));
  const samples: Sample[] = [];
  let pictures = 0;
  try {
    for (const { scene, questions } of chooseQuestions(atlas, set)) {
      const png = await encodeScene(scene);
      const source = `images/${sceneName(scene)}.png`;
      await writeFileAtomic(path.join(out, source), png);
      for (const question of questions) samples.push(toSample(scene, question, source, contentHash(png)));
      pictures++;
      onProgress?.(samples.length);
    }
    await writeFileAtomic(path.join(out, "samples.jsonl"), formatSampleJsonl(samples));
  } catch (error) {
    throw isSystemError(error) ? cannotWrite(out, error) : error;
  }
  return { questions: samples.length, pictures };
}

async function refuseUsedFolder(out: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(out);
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return;
    throw isSystemError(error) ? cannotWrite(out, error) : error;
  }
  if (names.length === 0) return;
  throw new InputError({
    where: "--out",
    rule: "must be a new or empty folder",
    got: `"${out}" with ${names.length} ${names.length === 1 ? "entry" : "entries"}`,
    hint: "Add --force to write into it anyway.",
  });
}

function cannotWrite(out: string, error: NodeJS.ErrnoException): InputError {
  const reasons: Record<string, string> = {
    ENOTDIR: "it is a file, or below one",
    EACCES: "permission denied",
    EROFS: "read-only file system",
    ENOSPC: "no space left",
  };
  return new InputError({
    where: "--out",
    rule: `must be a folder that can be written`,
    got: `"${out}" (${reasons[error.code ?? ""] ?? error.code})`,
    cause: error,
  });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
