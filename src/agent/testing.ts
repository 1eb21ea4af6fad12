// Tools for tests, in the shape of the real ones: what they find is scripted, and they can be made to go wrong.
import type { JSONValue, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { encodePng } from "../media/index.ts";
import type { Tool, ToolContext, ToolResult } from "../spec/index.ts";

/** Makes a tool of a function; every property but those in `optional` is required. */
export function scriptedTool(
  name: string,
  properties: { [key: string]: JSONValue },
  run: (input: never, context: ToolContext) => ToolResult | Promise<ToolResult>,
  { optional = [], sideEffects = false }: { optional?: string[]; sideEffects?: boolean } = {},
): Tool {
  return {
    name,
    description: `Scripted ${name}.`,
    inputSchema: {
      type: "object",
      properties,
      required: Object.keys(properties).filter((key) => !optional.includes(key)),
      additionalProperties: false,
    },
    sideEffects,
    run: async (input, context) => run(input as never, context),
  };
}

const image = { type: "string", description: "handle of a picture" };

/** Three things of two kinds, a word, and a crop. */
export function scriptedTools(): Tool[] {
  const found = [
    { name: "apple", box: [0, 0, 10, 10] },
    { name: "apple", box: [20, 0, 30, 10] },
    { name: "dog", box: [40, 0, 50, 10] },
  ];
  const look = (handle: string, { image }: ToolContext) => {
    const picture = image(handle);
    if (!picture) throw new Error("no picture");
    return picture;
  };
  return [
    scriptedTool(
      "detect",
      { image, name: { type: "string" } },
      (input: { image: string; name?: string }, context) => {
        look(input.image, context);
        return {
          value: { boxes: found.filter(({ name }) => !input.name || name === input.name) },
          backend: "script",
        };
      },
      { optional: ["name"] },
    ),
    scriptedTool("count", { boxes: { type: "array" } }, ({ boxes }: { boxes: unknown[] }) => ({
      value: { count: boxes.length },
    })),
    scriptedTool("ocr", { image }, (input: { image: string }, context) => {
      look(input.image, context);
      return { value: { text: input.image.includes("crop") ? "EXIT" : "blurred" } };
    }),
    scriptedTool(
      "crop",
      { image, box: { type: "array", items: { type: "number" }, minItems: 4, maxItems: 4 } },
      async (input: { image: string }, context) => {
        look(input.image, context);
        const bytes = await tinyPicture();
        return {
          value: { image: `${input.image}/crop` },
          images: [{ handle: `${input.image}/crop`, bytes, mediaType: "image/png" }],
        };
      },
    ),
    scriptedTool("ask", { image, question: { type: "string" } }, ({ question }: { question: string }) => ({
      value: { answer: question.includes("colour") ? "red" : "two" },
    })),
  ];
}

/** A picture of 4 x 4 pixels. */
export function tinyPicture(): Promise<Uint8Array> {
  return encodePng(new Uint8Array(48).fill(200), 4, 4);
}

/** A question about one picture, and what a call of it needs. */
export async function pictureCall(question: string, pictures = 1): Promise<LanguageModelV4CallOptions> {
  const bytes = await tinyPicture();
  const files = Array.from({ length: pictures }, () => ({
    type: "file" as const,
    mediaType: "image/png",
    data: { type: "data" as const, data: bytes },
  }));
  return { prompt: [{ role: "user", content: [...files, { type: "text", text: question }] }] };
}
