// LLaVA's { id, image, conversations: [{ from, value }] } and ShareGPT's, as LLaMA-Factory takes it: { images,
// conversations, system }. `<image>` in a text stands for the next picture. Both names of every role are read.
import { z } from "zod";
import type { Part, Sample, Turn } from "../../spec/index.ts";
import { countPlaceholders, partsOfText, textOfParts } from "./image-placeholders.ts";
import { mediaOf, messagesOf } from "./messages.ts";
import { finishRow, lostFields, otherFields, type RowReader, zodProblem } from "./row-result.ts";
import { type RowWriter, writeProblem } from "./row-writer.ts";

const roles = {
  human: "user",
  user: "user",
  gpt: "assistant",
  assistant: "assistant",
  system: "system",
} as const;

const sources = z.union([z.string().min(1), z.array(z.string().min(1))], "must be a path or a list of paths");
const rowSchema = z.looseObject({
  id: z.union([z.string().min(1), z.number()], "must be text or a number").nullish(),
  image: sources.nullish(),
  images: sources.nullish(),
  system: z.string().nullish(),
  conversations: z
    .array(
      z.object({
        from: z.enum(Object.keys(roles) as (keyof typeof roles)[]),
        value: z.string(),
      }),
    )
    .min(1),
});
const known = ["id", "image", "images", "system", "conversations", "sightline"];

/** Reads a row of LLaVA's or ShareGPT's form. */
export const readLlavaRow: RowReader = (row, fallbackId) => {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return { problem: zodProblem(parsed.error) };
  const { id, image, images, system, conversations } = parsed.data;
  const field = images == null ? "image" : "images";
  const pictures = [images ?? image ?? []].flat();
  const asked = conversations.filter(({ from }) => roles[from] !== "assistant");
  const places = asked.reduce((sum, { value }) => sum + countPlaceholders(value), 0);
  if (places !== pictures.length) {
    const rule = `must be as many as the <image> of the conversation, got ${pictures.length} for ${places}`;
    return { problem: { path: field, rule } };
  }
  const queue = pictures.values();
  const take = (): Part => ({ type: "image", source: queue.next().value! });
  const messages: Turn[] = system ? [{ role: "system", content: [{ type: "text", text: system }] }] : [];
  for (const [i, { from, value }] of conversations.entries()) {
    const role = roles[from];
    if (role === "assistant" && countPlaceholders(value) > 0)
      return { problem: { path: `conversations[${i}].value`, rule: "a response must not hold <image>" } };
    const content: Part[] = role === "assistant" ? [{ type: "text", text: value }] : partsOfText(value, take);
    messages.push({ role, content });
  }
  return finishRow(messages, "conversations", {
    ...{ id: String(id ?? fallbackId), kept: row.sightline },
    extra: otherFields(row, known),
  });
};

/** Writes LLaVA's form: one picture as `image`, several as a list. It has no system message. */
export const writeLlavaRow: RowWriter = (sample, { keepExtra }) =>
  write(sample, { keepExtra, system: false, imagesOf: (list) => (list.length === 1 ? list[0] : list) });

/** Writes ShareGPT's form: the pictures as `images`, the system message as `system`. */
export const writeShareGptRow: RowWriter = (sample, { keepExtra }) =>
  write(sample, { keepExtra, system: true });

interface Form {
  keepExtra: boolean;
  system: boolean;
  /** The value of LLaVA's `image`; ShareGPT has `images`. */
  imagesOf?(sources: string[]): unknown;
}

function write(sample: Sample, { keepExtra, system, imagesOf }: Form): ReturnType<RowWriter> {
  const problem = writeProblem(sample, { placeholders: true });
  if (problem) return { problem };
  const { names, kept, extra } = lostFields(sample, { id: true, extra: { allBut: known }, system });
  const messages = messagesOf(sample);
  const sources = mediaOf(messages).map(({ source }) => source);
  const [first] = messages;
  const words = first?.role === "system" ? first.content.map((part) => (part as { text: string }).text) : [];
  const row = {
    id: sample.id,
    ...(sources.length === 0 ? {} : imagesOf ? { image: imagesOf(sources) } : { images: sources }),
    ...(system && words.length > 0 ? { system: words.join("\n") } : {}),
    conversations: messages
      .filter(({ role }) => role !== "system")
      .map(({ role, content }) => ({ from: role === "user" ? "human" : "gpt", value: textOfParts(content) })),
    ...extra,
    ...(keepExtra && names.length > 0 ? { sightline: kept } : {}),
  };
  return { row, lost: keepExtra ? [] : names };
}
