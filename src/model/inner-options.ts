import type { JSONValue, LanguageModelV4CallOptions, LanguageModelV4Message } from "@ai-sdk/provider";
import type { Query } from "../spec/index.ts";

/** What an inner call may change of the outer call's options. */
export type Overrides = Partial<Omit<LanguageModelV4CallOptions, "abortSignal">>;

/** Options of an inner call: the outer ones, the overrides, and always the same query. */
export function innerOptions(
  outer: LanguageModelV4CallOptions,
  overrides: Overrides,
  query: Query,
  abortSignal: AbortSignal,
): LanguageModelV4CallOptions {
  const merged = { ...outer, ...overrides, abortSignal };
  const sightline = { ...merged.providerOptions?.sightline, query: query as unknown as JSONValue };
  return { ...merged, providerOptions: { ...merged.providerOptions, sightline } };
}

/** Names of the tools that the technique itself offered, beyond the caller's. */
export function ownToolNames(
  inner: LanguageModelV4CallOptions,
  outer: LanguageModelV4CallOptions,
): Set<string> {
  const callers = new Set(outer.tools?.map((tool) => tool.name));
  return new Set(inner.tools?.map((tool) => tool.name).filter((name) => !callers.has(name)));
}

/** What a trace tells of a prompt: its size and the last thing said to the model. */
export function promptFacts({ prompt, temperature, seed }: LanguageModelV4CallOptions): {
  [key: string]: JSONValue | undefined;
} {
  const parts = prompt.flatMap((message) => (message.role === "system" ? [] : (message.content as Part[])));
  const last = prompt.findLast((message) => message.role === "user");
  const said = last?.content.filter((part) => part.type === "text").map((part) => part.text);
  const facts = {
    messages: prompt.length,
    images: parts.filter((part) => part.type === "file" && part.mediaType.startsWith("image")).length,
    said: said?.join("\n"),
    temperature,
    seed,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

type Part = Exclude<LanguageModelV4Message, { role: "system" }>["content"][number];
