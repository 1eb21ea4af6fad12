// The control that shows how much of a score a description of the picture is worth: the model describes what it sees,
// then answers from its own words, without the picture.
import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Technique } from "../spec/index.ts";
import { technique } from "./technique.ts";

const request = "Describe the picture.";

/** Makes the technique that answers from a caption that the model wrote itself. */
export function captionOnly(): Technique {
  return technique("caption-only", {}, async function* ({ options, call, forward }) {
    const pictures = options.prompt.flatMap((message) => (message.role === "user" ? message.content : []));
    const images = pictures.filter(isPicture);
    if (images.length === 0) {
      yield* forward();
      return;
    }
    const prompt: LanguageModelV4Prompt = [
      { role: "user", content: [...images, { type: "text", text: request }] },
    ];
    const { text } = await call({ prompt, responseFormat: undefined }, "caption");
    yield* forward({ prompt: replacePictures(options.prompt, text.trim()) });
  });
}

/** A copy of a prompt without pictures; the caption stands before the rest of the last user message. */
function replacePictures(prompt: LanguageModelV4Prompt, caption: string): LanguageModelV4Prompt {
  const last = prompt.findLastIndex(({ role }) => role === "user");
  return prompt.map((message, i): LanguageModelV4Message => {
    if (message.role !== "user") return message;
    const content = message.content.filter((part) => !isPicture(part));
    const words = { type: "text" as const, text: `What the picture shows: ${caption}` };
    return { ...message, content: i === last ? [words, ...content] : content };
  });
}

function isPicture(part: { type: string; mediaType?: string }): boolean {
  return part.type === "file" && (part.mediaType ?? "").startsWith("image");
}
