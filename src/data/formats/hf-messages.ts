// `messages` beside `images`, as Hugging Face datasets, TRL, ms-swift and LLaMA-Factory have it. Content is a list of
// { type: "image" } and { type: "text", text }, or a text in which `<image>` stands for the next picture; when no place
// is marked, the pictures stand before the first question. `loss: false` on a message is ms-swift's.
import { z } from "zod";
import type { Part, Turn } from "../../spec/index.ts";
import { countPlaceholders, partsOfText, textOfParts } from "./image-placeholders.ts";
import { mediaOf, messagesOf } from "./messages.ts";
import { finishRow, lostFields, otherFields, type RowReader, zodProblem } from "./row-result.ts";
import { type RowWriter, writeProblem } from "./row-writer.ts";

const partSchema = z.discriminatedUnion("type", [
  // A table has one set of columns for all parts: those of other kinds are null.
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({ type: z.literal("image") }),
]);
const picture = z.union(
  [z.string().min(1), z.looseObject({ path: z.string().min(1) }).transform(({ path }) => path)],
  "must be a path, a URL or { path }",
);
const rowSchema = z.looseObject({
  id: z.union([z.string().min(1), z.number()], "must be text or a number").nullish(),
  images: z.array(picture).nullish(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(["system", "user", "assistant"]),
        content: z.union([z.string(), z.array(partSchema).min(1)], "must be text or a list of parts"),
        loss: z.boolean().nullish(),
      }),
    )
    .min(1),
});
const known = ["id", "images", "messages", "sightline"];

/** Reads a row of messages and images. Bytes of pictures must have been put somewhere before. */
export const readHfRow: RowReader = (row, fallbackId) => {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return { problem: zodProblem(parsed.error) };
  const { id, images, messages } = parsed.data;
  const pictures = images ?? [];
  const places = messages.reduce((sum, { content }) => sum + placesIn(content), 0);
  const isUnmarked = places === 0 && messages.some(({ role }) => role === "user");
  if (places !== pictures.length && !isUnmarked) {
    const rule = `must be as many as the messages have places for, got ${pictures.length} for ${places}`;
    return { problem: { path: "images", rule } };
  }
  const queue = pictures.values();
  const take = (): Part => ({ type: "image", source: queue.next().value! });
  const turns = messages.map(({ role, content, loss }): Turn => {
    const front =
      isUnmarked && role === "user" ? [...queue].map((source): Part => ({ type: "image", source })) : [];
    const parts =
      typeof content === "string"
        ? partsOfText(content, take)
        : content.map((part): Part => (part.type === "text" ? { type: "text", text: part.text } : take()));
    return { role, content: [...front, ...parts], ...(loss === false ? { loss } : {}) };
  });
  return finishRow(turns, "messages", {
    ...{ id: String(id ?? fallbackId), extra: otherFields(row, known), kept: row.sightline },
  });
};

function placesIn(content: z.infer<typeof rowSchema>["messages"][number]["content"]): number {
  if (typeof content === "string") return countPlaceholders(content);
  return content.filter(({ type }) => type === "image").length;
}

/** Writes typed parts, with the pictures' sources as `images`. */
export const writeHfRow: RowWriter = (sample, { keepExtra }) => {
  const problem = writeProblem(sample);
  if (problem) return { problem };
  const { names, kept } = lostFields(sample, { id: true, system: true });
  const messages = messagesOf(sample).map(({ role, content }) => ({
    role,
    content: content.map((part) => (part.type === "text" ? part : { type: "image", text: null })),
  }));
  const images = mediaOf(messagesOf(sample)).map(({ source }) => source);
  const row = {
    ...{ id: sample.id, messages, images },
    ...(keepExtra && names.length > 0 ? { sightline: kept } : {}),
  };
  return { row, lost: keepExtra ? [] : names };
};

/** Writes texts with `<image>`, as ms-swift and LLaMA-Factory take them. `loss` says whether messages may have one. */
export function placeholderMessages(loss: boolean): RowWriter {
  return (sample, { keepExtra }) => {
    const problem = writeProblem(sample, { placeholders: true });
    if (problem) return { problem };
    const { names, kept } = lostFields(sample, { id: true, system: true, loss });
    const messages = messagesOf(sample);
    const row = {
      id: sample.id,
      messages: messages.map(({ role, content, loss: learned }) => ({
        ...{ role, content: textOfParts(content) },
        ...(loss && learned === false ? { loss: false } : {}),
      })),
      images: mediaOf(messages).map(({ source }) => source),
      ...(keepExtra && names.length > 0 ? { sightline: kept } : {}),
    };
    return { row, lost: keepExtra ? [] : names };
  };
}
