// The one place where a Sample becomes what a model receives: pictures as bytes in the order of the input, then the
// question. Nothing else of the Sample passes through here, least of all its answer.
import type {
  JSONValue,
  LanguageModelV4FilePart,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
} from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import type { ImagePart, Query, Sample } from "../spec/index.ts";
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

/** Turns a Sample into everything that its call needs; every picture is loaded once. */
export async function callOf(sample: Sample, { loadImage }: PromptOptions): Promise<SamplePrompt> {
  const content: (LanguageModelV4TextPart | LanguageModelV4FilePart)[] = [];
  const imageIds: string[] = [];
  for (const [i, part] of sample.input.entries()) {
    if (part.type === "text") content.push({ type: "text", text: part.text });
    else if (part.type === "image") {
      const { bytes, mediaType, hash } = await loadImage(part);
      imageIds.push(hash ?? part.hash ?? (await contentAddress(bytes)));
      content.push({ type: "file", mediaType, data: { type: "data", data: bytes } });
    } else {
      throw new InputError({
        where: `sample ${sample.id}, input[${i}]`,
        rule: "only text and image parts can be put into a prompt",
        got: part.type,
      });
    }
  }
  content.push({ type: "text", text: sample.instruction });
  const query = queryOf(sample, imageIds);
  return {
    prompt: [{ role: "user", content }],
    query,
    providerOptions: { sightline: { query: query as unknown as JSONValue } },
  };
}

/** The prompt of a Sample: one user message, the input in order and then the question. */
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
  return sample.input.filter((part) => part.type === "image").map((part) => part.hash ?? part.source);
}
