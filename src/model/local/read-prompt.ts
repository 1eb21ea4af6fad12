// The AI SDK's prompt as chat messages and pictures. What a small local model cannot take (audio, documents) is refused;
// reasoning and Sightline's own parts of earlier turns are left out, as providers do.
import type {
  JSONObject,
  LanguageModelV4FilePart,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultOutput,
} from "@ai-sdk/provider";
import { InputError } from "../../errors/index.ts";
import { fetchUrl } from "../../media/index.ts";
import { callText, resultText } from "../../util/tool-format.ts";
import { inlineBytes } from "../content-address.ts";
import { stripOwnParts } from "../strip-own-parts.ts";
import type { Picture } from "./pictures.ts";
import type { ChatMessage } from "./tokenizer.ts";

export interface ReadPrompt {
  messages: ChatMessage[];
  /** In the order of the messages' image parts. */
  pictures: Picture[];
}

/**
 * Reads a prompt; pictures behind URLs are fetched.
 * @param options.calls the model was taught to call tools, and reads calls and results as it learned them
 */
export async function readPrompt(
  prompt: LanguageModelV4Prompt,
  { signal, calls = false }: { signal?: AbortSignal | undefined; calls?: boolean } = {},
): Promise<ReadPrompt> {
  const pictures: Picture[] = [];
  const addFile = async (
    { data, mediaType }: Pick<LanguageModelV4FilePart, "data" | "mediaType">,
    where: string,
  ): Promise<ChatMessage["content"][number]> => {
    if (data.type === "text") return { type: "text", text: data.text };
    if (!/^image(\/|$)/.test(mediaType)) {
      throw new InputError({ where, rule: "must be a picture or a text", got: `"${mediaType}"` });
    }
    let bytes = inlineBytes(data);
    if (!bytes && data.type === "url") bytes = await fetchUrl(data.url.href, signal ? { signal } : {});
    if (!bytes) {
      const rule = "must hold the bytes of the picture or its URL";
      throw new InputError({ where, rule, got: `a ${data.type}` });
    }
    pictures.push({ bytes, where });
    return { type: "image" };
  };

  const messages: ChatMessage[] = [];
  for (const [m, message] of stripOwnParts(prompt).entries()) {
    if (message.role === "system") {
      messages.push({ role: "system", content: [{ type: "text", text: message.content }] });
      continue;
    }
    const content: ChatMessage["content"] = [];
    for (const [p, part] of message.content.entries()) {
      const where = `prompt[${m}].content[${p}]`;
      if (part.type === "text") content.push({ type: "text", text: part.text });
      else if (part.type === "file") content.push(await addFile(part, where));
      else if (part.type === "tool-call") {
        const text = `${part.toolName}(${JSON.stringify(part.input)})`;
        if (calls) content.push({ type: "call", text: callText(part.toolName, part.input as JSONObject) });
        else content.push({ type: "text", text });
      } else if (part.type === "tool-result") {
        for (const item of outputItems(part.output, calls)) {
          content.push(
            "text" in item ? { type: "text", text: item.text } : await addFile(item.file, `${where}.output`),
          );
        }
      }
    }
    messages.push({ role: message.role, content });
  }
  return { messages, pictures };
}

type OutputItem = { text: string } | { file: Pick<LanguageModelV4FilePart, "data" | "mediaType"> };

function outputItems(output: LanguageModelV4ToolResultOutput, calls: boolean): OutputItem[] {
  switch (output.type) {
    case "text":
    case "error-text":
      return [{ text: output.value }];
    case "json":
    case "error-json":
      return [{ text: calls ? resultText(output.value) : JSON.stringify(output.value) }];
    case "execution-denied":
      return [{ text: output.reason ?? "denied" }];
    case "content":
      return output.value.flatMap((item): OutputItem[] => {
        if (item.type === "text") return [{ text: item.text }];
        return item.type === "file" ? [{ file: item }] : [];
      });
    default:
      return output satisfies never;
  }
}
