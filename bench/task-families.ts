// Three ways to a task, as in figure 1 of the survey (arXiv 2306.13549), on one budget: a model that only describes pictures is
// fine-tuned on one task, or shown four examples, or tuned on the instructions of many tasks; and instruction tuning with a
// quarter, half and all of the families. Two families are never trained on.
// Usage: node bench/task-families.ts [steps] [folder of the runs]
// The runs are kept in the folder; a second call goes on where the first ended.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { openDataset } from "../src/data/formats/index.ts";
import { concepts } from "../src/data/scenes/concepts.ts";
import { type TrainedType, writeScenes } from "../src/data/scenes/index.ts";
import type { Sample } from "../src/spec/index.ts";
import { normaliseAnswer } from "../src/util/normalise-answer.ts";
import { type Answered, answersOf, firstOfEach } from "./lib/answers.ts";
import { families, makeCaptioner, recipeFrom } from "./lib/captioner.ts";
import { tuneOnce } from "./lib/tune-once.ts";

/** Never trained on: to compare, and to put two findings together. */
const heldOut: readonly TrainedType[] = ["comparison", "steps"];
const perType = 60;

const [steps = "300", folder = "checkpoints/task-families"] = process.argv.slice(2);
const root = path.resolve(folder);
await mkdir(root, { recursive: true });
const seed = 21;

const captioner = await makeCaptioner(root, { steps: Number(steps), seed });
const tuned = async (name: string, types: readonly TrainedType[]) => {
  const data = { types: [...types] };
  return tuneOnce(
    path.join(root, name),
    await recipeFrom(captioner, { name, steps: Number(steps), seed, data }),
  );
};
const demonstrations = path.join(root, "demonstrations");
await writeScenes({ split: "train", count: 900, seed: 5 }, { out: demonstrations, force: true });

const columns: [name: string, model: string, technique: string][] = [
  ["captions only", captioner, "direct"],
  ["captions only, 4 examples", captioner, `show(from=${demonstrations}/samples.jsonl, k=4, select=text)`],
  ["fine-tuned: counting", await tuned("counting", ["counting"]), "direct"],
  ["fine-tuned: position", await tuned("position", ["position"]), "direct"],
  ["instructions: 2 of 8 families", await tuned("families-2", families.slice(0, 2)), "direct"],
  ["instructions: 4 of 8 families", await tuned("families-4", families.slice(0, 4)), "direct"],
  ["instructions: 8 of 8 families", await tuned("families-8", families), "direct"],
];

const standard = await openDataset("scenes:val");
const several = await openDataset("scenes:val-steps");
const sets = [
  { baseDir: standard.baseDir, samples: firstOfEach(standard.samples, perType) },
  { baseDir: several.baseDir, samples: firstOfEach(several.samples, perType) },
];
const types = [...families, ...heldOut];
console.log(`| model | ${types.join(" | ")} | held out | behind grey | right form |`);
console.log(`|---|${types.map(() => "---|").join("")}---|---|---|`);
for (const [name, model, technique] of columns) {
  const answers: Answered[] = [];
  for (const set of sets) answers.push(...(await answersOf(`local:${model}`, technique, set)));
  const of = (wanted: readonly string[]) =>
    answers.filter(({ sample }) => wanted.includes(sample.type ?? ""));
  const cells = types.map((type) => percent(mean(of([type]).map(({ score }) => score))));
  const unseen = of(heldOut);
  const grey: Answered[] = [];
  for (const { samples, baseDir } of sets) {
    const asked = samples.filter(({ type }) => (heldOut as readonly string[]).includes(type ?? ""));
    grey.push(...(await answersOf(`local:${model}`, `blind ${technique}`, { samples: asked, baseDir })));
  }
  const hidden = percent(mean(grey.map(({ score }) => score)));
  const right = percent(mean(unseen.map(({ score }) => score)));
  const form = percent(mean(unseen.map((answer) => Number(hasForm(answer)))));
  console.log(`| ${name} | ${cells.join(" | ")} | ${right} | ${hidden} | ${form} |`);
}

/** True for an answer of the form that the question asks for: one of the two things, or a number. */
function hasForm({ sample, text }: Answered): boolean {
  const answer = normaliseAnswer(text);
  if (sample.type === "steps") return /^\d+$/.test(answer);
  return namesIn(sample).includes(answer);
}

/** The things that a question names, as it names them. */
function namesIn({ instruction }: Sample): string[] {
  const words = ` ${instruction.toLowerCase().replace(/[^a-z ]/g, " ")} `.replace(/ +/g, " ");
  return concepts.flatMap(({ name, plural }) => [name, plural]).filter((name) => words.includes(` ${name} `));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
