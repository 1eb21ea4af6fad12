// The one place where a Sample becomes what a model receives: pictures as bytes in the order of the input, then the
// question. Nothing else of the Sample passes through here, least of all its answer.
import type {
  JSONValue,
  LanguageModelV4FilePart,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
} from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import type { ImagePart, Part, Query, Sample } from "../spec/index.ts";
import { contentAddress } from "./content-address.ts";

export interface PromptOptions {
  /** Gives the bytes of a picture of the Sample. */
  loadImage(image: ImagePart): Promise<{ bytes: Uint8Array; mediaType: string; hash?: string }>;
}

/** A Sample as a model call: the prompt, and the query that techniques may know. */
export interface SamplePrompt {
  prompt: LanguageModelV4Prompt;
  query: Query;
  providerOptions: { sightline: { query: JSONValue } };
}

type Content = LanguageModelV4TextPart | LanguageModelV4FilePart;

/** Turns a Sample into everything that its call needs; every picture is loaded once. */
export async function callOf(sample: Sample, { loadImage }: PromptOptions): Promise<SamplePrompt> {
  const imageIds: string[] = [];
  const contentOf = async (parts: readonly Part[], where: string): Promise<Content[]> => {
    const content: Content[] = [];
    for (const [i, part] of parts.entries()) {
      if (part.type === "text") content.push({ type: "text", text: part.text });
      else if (part.type === "image") {
        const { bytes, mediaType, hash } = await loadImage(part);
        imageIds.push(hash ?? part.hash ?? (await contentAddress(bytes)));
        content.push({ type: "file", mediaType, data: { type: "data", data: bytes } });
      } else {
        throw new InputError({
          where: `sample ${sample.id}, ${where}[${i}]`,
          rule: "only text and image parts can be put into a prompt",
          got: part.type,
        });
      }
    }
    return content;
  };
  const prompt: LanguageModelV4Prompt = [];
  for (const [i, turn] of (sample.turns ?? []).entries()) {
    const content = await contentOf(turn.content, `turns[${i}].content`);
    const texts = content.filter((part) => part.type === "text");
    if (turn.role === "user") prompt.push({ role: "user", content });
    else if (turn.role === "assistant") prompt.push({ role: "assistant", content: texts });
    else prompt.push({ role: "system", content: texts.map(({ text }) => text).join("\n") });
  }
  const content = await contentOf(sample.input, "input");
  content.push({ type: "text", text: sample.instruction });
  prompt.push({ role: "user", content });
  const query = queryOf(sample, imageIds);
  return { prompt, query, providerOptions: { sightline: { query: query as unknown as JSONValue } } };
}

/** The prompt of a Sample: earlier turns, then one user message, the input in order and the question. */
export async function promptOf(sample: Sample, options: PromptOptions): Promise<LanguageModelV4Prompt> {
  return (await callOf(sample, options)).prompt;
}

/**
 * What a technique may know of a Sample. Never the answer.
 * @param imageIds content addresses of the pictures, when they were computed from the bytes; else the declared ones.
 */
export function queryOf(sample: Sample, imageIds = declaredIds(sample)): Query {
  const { id, group = id, instruction, choices } = sample;
  const answerType = sample.answerType ?? (choices && choices.length > 0 ? "choice" : undefined);
  return {
    id,
    group,
    question: instruction,
    ...(choices ? { choices } : {}),
    ...(answerType ? { answerType } : {}),
    imageIds,
  };
}

function declaredIds(sample: Sample): string[] {
  const parts = [...(sample.turns ?? []).flatMap(({ content }) => content), ...sample.input];
  return parts.filter((part) => part.type === "image").map((part) => part.hash ?? part.source);
}
