import { z } from "zod";
import { answerTypeSchema } from "./sample-schema.ts";

/** What a technique may know of a question. Checked equal to the type `Query`. */
export const querySchema = z.strictObject({
  id: z.string(),
  group: z.string(),
  question: z.string(),
  choices: z.array(z.string()).optional(),
  answerType: answerTypeSchema.optional(),
  imageIds: z.array(z.string()),
});
