import { z } from "zod";
import { partSchema } from "./part-schema.ts";

/** How an answer is to be read when it is scored. */
export const answerTypeSchema = z.enum(["yes-no", "number", "choice", "short", "caption", "free"]);

const box = z
  .tuple([z.number(), z.number(), z.number(), z.number()])
  .refine(([x1, y1, x2, y2]) => x1 < x2 && y1 < y2, "must be [x1, y1, x2, y2] with x1 < x2 and y1 < y2");

const region = z.strictObject({
  label: z.string().min(1),
  box,
  image: z.int().nonnegative().optional(),
});

const provenance = z.strictObject({
  dataset: z.string().optional(),
  split: z.string().optional(),
  model: z.string().optional(),
  promptHash: z.string().optional(),
  seed: z.number().optional(),
  license: z.string().optional(),
});

const turn = z.strictObject({
  role: z.enum(["system", "user", "assistant"]),
  content: z.array(partSchema).min(1),
  loss: z.boolean().optional(),
});

/** The record of every dataset. Checked equal to the type `Sample`; unknown fields are refused (`extra` is theirs). */
export const sampleSchema = z.strictObject({
  id: z.string().min(1),
  group: z.string().min(1).optional(),
  turns: z.array(turn).min(1).optional(),
  instruction: z.string().min(1),
  input: z.array(partSchema),
  response: z.string().optional(),
  answers: z.array(z.string()).min(1).optional(),
  choices: z.array(z.string()).min(2).optional(),
  answerType: answerTypeSchema.optional(),
  type: z.string().min(1).optional(),
  regions: z.array(region).optional(),
  rationale: z.string().optional(),
  provenance: provenance.optional(),
  extra: z.record(z.string(), z.unknown()).optional(),
});
