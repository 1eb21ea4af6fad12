import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import type { AskPerson } from "../agent/index.ts";
import { InputError } from "../errors/index.ts";
import {
  createImageLoader,
  createRecorder,
  createResources,
  createTrace,
  parseTechnique,
} from "../eval/index.ts";
import { callOf, collectStream, reasoningOf, textOf, traceEvents } from "../model/index.ts";
import type { Sample } from "../spec/index.ts";
import { plainText } from "../util/text.ts";
import { checkWritable } from "./check-writable.ts";
import { openModel } from "./open-model.ts";
import { numberBetween, wholeNumber } from "./option-values.ts";
import { withStopSignal } from "./stop-signal.ts";
import { writeTraceAs } from "./trace.ts";

interface AskOptions {
  model: string;
  technique: string;
  point?: string;
  box?: string;
  interactive?: boolean;
  stream?: boolean;
  json?: boolean;
  trace?: string;
  download?: boolean;
  seed: number;
  maxTokens: number;
  timeout: number;
}

/** Defines `sightline ask`. */
export function askCommand(): Command {
  return new Command("ask")
    .summary("ask a model about pictures")
    .description("Asks a model a question about one or more pictures and prints its answer.")
    .argument("<image...>", "files, http(s) URLs or data URLs, then the question in quotes")
    .usage('[options] IMAGE... "QUESTION"')
    .option(
      "-m, --model <name>",
      "tiny, local:…, openai:…, anthropic:…, google:…, http://host/v1#model",
      "tiny",
    )
    .option("-t, --technique <spec>", "technique, outermost first", "direct")
    .option("--point <x,y>", "what you point at, in pixels of the first picture")
    .option("--box <x1,y1,x2,y2>", "what the question is about, in pixels of the first picture")
    .option("--interactive", "let an agent (equip) ask you back in the terminal")
    .option("--stream", "print the answer while it is written")
    .option("--json", "print one JSON object with answer, reasoning, events, usage and time")
    .option("--trace <file>", "keep every step: FILE.html is a page to read, FILE.json can be run again")
    .option("--download", "fetch missing weights of a local: model")
    .option("--seed <n>", "seed of everything random", wholeNumber(0), 0)
    .option("--max-tokens <n>", "longest answer", wholeNumber(1), 512)
    .option("--timeout <seconds>", "longest time for the answer", numberBetween(0.001, 86_400), 300)
    .action((words: string[], options: AskOptions) =>
      withStopSignal((signal) => ask(words, options, signal)),
    );
}

async function ask(words: string[], options: AskOptions, signal: AbortSignal): Promise<void> {
  const images = words.slice(0, -1);
  const question = words.at(-1)!;
  if (images.length === 0 || existsSync(question)) {
    const got = `only ${words.map((word) => JSON.stringify(word)).join(", ")}`;
    const hint = 'Write: sightline ask cat.png "What is this?"';
    throw new InputError({ where: "ask", rule: "needs pictures and then a question", got, hint });
  }
  if (options.trace !== undefined) await checkWritable(options.trace);
  const timeoutMs = options.timeout * 1000;
  const open = (name: string) => openModel(name, { download: options.download, timeoutMs });
  const recorder = options.trace === undefined ? undefined : createRecorder();
  const person = options.interactive ? askInTerminal : undefined;
  const resources = createResources(
    recorder
      ? {
          openModel: async (name) => recorder.model(await open(name), name),
          useTools: recorder.tools,
          person,
        }
      : { openModel: open, person },
  );
  const { spec, technique } = parseTechnique(`${pointing(options)}${options.technique}`, resources);
  const sample: Sample = {
    id: "ask",
    instruction: question,
    input: images.map((source) => ({ type: "image", source })),
  };
  const loadImage = createImageLoader({
    baseDir: process.cwd(),
    allowOutside: true,
    allowPrivate: true,
    signal,
  });
  const { prompt, providerOptions } = await callOf(sample, { loadImage });
  const model = technique(await resources.openModel(options.model));
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const start = performance.now();
  try {
    const { stream } = await model.doStream({
      ...{ prompt, providerOptions, abortSignal, temperature: 0 },
      ...{ seed: options.seed, maxOutputTokens: options.maxTokens },
    });
    const shown = options.stream && !options.json ? stream.pipeThrough(printText()) : stream;
    const { content, usage, finishReason, providerMetadata } = await collectStream(shown);
    const problem = providerMetadata?.sightline?.problem ?? null;
    const answer = textOf(content).trim();
    const reasoning = reasoningOf(content);
    const ms = performance.now() - start;
    if (recorder) {
      const { model, seed, maxTokens } = options;
      const asked = { model, technique: spec, question, seed, maxTokens };
      const trace = await createTrace(recorder, { ...asked, prompt, answer, reasoning, ms, content });
      await writeTraceAs(options.trace!, trace);
    }
    if (options.json) {
      const { inputTokens, outputTokens } = usage;
      const output = {
        ...{ answer, reasoning, model: options.model, technique: spec, events: traceEvents(content) },
        tokens: { input: inputTokens.total ?? null, output: outputTokens.total ?? null },
        latencyMs: ms,
        finishReason: finishReason.unified,
        problem,
      };
      process.stdout.write(`${JSON.stringify(output, undefined, 2)}\n`);
    } else process.stdout.write(options.stream ? "\n" : `${answer}\n`);
    if (answer === "") process.stderr.write(`sightline: no answer (${problem ?? finishReason.unified})\n`);
  } catch (error) {
    if (signal.aborted) process.exitCode = 130;
    else if (!abortSignal.aborted) throw error;
    else throw new InputError({ where: options.model, rule: `must answer within ${options.timeout} s` });
  }
}

/** What is pointed at, as a technique around the others. */
function pointing({ point, box }: AskOptions): string {
  const given = [
    ["at", "--point", "40,60", point],
    ["box", "--box", "10,20,60,80", box],
  ] as const;
  return given
    .flatMap(([name, flag, example, value]) => {
      if (value === undefined) return [];
      const numbers = value.split(",").map((number) => number.trim());
      const isRight =
        numbers.length === example.split(",").length && numbers.every((text) => /^\d+(\.\d+)?$/.test(text));
      if (isRight) return [`point(${name}=${numbers.join("+")}) `];
      throw new InputError({
        where: flag,
        rule: `must be pixels such as ${example}`,
        got: JSON.stringify(value),
      });
    })
    .join("");
}

/** Asks whoever sits at the terminal; standard output stays free for the answer. */
const askInTerminal: AskPerson = async (question, signal) => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  try {
    const said = terminal.question(`${plainText(question)}\n> `, signal ? { signal } : {});
    return await Promise.race([said, closed]);
  } finally {
    terminal.close();
  }
};

type StreamParts = Parameters<typeof collectStream>[0];
type StreamPart = StreamParts extends ReadableStream<infer Part> ? Part : never;

/** Prints the text of a stream as it passes; leading space of the answer is left out. */
function printText(): TransformStream<StreamPart, StreamPart> {
  let started = false;
  return new TransformStream({
    transform(part, controller) {
      if (part.type === "text-delta") {
        const text = started ? part.delta : part.delta.trimStart();
        started ||= text !== "";
        process.stdout.write(text);
      }
      controller.enqueue(part);
    },
  });
}
