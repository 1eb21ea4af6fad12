// The control that shows how much of a score comes from the words alone: the same question, every picture turned
// into plain grey of the same size. What is left is what the model guesses without seeing.
import type { LanguageModelV4Message, LanguageModelV4Prompt, SharedV4FileData } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import { encodePng, imageSize } from "../media/index.ts";
import type { Technique } from "../spec/index.ts";
import { inlineBytes } from "./content-address.ts";
import { technique } from "./technique.ts";

const grey = 128;

/** Makes the technique that hides every picture of the prompt behind grey. */
export function blind(): Technique {
  return technique(
    "blind",
    {},
    async function* ({ options, forward }) {
      yield* forward({ prompt: await hidePictures(options.prompt) });
    },
    { imageBytes: true },
  );
}

/** A copy of a prompt in which every picture is a grey PNG of the same size. */
export async function hidePictures(prompt: LanguageModelV4Prompt): Promise<LanguageModelV4Prompt> {
  const hidden: LanguageModelV4Prompt = [];
  for (const message of prompt) {
    if (message.role === "system") hidden.push(message);
    else {
      const content = await Promise.all(message.content.map((part) => hideIn(part)));
      hidden.push({ ...message, content } as LanguageModelV4Message);
    }
  }
  return hidden;
}

type Part = Exclude<LanguageModelV4Message, { role: "system" }>["content"][number];

async function hideIn(part: Part): Promise<Part> {
  if (part.type === "file" || part.type === "reasoning-file") return hidePicture(part);
  if (part.type !== "tool-result" || part.output.type !== "content") return part;
  const value = await Promise.all(
    part.output.value.map(async (item) => (item.type === "file" ? hidePicture(item) : item)),
  );
  return { ...part, output: { ...part.output, value } };
}

async function hidePicture<P extends { mediaType: string; data: SharedV4FileData }>(part: P): Promise<P> {
  if (!part.mediaType.startsWith("image")) return part;
  const bytes = inlineBytes(part.data);
  if (!bytes) {
    throw new InputError({
      where: "blind",
      rule: "pictures must be in the prompt as bytes",
      got: part.data.type === "url" ? part.data.url.href : `a ${part.data.type}`,
      hint: "Load the picture first.",
    });
  }
  const { width, height } = await imageSize(bytes);
  const data = await encodePng(new Uint8Array(width * height * 3).fill(grey), width, height);
  return { ...part, mediaType: "image/png", data: { type: "data", data } };
}
