// Everything about one answer in one JSON file: what was asked, with the pictures; what the technique did; what the model said
// to each call and what each tool returned, so that the technique can run again without them.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import type { TraceEvent } from "../../spec/index.ts";
import { writeFileAtomic } from "../../util/files.ts";

const hash = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const handle = z.string().max(200);

const eventSchema = z.strictObject({
  id: z.string(),
  parent: z.string().nullable(),
  technique: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.json()).optional(),
});

const useSchema = z.strictObject({
  tool: z.string(),
  input: z.json(),
  value: z.json().optional(),
  backend: z.string().optional(),
  /** Pictures that it gave. */
  pictures: z.array(z.strictObject({ handle, hash })).default([]),
  /** What it failed with. */
  error: z.string().optional(),
});

export const traceSchema = z.strictObject({
  kind: z.literal("sightline trace"),
  version: z.literal(1),
  /** Name of the model, and spec string of the technique. */
  model: z.string(),
  technique: z.string(),
  question: z.string(),
  /** The question's pictures, in order. */
  images: z.array(hash),
  seed: z.int(),
  maxTokens: z.int(),
  answer: z.string(),
  reasoning: z.string(),
  /** Time until the answer, in milliseconds. */
  ms: z.number(),
  events: z.array(eventSchema),
  /** What each model can do, by its name. */
  capabilities: z.record(z.string(), z.record(z.string(), z.json())),
  /** What was said to each call, by the key of the call. */
  answers: z.record(z.string(), z.string()),
  tools: z.array(useSchema),
  /** Bytes of every picture, base64. */
  pictures: z.record(
    hash,
    z.strictObject({ mediaType: z.string().regex(/^image\/[a-z0-9.+-]+$/), data: z.base64() }),
  ),
});

export type TraceFile = Omit<z.infer<typeof traceSchema>, "events"> & { events: TraceEvent[] };

/** One use of a tool. */
export type RecordedUse = TraceFile["tools"][number];

/** Writes a trace whole or not at all. */
export async function writeTrace(file: string, trace: TraceFile): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(trace)}\n`);
}

/** Reads a trace; a file that is none is an InputError that says where. */
export async function readTrace(file: string): Promise<TraceFile> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    const got = (cause as Error).message.split("\n")[0]!;
    throw new InputError({ where: file, rule: "must be a trace that ask --trace wrote", got, cause });
  }
  const parsed = traceSchema.safeParse(value);
  if (parsed.success) return parsed.data as TraceFile;
  const { path, message } = parsed.error.issues[0]!;
  const place = path.length > 0 ? `${z.core.toDotPath(path)}: ` : "";
  throw new InputError({
    where: file,
    rule: "must be a trace that ask --trace wrote",
    got: `${place}${message}`,
  });
}
