// Anthropic's messages, one request a line: { system, messages: [{ role, content }] }, content as text or blocks of text
// and image; or a line of a batch, { custom_id, params }. Tool blocks are refused.
import { z } from "zod";
import type { Part, Turn } from "../../spec/index.ts";
import { finishRow, otherFields, type RowReader, zodProblem } from "./row-result.ts";

const cache = { cache_control: z.unknown().optional() };
const textBlock = z.strictObject({ type: z.literal("text"), text: z.string(), ...cache });
const imageBlock = z.strictObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("base64"), media_type: z.string(), data: z.string().min(1) }),
    z.strictObject({ type: z.literal("url"), url: z.string().min(1) }),
  ]),
  ...cache,
});
const rowSchema = z.looseObject({
  system: z.union([z.string(), z.array(textBlock)], "must be text or a list of text blocks").optional(),
  messages: z
    .array(
      z.strictObject({
        role: z.enum(["user", "assistant"]),
        content: z.union(
          [z.string(), z.array(z.discriminatedUnion("type", [textBlock, imageBlock])).min(1)],
          "must be text or a list of text and image blocks",
        ),
      }),
    )
    .min(1),
});

/** True for a row that only Anthropic's layout explains: a batch's request, a system text, or images with a `source`. */
export function isAnthropicRow({ params, system, messages }: Record<string, unknown>): boolean {
  if (params !== undefined || (system !== undefined && messages !== undefined)) return true;
  if (!Array.isArray(messages)) return false;
  return messages.some((message: { content?: unknown } | null) => {
    const content = message?.content;
    return (
      Array.isArray(content) &&
      content.some((part: { source?: unknown } | null) => part?.source !== undefined)
    );
  });
}

/** Reads a row of Anthropic's messages. */
export const readAnthropicRow: RowReader = (row, fallbackId) => {
  const isBatch = typeof row.params === "object" && row.params !== null;
  const request = isBatch ? (row.params as Record<string, unknown>) : row;
  const parsed = rowSchema.safeParse(request);
  const prefix = isBatch ? "params." : "";
  if (!parsed.success) {
    const problem = zodProblem(parsed.error);
    return { problem: { ...problem, path: `${prefix}${problem.path}` } };
  }
  const { system, messages: asked } = parsed.data;
  const messages: Turn[] = asked.map(({ role, content }) => ({ role, content: partsOf(content) }));
  if (system !== undefined && system.length > 0)
    messages.unshift({ role: "system", content: partsOf(system) });
  const id = isBatch ? row.custom_id : row.id;
  return finishRow(messages, `${prefix}messages`, {
    id: typeof id === "string" && id !== "" ? id : fallbackId,
    extra: otherFields(request, ["system", "messages", "sightline", ...(isBatch ? [] : ["id"])]),
    kept: request.sightline,
  });
};

type Content = z.infer<typeof rowSchema>["messages"][number]["content"];

function partsOf(content: Content): Part[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map((block): Part => {
    if (block.type === "text") return { type: "text", text: block.text };
    const { source } = block;
    if (source.type === "url") return { type: "image", source: source.url };
    return { type: "image", source: `data:${source.media_type};base64,${source.data}` };
  });
}
