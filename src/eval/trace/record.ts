// Keeps what models say and what tools return while a technique works. It changes nothing of either.
import type { JSONObject, JSONValue, LanguageModelV4Content, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { contentAddress, inlineBytes } from "../../model/content-address.ts";
import { capabilities, traceEvents, withCache } from "../../model/index.ts";
import type { LanguageModel, Tool } from "../../spec/index.ts";
import type { RecordedUse, TraceFile } from "./trace-file.ts";

export interface TraceRecorder {
  /** The model, its answers kept. */
  model(model: LanguageModel, name: string): LanguageModel;
  /** The tools, their results kept. */
  tools<T extends Tool>(tools: readonly T[]): T[];
  /** Takes in a picture; gives its hash. */
  picture(bytes: Uint8Array, mediaType: string): Promise<string>;
  kept(): Pick<TraceFile, "capabilities" | "answers" | "tools" | "pictures">;
}

/** Creates the recorder of one answer. */
export function createRecorder(): TraceRecorder {
  const answers: TraceFile["answers"] = {};
  const declared: TraceFile["capabilities"] = {};
  const uses: RecordedUse[] = [];
  const pictures: TraceFile["pictures"] = {};
  const picture = async (bytes: Uint8Array, mediaType: string) => {
    const hash = await contentAddress(bytes);
    pictures[hash] = { mediaType, data: Buffer.from(bytes).toString("base64") };
    return hash;
  };
  const cache = {
    get: async () => undefined,
    put: (key: string, value: string) => {
      answers[key] = value;
    },
  };
  return {
    picture,
    model(model, name) {
      declared[name] = JSON.parse(
        JSON.stringify(capabilities(model)),
      ) as JSONObject as TraceFile["capabilities"][string];
      return withCache(model, { cache, modelKey: name });
    },
    tools: (tools) =>
      tools.map((tool) => ({
        ...tool,
        async run(input: JSONValue, context: Parameters<Tool["run"]>[1]) {
          const use: RecordedUse = { tool: tool.name, input: input as RecordedUse["input"], pictures: [] };
          uses.push(use);
          try {
            const result = await tool.run(input, context);
            use.value = result.value as RecordedUse["input"];
            if (result.backend !== undefined) use.backend = result.backend;
            for (const { handle, bytes, mediaType } of result.images ?? [])
              use.pictures.push({ handle, hash: await picture(bytes, mediaType) });
            return result;
          } catch (error) {
            use.error = error instanceof Error ? error.message : String(error);
            throw error;
          }
        },
      })),
    kept: () => ({ capabilities: declared, answers, tools: uses, pictures }),
  };
}

/** What is known of an answer beside what the recorder keeps. */
export interface Answered
  extends Pick<
    TraceFile,
    "model" | "technique" | "question" | "seed" | "maxTokens" | "answer" | "reasoning" | "ms"
  > {
  prompt: LanguageModelV4Prompt;
  content: readonly LanguageModelV4Content[];
}

/** Puts the trace of an answer together. */
export async function createTrace(recorder: TraceRecorder, answered: Answered): Promise<TraceFile> {
  const { prompt, content, ...facts } = answered;
  const images: string[] = [];
  for (const message of prompt) {
    if (message.role !== "user") continue;
    for (const part of message.content) {
      const bytes = part.type === "file" ? inlineBytes(part.data) : undefined;
      if (bytes && part.type === "file") images.push(await recorder.picture(bytes, part.mediaType));
    }
  }
  // Pictures that a technique looked at without a tool.
  for (const part of content) {
    const bytes = part.type === "reasoning-file" ? inlineBytes(part.data) : undefined;
    if (bytes && part.type === "reasoning-file") await recorder.picture(bytes, part.mediaType);
  }
  const events = JSON.parse(JSON.stringify(traceEvents(content))) as TraceFile["events"];
  return { kind: "sightline trace", version: 1, ...facts, images, events, ...recorder.kept() };
}
