// Negative instructions, as LRV-Instruction tunes on them (Liu et al., arXiv 2306.14565), against POPE: the same model on the
// same number of pictures, of which none, a tenth, or all are also asked about things that are not there. The model that is
// tuned, and the run with all, are those of bench/task-families.ts where the folder has them.
// Usage: node bench/negatives.ts [steps] [folder of the runs]
import { spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { openDataset } from "../src/data/formats/index.ts";
import { popeSamplings } from "../src/data/probes/index.ts";
import { writeScenes } from "../src/data/scenes/index.ts";
import { wilsonInterval } from "../src/eval/statistics.ts";
import { normaliseAnswer } from "../src/util/normalise-answer.ts";
import { answersOf } from "./lib/answers.ts";
import { families, makeCaptioner, recipeFrom } from "./lib/captioner.ts";
import { tuneOnce } from "./lib/tune-once.ts";

const cli = path.join(import.meta.dirname, "../bin/sightline.js");
const [steps = "300", folder = "checkpoints/task-families"] = process.argv.slice(2);
const root = path.resolve(folder);
const seed = 21;
await mkdir(root, { recursive: true });
const captioner = await makeCaptioner(root, { steps: Number(steps), seed });

const pictures = path.join(root, "pictures");
const probesFile = path.join(root, "probes.jsonl");
await writeScenes({ split: "val", count: 900, seed: 8 }, { out: pictures, force: true });
const { status } = spawnSync(
  process.execPath,
  [
    cli,
    "data",
    "pope",
    path.join(pictures, "samples.jsonl"),
    "--seed",
    "1",
    "--pictures",
    "120",
    "--out",
    probesFile,
  ],
  { stdio: ["ignore", "ignore", "inherit"] },
);
if (status !== 0) throw new Error(`sightline data pope ended with ${status}`);
const probes = await openDataset(probesFile);

console.log("| negatives | sampling | probes | accuracy (95%) | precision | recall | F1 | yes |");
console.log("|---|---|---|---|---|---|---|---|");
for (const [name, negatives] of [
  ["families-8-no-negatives", 0],
  ["families-8-few-negatives", 0.1],
  ["families-8", undefined],
] as const) {
  const data = { types: [...families], ...(negatives !== undefined && { negatives }) };
  const recipe = await recipeFrom(captioner, { name, steps: Number(steps), seed, data });
  const model = await tuneOnce(path.join(root, name), recipe);
  const answers = await answersOf(`local:${model}`, "direct", probes);
  for (const sampling of popeSamplings) {
    const asked = answers.filter(({ sample }) => sample.type === sampling);
    const isYes = asked.map(({ text }) => normaliseAnswer(text) === "yes");
    const isThere = asked.map(({ sample }) => sample.response === "yes");
    const count = (of: (i: number) => boolean) => asked.filter((_, i) => of(i)).length;
    const hits = count((i) => isYes[i]! && isThere[i]!);
    const right = asked.filter(({ score }) => score === 1).length;
    const [low, high] = wilsonInterval(right, asked.length)!;
    const [precision, recall] = [hits / count((i) => isYes[i]!), hits / count((i) => isThere[i]!)];
    const cells = [
      ...[`${percent(negatives ?? 1)} of pictures`, sampling, `${asked.length}`],
      `${percent(right / asked.length)} (${percent(low)} to ${percent(high)})`,
      ...[precision, recall, (2 * precision * recall) / (precision + recall)].map(percent),
      percent(count((i) => isYes[i]!) / asked.length),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
