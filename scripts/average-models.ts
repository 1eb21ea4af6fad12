// Averages the weights of an exported model and of one that was trained on from it, which often keeps what the first knew
// and what the second learned (WiSE-FT, Wortsman et al. 2022, arXiv 2109.01903). The second may have grown layers: in the
// first they add nothing.
//   node scripts/average-models.ts models/old checkpoints/NAME/model OUT 0.7
import { readFile } from "node:fs/promises";
import path from "node:path";
import { exportModel, readExportedModel } from "../src/tune/index.ts";
import { initialize, recordParameters, viewOf } from "../src/tune/parameters.ts";
import { closesLayer, fillWeights } from "../src/tune/start-weights.ts";
import { declareParameters } from "../src/tune/training-graph.ts";

const [before, after, out, share = "0.5"] = process.argv.slice(2) as [string, string, string, string?];
const part = Number(share);
const [old, trained] = [await readExportedModel(before), await readExportedModel(after)];
const layout = recordParameters((source) => declareParameters(source, trained.config));
const flat = new Float32Array(layout.size);
initialize(layout, flat, 0);
fillWeights(layout, flat, old, { model: trained.config, start: before });

const weights = new Map<string, Float32Array>();
for (const parameter of layout.parameters) {
  const { name } = parameter;
  const learned = trained.weights.get(name)!.data;
  const had = viewOf(flat, parameter);
  // Of a layer that the old model lacks only what closes it has a value there: zero.
  const isNew = !old.weights.has(name) && !closesLayer(name);
  weights.set(name, isNew ? learned : learned.map((value, i) => part * value + (1 - part) * had[i]!));
}
const { sightline } = JSON.parse(await readFile(path.join(after, "config.json"), "utf8"));
await exportModel(out, {
  config: trained.config,
  tokenizer: trained.tokenizer,
  weights,
  rationales: old.rationales || trained.rationales,
  tools: [...new Set([...old.tools, ...trained.tools])],
  grounding: sightline.grounding,
});
console.log(`${part} of ${after} and ${1 - part} of ${before}, in ${out}`);
