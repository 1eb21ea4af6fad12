// Chat messages as OpenAI's fine-tuning files have them: { messages: [{ role, content }] }, pictures as image_url parts.
// Also the layout of Hugging Face's trainers: parts { type: "image" } that take their pictures from the column `images`.
import { z } from "zod";
import { isAnthropicRow } from "../../formats/anthropic.ts";
import { issueText } from "../../schema/index.ts";
import type { InstructionFormat, Picture, Piece, Role, RowValue, Turn } from "../row-view.ts";
import { isObject } from "./value-kinds.ts";

const roles: Record<string, Role> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
};

const source = z.string().min(1);
const part = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({
    type: z.literal("image_url"),
    image_url: z.union([source, z.looseObject({ url: source })]),
  }),
  z.looseObject({ type: z.literal("image"), image: source.optional() }),
  z.looseObject({ type: z.literal("input_audio") }),
  z.looseObject({ type: z.literal("video") }),
  z.looseObject({ type: z.literal("file") }),
  z.looseObject({ type: z.literal("refusal"), refusal: z.string() }),
]);
const message = z
  .looseObject({
    role: z.enum(Object.keys(roles) as ["user"]),
    content: z.union([z.string(), z.array(part).min(1), z.null()]).optional(),
    tool_calls: z.array(z.unknown()).optional(),
  })
  .refine(({ content, tool_calls }) => isSaid(content) || isSaid(tool_calls), {
    path: ["content"],
    error: "missing, must be text or a list of parts",
  });
const schema = z.looseObject({
  id: z.union([z.string(), z.number()], "must be text or a number").optional(),
  images: z.array(source).nullable().optional(),
  messages: z.array(message).min(1),
});

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Rows with `messages`. */
export const openaiFormat: InstructionFormat = {
  name: "openai",
  matches: (value) => "messages" in value && !isAnthropicRow(value),
  isValid: isOpenai,
  explain(value) {
    const result = schema.safeParse(value);
    return result.success ? undefined : issueText(result.error, Object.keys(schema.shape));
  },
  view(value) {
    const row = value as z.infer<typeof schema>;
    const pictures: Picture[] = (row.images ?? []).map((each, i) => ({
      source: each,
      field: `images[${i}]`,
    }));
    const inColumn = pictures.length;
    let emptyParts = 0;
    let countsPlaceholders = true;
    const turns = row.messages.map(({ role, content, tool_calls }, m): Turn => {
      const field = `messages[${m}].content`;
      const turn = { role: roles[role]!, text: "", field };
      if (typeof content === "string") return { ...turn, text: content };
      // A call of a tool is what the model is to write, so it is no empty response.
      if (!content) return { ...turn, text: JSON.stringify(tool_calls) };
      const pieces: Piece[] = [];
      for (const [p, each] of content.entries()) {
        if (each.type === "text") pieces.push({ text: each.text });
        else if (each.type === "image_url" || each.type === "image") {
          pieces.push("picture");
          const link = each.type === "image" ? each.image : each.image_url;
          if (link === undefined) emptyParts++;
          else pictures.push({ source: typeof link === "string" ? link : link.url, field: `${field}[${p}]` });
        } else if (each.type === "refusal") pieces.push({ text: each.refusal });
        else countsPlaceholders = false;
      }
      const text = pieces.map((piece) => (piece === "picture" ? "" : piece.text)).join("\n");
      return { ...turn, text: text.trim(), pieces };
    });
    return {
      ...(row.id === undefined ? {} : { id: String(row.id) }),
      turns,
      pictures,
      pictureParts: pictures.length - inColumn,
      emptyParts,
      countsPlaceholders,
    };
  },
  openFields: Object.keys(schema.shape),
  uniqueIds: false,
};

function isOpenai({ id, images, messages }: RowValue): boolean {
  if (id !== undefined && typeof id !== "string" && !Number.isFinite(id)) return false;
  if (images !== undefined && images !== null && !(Array.isArray(images) && images.every(isSource)))
    return false;
  if (!Array.isArray(messages) || messages.length === 0) return false;
  for (const each of messages as unknown[]) {
    if (!isObject(each) || typeof each.role !== "string" || !Object.hasOwn(roles, each.role)) return false;
    // Tools are rare: left to the schema.
    if ("tool_calls" in each) return false;
    const { content } = each;
    if (typeof content === "string") continue;
    if (!Array.isArray(content) || content.length === 0 || !content.every(isPart)) return false;
  }
  return true;
}

/** The two kinds of parts that nearly all are; others are left to the schema. */
function isPart(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value.type === "text") return typeof value.text === "string";
  if (value.type !== "image_url") return false;
  const link = value.image_url;
  return isSource(link) || (isObject(link) && isSource(link.url));
}

function isSource(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
