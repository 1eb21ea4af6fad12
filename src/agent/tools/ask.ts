// A vision model as a tool: another pair of eyes that answers one question about one picture, or describes it.
import { z } from "zod";
import { textOf } from "../../model/index.ts";
import type { LanguageModel, ToolContext } from "../../spec/index.ts";
import { imageHandle, imageOf, type VisionTool, visionTool } from "./vision-tool.ts";

/** Opens the model when it is first needed. */
export type OpenModel = () => Promise<LanguageModel>;

/** Longest answer of the model, in tokens. */
const maxOutputTokens = 256;

/** The tool that asks a vision model. */
export function askTool(open: OpenModel): VisionTool {
  return visionTool({
    name: "ask",
    description:
      "Asks a vision model one question about one picture. It sees only that picture and remembers nothing; its answer may be wrong.",
    input: z.strictObject({ image: imageHandle, question: z.string().min(1).max(1000) }),
    cost: "language-model",
    async run({ image, question }, context) {
      const { answer, backend } = await askModel(open, context, image, question.trim());
      return { value: { answer }, backend };
    },
  });
}

/** The tool that describes a picture. */
export function captionTool(open: OpenModel): VisionTool {
  return visionTool({
    name: "caption",
    description:
      "Describes a picture in a sentence or two, by a vision model. It may leave things out or name things that are not there.",
    input: z.strictObject({ image: imageHandle }),
    cost: "language-model",
    async run({ image }, context) {
      const { answer, backend } = await askModel(open, context, image, "Describe the picture.");
      return { value: { caption: answer }, backend };
    },
  });
}

async function askModel(open: OpenModel, context: ToolContext, image: string, question: string) {
  const { bytes, mediaType } = imageOf(context, image);
  const model = await open();
  const { content } = await model.doGenerate({
    prompt: [
      {
        role: "user",
        content: [
          { type: "file", mediaType, data: { type: "data", data: bytes } },
          { type: "text", text: question },
        ],
      },
    ],
    temperature: 0,
    maxOutputTokens,
    ...(context.signal && { abortSignal: context.signal }),
  });
  return { answer: textOf(content).trim(), backend: model.modelId };
}
