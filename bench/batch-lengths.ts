// What conversations of like length in one batch save, and what sharing sequences saves: the same conversations once each, in random
// batches that are padded to the longest conversation, grouped by length, and packed. Side by side, in turns; a small Llama with
// random weights, on one thread.
// Usage: node bench/batch-lengths.ts [conversations in a batch] [conversations]
import { recordParameters } from "../src/tune/parameters.ts";
import { readBlueprint } from "../src/tune/pretrained/architectures.ts";
import { batchesOf } from "../src/tune/pretrained/batch-order.ts";
import { openGradients, startWeights, trainedLayout } from "../src/tune/pretrained/gradients.ts";
import { bucketLengths, openBuckets } from "../src/tune/pretrained/length-buckets.ts";
import { packSequences } from "../src/tune/pretrained/packing.ts";
import { type Checkpoint, declare } from "../src/tune/pretrained/read-checkpoint.ts";
import { createRng } from "../src/util/rng.ts";

const ROUNDS = 3;
const batch = Number(process.argv[2] ?? 4);
const longest = 256;
const count = Number(process.argv[3] ?? 128);
const rng = createRng("batch-lengths");

const { architecture, blueprint } = readBlueprint(
  {
    ...{ architectures: ["LlamaForCausalLM"], model_type: "llama", vocab_size: 4096, hidden_size: 256 },
    ...{ intermediate_size: 768, num_hidden_layers: 6, num_attention_heads: 8, num_key_value_heads: 4 },
    ...{ head_dim: 32, hidden_act: "silu", rms_norm_eps: 1e-5, max_position_embeddings: 1024 },
    ...{ tie_word_embeddings: true, rope_parameters: { rope_theta: 10000, rope_type: "default" } },
  },
  "bench",
);
const { parameters } = recordParameters((p) => declare(p, blueprint));
const weights = new Map(
  parameters.map(({ name, shape }) => [
    name,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.range(-0.05, 0.05)),
  ]),
);
const checkpoint: Checkpoint = { dir: "bench", architecture, blueprint, parameters, weights };
// Lengths as of talk: log-normal with a median of 64 tokens, cut at the longest, which one conversation has.
const lengths = Array.from({ length: count }, (_, i) =>
  i === 0 ? longest : Math.min(longest, Math.max(8, Math.round(64 * Math.exp(0.7 * rng.normal())))),
);
const conversations = lengths.map((length) => {
  const ids = Array.from({ length }, () => rng.int(4096));
  return { ids, labels: ids.map((id, t) => (t < length / 2 ? -100 : id)) };
});
const layout = trainedLayout(checkpoint, undefined, () => true);
const options = { ...startWeights(checkpoint, layout, 1), length: longest };
const buckets = bucketLengths(longest);
const sequences = (lengths: number[]) => packSequences(lengths, longest).length;
const ways = [
  {
    ...{ name: "random", byLength: false, session: await openGradients(checkpoint, options) },
    slotsOf: () => batch * longest,
  },
  {
    ...{ name: "by length", byLength: true, session: openBuckets(checkpoint, options) },
    slotsOf: (some: number[]) => batch * buckets.find((length) => length >= Math.max(...some))!,
  },
  {
    ...{
      name: "packed",
      byLength: false,
      session: await openGradients(checkpoint, { ...options, packed: true }),
    },
    slotsOf: (some: number[]) => sequences(some) * longest,
  },
];
const times = ways.map((): number[] => []);
const padded = ways.map(() => 0);
for (let round = -1; round < ROUNDS; round++) {
  for (const [i, { byLength, slotsOf, session }] of ways.entries()) {
    const batchAt = batchesOf(conversations, { size: batch, byLength }, round);
    const start = performance.now();
    for (let at = 0; at < Math.ceil(count / batch); at++) {
      const some = batchAt(at);
      if (round >= 0) padded[i]! += slotsOf(some.map(({ ids }) => ids.length));
      await session.run(
        { ids: some.map(({ ids }) => ids), labels: some.map(({ labels }) => labels) },
        { next: () => 0 },
      );
    }
    // The first round opens the graphs.
    if (round >= 0) times[i]!.push((performance.now() - start) / 1000);
  }
}
const tokens = ROUNDS * lengths.reduce((a, b) => a + b);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
for (const [i, { name, session }] of ways.entries()) {
  const full = (100 * tokens) / padded[i]!;
  const seconds = median(times[i]!);
  const share = (seconds / median(times[0]!)).toFixed(2);
  console.log(
    `${name}: ${full.toFixed(0)}% of the slots full, ${seconds.toFixed(1)} s a round, ${share} of random`,
  );
  await session.dispose();
}
