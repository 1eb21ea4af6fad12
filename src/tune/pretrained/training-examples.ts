// A dataset as examples for a checkpoint: tokens, labels and squares of pictures. Everything that could stop a run later is
// refused here, before the first step, with the Sample's name.
import path from "node:path";
import { type Dataset, openDataset } from "../../data/formats/index.ts";
import type { PartGrid } from "../../data/picture-parts.ts";
import { type PictureProcessor, readPictureProcessor } from "../../data/picture-processor.ts";
import { readGrids, readSquares } from "../../data/read-squares.ts";
import { InputError } from "../../errors/index.ts";
import type { ImagePart, Part, Sample } from "../../spec/index.ts";
import { createRng, hash32 } from "../../util/rng.ts";
import type { CheckpointRecipe } from "./checkpoint-recipe.ts";
import { type ConversationEncoder, readConversationEncoder } from "./conversation-tokens.ts";
import { takesParts } from "./picture-tokens.ts";
import type { Pixels } from "./positions.ts";
import type { Checkpoint } from "./read-checkpoint.ts";
import { countLabels, type LabelledBatch } from "./training-batch.ts";

/** One conversation to learn from. */
export interface Example {
  id: string;
  /** The Sample's type of question; "own" where it has none. */
  type: string;
  /** The last question in words, and its answer. */
  question: string;
  reference: string;
  ids: number[];
  labels: number[];
  /** The learned stretches of `ids`, as [start, end). */
  spans: [start: number, end: number][];
  /** Squares of its pictures, in order: the parts of each that is cut, then the whole of it. */
  squares: Uint8Array[];
}

export interface ExampleSet {
  train: Example[];
  val: Example[];
  /** Content address of the dataset. */
  hash: string;
  /** Tokens of the longest example. */
  longest: number;
  /** The most that one example has of labelled tokens, and of squares of pictures. */
  most: { labels: number; pictures: number };
}

export interface TrainingExamples {
  encoder: ConversationEncoder;
  /** Undefined for a checkpoint without eyes. */
  processor: PictureProcessor | undefined;
  /** Sets by the name of their dataset in the recipe. */
  sets: Map<string, ExampleSet>;
}

/** Reads all datasets of a recipe; paths are relative to `baseDir`. */
export async function readTrainingExamples(
  checkpoint: Checkpoint,
  recipe: CheckpointRecipe,
  baseDir: string,
): Promise<TrainingExamples> {
  const { splitting } = recipe.data;
  if (splitting !== undefined && !takesParts(checkpoint)) {
    const rule = "must not be there: only Idefics3 and SmolVLM see pictures in parts";
    throw new InputError({ where: "recipe data.splitting", rule, got: checkpoint.architecture });
  }
  const encoder = await readConversationEncoder(checkpoint);
  const processor = checkpoint.blueprint.image ? await fittingProcessor(checkpoint, splitting) : undefined;
  const names = new Set(recipe.stages.map(({ dataset }) => dataset ?? recipe.data.dataset));
  const sets = new Map<string, ExampleSet>();
  for (const name of names)
    sets.set(name, await readSet(name, { checkpoint, recipe, baseDir, encoder, processor }));
  return { encoder, processor, sets };
}

/** The processor of a checkpoint with eyes; refuses one that gives another size than its tower takes. */
export async function fittingProcessor(
  { dir, blueprint }: Checkpoint,
  splitting?: boolean | undefined,
): Promise<PictureProcessor> {
  const processor = await readPictureProcessor(dir, { splitting });
  const { side } = blueprint.image!;
  if (processor.side === side) return processor;
  const rule = `the picture processor must give the ${side} pixels a side that config.json's tower takes`;
  throw new InputError({ where: dir, rule, got: `${processor.side}` });
}

interface Reading extends Omit<TrainingExamples, "sets"> {
  checkpoint: Checkpoint;
  recipe: CheckpointRecipe;
  baseDir: string;
}

async function readSet(name: string, reading: Reading): Promise<ExampleSet> {
  const { recipe, processor } = reading;
  // A bundled set or a benchmark ("mme:FOLDER") is a name and not a path.
  const spec = /^[a-z][a-z0-9-]+:/.test(name) ? name : path.resolve(reading.baseDir, name);
  const dataset = await openDataset(spec);
  const { baseDir } = dataset;
  const gridOf = await readGridOf(dataset, processor);
  const encoded = dataset.samples.map((sample) => encodeSample(sample, name, { ...reading, gridOf }));
  checkLengths(encoded, name, reading);
  const wanted = encoded.flatMap(({ images }) =>
    images.map((image) => ({ image, baseDir, grid: gridOf(image) })),
  );
  const squares = processor ? await readSquares(wanted, processor) : [];
  const set: ExampleSet = {
    train: [],
    val: [],
    hash: dataset.hash,
    longest: 0,
    most: { labels: 0, pictures: 0 },
  };
  let at = 0;
  for (const [i, { images, ids, labels, spans }] of encoded.entries()) {
    const { id, group = id, type = "own", instruction: question, response: reference } = dataset.samples[i]!;
    const own = squares.slice(at, at + images.length).flat();
    at += images.length;
    const isVal = hash32("validation", group) / 4294967296 < recipe.data.validation;
    set[isVal ? "val" : "train"].push({
      id,
      type,
      question,
      reference: reference!,
      ids,
      labels,
      spans,
      squares: own,
    });
    set.longest = Math.max(set.longest, ids.length);
    set.most.labels = Math.max(set.most.labels, countLabels([labels]));
    set.most.pictures = Math.max(set.most.pictures, own.length);
  }
  // An evaluation asks the first ones: some of everything.
  createRng("held out", recipe.seed).shuffle(set.val);
  if (set.train.length > 0 && set.val.length > 0) return set;
  throw new InputError({
    where: `dataset "${name}"`,
    rule: "must have Samples for training and for validation",
    got: `${set.train.length} and ${set.val.length}`,
    hint: "Add Samples of other groups, or change data.validation.",
  });
}

/** The parts that each picture of a dataset is cut into. */
async function readGridOf(
  { samples, baseDir }: Pick<Dataset, "samples" | "baseDir">,
  processor: PictureProcessor | undefined,
): Promise<(image: ImagePart) => PartGrid> {
  const pictures = samples.flatMap(partsOf).filter((part) => part.type === "image");
  const placed = pictures.map((image) => ({ image, baseDir }));
  const grids = processor ? await readGrids(placed, processor) : [];
  const bySource = new Map(pictures.map(({ source }, i) => [source, grids[i]!]));
  return ({ source }) => bySource.get(source)!;
}

function encodeSample(
  sample: Sample,
  name: string,
  { checkpoint, encoder, processor, gridOf }: Reading & { gridOf: (image: ImagePart) => PartGrid },
) {
  const where = `dataset "${name}", Sample "${sample.id}"`;
  if (sample.response === undefined)
    throw new InputError({ where, rule: "must have a response to train on it" });
  const pictures = partsOf(sample).filter(({ type }) => type !== "text").length;
  if (pictures > 0 && !processor) {
    const hint = "Train a checkpoint with a tower, or leave the pictures out.";
    const rule = `must have no pictures: ${checkpoint.architecture} reads text only`;
    throw new InputError({ where, rule, got: `${pictures}`, hint });
  }
  const encoded = encoder.encode(sample, gridOf);
  const { vocabulary } = checkpoint.blueprint.text!.config;
  const foreign = encoded.ids.find((id) => id >= vocabulary);
  if (foreign !== undefined) {
    const rule = `its tokens must be among the ${vocabulary} of config.json`;
    throw new InputError({
      where,
      rule,
      got: `${foreign}`,
      hint: "tokenizer.json is of another checkpoint.",
    });
  }
  if (encoded.spans.length === 0)
    throw new InputError({ where, rule: "must have a response that is learned" });
  return { id: sample.id, ...encoded };
}

function partsOf({ turns = [], input }: Sample): Part[] {
  return [...turns.flatMap(({ content }) => content), ...input];
}

/** Refuses conversations that are longer than the recipe allows. */
function checkLengths(
  encoded: readonly ReturnType<typeof encodeSample>[],
  name: string,
  { recipe: { length }, checkpoint: { blueprint }, processor }: Reading,
): void {
  const long = encoded.filter(({ ids }) => ids.length > length);
  if (long.length === 0) return;
  const { id, ids, images } = long.reduce((a, b) => (b.ids.length > a.ids.length ? b : a));
  const of = images.length;
  const pictures = of === 1 ? "1 picture" : `${of} pictures`;
  const token = blueprint.image?.token;
  const seen = of > 0 ? ` (${ids.filter((id) => id === token).length} of them stand for ${pictures})` : "";
  const whole = processor?.splits ? ", or show pictures whole with data.splitting: false" : "";
  throw new InputError({
    where: `dataset "${name}"`,
    rule: `conversations must have at most ${length} tokens`,
    got: `${long.length} longer ones; the longest is Sample "${id}" with ${ids.length}${seen}`,
    hint: `Raise length in the recipe, or leave them out${whole}.`,
  });
}

/** Examples as a batch. `hidden` shows grey in the place of every picture. */
export function batchOf(
  examples: readonly Example[],
  processor: PictureProcessor | undefined,
  { hidden = false }: { hidden?: boolean } = {},
): LabelledBatch {
  const batch = { ids: examples.map(({ ids }) => ids), labels: examples.map(({ labels }) => labels) };
  const squares = examples.flatMap((example) => example.squares);
  if (!processor || squares.length === 0) return batch;
  const grey = new Uint8Array(3 * processor.side ** 2).fill(128);
  const shown = hidden ? squares.map(() => grey) : squares;
  return { ...batch, pixels: normalisedSquares(shown, processor) };
}

/** Bytes of squares as a model takes them. */
export function normalisedSquares(
  squares: readonly Uint8Array[],
  { side, normalise }: Pick<PictureProcessor, "side" | "normalise">,
): Pixels {
  const size = 3 * side ** 2;
  const data = new Float32Array(squares.length * size);
  for (const [i, square] of squares.entries()) normalise(square, data.subarray(i * size, (i + 1) * size));
  return { data, count: squares.length };
}
