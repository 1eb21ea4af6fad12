// Pictures in the results of tools, for providers whose tool messages hold only text. Their AI SDK providers write such a
// result as JSON, the picture as base64 inside of it: a hundred thousand tokens of noise. So the tool message says which
// picture to see, and one message of the user with the pictures follows after the LAST tool message of that turn; between
// them it would part the results from their calls, which the protocol forbids.
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultPart,
} from "@ai-sdk/provider";
import type { LanguageModel } from "../spec/index.ts";
import { wrapModel } from "./capabilities.ts";

/** Wraps a model so that pictures in the results of tools reach it as pictures. */
export function withToolPictures(model: LanguageModel): LanguageModel {
  const moved = (options: LanguageModelV4CallOptions) => ({
    ...options,
    prompt: moveToolPictures(options.prompt),
  });
  return wrapModel(model, {
    doGenerate: (options) => model.doGenerate(moved(options)),
    doStream: (options) => model.doStream(moved(options)),
  });
}

/** Moves the files in results of tools into a message of the user after each turn's last tool message. */
export function moveToolPictures(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const out: LanguageModelV4Prompt = [];
  let waiting: (LanguageModelV4TextPart | LanguageModelV4FilePart)[] = [];
  let count = 0;
  const flush = () => {
    if (waiting.length > 0) out.push({ role: "user", content: waiting });
    waiting = [];
  };
  for (const message of prompt) {
    if (message.role !== "tool") {
      flush();
      out.push(message);
      continue;
    }
    const content = message.content.map((part) => {
      if (part.type !== "tool-result" || part.output.type !== "content") return part;
      const { text, files } = takeFiles(part.output.value, () => `tool_picture_${++count}`);
      waiting.push(...files);
      return { ...part, output: { type: "text" as const, value: text } };
    });
    out.push({ ...message, content } as LanguageModelV4Message);
  }
  flush();
  return out;
}

type Content = Extract<LanguageModelV4ToolResultPart["output"], { type: "content" }>["value"];

/** Takes the files out of a result. A text such as `image_2:` right before a file is its name; else it gets one. */
function takeFiles(parts: Content, nextName: () => string) {
  const lines: string[] = [];
  const files: (LanguageModelV4TextPart | LanguageModelV4FilePart)[] = [];
  for (const part of parts) {
    if (part.type === "text") lines.push(part.text);
    else if (part.type === "file") {
      const named = /^([\w/-]+):$/.exec(lines.at(-1) ?? "");
      if (named) lines.pop();
      const name = named?.[1] ?? nextName();
      lines.push(`(see ${name})`);
      const { mediaType, data, filename } = part;
      files.push(
        { type: "text", text: `${name}:` },
        { type: "file", mediaType, data, ...(filename ? { filename } : {}) },
      );
    }
  }
  return { text: lines.join("\n"), files };
}
