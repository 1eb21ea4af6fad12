import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { encodePng } from "../media/index.ts";
import { callOf } from "../model/index.ts";
import type { Sample } from "../spec/index.ts";

const pixels = Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => (i * 7) % 251);

/** A picture and a question, as the AI SDK's user takes them. */
export async function userContent() {
  const data = await encodePng(pixels, 112, 112);
  return [
    { type: "file" as const, mediaType: "image/png", data },
    { type: "text" as const, text: "What is in the picture?" },
  ];
}

/** A question whose reference is easy to find wherever it should not be. */
export async function sampleCall(): Promise<LanguageModelV4CallOptions> {
  const sample: Sample = {
    id: "conformance-1",
    group: "conformance",
    instruction: "What is in the picture?",
    input: [{ type: "image", source: "picture.png" }],
    response: "REFERENCE-response",
    answers: ["REFERENCE-answer"],
    answerType: "short",
    type: "naming",
    regions: [{ label: "REFERENCE-label", box: [1, 1, 9, 9] }],
    rationale: "REFERENCE-rationale",
    extra: { caption: "REFERENCE-caption" },
  };
  const bytes = await encodePng(pixels, 112, 112);
  const { prompt, providerOptions } = await callOf(sample, {
    loadImage: async () => ({ bytes, mediaType: "image/png" }),
  });
  return { prompt, providerOptions, maxOutputTokens: 24, temperature: 0 };
}
