// A model that says what it was told to say. Scripted by one answer, a list of answers or a function of the call; it
// keeps every call that it received, so that a test can look at what really reached the model.
import type {
  JSONValue,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import { collectStream, declareCapabilities, capabilities as none } from "../model/index.ts";
import type { Capabilities, LanguageModel } from "../spec/index.ts";
import { sleep } from "../util/sleep.ts";

/** One scripted answer. A plain string is `{ text }`; an Error is `{ error }` before anything was said. */
export interface MockAnswer {
  reasoning?: string;
  text?: string;
  toolCalls?: { toolName: string; input: JSONValue; toolCallId?: string }[];
  /** Further parts, sent after the text. */
  parts?: LanguageModelV4StreamPart[];
  /** Thrown by the call when nothing was to be said before it, else sent as an error after the text. */
  error?: unknown;
  usage?: LanguageModelV4Usage;
  finishReason?: LanguageModelV4FinishReason["unified"];
  providerMetadata?: SharedV4ProviderMetadata;
  warnings?: SharedV4Warning[];
}

type Answer = string | Error | MockAnswer;

/** What a mock says: always the same, one answer per call, or a function of the call. */
export type MockScript =
  | Answer
  | Answer[]
  | ((call: LanguageModelV4CallOptions, index: number) => Answer | Promise<Answer>);

export interface MockModelOptions {
  /** @default "mock" */
  modelId?: string;
  /** Characters per streamed piece of text. @default the whole text at once */
  pieceLength?: number;
  /** Wait before every piece. @default 0 */
  delayMs?: number;
  capabilities?: Partial<Capabilities>;
}

/** A scripted model and the calls it received. */
export type MockModel = LanguageModel & { calls: LanguageModelV4CallOptions[] };

/**
 * Creates a scripted model.
 * @example
 * const model = mockModel(["a cat", "no"], { pieceLength: 2 });
 */
export function mockModel(
  script: MockScript,
  {
    modelId = "mock",
    pieceLength = Number.POSITIVE_INFINITY,
    delayMs = 0,
    capabilities,
  }: MockModelOptions = {},
): MockModel {
  const calls: LanguageModelV4CallOptions[] = [];
  const open = async (
    call: LanguageModelV4CallOptions,
  ): Promise<ReadableStream<LanguageModelV4StreamPart>> => {
    calls.push(call);
    call.abortSignal?.throwIfAborted();
    const answer = await answerTo(script, call, calls.length - 1);
    if (answer.error !== undefined && !answer.text && !answer.reasoning) throw answer.error;
    const parts = partsOf(answer, call, pieceLength);
    return new ReadableStream({
      async pull(controller) {
        await sleep(delayMs, call.abortSignal);
        const next = parts.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
    });
  };
  const model: MockModel = {
    specificationVersion: "v4",
    provider: "mock",
    modelId,
    supportedUrls: {},
    calls,
    doStream: async (call) => ({ stream: await open(call) }),
    doGenerate: async (call): Promise<LanguageModelV4GenerateResult> => collectStream(await open(call)),
  };
  return capabilities ? declareCapabilities(model, { ...none(model), ...capabilities }) : model;
}

async function answerTo(
  script: MockScript,
  call: LanguageModelV4CallOptions,
  index: number,
): Promise<MockAnswer> {
  let answer: Answer | undefined;
  if (typeof script === "function") answer = await script(call, index);
  else answer = Array.isArray(script) ? script[index] : script;
  if (answer === undefined) {
    throw new InputError({
      where: "mockModel",
      rule: `the script has ${Array.isArray(script) ? script.length : 0} answers`,
      got: `call ${index + 1}`,
      hint: "Script one answer per call.",
    });
  }
  if (typeof answer === "string") return { text: answer };
  return answer instanceof Error ? { error: answer } : answer;
}

function* partsOf(
  answer: MockAnswer,
  call: LanguageModelV4CallOptions,
  pieceLength: number,
): Generator<LanguageModelV4StreamPart, void> {
  const { reasoning, text, toolCalls = [], parts = [], error, warnings = [], providerMetadata } = answer;
  yield { type: "stream-start", warnings };
  yield { type: "response-metadata", id: "mock-response", modelId: "mock" };
  if (reasoning) yield* block("reasoning", reasoning, pieceLength);
  if (text) yield* block("text", text, pieceLength);
  yield* parts;
  for (const [i, { toolName, input, toolCallId = `call-${i + 1}` }] of toolCalls.entries()) {
    yield { type: "tool-call", toolCallId, toolName, input: JSON.stringify(input) };
  }
  if (error !== undefined) yield { type: "error", error };
  const done = error !== undefined ? "error" : toolCalls.length > 0 ? "tool-calls" : "stop";
  const unified = answer.finishReason ?? done;
  const usage = answer.usage ?? countUsage(answer, call);
  yield {
    type: "finish",
    finishReason: { unified, raw: undefined },
    usage,
    ...(providerMetadata ? { providerMetadata } : {}),
  };
}

function* block(
  kind: "text" | "reasoning",
  text: string,
  pieceLength: number,
): Generator<LanguageModelV4StreamPart, void> {
  yield { type: `${kind}-start`, id: "0" };
  for (let at = 0; at < text.length; at += pieceLength) {
    yield { type: `${kind}-delta`, id: "0", delta: text.slice(at, at + pieceLength) };
  }
  yield { type: `${kind}-end`, id: "0" };
}

/** One token per word, so that sums in tests can be checked by hand. */
function countUsage(
  { text = "", reasoning = "" }: MockAnswer,
  call: LanguageModelV4CallOptions,
): LanguageModelV4Usage {
  const said = call.prompt.flatMap((message) =>
    typeof message.content === "string"
      ? [message.content]
      : message.content.map((part) => (part.type === "text" ? part.text : "")),
  );
  const input = words(said.join(" "));
  return {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: words(text) + words(reasoning), text: words(text), reasoning: words(reasoning) },
  };
}

function words(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}
