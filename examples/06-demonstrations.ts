// Learning from examples in the prompt: pictures belong to groups with letters that mean nothing by themselves, and the
// model is asked for the letter. Without demonstrations it cannot know; with four it goes by them, and a control that shows
// each demonstration with the letter of another tells whether it really does.
//   node examples/06-demonstrations.ts
import { openDataset } from "../src/data/index.ts";
import { callModel, createImageLoader, createScorer } from "../src/eval/index.ts";
import { balanced, createPool, show } from "../src/icl/index.ts";
import { resolveModel } from "../src/index.ts";

const { samples, baseDir } = await openDataset("scenes:val-groups");
const loadImage = createImageLoader({ baseDir });
const pool = createPool(samples.slice(0, 300), { loadImage });
const questions = samples.slice(400, 430);
const base = await resolveModel("tiny");
const scorer = createScorer();

for (const labels of ["own", "shuffled"] as const) {
  for (const k of [0, 4]) {
    const model = show(pool, { k, select: balanced(), order: "random", labels })(base);
    let right = 0;
    for (const [seed, sample] of questions.entries()) {
      const asked = { model, loadImage, seed, timeoutMs: 60_000, maxOutputTokens: 16 };
      const { text } = await callModel(sample, asked);
      right += (await scorer.score(text, sample)).score;
    }
    console.log(`${k} demonstrations, ${labels} labels: ${right} of ${questions.length} right`);
  }
}
