import path from "node:path";
import { Command } from "commander";
import type { AnnotatedPicture } from "../data/probes/index.ts";
import { type SceneFamily, sceneFamilies } from "../data/scenes/choose-questions.ts";
import { type SceneSplit, sceneSplits } from "../data/scenes/splits.ts";
import type { Sample } from "../spec/index.ts";
import { adaptCommand } from "./data-adapt.ts";
import { checkCommand } from "./data-check.ts";
import { exportCommand } from "./data-export.ts";
import { generateCommand } from "./data-generate.ts";
import { indexCommand } from "./data-index.ts";
import { mixCommand } from "./data-mix.ts";
import { showCommand } from "./data-show.ts";
import { numberBetween, oneOf, wholeNumber } from "./option-values.ts";
import { createProgress } from "./progress.ts";

interface ScenesOptions {
  out: string;
  count: number;
  seed: number;
  split: SceneSplit;
  family: SceneFamily;
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
    .option("--count <n>", "questions, as many of each type", wholeNumber(1), 2000)
    .option("--seed <n>", "the same seed gives the same files", wholeNumber(0), 1)
    .option("--split <name>", sceneSplits.join(", "), oneOf(sceneSplits), "test")
    .option("--family <name>", `kind of set: ${sceneFamilies.join(", ")}`, oneOf(sceneFamilies), "standard")
    .option("--force", "write into a folder that already has files")
    .action(writeSet);
  return new Command("data")
    .summary("make datasets")
    .description("Makes datasets.")
    .addCommand(scenes)
    .addCommand(popeCommand())
    .addCommand(chairCommand())
    .addCommand(adaptCommand())
    .addCommand(generateCommand())
    .addCommand(exportCommand())
    .addCommand(showCommand())
    .addCommand(indexCommand())
    .addCommand(mixCommand())
    .addCommand(checkCommand());
}

interface ProbeOptions {
  out: string;
  images?: string;
  seed: number;
  pictures?: number;
  minScore: number;
}

const annotationsText =
  "The annotations are COCO instances (.json), a JSONL of Samples with regions, or a JSONL with an image and its " +
  "objects (names) or detections (label, box, score) on each line. Every picture must be annotated whole.";

function popeCommand(): Command {
  const perPicture = "objects asked for in a picture, and as many absent ones";
  return probeCommand("pope", "questions about objects that are and are not in your annotated pictures")
    .description(
      "Writes POPE's yes/no questions, as many of each, with its three ways to choose absent objects. " +
        annotationsText,
    )
    .option("--per-picture <n>", perPicture, wholeNumber(1), 3)
    .action(async (annotations: string, options: ProbeOptions & { perPicture: number }) => {
      const { popeProbes } = await import("../data/probes/index.ts");
      await writeProbes(annotations, options, (pictures) => popeProbes(pictures, options));
    });
}

function chairCommand(): Command {
  return probeCommand("chair", "captions of your annotated pictures, to count objects that are not there")
    .description(
      `Writes one question for a caption of each picture, scored by the objects that it names. ${annotationsText}`,
    )
    .action(async (annotations: string, options: ProbeOptions) => {
      const { chairProbes } = await import("../data/probes/index.ts");
      await writeProbes(annotations, options, (pictures) => chairProbes(pictures, options));
    });
}

function probeCommand(name: string, summary: string): Command {
  return new Command(name)
    .summary(summary)
    .argument("<annotations>", "what is in the pictures")
    .requiredOption("--out <file>", "JSONL of Samples to write, which compare can ask")
    .option("--images <dir>", "folder of the pictures (default: that of the annotations)")
    .option("--seed <n>", "the same seed gives the same questions", wholeNumber(0), 0)
    .option("--pictures <n>", "ask about n pictures only, chosen by the seed", wholeNumber(1))
    .option("--min-score <n>", "leave out detections with a lower score", numberBetween(0, 1), 0);
}

async function writeProbes(
  annotations: string,
  { out, images, minScore }: ProbeOptions,
  make: (pictures: AnnotatedPicture[]) => Sample[],
): Promise<void> {
  const { readDetections } = await import("../data/probes/index.ts");
  const { formatSampleJsonl } = await import("../data/formats/index.ts");
  const { writeFileAtomic } = await import("../util/files.ts");
  const { checkWritable } = await import("./check-writable.ts");
  await checkWritable(out);
  const pictures = await readDetections(annotations, { imagesDir: images, minScore });
  const folder = path.dirname(path.resolve(out));
  // Paths in a dataset start from its file.
  const relative = (source: string) => (path.isAbsolute(source) ? path.relative(folder, source) : source);
  const probes = make(pictures.map((picture) => ({ ...picture, source: relative(picture.source) })));
  await writeFileAtomic(out, formatSampleJsonl(probes));
  const asked = new Set(probes.map(({ group }) => group)).size;
  console.log(`wrote ${probes.length} questions about ${asked} of ${pictures.length} pictures to ${out}`);
  const isOutside = pictures.some(({ source }) => relative(source).startsWith(".."));
  if (isOutside)
    console.log("The pictures are outside the folder of that file: ask it with --trust-dataset.");
}

async function writeSet({ out, count, seed, split, family, force }: ScenesOptions): Promise<void> {
  const { writeScenes } = await import("../data/scenes/write-scenes.ts");
  const progress = createProgress();
  progress.start("questions", count);
  let written: { questions: number; pictures: number };
  try {
    const set = { split, count, seed, family };
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
