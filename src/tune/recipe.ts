import { createHash } from "node:crypto";
import { z } from "zod";
import { taughtTools, trainedTypes } from "../data/scenes/index.ts";
import { earlyStopSchema } from "./early-stop.ts";
import { loraSchema } from "./lora.ts";
import { modelConfigSchema, seesByInstruction, tokensAreCells } from "./model-config.ts";
import { ratesFields } from "./rates.ts";
import { readRecipe } from "./read-recipe.ts";

const count = z.number().int().positive();

const stageSchema = z.strictObject({
  name: z.string().min(1),
  /** `ground`: name what each cell of the picture shows. `answer`: also answer questions. */
  objective: z.enum(["ground", "answer"]),
  steps: count,
  /** Pictures per worker and step. */
  batch: count,
  /** Peak learning rate, after warm-up. */
  learningRate: z.number().positive(),
  /** Batches per worker and step: their gradients are added up, each by what it supervises, before one update. */
  accumulate: count.default(1),
  warmup: z.number().int().nonnegative(),
  /** The rate falls along a cosine to this share of its peak. */
  floor: z.number().min(0).max(1).default(0.03),
  weightDecay: z.number().nonnegative().default(0.05),
  /** Longest gradient; longer ones are scaled down to it. */
  clip: z.number().positive().default(1),
  /** Weight of the grounding loss beside the answer loss. */
  groundWeight: z.number().nonnegative().default(0.3),
  /** Weight of counting at every visual token beside the answer loss, see ordinal-loss.ts; generated pictures only. */
  ordinalWeight: z.number().nonnegative().optional(),
  /** Computes transformer layers again in the backward pass instead of keeping what they computed: less memory, more time. */
  recompute: z.boolean().optional(),
  /** Ends the stage when validation accuracy no longer rises, and keeps the weights that were best. */
  earlyStop: earlyStopSchema.optional(),
  ...ratesFields,
});

/** A whole training run: model, data, stages. Every field that is not listed here is refused. */
export const recipeSchema = z
  .strictObject({
    name: z.string().min(1),
    seed: z.number().int().nonnegative(),
    /** Data-parallel worker threads, each with one core. Part of the recipe: the data of a step depends on it. */
    workers: count.max(64),
    model: modelConfigSchema,
    pack: z.strictObject({
      /** Text tokens behind each picture. */
      slots: count,
      /** Supervised tokens per picture, at most. */
      rows: count,
    }),
    data: z.strictObject({
      /** Questions drawn per picture; those that do not fit the slots are left out. */
      questions: count,
      /** Families of questions about the generated world; the others are neither taught nor evaluated. Default: all. */
      types: z.array(z.enum(trainedTypes)).min(1).optional(),
      /** Share of those pictures that are also asked about what is not in them (LRV-Instruction). Default: 1. */
      negatives: z.number().min(0).max(1).optional(),
      /** Share of pictures whose questions form one conversation instead of standing side by side. */
      conversations: z.number().min(0).max(1),
      /** Share of questions that are answered with a rationale first. */
      rationales: z.number().min(0).max(1).default(0),
      /** Other shares for some families of questions about the generated world. */
      rationalesOf: z.partialRecord(z.enum(trainedTypes), z.number().min(0).max(1)).optional(),
      /** Share of questions about the generated world that are answered with tools on offer. */
      tools: z.number().min(0).max(1).optional(),
      /** Other names of tools, such as find_things for detect, in every other question with tools; then there are no programs. */
      toolNames: z.partialRecord(z.enum(taughtTools), z.string().regex(/^[a-z][a-z0-9_]{0,39}$/)).optional(),
      /** Your own pictures and questions, beside those of the generated world or in their place. */
      own: z
        .strictObject({
          /** A dataset by name, or a path relative to the recipe: all that `sightline compare` takes. */
          dataset: z.string().min(1),
          /** Share of the pictures that come from it. */
          share: z.number().gt(0).max(1),
          /** Share of its pictures that are kept for validation. */
          validation: z.number().gt(0).max(0.5).default(0.1),
          /** Questions with a program of lines (`extra.lineProgram`, or about a chart): the share answered by it, with these tools. */
          programs: z
            .strictObject({
              share: z.number().gt(0).max(1),
              tools: z
                .array(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/))
                .min(1)
                .max(20),
            })
            .optional(),
        })
        .optional(),
    }),
    /** In-context episodes: sequences of several pictures, for a share of the steps that answer questions. */
    episodes: z
      .strictObject({
        share: z.number().min(0).max(1),
        /** Pictures of a sequence, each with one question. */
        pictures: count.min(2),
        /** Sequences per worker and step. */
        sequences: count,
        /** Text tokens behind each picture. */
        slots: count,
        /** Supervised tokens of a sequence, at most. */
        rows: count,
      })
      .optional(),
    /** Low-rank adapters beside linear layers; with them, everything else is frozen unless a stage says otherwise. */
    lora: loraSchema.optional(),
    /**
     * Folder of an exported model whose weights and tokenizer training starts from, relative to the recipe. What it lacks
     * (a bridge of another kind, adapters) starts fresh; what it has must fit.
     */
    start: z.string().optional(),
    evaluation: z.strictObject({
      /** Steps between evaluations on the `val` split. */
      every: count,
      /** Pictures per evaluation. */
      pictures: count,
      /** Asks the same questions once more behind grey pictures, unless false. */
      blind: z.boolean().optional(),
      /** Questions that the model answers by itself at each evaluation, to be read; at most a batch of pictures. */
      samples: count.optional(),
    }),
    /** Steps between checkpoints. */
    checkpointEvery: count,
    stages: z.array(stageSchema).min(1),
  })
  .refine(({ model, data }) => !seesByInstruction(model) || (data.questions === 1 && !data.tools), {
    path: ["data", "questions"],
    message: "must be 1, without tools, with a bridge that reads the question",
  })
  .refine(({ model, stages }) => tokensAreCells(model) || !stages.some((stage) => stage.ordinalWeight), {
    path: ["stages"],
    message: "must have no ordinalWeight with a bridge that has not one token a cell",
  });

export type Recipe = z.infer<typeof recipeSchema>;
export type Stage = Recipe["stages"][number];

/** Reads and checks a recipe file; see `readRecipe` for `overrides`. */
export function loadRecipe(file: string, overrides?: readonly string[]): Promise<Recipe> {
  return readRecipe(file, recipeSchema, overrides);
}

/** Short hash of what a recipe says; a checkpoint belongs to one recipe. */
export function recipeHash(recipe: Recipe): string {
  return createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 16);
}
