// LLaVA's training files and ShareGPT's: { id, image, conversations: [{ from, value }] }, with <image> in the text where
// the picture goes. `image` may be a list; other fields are allowed.
import { z } from "zod";
import { issueText } from "../../schema/index.ts";
import type { InstructionFormat, Picture, Role, RowValue } from "../row-view.ts";
import { isObject, isTexts } from "./value-kinds.ts";

const roles: Record<string, Role> = {
  system: "system",
  human: "user",
  user: "user",
  gpt: "assistant",
  assistant: "assistant",
  function_call: "assistant",
  observation: "tool",
  tool: "tool",
};

const source = z.string().min(1);
const schema = z.looseObject({
  id: z.union([z.string(), z.number()], "must be text or a number").optional(),
  image: z.union([source, z.array(source), z.null()], "must be a path or a list of paths").optional(),
  images: z.array(source).nullable().optional(),
  system: z.string().nullable().optional(),
  conversations: z
    .array(z.looseObject({ from: z.enum(Object.keys(roles) as ["human"]), value: z.string() }))
    .min(1),
});

/** Rows with `conversations`. */
export const llavaFormat: InstructionFormat = {
  name: "llava",
  matches: (value) => "conversations" in value,
  isValid: isLlava,
  explain(value) {
    const result = schema.safeParse(value);
    return result.success ? undefined : issueText(result.error, Object.keys(schema.shape));
  },
  view(value) {
    const row = value as z.infer<typeof schema>;
    const pictures: Picture[] = [];
    const named = typeof row.image === "string" ? [["image", row.image]] : numbered("image", row.image);
    for (const [field, source] of [...named, ...numbered("images", row.images)]) {
      pictures.push({ source: source!, field: field! });
    }
    const turns = row.conversations.map(({ from, value: text }, i) => ({
      role: roles[from]!,
      text,
      field: `conversations[${i}].value`,
    }));
    return {
      ...(row.id === undefined ? {} : { id: String(row.id) }),
      turns: row.system ? [{ role: "system", text: row.system, field: "system" }, ...turns] : turns,
      pictures,
      pictureParts: 0,
      emptyParts: 0,
      countsPlaceholders: !("video" in value || "videos" in value || "audio" in value || "audios" in value),
    };
  },
  openFields: Object.keys(schema.shape),
  uniqueIds: false,
};

function isLlava({ id, image, images, system, conversations }: RowValue): boolean {
  if (id !== undefined && typeof id !== "string" && !Number.isFinite(id)) return false;
  if (image !== undefined && image !== null && !isSource(image) && !isSources(image)) return false;
  if (images !== undefined && images !== null && !isSources(images)) return false;
  if (system !== undefined && system !== null && typeof system !== "string") return false;
  if (!Array.isArray(conversations) || conversations.length === 0) return false;
  for (const turn of conversations as unknown[]) {
    if (!isObject(turn) || typeof turn.value !== "string") return false;
    if (typeof turn.from !== "string" || !Object.hasOwn(roles, turn.from)) return false;
  }
  return true;
}

function numbered(field: string, sources: readonly string[] | null | undefined): string[][] {
  return (sources ?? []).map((source, i) => [`${field}[${i}]`, source]);
}

function isSource(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isSources(value: unknown): boolean {
  return isTexts(value, 0) && value.every(isSource);
}
