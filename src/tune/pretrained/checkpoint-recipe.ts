// The recipe of `sightline tune` for a checkpoint of the Hugging Face layout: which folder, which conversations, and in stages what
// of it learns. The field `checkpoint` at the top tells such a recipe from one of our own architecture.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { earlyStopSchema } from "../early-stop.ts";
import { loraSchema } from "../lora.ts";
import { readRecipe } from "../read-recipe.ts";
import { partsSchema } from "./parts.ts";

const count = z.number().int().positive();

const stageSchema = z.strictObject({
  name: z.string().min(1),
  /** Updates of the weights. */
  steps: count,
  /** Conversations that are computed at once. */
  batch: count,
  /** Batches whose gradients are added up before one update; every learned token of them counts the same. */
  accumulate: count.default(1),
  /** Peak learning rate, after warm-up. */
  learningRate: z.number().positive(),
  /** Steps in which the rate rises from 0. */
  warmup: z.number().int().nonnegative().default(0),
  /** The rate falls along a cosine to this share of its peak. */
  floor: z.number().min(0).max(1).default(0.03),
  /** Of matrices; biases, norms and other vectors do not decay. */
  weightDecay: z.number().nonnegative().default(0),
  /** Longest gradient; longer ones are scaled down to it. */
  clip: z.number().positive().default(1),
  /**
   * Conversations of like length share a batch, which is padded to a quarter, a half, three quarters or all of the longest. Saves
   * the time that padding takes where lengths differ, for up to two and a half times the memory of a step.
   */
  groupByLength: z.boolean().optional(),
  /** Conversations of a batch share sequences where they fit, and none sees another: the same gradients in fewer sequences. */
  packing: z.boolean().optional(),
  /** Computes transformer layers again in the backward pass instead of keeping what they computed: less memory, more time. */
  recompute: z.boolean().optional(),
  /** Ends the stage when no more held-out tokens are right than before, and keeps the weights that were best. */
  earlyStop: earlyStopSchema.optional(),
  /** Learns from another dataset than the recipe's: all that `data.dataset` takes. */
  dataset: z.string().min(1).optional(),
  /**
   * Factors on the learning rate by part; 0 freezes a part. `vision` is the tower, `bridge` the projector or connector, `language`
   * the decoder with its embeddings and head, `adapters` the LoRA adapters wherever they are. By default adapters learn and nothing
   * else does where the recipe has `lora`, and everything learns where it has none.
   */
  parts: partsSchema.optional(),
  /** Factors by name, `*` for any text; the last that fits counts, and comes before `parts`. */
  rates: z.array(z.strictObject({ names: z.string().min(1), factor: z.number().nonnegative() })).optional(),
});

/** Every field that is not listed here is refused. */
export const checkpointRecipeSchema = z
  .strictObject({
    name: z.string().min(1),
    /** Of the order of the conversations, of adapters' initial values and of dropout. */
    seed: z.number().int().nonnegative(),
    /** Folder of the checkpoint, relative to the recipe: config.json, safetensors, tokenizer and picture processor. */
    checkpoint: z.string().min(1),
    data: z.strictObject({
      /** A dataset by name, or a path relative to the recipe: all that `sightline compare` takes. */
      dataset: z.string().min(1),
      /** Share of the groups of Samples that is held out for evaluations. */
      validation: z.number().gt(0).max(0.5).default(0.1),
      /**
       * Idefics3 and SmolVLM: whether pictures are cut into parts, shown before the whole, or are one square each, which takes far
       * less time and memory. What is exported says so in its processor's file. @default that file's do_image_splitting
       */
      splitting: z.boolean().optional(),
    }),
    /** Tokens that a conversation may have, those of its pictures included. Sequences are padded to the longest there is, unless a stage has groupByLength; with packing they share them. */
    length: count.min(2),
    /** Low-rank adapters beside linear layers; names are those of transformers' modules, `*` for any text. */
    lora: loraSchema.optional(),
    /** Threads of one operator. @default every core */
    threads: count.max(256).optional(),
    evaluation: z.strictObject({
      /** Steps between evaluations; there is one before the first step and at the end of each stage too. */
      every: count,
      /** Held-out conversations of an evaluation, at most. */
      conversations: count.default(64),
      /** Asks once more behind grey pictures, unless false. */
      blind: z.boolean().default(true),
      /** Conversations whose last answer the model writes by itself, to be read. */
      samples: z.number().int().nonnegative().default(0),
      /** Tokens of such an answer, at most. */
      sampleTokens: count.default(64),
    }),
    /** Steps between checkpoints of the run; there is one at the end of each stage too. */
    checkpointEvery: count,
    /** What is written in the end: the adapter in PEFT's layout, the whole model with all that was learned in it. */
    export: z
      .array(z.enum(["adapter", "model"]))
      .min(1)
      .optional(),
    stages: z.array(stageSchema).min(1),
  })
  .refine(({ lora, export: wanted }) => lora || !wanted?.includes("adapter"), {
    path: ["export"],
    message: 'an "adapter" takes a recipe with lora',
  })
  .refine(({ stages }) => stages.every(({ groupByLength, packing }) => !groupByLength || !packing), {
    path: ["stages"],
    message: "must not have groupByLength and packing at once: what is packed need not be alike",
  })
  .refine(({ stages }) => new Set(stages.map(({ name }) => name)).size === stages.length, {
    path: ["stages"],
    message: "names must differ",
  });

export type CheckpointRecipe = z.infer<typeof checkpointRecipeSchema>;
export type CheckpointStage = CheckpointRecipe["stages"][number];

/** True for a recipe file with `checkpoint` at its top. A file that cannot be read is none. */
export async function isCheckpointRecipe(file: string): Promise<boolean> {
  const value: unknown = await readFile(file, "utf8")
    .then((text) => parse(text))
    .catch(() => undefined);
  return typeof value === "object" && value !== null && "checkpoint" in value;
}

/** Reads and checks a recipe file; see `readRecipe` for `overrides`. */
export function loadCheckpointRecipe(file: string, overrides?: readonly string[]): Promise<CheckpointRecipe> {
  return readRecipe(file, checkpointRecipeSchema, overrides);
}

/** Short hash of what a recipe says; the checkpoint of a run belongs to one recipe. */
export function checkpointRecipeHash(recipe: CheckpointRecipe): string {
  return createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 16);
}
