// Measuring in code: the same questions to the bundled model with and without its picture, every answer kept.
//   node examples/03-measure.ts
import { limitSamples, openDataset } from "../src/data/index.ts";
import {
  createImageLoader,
  createScorer,
  formatTable,
  makeManifest,
  measureColumns,
  modelColumn,
  parseTechnique,
} from "../src/eval/index.ts";
import { resolveModel } from "../src/index.ts";
import { openStore } from "../src/store/index.ts";

const dataset = await openDataset("scenes:demo");
const samples = limitSamples(dataset.samples, 20);
const model = await resolveModel("tiny");
const loadImage = createImageLoader({ baseDir: dataset.baseDir });
const columns = ["direct", "blind"].map((technique) =>
  modelColumn({
    ...{ name: technique, technique, modelName: "tiny", concurrency: 1, loadImage },
    model: parseTechnique(technique).technique(model),
    ...{ seed: 0, timeoutMs: 60_000, maxOutputTokens: 64 },
  }),
);

// A file instead of :memory: keeps the run, and `resume: "latest"` goes on with it.
const store = await openStore(":memory:");
const scorer = createScorer();
const manifest = await makeManifest({
  ...{ dataset: dataset.name, samples, columns, scorer: scorer.name },
  ...{ seed: 0, maxOutputTokens: 64, timeoutMs: 60_000 },
});
const { summary } = await measureColumns({ samples, columns }, { store, scorer, manifest });
console.log(formatTable(summary));
await store.close();
