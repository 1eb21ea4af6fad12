// One judgement: the judge sees the pictures and the fenced texts, and its verdict is read by a strict parser. An answer
// that cannot be read is asked for again, at most twice; after that the judgement has no score. It is never guessed.
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { sumUsage, textOf } from "../../model/index.ts";
import type { ImagePart, LanguageModel, Sample } from "../../spec/index.ts";
import { type Block, fence } from "./fence.ts";
import type { JudgePrompt } from "./prompts.ts";

const retries = 2;

export interface JudgeOptions {
  /** Any model that takes pictures. */
  model: LanguageModel;
  loadImage(image: ImagePart): Promise<{ bytes: Uint8Array; mediaType: string }>;
  /** @default 0 */
  seed?: number;
  /** @default 512 */
  maxOutputTokens?: number;
  signal?: AbortSignal;
}

/** What is stored of one judgement. */
export interface Judgement<Score> {
  /** Provider and id of the judge. */
  judge: string;
  prompt: Pick<JudgePrompt, "name" | "version" | "hash">;
  /** What the judge wrote last. */
  text: string;
  /** Null when no answer could be read. */
  score: Score | null;
  /** Answers that could not be read: 0, 1 or 2 before one that could, 3 when none could. */
  parseFailures: number;
  /** Tokens of all attempts; undefined when the judge does not say. */
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  /** Score of the same answer by rules, from 0 to 1, where there is one. */
  ruleScore?: number;
}

/** Asks a judge about fenced texts and reads its verdict. */
export async function askJudge<Score>(
  sample: Sample,
  blocks: readonly Block[],
  {
    prompt,
    parse,
    model,
    loadImage,
    seed = 0,
    maxOutputTokens = 512,
    signal,
  }: JudgeOptions & { prompt: JudgePrompt; parse(text: string): Score | undefined },
): Promise<Judgement<Score>> {
  const { key, text: body } = fence(blocks);
  const pictures: LanguageModelV4FilePart[] = [];
  for (const part of sample.input) {
    if (part.type !== "image") continue;
    const { bytes, mediaType } = await loadImage(part);
    pictures.push({ type: "file", mediaType, data: { type: "data", data: bytes } });
  }
  let messages: LanguageModelV4Message[] = [
    { role: "system", content: prompt.text },
    { role: "user", content: [...pictures, { type: "text", text: `The key is ${key}.\n\n${body}` }] },
  ];
  const judge = `${model.provider}:${model.modelId}`;
  const { name, version, hash } = prompt;
  const usages: LanguageModelV4Usage[] = [];
  for (let failures = 0; ; failures++) {
    const call: LanguageModelV4CallOptions = {
      prompt: messages,
      temperature: 0,
      seed: seed + failures,
      maxOutputTokens,
      ...(signal ? { abortSignal: signal } : {}),
    };
    const { content, usage } = await model.doGenerate(call);
    usages.push(usage);
    const text = textOf(content).trim();
    const score = parse(text);
    if (score !== undefined || failures === retries) {
      const parseFailures = score === undefined ? failures + 1 : failures;
      const total = sumUsage(usages);
      return {
        ...{ judge, prompt: { name, version, hash }, text, score: score ?? null, parseFailures },
        ...{ inputTokens: total.inputTokens.total, outputTokens: total.outputTokens.total },
      };
    }
    // A provider refuses an empty message.
    messages = [
      ...messages,
      { role: "assistant", content: [{ type: "text", text: text || "(nothing)" }] },
      { role: "user", content: [{ type: "text", text: prompt.reminder }] },
    ];
  }
}

/** The question as blocks: texts of the input, then the instruction and the options. */
export function questionBlocks({ input, instruction, choices }: Sample): Block[] {
  const texts = input.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const options = (choices ?? []).map((choice, i) => `${String.fromCharCode(65 + i)}. ${choice}`);
  return [{ name: "question", text: [...texts, instruction, ...options].join("\n") }];
}

/** The last line of a text that is not empty, without the marks of Markdown. */
export function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/[*_`#]/g, "").trim());
  return lines.findLast((line) => line !== "") ?? "";
}
