// Does an answer have the form that was asked for? Constraints in the manner of IFEval (Zhou et al., arXiv 2311.07911;
// google-research/instruction_following_eval), without its language model parts. Strict looks at the answer as it is,
// loose also at the answer without its first line, its last line or both, each with and without asterisks, and takes
// the kindest; loose forgives "Sure, here it is:". Traps: a word is a run of letters, digits and underscores, so "isn't"
// is two; keywords count as whole words in any case when forbidden, but anywhere in the text when demanded; sentences are
// those of the Unicode rules, not of NLTK; the language check is by script only, so it tells Greek from Russian but not
// Spanish from Italian.
import { z } from "zod";
import { hasScript, isBulletLine, jsonOf, sentenceCount, wordCount } from "./text-shape.ts";

const range = { min: z.int().min(0).optional(), max: z.int().min(0).optional() };
const texts = z.array(z.string().min(1)).min(1);

/** The constraints that can be checked; `min` and `max` are both allowed values. */
export const constraintSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("words"), ...range }),
  z.strictObject({ type: z.literal("sentences"), ...range }),
  z.strictObject({ type: z.literal("characters"), ...range }),
  z.strictObject({ type: z.literal("bullets"), ...range }),
  z.strictObject({ type: z.literal("case"), is: z.enum(["lower", "upper"]) }),
  z.strictObject({
    type: z.literal("script"),
    is: z.string().refine(isScript, "must be a Unicode script such as Latin, Cyrillic, Han or Arabic"),
  }),
  z.strictObject({
    type: z.literal("json"),
    schema: z.record(z.string(), z.unknown()).refine(isJsonSchema, "must be a JSON Schema").optional(),
  }),
  z.strictObject({ type: z.literal("yes-no") }),
  z.strictObject({ type: z.literal("includes"), texts }),
  z.strictObject({ type: z.literal("excludes"), texts }),
  z.strictObject({ type: z.literal("starts-with"), text: z.string().min(1) }),
  z.strictObject({ type: z.literal("ends-with"), text: z.string().min(1) }),
]);

/** One demand on the form of an answer. */
export type Constraint = z.infer<typeof constraintSchema>;

/** Whether each constraint is met, in order, strictly and loosely. */
export interface FormatCompliance {
  strict: boolean[];
  loose: boolean[];
}

/** Checks an answer against its constraints. An empty answer meets none. */
export function formatCompliance(answer: string, constraints: readonly Constraint[]): FormatCompliance {
  const variants = looseVariants(answer);
  return {
    strict: constraints.map((constraint) => isMet(answer, constraint)),
    loose: constraints.map((constraint) => variants.some((variant) => isMet(variant, constraint))),
  };
}

function isMet(answer: string, constraint: Constraint): boolean {
  const text = answer.trim();
  if (text === "") return false;
  const lower = text.toLowerCase();
  switch (constraint.type) {
    case "words":
      return isWithin(wordCount(text), constraint);
    case "sentences":
      return isWithin(sentenceCount(text), constraint);
    case "characters":
      return isWithin([...text].length, constraint);
    case "bullets":
      return isWithin(text.split("\n").filter(isBulletLine).length, constraint);
    case "case":
      return /\p{L}/u.test(text) && text === (constraint.is === "lower" ? lower : text.toUpperCase());
    case "script":
      return hasScript(text, constraint.is);
    case "json":
      return isJson(text, constraint.schema);
    case "yes-no":
      return /^["']?(yes|no)["']?[.!]?["']?$/.test(lower);
    case "includes":
      return constraint.texts.every((part) => lower.includes(part.toLowerCase()));
    case "excludes":
      return !constraint.texts.some((part) => hasWord(lower, part.toLowerCase()));
    case "starts-with":
      return lower.startsWith(constraint.text.trim().toLowerCase());
    case "ends-with":
      return lower.replace(/["']+$/, "").endsWith(constraint.text.trim().toLowerCase());
  }
}

function isWithin(
  count: number,
  { min = 0, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number },
) {
  return count >= min && count <= max;
}

function hasWord(text: string, part: string): boolean {
  const escaped = part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, "u").test(text);
}

function isJson(text: string, schema: Record<string, unknown> | undefined): boolean {
  const value = jsonOf(text);
  if (value === undefined) return false;
  return schema === undefined || z.fromJSONSchema(schema).safeParse(value).success;
}

function isJsonSchema(schema: Record<string, unknown>): boolean {
  try {
    z.fromJSONSchema(schema);
    return true;
  } catch {
    return false;
  }
}

function isScript(name: string): boolean {
  try {
    hasScript("", name);
    return /^\w+$/.test(name);
  } catch {
    return false;
  }
}

function looseVariants(answer: string): string[] {
  const lines = answer.trim().split("\n");
  const cut = [lines, lines.slice(1), lines.slice(0, -1), lines.slice(1, -1)].map((part) => part.join("\n"));
  return [...cut, ...cut.map((text) => text.replaceAll("*", ""))];
}
