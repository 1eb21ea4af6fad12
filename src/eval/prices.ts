import { readFile } from "node:fs/promises";
import { z } from "zod";
import { issueText } from "../data/schema/index.ts";
import { InputError } from "../errors/index.ts";

const pricesSchema = z.record(
  z.string(),
  z.strictObject({ inputPerMillion: z.number().nonnegative(), outputPerMillion: z.number().nonnegative() }),
);

/** Price of a million tokens by model name, in the user's currency. */
export type Prices = z.infer<typeof pricesSchema>;

/** Reads the user's price file: `{ "openai:gpt-5-mini": { "inputPerMillion": 0.25, "outputPerMillion": 2 } }`. */
export async function loadPrices(file: string): Promise<Prices> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    const rule = `must be a readable JSON file, but ${(cause as Error).message.replace(/\s+/g, " ")}`;
    throw new InputError({ where: `"${file}"`, rule, cause });
  }
  const result = pricesSchema.safeParse(value);
  if (result.success) return result.data;
  const hint = 'Write { "MODEL": { "inputPerMillion": 1, "outputPerMillion": 2 } }.';
  throw new InputError({ where: `"${file}"`, rule: issueText(result.error), hint });
}

/** What a number of tokens costs; undefined when the price or a count is unknown. */
export function costOf(
  prices: Prices,
  model: string | null,
  tokens: { input: number | undefined; output: number | undefined },
): number | undefined {
  const price = model !== null && Object.hasOwn(prices, model) ? prices[model] : undefined;
  if (!price || tokens.input === undefined || tokens.output === undefined) return undefined;
  return (tokens.input * price.inputPerMillion + tokens.output * price.outputPerMillion) / 1e6;
}
