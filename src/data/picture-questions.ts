// A person's own dataset as a trainer takes it: every picture once, decoded to the square that the model sees, with all of
// its questions. Pixels lie in shared memory, so that worker threads read them without copies.
import { availableParallelism, totalmem } from "node:os";
import PQueue from "p-queue";
import { InputError, SetupError } from "../errors/index.ts";
import { decodeImage, describeSource, fitSquare, loadMedia } from "../media/index.ts";
import type { ImagePart, Sample } from "../spec/index.ts";
import { hash32 } from "../util/rng.ts";
import { openDataset } from "./formats/index.ts";
import type { ChartStep } from "./scenes/chart-program.ts";
import { chartLinesOf } from "./scenes/index.ts";

export interface PictureQuestion {
  type: string;
  question: string;
  answer: string;
  rationale?: string;
  /** The program of lines that answers it with tools: `extra.lineProgram`, or made of the gold program of a chart. */
  program?: string;
}

/** What is asked about one picture. */
export interface PictureQuestions {
  /** Number of the picture in `pixels`. */
  picture: number;
  questions: PictureQuestion[];
}

export interface PictureSet {
  /** RGB of all pictures, 3 * side * side bytes each. */
  pixels: SharedArrayBuffer;
  train: PictureQuestions[];
  val: PictureQuestions[];
}

export interface PictureSetOptions {
  /** Side of the square pictures in pixels. */
  side: number;
  /** Share of the pictures that are kept for validation, chosen by their group. */
  validation: number;
  /** Permits pictures outside the dataset's folder. @default false */
  trust?: boolean;
}

/** Reads a dataset by name or path. Every Sample must have one picture, no earlier turns, and a response. */
export async function readPictureSet(
  spec: string,
  { side, validation, trust = false }: PictureSetOptions,
): Promise<PictureSet> {
  const { samples, baseDir } = await openDataset(spec);
  const groups = new Map<string, { image: ImagePart; group: string; samples: Sample[] }>();
  for (const sample of samples) {
    const image = onlyPicture(sample, spec);
    const key = image.hash ?? image.source;
    const group = groups.get(key) ?? { image, group: sample.group ?? sample.id, samples: [] };
    group.samples.push(sample);
    groups.set(key, group);
  }
  const bytes = 3 * side * side;
  if (groups.size * bytes > totalmem() / 2) {
    const got = `${groups.size} pictures of ${bytes} bytes`;
    throw new SetupError({ where: `dataset "${spec}"`, rule: "must fit half of the memory", got });
  }
  const pixels = new SharedArrayBuffer(groups.size * bytes);
  const queue = new PQueue({ concurrency: availableParallelism() });
  const set: PictureSet = { pixels, train: [], val: [] };
  await queue.addAll(
    [...groups.values()].map(({ image, group, samples: asked }, picture) => async () => {
      const where = describeSource(image.source);
      const media = await loadMedia(image, { baseDir, allowOutside: trust });
      const square = await fitSquare(await decodeImage(media.bytes, { where }), side);
      new Uint8Array(pixels, picture * bytes, bytes).set(square.pixels);
      const isVal = hash32("validation", group) / 4294967296 < validation;
      set[isVal ? "val" : "train"].push({ picture, questions: asked.map(questionOf) });
    }),
  );
  // In the order of the dataset, whichever picture was read first.
  for (const list of [set.train, set.val]) list.sort((a, b) => a.picture - b.picture);
  if (set.train.length > 0 && set.val.length > 0) return set;
  throw new InputError({
    where: `dataset "${spec}"`,
    rule: "must have pictures for training and for validation",
    got: `${set.train.length} and ${set.val.length}`,
    hint: "Add pictures, or change the share for validation.",
  });
}

function onlyPicture({ id, input, turns, response }: Sample, spec: string): ImagePart {
  const where = `dataset "${spec}", Sample "${id}"`;
  const [image] = input;
  if (input.length !== 1 || image?.type !== "image") {
    const got = `${input.length} ${input.length === 1 ? "part of another kind" : "parts"}`;
    throw new InputError({ where, rule: "must have one picture and nothing else to train on it", got });
  }
  if (turns) throw new InputError({ where, rule: "must have no earlier turns to train on it" });
  if (response === undefined) throw new InputError({ where, rule: "must have a response to train on it" });
  return image;
}

function questionOf({ type = "own", instruction, response, rationale, extra = {} }: Sample): PictureQuestion {
  const program = lineProgramIn(extra, instruction);
  return {
    ...{ type, question: instruction, answer: response! },
    ...(rationale && { rationale }),
    ...(program && { program }),
  };
}

function lineProgramIn(
  { lineProgram, program }: NonNullable<Sample["extra"]>,
  question: string,
): string | undefined {
  if (typeof lineProgram === "string") return lineProgram;
  if (!Array.isArray(program) || program[0]?.op !== "values") return undefined;
  return chartLinesOf(program as ChartStep[], question);
}
