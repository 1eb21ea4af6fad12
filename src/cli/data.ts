import { Command, InvalidArgumentError } from "commander";
import { type SceneSplit, sceneSplits } from "../data/scenes/splits.ts";
import { nearest } from "../util/text.ts";
import { wholeNumber } from "./option-values.ts";
import { createProgress } from "./progress.ts";

interface ScenesOptions {
  out: string;
  count: number;
  seed: number;
  split: SceneSplit;
  force?: boolean;
}

/** Defines `sightline data`. */
export function dataCommand(): Command {
  const scenes = new Command("scenes")
    .summary("pictures of the generated world, with questions and answers")
    .description(
      "Writes pictures of the generated world and questions about them: samples.jsonl and images/*.png.",
    )
    .requiredOption("--out <dir>", "folder to write")
    .option("--count <n>", "questions, as many of each of the nine types", wholeNumber(1), 2000)
    .option("--seed <n>", "the same seed gives the same files", wholeNumber(0), 1)
    .option("--split <name>", sceneSplits.join(", "), splitName, "test")
    .option("--force", "write into a folder that already has files")
    .action(writeSet);
  return new Command("data").summary("make datasets").description("Makes datasets.").addCommand(scenes);
}

async function writeSet({ out, count, seed, split, force }: ScenesOptions): Promise<void> {
  const { writeScenes } = await import("../data/scenes/write-scenes.ts");
  const progress = createProgress();
  progress.start("questions", count);
  let written: { questions: number; pictures: number };
  try {
    const set = { split, count, seed };
    written = await writeScenes(set, { out, force, onProgress: (done) => progress.advance(done) });
  } finally {
    progress.stop();
  }
  console.log(`wrote ${written.questions} questions about ${written.pictures} pictures to ${out}`);
  if (split === "test-style")
    console.log(
      "These pictures are OpenMoji art (CC BY-SA 4.0): name it and share alike when you pass them on.",
    );
}

function splitName(text: string): SceneSplit {
  const found = sceneSplits.find((split) => split === text);
  if (found) return found;
  const slip = nearest(text, sceneSplits);
  throw new InvalidArgumentError(
    `It must be one of ${sceneSplits.join(", ")}.${slip ? ` Did you mean ${slip}?` : ""}`,
  );
}
