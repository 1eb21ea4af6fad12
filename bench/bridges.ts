// Bridges of every kind on one budget: each starts fresh between tiny's tower, which stays frozen, and tiny's decoder, and
// sees the same pictures in the same order. How good it becomes, how good it is behind grey pictures, and what it costs.
// Usage: node bench/bridges.ts [steps] [policy,…] [kind,…]
// Each run is a process of its own, so that its peak memory is its own.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  type BridgeConfig,
  hasVisualTokens,
  loadRecipe,
  type Recipe,
  readExportedModel,
  type TrainingMetrics,
  train,
} from "../src/tune/index.ts";

const tiny = path.join(import.meta.dirname, "../models/tiny");

const bridges: Record<string, BridgeConfig> = {
  linear: { kind: "linear", shuffle: 1 },
  // Another width than tiny's own bridge, which would be taken over.
  mlp: { kind: "mlp", shuffle: 1, hidden: 256, layers: 2 },
  // 7 x 7 cells can be joined to one token only.
  "mlp + pixel shuffle": { kind: "mlp", shuffle: 7, hidden: 160, layers: 2 },
  resampler: { kind: "resampler", queries: 16, layers: 2 },
  "cross-attention": { kind: "cross-attention", every: 2, hidden: 640 },
  "gated-fusion": { kind: "gated-fusion", layer: 0 },
  "llama-adapter": { kind: "llama-adapter", prompts: 10, layers: 5, visualLayers: 1 },
  lavin: { kind: "lavin", shuffle: 1, rank: 8, temperature: 10 },
};

/** These have one question a picture, and four times as many pictures a step. */
const oneQuestion: Record<string, BridgeConfig> = {
  "resampler with one question": { kind: "resampler", queries: 16, layers: 2 },
  "resampler that reads it": { kind: "resampler", queries: 16, layers: 2, instruction: true },
};

const policies: Record<string, { parts?: { vision: number; language: number }; lora?: boolean }> = {
  bridge: { parts: { vision: 0, language: 0 } },
  "bridge + decoder": { parts: { vision: 0, language: 0.3 } },
  "bridge + LoRA": { parts: { vision: 0, language: 0 }, lora: true },
};

async function recipeOf(kind: string, policy: string, steps: number): Promise<Recipe> {
  const { config } = await readExportedModel(tiny);
  const bridge = bridges[kind] ?? oneQuestion[kind]!;
  const [questions, batch] = kind in oneQuestion ? [1, 16] : [8, 4];
  const { parts, lora } = policies[policy]!;
  const hasTokens = hasVisualTokens({ ...config, bridge, tokenPlaces: false, thingMarks: false });
  return {
    ...{ name: `${kind}, ${policy}`, seed: 11, workers: 2, start: tiny, checkpointEvery: steps + 1 },
    model: { ...config, bridge, tokenPlaces: hasTokens, thingMarks: false },
    pack: questions === 1 ? { slots: 40, rows: 24 } : { slots: 93, rows: 44 },
    data: { questions, conversations: 0, rationales: 0 },
    evaluation: { every: steps, pictures: 160 },
    ...(lora && { lora: { rank: 8, alpha: 16, dropout: 0, targets: ["decoder.*"], rsLora: false } }),
    stages: [
      {
        ...{ name: "answer", objective: "answer", steps, batch, learningRate: 0.01, accumulate: 1 },
        ...{ warmup: Math.ceil(steps / 10), floor: 0.1, weightDecay: 0.01, clip: 1, groundWeight: 0 },
        parts: { ...parts, bridge: 1 },
      },
    ],
  };
}

async function runOne(file: string, out: string): Promise<void> {
  await train(await loadRecipe(file), { out });
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;

async function main(steps: number, chosen: readonly string[], kinds: readonly string[]): Promise<void> {
  console.log("| trained | bridge | right | blind | gain | trained parameters | step | peak memory |");
  console.log("|---|---|---|---|---|---|---|---|");
  for (const policy of chosen)
    for (const kind of kinds) {
      const out = await mkdtemp(path.join(tmpdir(), "sightline-bridges-"));
      const file = path.join(out, "given.json");
      await writeFile(file, JSON.stringify(await recipeOf(kind, policy, steps)));
      const run = spawnSync(process.execPath, [import.meta.filename, "--one", file, path.join(out, "run")], {
        stdio: ["ignore", "inherit", "inherit"],
      });
      if (run.status !== 0) {
        console.log(`| ${policy} | ${kind} | failed | | | | | |`);
        process.exitCode = 1;
        continue;
      }
      const text = await readFile(path.join(out, "run", "metrics.json"), "utf8");
      const { stages, peakMemoryBytes }: TrainingMetrics = JSON.parse(text);
      const { evaluation, parameters, stepSeconds } = stages[0]!;
      const { accuracy, blind, gain } = evaluation!.overall;
      const cells = [
        ...[policy, kind, percent(accuracy), percent(blind!), `${(100 * gain!).toFixed(1)}`],
        `${(parameters.trained / 1e6).toFixed(3)} M`,
        `${stepSeconds!.toFixed(2)} s`,
        `${(peakMemoryBytes / 2 ** 30).toFixed(2)} GiB`,
      ];
      console.log(`| ${cells.join(" | ")} |`);
      const byType = Object.entries(evaluation!.accuracy).map(
        ([type, { accuracy: right, blind: hidden }]) => `${type} ${percent(right)} (${percent(hidden!)})`,
      );
      process.stderr.write(`${policy}, ${kind}: ${byType.join(", ")}\n`);
      await rm(out, { recursive: true, force: true });
    }
}

const [first, ...rest] = process.argv.slice(2);
if (first === "--one") await runOne(rest[0]!, rest[1]!);
else {
  const [chosen, kinds] = rest.map((list) => list.split(","));
  await main(
    Number(first ?? 200),
    chosen ?? Object.keys(policies),
    kinds ?? Object.keys({ ...bridges, ...oneQuestion }),
  );
}
