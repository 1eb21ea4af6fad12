// The training steps that are timed: which model, and what of it learns. Weights and pictures are random; a step's time does not
// depend on them.
import { type Graph, matrixFlops, openSession, type Session, type Tensors } from "../../src/onnx/index.ts";
import type { LoraConfig } from "../../src/tune/index.ts";
import { withLora } from "../../src/tune/lora.ts";
import type { ModelConfig } from "../../src/tune/model-config.ts";
import { visualTokens } from "../../src/tune/model-config.ts";
import { createBatch } from "../../src/tune/packer.ts";
import { initialize, type ParameterLayout, recordParameters, viewOf } from "../../src/tune/parameters.ts";
import { readBlueprint } from "../../src/tune/pretrained/architectures.ts";
import { buildTrainingGraph } from "../../src/tune/pretrained/graphs.ts";
import { placePictures } from "../../src/tune/pretrained/positions.ts";
import { declare } from "../../src/tune/pretrained/read-checkpoint.ts";
import { partOf } from "../../src/tune/rates.ts";
import { buildTrainingStep, declareParameters } from "../../src/tune/training-graph.ts";
import { createRng } from "../../src/util/rng.ts";

/** What learns in a step. */
export const ways = ["full", "bridge", "LoRA"] as const;
export type Way = (typeof ways)[number];

/** A step that is ready to run. */
export interface OpenedStep {
  session: Session;
  inputs: Tensors;
  into: Tensors;
  /** Of the step's matrix products. */
  flops: number;
  /** Weights of the model, adapters aside, and those that learn. */
  parameters: number;
  trained: number;
  /** A matrix product of the step's typical shape: [rows, inner] x [inner, columns]. */
  typical: [rows: number, inner: number, columns: number];
  pictures: number;
}

export interface StepCase {
  name: string;
  open(way: Way): Promise<OpenedStep>;
}

const base = {
  imageSize: 112,
  stemWidths: [64, 128] as [number, number],
  vocabulary: 2048,
  context: 2048,
  ropeBase: 10000,
};

export const stepCases: readonly StepCase[] = [
  ownModel("the bundled model, 5.5M", 8, {
    ...{ ...base, width: 160, heads: 5, feedForward: 640, bridgeWidth: 320 },
    ...{ stemBlocks: 3, visionLayers: 8, tokenPlaces: true, thingMarks: "looks", decoderLayers: 6 },
  }),
  ownModel("width 192", 8, {
    ...{ ...base, width: 192, heads: 6, feedForward: 768, bridgeWidth: 384 },
    ...{ stemBlocks: 0, visionLayers: 3, decoderLayers: 4 },
  }),
  ownModel("about 30M", 8, {
    ...{ ...base, width: 512, heads: 4, feedForward: 2048, bridgeWidth: 1024 },
    ...{ stemBlocks: 0, visionLayers: 3, decoderLayers: 6 },
  }),
  smolVlm(),
];

function ownModel(name: string, batchSize: number, config: ModelConfig): StepCase {
  return {
    name,
    async open(way) {
      const sizes = { slots: 93, rows: 44 };
      const lora = way === "LoRA" ? loraOf("decoder.*") : undefined;
      const layout = recordParameters((source) => declareParameters(source, config, lora));
      const { model, graph, trained } = buildTrainingStep(
        config,
        {
          ...{ objective: "answer", sizes },
          cellClasses: Array.from({ length: 200 }, (_, i) => 300 + i),
          groundWeight: way === "full" ? 0.3 : 0,
        },
        { lora, isTrained: isTrainedBy(way, (parameter) => partOf(parameter) === "bridge") },
      );
      const inputs = lessons(config, sizes, batchSize);
      const flops = matrixFlops(graph, { batch_size: batchSize });
      const typical = [144 * batchSize, config.width, 4 * config.width] as OpenedStep["typical"];
      return openStep({ layout, model, graph, trained, inputs, flops, typical, pictures: batchSize });
    },
  };
}

/** The sizes of SmolVLM-256M with one picture of 512 pixels: 1,024 patches that become 64 image tokens, among 192 tokens. */
function smolVlm(): StepCase {
  const length = 192;
  const config = {
    ...{ architectures: ["SmolVLMForConditionalGeneration"], model_type: "smolvlm" },
    ...{ image_token_id: 49190, scale_factor: 4, tie_word_embeddings: false },
    text_config: {
      ...{ model_type: "llama", hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 30 },
      ...{ num_attention_heads: 9, num_key_value_heads: 3, head_dim: 64, vocab_size: 49280 },
      ...{
        hidden_act: "silu",
        rms_norm_eps: 1e-5,
        max_position_embeddings: 8192,
        tie_word_embeddings: false,
      },
      rope_parameters: { rope_theta: 100000, rope_type: "default" },
    },
    vision_config: {
      ...{ model_type: "smolvlm_vision", hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12 },
      ...{ num_attention_heads: 12, image_size: 512, patch_size: 16, num_channels: 3 },
      ...{ hidden_act: "gelu_pytorch_tanh", layer_norm_eps: 1e-6 },
    },
  };
  return {
    name: "the sizes of SmolVLM-256M",
    async open(way) {
      const { blueprint } = readBlueprint(config, "bench");
      const lora = way === "LoRA" ? loraOf("*.q_proj", "*.v_proj") : undefined;
      const layout = recordParameters((p) => declare(withLora(p, lora).source, blueprint));
      const isBridge = (name: string) => name.includes("connector");
      const { model, graph, trained } = buildTrainingGraph(blueprint, {
        ...{ length, ...(lora && { lora }) },
        isTrained: isTrainedBy(way, isBridge),
      });
      const { tokens, side, token } = blueprint.image!;
      const ids = Array.from({ length }, (_, i) => (i >= 4 && i < 4 + tokens ? token! : 100 + i));
      const rows = 48;
      const integers = (values: number[]) => ({
        ...{ type: "int64" as const, data: BigInt64Array.from(values, BigInt), dims: [values.length] },
      });
      const inputs: Tensors = {
        ids: integers(ids),
        rows: integers(Array.from({ length: rows }, (_, i) => length - rows + i - 1)),
        row_targets: integers(Array.from({ length: rows }, (_, i) => 200 + i)),
        row_weights: { type: "float32", data: new Float32Array(rows).fill(1 / rows), dims: [rows] },
        pixels: { type: "float32", data: noise(3 * side * side), dims: [1, 3, side, side] },
        ...placePictures(ids, token),
      };
      const flops = matrixFlops(graph, { batch_size: 1, images: 1, rows });
      return openStep({
        layout,
        model,
        graph,
        trained,
        inputs,
        flops,
        typical: [1024, 768, 3072],
        pictures: 1,
      });
    },
  };
}

function loraOf(...targets: string[]): LoraConfig {
  return { rank: 16, alpha: 32, dropout: 0, targets, rsLora: false };
}

function isTrainedBy(way: Way, isBridge: (name: string) => boolean): (name: string) => boolean {
  if (way === "full") return () => true;
  return way === "bridge" ? isBridge : (name) => /\.lora_[AB]$/.test(name);
}

async function openStep({
  layout,
  model,
  trained,
  inputs: given,
  ...rest
}: Pick<OpenedStep, "inputs" | "flops" | "typical" | "pictures"> & {
  layout: ParameterLayout;
  model: Uint8Array;
  graph: Graph;
  trained: string[];
}): Promise<OpenedStep> {
  const flat = new Float32Array(layout.size);
  initialize(layout, flat, 1);
  const session = await openSession(model);
  const inputs = { ...given };
  for (const p of layout.parameters)
    inputs[p.name] = { type: "float32", data: viewOf(flat, p), dims: p.shape };
  const learning = layout.parameters.filter(({ name }) => trained.includes(name));
  const into: Tensors = Object.fromEntries(
    learning.map((p) => [
      `gradient:${p.name}`,
      { type: "float32", data: new Float32Array(p.size), dims: p.shape },
    ]),
  );
  const count = (list: ParameterLayout["parameters"]) => list.reduce((sum, { size }) => sum + size, 0);
  const own = layout.parameters.filter(({ name }) => !/\.lora_[AB]$/.test(name));
  const wanted = session.inputNames.map((name) => [name, inputs[name]!] as const);
  return {
    ...{ session, inputs: Object.fromEntries(wanted), into, ...rest },
    ...{ parameters: count(own), trained: count(learning) },
  };
}

function lessons(config: ModelConfig, sizes: { slots: number; rows: number }, batchSize: number): Tensors {
  const rng = createRng("bench");
  const batch = createBatch(config, sizes, { batchSize, backgroundClass: 199 });
  const token = () => 24 + rng.int(1000);
  batch.fill(
    Array.from({ length: batchSize }, () => ({
      pixels: Uint8Array.from({ length: 3 * config.imageSize ** 2 }, () => rng.int(256)),
      cells: Array.from({ length: visualTokens(config) }, () => rng.int(190)),
      turns: Array.from({ length: 8 }, () => ({
        question: Array.from({ length: 7 }, token),
        response: Array.from({ length: 3 }, token),
      })),
      conversation: false,
    })),
  );
  return batch.tensors;
}

function noise(size: number): Float32Array {
  const rng = createRng("noise");
  return Float32Array.from({ length: size }, () => rng.normal());
}
