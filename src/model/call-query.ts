// What a technique may know of the question it serves. The evaluator writes it into the call; in a chat there is no
// evaluator, and then the last user message is the query.
import type { LanguageModelV4CallOptions, LanguageModelV4Message } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import type { Query } from "../spec/index.ts";
import { contentAddress, inlineBytes } from "./content-address.ts";

type UserMessage = Extract<LanguageModelV4Message, { role: "user" }>;

/** The Query of a call: `providerOptions.sightline.query`, else derived from the last user message. */
export async function callQuery(options: LanguageModelV4CallOptions): Promise<Query> {
  const given = options.providerOptions?.sightline?.query;
  if (given !== undefined) return checkQuery(given);
  const message = options.prompt.findLast((m): m is UserMessage => m.role === "user");
  const question = message ? questionOf(message) : "";
  const imageIds: string[] = [];
  for (const part of message?.content ?? []) {
    if (part.type !== "file" || !part.mediaType.startsWith("image")) continue;
    const bytes = inlineBytes(part.data);
    if (bytes) imageIds.push(await contentAddress(bytes));
    else if (part.data.type === "url") imageIds.push(part.data.url.href);
    else imageIds.push(JSON.stringify(part.data));
  }
  const id = await contentAddress(JSON.stringify([question, imageIds]));
  return { id, group: imageIds[0] ?? id, question, imageIds };
}

function questionOf(message: UserMessage): string {
  const texts = message.content.map((part) => (part.type === "text" ? part.text.trim() : ""));
  return texts.filter((text) => text !== "").join("\n");
}

function checkQuery(value: unknown): Query {
  const query = value as Partial<Query> | null;
  const valid =
    typeof query === "object" &&
    query !== null &&
    [query.id, query.group, query.question].every((field) => typeof field === "string") &&
    isStrings(query.imageIds) &&
    (query.choices === undefined || isStrings(query.choices));
  if (valid) return query as Query;
  throw new InputError({
    where: "providerOptions.sightline.query",
    rule: "must have the texts id, group and question, the list imageIds and, if any, the list choices",
    got: JSON.stringify(value),
    hint: "Build it with queryOf(sample).",
  });
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
