// How many pixels and how many image tokens a picture is worth: `tiny` goes on training on crowds of small things and on long
// words, at three resolutions and with the cells of one resolution joined to fewer tokens. All runs see the same pictures and
// questions. (Things of the set `small` have 6 to 9 pixels even at 192, too few to name them by.)
// Usage: node bench/resolution.ts [steps] [folder of the runs]
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { openDataset } from "../src/data/formats/index.ts";
import { writeScenes } from "../src/data/scenes/index.ts";
import { type BridgeConfig, type Recipe, readExportedModel, visualTokens } from "../src/tune/index.ts";
import { type Answered, answersOf, firstOfEach } from "./lib/answers.ts";
import { metricsOf, tuneOnce } from "./lib/tune-once.ts";

const tiny = path.join(import.meta.dirname, "../models/tiny");
const looks = ["crowded", "words"] as const;
const questions = 1500;

const runs: readonly [name: string, imageSize: number, bridge?: BridgeConfig][] = [
  ["64 pixels", 64],
  ["128 pixels", 128],
  ["192 pixels", 192],
  ["192 pixels, 3 x 3 cells joined", 192, { kind: "mlp", shuffle: 3, hidden: 320, layers: 2 }],
];

const [steps = "600", folder = "checkpoints/resolution"] = process.argv.slice(2);
const root = path.resolve(folder);
await mkdir(root, { recursive: true });
const dataset = path.join(root, "train.jsonl");
await writeFile(dataset, (await Promise.all(looks.map(trainLines))).flat().join("\n"));

console.log("| pictures | tokens | crowds (n) | long words (n) | blind | step |");
console.log("|---|---|---|---|---|---|");
for (const [name, imageSize, bridge] of runs) {
  const recipe = await recipeOf(name, imageSize, bridge);
  const run = path.join(root, name.replace(/\W+/g, "-"));
  const model = await tuneOnce(run, recipe);
  const { stages } = await metricsOf(run);
  const { stepSeconds, evaluation } = stages[0]!;
  const shares: string[] = [];
  for (const look of looks) {
    const { samples, baseDir } = await openDataset(`scenes:val-${look}`);
    const answers = await answersOf(`local:${model}`, "direct", {
      samples: firstOfEach(samples, 60),
      baseDir,
    });
    shares.push(`${percent(right(answers))} (${answers.length})`);
    const types = Map.groupBy(answers, ({ sample }) => sample.type!);
    const byType = [...types].map(([type, asked]) => `${type} ${percent(right(asked))}`);
    process.stderr.write(`${name}, ${look}: ${byType.join(", ")}\n`);
  }
  const cells = [
    ...[name, `${visualTokens(recipe.model)}`, ...shares],
    percent(evaluation!.overall.blind!),
    `${stepSeconds!.toFixed(2)} s`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

/** Writes the training pictures of a look; its lines for a dataset beside them. */
async function trainLines(look: (typeof looks)[number]): Promise<string[]> {
  await writeScenes(
    { split: "train", family: look, count: questions, seed: 4 },
    { out: path.join(root, look), force: true },
  );
  const text = await readFile(path.join(root, look, "samples.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => line.replaceAll('"source":"images/', `"source":"${look}/images/`));
}

async function recipeOf(name: string, imageSize: number, bridge: BridgeConfig | undefined): Promise<Recipe> {
  const { config } = await readExportedModel(tiny);
  const count = Number(steps);
  return {
    ...{ name, seed: 31, workers: 2, start: tiny, checkpointEvery: count + 1 },
    model: { ...config, imageSize, thingMarks: false, ...(bridge && { bridge }) },
    pack: { slots: 80, rows: 72 },
    data: { questions: 4, conversations: 0, rationales: 0, own: { dataset, share: 1, validation: 0.05 } },
    evaluation: { every: count, pictures: 80 },
    stages: [
      {
        ...{
          name: "answer",
          objective: "answer",
          steps: count,
          batch: 4,
          learningRate: 0.003,
          accumulate: 1,
        },
        ...{ warmup: Math.ceil(count / 10), floor: 0.05, weightDecay: 0.01, clip: 1, groundWeight: 0 },
        // A bridge that starts anew has more to learn than what is taken over.
        parts: { vision: 0.3, bridge: bridge ? 3 : 1, language: 1 },
      },
    ],
  };
}

function right(answers: readonly Answered[]): number {
  return answers.reduce((sum, { score }) => sum + score, 0) / answers.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
