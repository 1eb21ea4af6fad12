import { Command } from "commander";
import { InputError } from "../errors/index.ts";
import {
  createResources,
  diffTraces,
  parseTechnique,
  readTrace,
  replayModel,
  replayTools,
  stepText,
  type TraceFile,
  traceHtml,
  traceSteps,
  writeTrace,
} from "../eval/index.ts";
import { imageSize } from "../media/index.ts";
import { callOf, collectStream, textOf } from "../model/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { plainText } from "../util/text.ts";
import { withStopSignal } from "./stop-signal.ts";

interface TraceOptions {
  html?: string;
  replay?: boolean;
  technique?: string;
}

/** Defines `sightline trace`. */
export function traceCommand(): Command {
  return new Command("trace")
    .summary("read, replay or compare what ask --trace kept")
    .description(
      "Prints the steps of a trace. With a second one, prints where their steps differ and exits with 1 if they do. With --replay, runs the technique again on what models and tools said then, without them.",
    )
    .argument("<trace>", "JSON file that ask --trace wrote")
    .argument("[other]", "a second one to compare with")
    .option("--html <file>", "write the trace as a page")
    .option("--replay", "run the technique again; exits with 1 when the answer is another")
    .option("-t, --technique <spec>", "replay with this technique (default: the trace's)")
    .action((file: string, other: string | undefined, options: TraceOptions) =>
      withStopSignal((signal) => run(file, other, options, signal)),
    );
}

/** Writes a trace as a page or as a file to run again, by the file's name. */
export async function writeTraceAs(file: string, trace: TraceFile): Promise<void> {
  if (file.endsWith(".html")) await writeFileAtomic(file, await page(trace));
  else await writeTrace(file, trace);
}

async function run(
  file: string,
  other: string | undefined,
  { html, replay, technique }: TraceOptions,
  signal: AbortSignal,
): Promise<void> {
  if (technique !== undefined && !replay)
    throw new InputError({ where: "trace", rule: "--technique is for --replay", got: technique });
  if (other !== undefined && replay)
    throw new InputError({ where: "trace", rule: "--replay is for one trace", got: `${file} and ${other}` });
  const trace = await readTrace(file);
  if (html !== undefined) await writeFileAtomic(html, await page(trace));
  if (other !== undefined) {
    const differences = diffTraces(trace, await readTrace(other));
    const marks = { both: "  ", first: "- ", second: "+ " };
    const lines = differences.map(({ in: side, text }) =>
      `${marks[side]}${text}`.replaceAll("\n", `\n${marks[side]}`),
    );
    process.stdout.write(`${lines.join("\n")}\n`);
    if (differences.some(({ in: side }) => side !== "both")) process.exitCode = 1;
  } else if (replay) {
    const answer = await again(trace, technique ?? trace.technique, signal);
    const isSame = answer === trace.answer;
    process.stdout.write(
      `${plainText(answer)}\n${isSame ? "the same answer as then" : `then: ${plainText(trace.answer)}`}\n`,
    );
    if (!isSame) process.exitCode = 1;
  } else process.stdout.write(`${traceSteps(trace).map(stepText).join("\n")}\n`);
}

async function page(trace: TraceFile): Promise<string> {
  const sizes = new Map<string, { width: number; height: number }>();
  for (const [hash, { data }] of Object.entries(trace.pictures))
    sizes.set(hash, await imageSize(Buffer.from(data, "base64"), { where: `picture ${hash.slice(0, 15)}` }));
  return traceHtml(trace, sizes);
}

async function again(trace: TraceFile, spec: string, abortSignal: AbortSignal): Promise<string> {
  const { technique } = parseTechnique(
    spec,
    createResources({
      openModel: async (name) => replayModel(trace, name),
      useTools: (tools) => replayTools(trace, tools),
    }),
  );
  const { prompt, providerOptions } = await callOf(
    {
      id: "ask",
      instruction: trace.question,
      input: trace.images.map((hash) => ({ type: "image", source: hash })),
    },
    {
      loadImage: async ({ source }) => {
        const picture = trace.pictures[source];
        if (!picture)
          throw new InputError({ where: "trace", rule: "must hold the question's pictures", got: source });
        const bytes = new Uint8Array(Buffer.from(picture.data, "base64"));
        return { bytes, mediaType: picture.mediaType, hash: source };
      },
    },
  );
  const { stream } = await technique(replayModel(trace, trace.model)).doStream({
    ...{ prompt, providerOptions, abortSignal, temperature: 0 },
    ...{ seed: trace.seed, maxOutputTokens: trace.maxTokens },
  });
  return textOf((await collectStream(stream)).content).trim();
}
