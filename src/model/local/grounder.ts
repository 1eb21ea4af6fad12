// Where things are, from the vision encoder alone: the encoder was trained so that the feature of each patch is nearest to
// the embedding of the word for what the patch shows. So one product of features and class embeddings, and a softmax,
// names every patch. A head beside it says in which patches the middle of a thing lies, and where that thing ends. One look
// has only as many patches as the encoder has (7 x 7 for `tiny`); three more looks at the picture shifted by half a patch give
// each half-patch several opinions, whose mean is a grid twice as fine. An encoder that looks twice by itself, the second time
// shifted by half a patch both ways, is run twice, others four times.
import { InputError, SetupError } from "../../errors/index.ts";
import { imageSize } from "../../media/index.ts";
import { openSession, type TensorData } from "../../onnx/index.ts";
import type { Box } from "../../spec/index.ts";
import { checkFolder, type ModelFolder } from "./check-folder.ts";
import { createPreprocessor } from "./preprocess.ts";

/** What each cell of a picture shows; the picture is made square with bars, as for the model. */
export interface CellGrid {
  /** Cells in a row and in a column. */
  side: number;
  /** How much of each cell shows each class, [side * side, classes]; the shares of a cell add up to 1. */
  shares: Float32Array;
}

/** A thing whose middle one look saw in one of its patches. */
export interface Middle {
  /** In cells of the grid. */
  box: Box;
  /** How sure that look is, 0 to 1. */
  share: number;
  /** Which look, from 0. */
  look: number;
  /** How much that patch shows each class. */
  shown: Float32Array;
}

/** A grounded picture. */
export interface Grounding {
  /** Classes in the order of the shares; the last one stands for nothing. */
  names: readonly string[];
  /** One cell a half-patch. */
  cells: CellGrid;
  /** What was seen through windows of a whole patch, one from each half-patch on to the right and down. */
  windows: CellGrid;
  /** What each of the looks saw, surely or not. */
  middles: readonly Middle[];
  /** How many looks there were. */
  looks: number;
  /** Pixels of the picture. */
  width: number;
  height: number;
}

export interface Grounder extends AsyncDisposable {
  /** Classes that it can tell apart; the last one stands for nothing. */
  names: readonly string[];
  ground(bytes: Uint8Array, options?: { signal?: AbortSignal; where?: string }): Promise<Grounding>;
  dispose(): Promise<void>;
}

/** Loads the vision encoder of a folder whose config.json has `sightline.grounding`. @param options.threads of one pass */
export async function loadGrounder(
  dir: string,
  { threads = 1 }: { threads?: number } = {},
): Promise<Grounder> {
  const folder = await checkFolder(dir);
  const { names, tokens } = groundingOf(folder);
  const { hidden_size: width } = folder.config.text_config;
  const preprocessor = createPreprocessor(folder);
  const classes = await embedClasses(folder, tokens);
  const vision = await openSession(folder.onnx.vision_encoder, { threads, optimization: "all" });
  const { size } = preprocessor;

  /** The looks of one pass: the first one unshifted, the second one, where the encoder has it, by half a patch both ways. */
  const run = async (pixels: Float32Array): Promise<Look[]> => {
    const input: TensorData = { type: "float32", data: pixels, dims: [1, 3, size, size] };
    const outputs = await vision.run({ pixel_values: input });
    const { image_features, cells = image_features, things, shifted_cells, shifted_things } = outputs;
    const first = readLook(cells, things);
    return shifted_things ? [first, readLook(shifted_cells, shifted_things)] : [first];
  };
  const readLook = (cells: TensorData | undefined, things: TensorData | undefined): Look => {
    const side = Math.sqrt(Number(cells?.dims[1]));
    if (cells?.type !== "float32" || cells.dims[2] !== width || !Number.isInteger(side)) {
      throw new InputError({
        where: `"${folder.onnx.vision_encoder}"`,
        rule: `must give square image_features of width ${width}`,
        got: cells ? `[${cells.dims.join(", ")}]` : "nothing",
      });
    }
    if (things?.type !== "float32" || things.data.length !== side * side * THING_NUMBERS)
      throw new InputError({
        where: `"${folder.onnx.vision_encoder}"`,
        rule: `must give things, ${THING_NUMBERS} numbers for each of its patches, to find things in pictures`,
        got: things ? `[${things.dims.join(", ")}]` : "nothing",
        hint: "Train it on with a stage that grounds, and export it again.",
      });
    return { side, shares: classShares(cells.data, classes, width), things: things.data };
  };
  const dispose = () => vision.dispose();
  return {
    names,
    dispose,
    [Symbol.asyncDispose]: dispose,
    async ground(bytes, { signal, where = "picture" } = {}) {
      const pixels = await preprocessor.pixels(bytes, where);
      const looks: ShiftedLook[] = [];
      const look = async (x: number, y: number) => {
        signal?.throwIfAborted();
        const half = Math.round(size / (looks[0]?.grid.side ?? 1) / 2);
        const [first, second] = await run(x || y ? shiftPixels(pixels, size, x * half, y * half) : pixels);
        looks.push({ x, y, grid: first! });
        if (second) looks.push({ x: x + 1, y: y + 1, grid: second });
        return second !== undefined;
      };
      const rest = (await look(0, 0)) ? MOVES_OF_TWO : MOVES_OF_ONE;
      for (const [x, y] of rest) await look(x, y);
      const windows = joinLooks(looks, names.length);
      const cells = averageWindows(windows, names.length);
      const middles = looks.flatMap(findMiddles);
      return { names, cells, windows, middles, looks: looks.length, ...(await imageSize(bytes, { where })) };
    },
  };
}

/** One pass of the encoder; `things` is what its head for things says of each patch, [patches, 6]. */
interface Look extends CellGrid {
  things: Float32Array;
}

/** A look at the picture moved left and up by so many half-patches. */
interface ShiftedLook {
  x: number;
  y: number;
  grid: Look;
}

/** Moves of the picture, left and up in half-patches, for the looks that are missing after the first pass. */
const MOVES_OF_ONE = [
  [1, 0],
  [0, 1],
  [1, 1],
] as const;
/** Moved to the right, the second look of the pass is the one moved up. */
const MOVES_OF_TWO = [[-1, 0]] as const;

/** Numbers that the head says of a patch: no middle, middle; then left, top, right, bottom in patches. */
const THING_NUMBERS = 6;
/** Below this share a patch is taken to hold no middle. */
const leastShare = 0.05;

/** What the head of one look found, on the common grid of half-patches. */
function findMiddles({ x, y, grid: { side, things, shares } }: ShiftedLook, look: number): Middle[] {
  const classes = shares.length / side ** 2;
  return Array.from({ length: side * side }, (_, patch): Middle => {
    const [no, yes, left, top, right, bottom] = things.subarray(THING_NUMBERS * patch);
    const [cx, cy] = [2 * (patch % side) + 1 + x, 2 * Math.floor(patch / side) + 1 + y];
    return {
      box: [cx - 2 * left!, cy - 2 * top!, cx + 2 * right!, cy + 2 * bottom!],
      share: 1 / (1 + Math.exp(no! - yes!)),
      look,
      shown: shares.subarray(patch * classes, (patch + 1) * classes),
    };
  }).filter(({ box: [x1, y1, x2, y2], share }) => share >= leastShare && x2 - x1 >= 1 && y2 - y1 >= 1);
}

function groundingOf({ dir, config }: ModelFolder): { names: string[]; tokens: number[] } {
  const grounding = config.sightline?.grounding;
  if (!grounding) {
    throw new SetupError({
      where: `local model "${dir}"`,
      rule: "config.json must have sightline.grounding to find things in pictures",
      hint: "Export the model again, or use another backend.",
    });
  }
  const { names, tokens } = grounding;
  if (names.length === tokens.length) return grounding;
  throw new InputError({
    where: `local model "${dir}"`,
    rule: "sightline.grounding must have one token for each name",
    got: `${names.length} names and ${tokens.length} tokens`,
  });
}

/** Embeddings of the class tokens as the encoder was compared with them in training, [classes, width]. */
async function embedClasses(folder: ModelFolder, tokens: readonly number[]): Promise<Float32Array> {
  const session = await openSession(folder.onnx.embed_tokens);
  try {
    const data = BigInt64Array.from(tokens, BigInt);
    const { inputs_embeds } = await session.run({
      input_ids: { type: "int64", data, dims: [1, tokens.length] },
    });
    // The decoder's embeddings are scaled by the square root of their width; the rows of the table are not.
    const scale = 1 / Math.sqrt(folder.config.text_config.hidden_size);
    return (inputs_embeds!.data as Float32Array).map((value) => value * scale);
  } finally {
    await session.dispose();
  }
}

/** Softmax over classes of the products of features [cells, width] and classes [classes, width]. */
function classShares(features: Float32Array, classes: Float32Array, width: number): Float32Array {
  const count = classes.length / width;
  const cells = features.length / width;
  const shares = new Float32Array(cells * count);
  for (let cell = 0; cell < cells; cell++) {
    const row = shares.subarray(cell * count, (cell + 1) * count);
    for (let c = 0; c < count; c++) {
      let product = 0;
      for (let d = 0; d < width; d++) product += features[cell * width + d]! * classes[c * width + d]!;
      row[c] = product;
    }
    const most = row.reduce((a, b) => Math.max(a, b));
    let total = 0;
    for (let c = 0; c < count; c++) total += row[c] = Math.exp(row[c]! - most);
    for (let c = 0; c < count; c++) row[c]! /= total;
  }
  return shares;
}

/** The picture [3, size, size] moved left and up; what comes in from outside repeats the edge. */
function shiftPixels(pixels: Float32Array, size: number, dx: number, dy: number): Float32Array {
  const shifted = new Float32Array(pixels.length);
  const inside = (at: number) => Math.min(size - 1, Math.max(0, at));
  for (let c = 0, i = 0; c < 3; c++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++, i++)
        shifted[i] = pixels[c * size * size + inside(y + dy) * size + inside(x + dx)]!;
  return shifted;
}

/** Looks shifted by `x` and `y` half-patches as one grid; windows from the left of the picture on are left out. */
function joinLooks(looks: readonly ShiftedLook[], classes: number): CellGrid {
  const side = 2 * looks[0]!.grid.side;
  const shares = new Float32Array(side * side * classes);
  for (const { x: shiftX, y: shiftY, grid } of looks) {
    for (let patch = 0; patch < grid.side ** 2; patch++) {
      const x = 2 * (patch % grid.side) + shiftX;
      const y = 2 * Math.floor(patch / grid.side) + shiftY;
      if (x < 0) continue;
      const seen = grid.shares.subarray(patch * classes, (patch + 1) * classes);
      shares.set(seen, (y * side + x) * classes);
    }
  }
  return { side, shares };
}

/**
 * The mean, for every half-patch, of the windows that lie over it: four, fewer at the left and the upper edge, and at the right
 * one, where some windows half outside were not looked through.
 */
function averageWindows({ side, shares: seen }: CellGrid, classes: number): CellGrid {
  const shares = new Float32Array(seen.length);
  // The shares of a window that was looked through add up to 1.
  const isSeen = (x: number, y: number) => {
    const start = (y * side + x) * classes;
    return seen.subarray(start, start + classes).some((share) => share > 0);
  };
  for (let cell = 0; cell < side * side; cell++) {
    const [x, y] = [cell % side, Math.floor(cell / side)];
    const over: [number, number][] = [];
    for (const wy of y > 0 ? [y - 1, y] : [y])
      for (const wx of x > 0 ? [x - 1, x] : [x]) if (isSeen(wx, wy)) over.push([wx, wy]);
    for (const [wx, wy] of over)
      for (let c = 0; c < classes; c++)
        shares[cell * classes + c]! += seen[(wy * side + wx) * classes + c]! / over.length;
  }
  return { side, shares };
}
