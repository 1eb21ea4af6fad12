import { z } from "zod";
import { issueText } from "../../data/schema/index.ts";
import { InputError } from "../../errors/index.ts";

const keySchema = z.object({
  version: z.literal(1),
  page: z.string().min(1),
  title: z.string(),
  scale: z.array(z.string()).min(2).max(9),
  items: z.array(
    z.object({
      item: z.string(),
      answers: z.array(z.object({ answer: z.string(), columns: z.array(z.string()).min(1) })),
    }),
  ),
});

/** Which columns wrote the answers of a page. It is not for the raters. */
export type RatingKey = z.infer<typeof keySchema>;

/** Reads a key that was written as JSON; `name` is its file, for messages. */
export function parseRatingKey(text: string, name: string): RatingKey {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError({ where: name, rule: "must be the JSON of a rating key", cause });
  }
  const result = keySchema.safeParse(value);
  if (result.success) return result.data;
  const hint = "The key was written beside the page.";
  throw new InputError({ where: name, rule: issueText(result.error), hint });
}
