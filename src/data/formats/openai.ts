// OpenAI's chat messages, one conversation a line, as requests and fine-tuning files have them: content is text or a
// list of { type: "text", text } and { type: "image_url", image_url: { url, detail } }. `weight: 0` on an assistant's
// message keeps it out of the loss. A developer's message is read as a system message, whose place it took.
import { z } from "zod";
import type { Part, Turn } from "../../spec/index.ts";
import { layoutOf, messagesOf } from "./messages.ts";
import { finishRow, lostFields, otherFields, type RowReader, zodProblem } from "./row-result.ts";
import { type RowWriter, writeProblem } from "./row-writer.ts";

const partSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string() }),
  z.strictObject({
    type: z.literal("image_url"),
    image_url: z.strictObject({ url: z.string().min(1), detail: z.string().optional() }),
  }),
]);
const rowSchema = z.looseObject({
  messages: z
    .array(
      z.strictObject({
        role: z.enum(["system", "developer", "user", "assistant"]),
        content: z.union([z.string(), z.array(partSchema).min(1)], "must be text or a list of parts"),
        weight: z.union([z.literal(0), z.literal(1)], "must be 0 or 1").optional(),
      }),
    )
    .min(1),
});
const known = ["messages", "sightline"];

/** Fields of a request that a fine-tuning row may have too. */
const extraNames = ["tools", "parallel_tool_calls", "metadata"];

/** Reads a row of OpenAI's messages. */
export const readOpenAiRow: RowReader = (row, fallbackId) => {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return { problem: zodProblem(parsed.error) };
  const details: (string | null)[] = [];
  const messages = parsed.data.messages.map(({ role, content, weight }): Turn => {
    const list = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
    const parts = list.map((part): Part => {
      if (part.type === "text") return part;
      details.push(part.image_url.detail ?? null);
      return { type: "image", source: part.image_url.url };
    });
    const speaker = role === "developer" ? "system" : role;
    return { role: speaker, content: parts, ...(weight === 0 ? { loss: false } : {}) };
  });
  const id = typeof row.id === "string" && row.id !== "" ? row.id : fallbackId;
  const detail = details.some((value) => value !== null) ? { layout: { detail: details } } : {};
  const extra = { ...otherFields(row, typeof row.id === "string" ? [...known, "id"] : known), ...detail };
  return finishRow(messages, "messages", { id, extra, kept: row.sightline });
};

/** Writes a row of OpenAI's messages. Pictures are URLs or data URLs; whoever calls puts them in first. */
export const writeOpenAiRow: RowWriter = (sample, { keepExtra }) => {
  const problem = writeProblem(sample);
  if (problem) return { problem };
  const { names, kept, extra } = lostFields(sample, {
    ...{ extra: extraNames, loss: true, system: true, detail: true },
  });
  const details = layoutOf(sample).detail ?? [];
  let next = 0;
  const messages = messagesOf(sample).map(({ role, content, loss }) => {
    const [only] = content;
    const isPlain = content.length === 1 && only?.type === "text";
    const parts = content.map((part) => {
      if (part.type === "text") return part;
      const detail = details[next++];
      return { type: "image_url", image_url: { url: part.source, ...(detail ? { detail } : {}) } };
    });
    return { role, content: isPlain ? only.text : parts, ...(loss === false ? { weight: 0 } : {}) };
  });
  const row = { messages, ...extra, ...(keepExtra && names.length > 0 ? { sightline: kept } : {}) };
  return { row, lost: keepExtra ? [] : names };
};
