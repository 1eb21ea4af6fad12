// In-context learning: how long an exact scan for the nearest demonstrations takes, and what eight demonstrations cost
// once their beginning of the prompt has been read.
// Usage: node bench/in-context.ts [questions] [model]

import { openDataset } from "../src/data/index.ts";
import { createImageLoader } from "../src/eval/image-loader.ts";
import { createPool, createVectorIndex, maxVectors, show } from "../src/icl/index.ts";
import { loadLocalModel } from "../src/model/local/local-model.ts";
import type { LanguageModel, Sample } from "../src/spec/index.ts";
import { createRng } from "../src/util/rng.ts";

const [questions = "40", folder = "models/tiny"] = process.argv.slice(2);
const quantile = (values: number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)]!;

/** p95 of one scan of 100,000 vectors, beside the time that memory alone would need for them. */
function scan(dimensions: number): void {
  const rng = createRng("bench-scan", dimensions);
  const vectors = Array.from({ length: maxVectors }, () =>
    Float32Array.from({ length: dimensions }, () => rng.normal()),
  );
  const index = createVectorIndex(vectors, dimensions);
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    const query = vectors[(i * 7919) % maxVectors]!;
    const start = performance.now();
    index.scores(query);
    times.push(performance.now() - start);
  }
  const [median, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
  console.log(
    `scan of ${maxVectors} vectors of ${dimensions}: median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`,
  );
}

scan(160);
scan(512);

const { baseDir, samples } = await openDataset("scenes:val");
const loadImage = createImageLoader({ baseDir });
const singles: Sample[] = [];
for await (const sample of samples) {
  if (sample.type === "naming") singles.push(sample);
  if (singles.length === 8 + Number(questions)) break;
}
const pool = createPool(singles.slice(0, 8), { loadImage });
const [reusing, forgetting] = [
  await loadLocalModel(folder),
  await loadLocalModel(folder, { prefixCacheBytes: 0, pictureCacheBytes: 0 }),
];
const eight = { k: 8, order: "given" as const };
const columns: Record<string, LanguageModel> = {
  "0 shots": reusing,
  "8 shots, warm": show(pool, eight)(reusing),
  "8 shots, cold": show(pool, eight)(forgetting),
};
const times: Record<string, number[]> = Object.fromEntries(Object.keys(columns).map((name) => [name, []]));
const answers: Record<string, string[]> = Object.fromEntries(Object.keys(columns).map((name) => [name, []]));
let reused = 0;

for (const [i, sample] of [singles[0]!, ...singles.slice(8)].entries()) {
  const picture = sample.input.find((part) => part.type === "image")!;
  const { bytes } = await loadImage(picture);
  const question = sample.instruction;
  for (const [name, model] of Object.entries(columns)) {
    const start = performance.now();
    const { stream } = await model.doStream({
      prompt: [
        {
          role: "user",
          content: [
            { type: "file", mediaType: "image/png", data: { type: "data", data: bytes } },
            { type: "text", text: question },
          ],
        },
      ],
      temperature: 0,
    });
    let [first, text] = [0, ""];
    for await (const part of stream) {
      if (part.type === "text-delta") {
        first ||= performance.now() - start;
        text += part.delta;
      }
      if (part.type === "finish" && name === "8 shots, warm") reused = part.usage.inputTokens.cacheRead ?? 0;
    }
    // The first question fills the cache.
    if (i === 0) continue;
    times[name]!.push(first);
    answers[name]!.push(text);
  }
}
const plain = quantile(times["0 shots"]!, 0.5);
for (const [name, all] of Object.entries(times)) {
  const median = quantile(all, 0.5);
  console.log(
    `${name.padEnd(14)} time to first token: median ${median.toFixed(1)} ms, ${(median / plain).toFixed(2)} of 0 shots`,
  );
}
const same = answers["8 shots, warm"]!.filter((text, i) => text === answers["8 shots, cold"]![i]).length;
console.log(`${reused} tokens reused; ${same} of ${questions} answers the same as without reuse`);
await Promise.all([reusing.dispose(), forgetting.dispose()]);
