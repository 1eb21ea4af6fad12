// What is in a person's own pictures, from the files that people have: COCO instances (.json), a JSONL of Samples with
// regions, or a JSONL of { image, objects } or { image, detections: [{ label, box, score }] }.
import path from "node:path";
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { contentHash } from "../../util/hash.ts";
import { parseJsonLines, type Row } from "../formats/json-lines.ts";
import { readText } from "../formats/read-file.ts";
import { RowProblems } from "../formats/row-problems.ts";
import { issueText, sampleSchema } from "../schema/index.ts";
import { type AnnotatedPicture, PictureCollector } from "./annotated-picture.ts";
import { cocoPictures } from "./coco-instances.ts";

export interface ReadDetectionsOptions {
  /** Folder that the names of pictures start from. @default the folder of the file */
  imagesDir?: string;
  /** Detections with a lower score are left out; those without a score count as certain. @default 0 */
  minScore?: number;
}

/** Reads annotated pictures. Every picture must be annotated whole: what a file does not list counts as absent. */
export async function readDetections(
  file: string,
  { imagesDir = path.dirname(file), minScore = 0 }: ReadDetectionsOptions = {},
): Promise<AnnotatedPicture[]> {
  const extension = path.extname(file).toLowerCase();
  if (![".json", ".jsonl", ".ndjson"].includes(extension)) {
    throw new InputError({
      where: `"${file}"`,
      rule: "must be a .json or .jsonl file",
      got: extension ? `a ${extension} file` : "a name without an extension",
    });
  }
  const text = await readText(file).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall === undefined) throw error;
    const isMissing = error.code === "ENOENT";
    throw new InputError({
      where: `"${file}"`,
      rule: isMissing ? "does not exist" : "must be a readable file",
      ...(isMissing ? {} : { got: error.code }),
      cause: error,
    });
  });
  const collector = new PictureCollector(minScore);
  const sourceOf = (name: string) =>
    /^(data:|[a-z][a-z0-9+.-]+:\/\/)/i.test(name) ? name : path.resolve(imagesDir, name);
  if (extension === ".json") {
    for (const { detections, ...picture } of cocoPictures(parseJson(text, file), file)) {
      collector.add({ ...picture, source: sourceOf(picture.name) }, detections);
    }
  } else readLines(text, file, { collector, sourceOf });
  const pictures = collector.all();
  if (pictures.length > 0) return pictures;
  throw new InputError({ where: file, rule: "must hold at least one annotated picture", got: "none" });
}

interface Reading {
  collector: PictureCollector;
  sourceOf(name: string): string;
}

function readLines(text: string, file: string, reading: Reading): void {
  const problems = new RowProblems(file);
  const rows = parseJsonLines(text, problems);
  const isSamples = rows[0] !== undefined && "instruction" in (rows[0].value as object);
  for (const row of rows) {
    const problem = isSamples ? readSample(row, reading) : readPlain(row, reading);
    if (problem) problems.add(row.line, problem);
  }
  problems.throwIfAny();
}

/** A Sample without regions says nothing about its pictures. */
function readSample({ value }: Row, { collector, sourceOf }: Reading): string | undefined {
  const result = sampleSchema.safeParse(value);
  if (!result.success) return issueText(result.error, Object.keys(sampleSchema.shape));
  const { input, regions } = result.data;
  if (!regions) return undefined;
  const images = input.filter((part) => part.type === "image");
  for (const [i, { source, hash, width, height }] of images.entries()) {
    const size = width && height ? { width, height } : {};
    const detections = regions.filter(({ image = 0 }) => image === i);
    collector.add(
      { name: nameOf(source), source: sourceOf(source), ...(hash ? { hash } : {}), ...size },
      detections,
    );
  }
  return undefined;
}

const label = z.string().trim().min(1);
const box = z
  .tuple([z.number(), z.number(), z.number(), z.number()], "must be [x1, y1, x2, y2]")
  .refine(([x1, y1, x2, y2]) => x1 < x2 && y1 < y2, "must be [x1, y1, x2, y2] with x1 < x2 and y1 < y2");
const plainSchema = z.object({
  image: z.string("must be a path or URL").min(1),
  objects: z.array(label, "must be a list of names").optional(),
  detections: z.array(z.object({ label, box: box.optional(), score: z.number().optional() })).optional(),
});

function readPlain({ value }: Row, { collector, sourceOf }: Reading): string | undefined {
  const result = plainSchema.safeParse(value);
  if (!result.success) return issueText(result.error);
  const { image: name, objects, detections } = result.data;
  if (!objects && !detections)
    return "objects: missing, must be the names of what is in the picture (or detections)";
  const named = (objects ?? []).map((one) => ({ label: one }));
  collector.add({ name: nameOf(name), source: sourceOf(name) }, [...named, ...(detections ?? [])]);
  return undefined;
}

/** A picture inside the file is named by its hash. */
function nameOf(source: string): string {
  return /^data:/i.test(source) ? contentHash(source) : source;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const reason = (cause as Error).message.replace(/\s+/g, " ").slice(0, 100);
    throw new InputError({ where: file, rule: `must be JSON, but ${reason}`, cause });
  }
}
