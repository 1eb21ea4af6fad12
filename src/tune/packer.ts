// Packs pictures with their questions into the tensors of one training step.
//
// One sequence is [bos, user, picture, slots...]. Packed turns each see the picture and themselves only, and count
// their positions from the end of the picture, so that a packed question is the same computation as the question
// asked alone. A conversation instead runs on: later turns see earlier ones and start with the user's role. With several
// pictures a sequence, it is an episode: [pad, user, picture, slots...] follows for each, and all of it runs on.

import { TOKEN_ID } from "../data/chat-format.ts";
import { InputError } from "../errors/index.ts";
import type { Tensors } from "../onnx/index.ts";
import type { Turn } from "./encode-turn.ts";
import { gridCells, type ModelConfig, seesByInstruction, visualTokens } from "./model-config.ts";
import { ordinalsOf } from "./ordinal-loss.ts";
import { instructionWidth, LEAD_TOKENS, type PackSizes, sequenceLength } from "./training-graph.ts";

/** One picture and what is taught about it. */
export interface Lesson {
  /** RGB, 8 bits, row by row. */
  pixels: Uint8Array;
  /** Class of each cell, counting into the list of cell classes; -1 where nothing is, UNCLEAR where no label is fair. */
  cells: ArrayLike<number>;
  /** The single things; undefined where they are not known. */
  things?: readonly PlacedThing[];
  turns: Turn[];
  /** Turns follow each other instead of standing side by side. */
  conversation: boolean;
}

/** A single thing: the cell that its middle lies in, and its sides from that cell's centre, in cells. */
export interface PlacedThing {
  cell: number;
  /** Left, top, right, bottom; outwards is positive. */
  sides: readonly [number, number, number, number];
  /** The how-manieth of its kind it is, from 1, in the order of the cells; undefined where that is not known. */
  ordinal?: number;
}

/** Where the rows of a turn lie, to judge its answer as a whole. */
export interface PlacedTurn {
  lesson: number;
  turn: number;
  /** First supervised row in the batch, and how many. */
  row: number;
  rows: number;
}

/** A cell that is neither a fair label nor a fair background: it counts nothing. */
export const UNCLEAR = -2;

/** Background cells count this much beside cells that show something. */
const BACKGROUND_WEIGHT = 0.25;
const FORBIDDEN = -1e9;

/** The tensors of one batch, made once and filled again and again. */
export interface Batch {
  tensors: Tensors;
  /** What the batch supervises: the weights of its response tokens added up; of its cells where it has none. */
  weight: number;
  /** Packs these lessons, one for each picture of the batch in order; turns that do not fit are left out. */
  fill(lessons: readonly Lesson[]): PlacedTurn[];
}

/** Makes the tensors for `batchSize` sequences. `backgroundClass` is the class of cells that show nothing. */
export function createBatch(
  config: ModelConfig,
  sizes: PackSizes,
  { batchSize, backgroundClass }: { batchSize: number; backgroundClass: number },
): Batch {
  const { pictures = 1 } = sizes;
  const total = batchSize * pictures;
  const cells = gridCells(config);
  const length = sequenceLength(config, sizes);
  const textLength = LEAD_TOKENS + sizes.slots;
  const firstPosition = LEAD_TOKENS + visualTokens(config);
  const float = (...dims: number[]) => new Float32Array(dims.reduce((a, b) => a * b, 1));
  const int = (...dims: number[]) => new BigInt64Array(dims.reduce((a, b) => a * b, 1));
  const side = config.imageSize;
  const pixels = float(total, 3, side, side);
  const cellTargets = int(total * cells);
  const cellWeights = float(total * cells);
  const middleTargets = int(total * cells);
  const middleWeights = float(total * cells);
  const ordinalTargets = int(total * cells);
  const ordinalWeights = float(total * cells);
  const sideTargets = float(total * cells, 4);
  const sideWeights = float(total * cells, 4);
  const ids = int(total, textLength);
  const positions = int(batchSize, length);
  const bias = float(batchSize, 1, length, length);
  const rows = int(batchSize * sizes.rows);
  const rowTargets = int(batchSize * sizes.rows);
  const rowWeights = float(batchSize * sizes.rows);
  const owner = new Int16Array(length);
  const byInstruction = seesByInstruction(config);
  const instructionLength = byInstruction ? instructionWidth(config, sizes.slots) : 0;
  const instructionBias = float(total, 1, 1, instructionLength);

  function fill(lessons: readonly Lesson[]): PlacedTurn[] {
    if (lessons.length !== total) {
      const got = `${lessons.length} for ${total}`;
      throw new InputError({ where: "tune.packer", rule: "lessons must fill the batch", got });
    }
    const placed: PlacedTurn[] = [];
    ids.fill(BigInt(TOKEN_ID.pad));
    rows.fill(0n);
    rowTargets.fill(0n);
    rowWeights.fill(0);
    instructionBias.fill(0);
    middleTargets.fill(0n);
    sideWeights.fill(0);
    lessons.forEach(fillPicture);
    for (let b = 0; b < batchSize; b++) fillText(lessons.slice(b * pictures, (b + 1) * pictures), b, placed);
    const seen = normalise(cellWeights);
    normalise(middleWeights);
    normalise(sideWeights);
    normalise(ordinalWeights);
    batch.weight = normalise(rowWeights) || seen;
    return placed;
  }

  function fillPicture(lesson: Lesson, b: number): void {
    if (lesson.pixels.length !== 3 * side * side) {
      const got = `${lesson.pixels.length} bytes`;
      throw new InputError({ where: "tune.packer", rule: `a picture must be ${side}x${side} RGB`, got });
    }
    const plane = side * side;
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++) pixels[(b * 3 + c) * plane + i] = lesson.pixels[3 * i + c]! / 127.5 - 1;
    }
    for (let i = 0; i < cells; i++) {
      const seen = lesson.cells[i]!;
      cellTargets[b * cells + i] = BigInt(seen < 0 ? backgroundClass : seen);
      cellWeights[b * cells + i] = seen === UNCLEAR ? 0 : seen < 0 ? BACKGROUND_WEIGHT : 1;
    }
    middleWeights.fill(lesson.things ? 1 : 0, b * cells, (b + 1) * cells);
    for (const { cell, sides } of lesson.things ?? []) {
      const at = b * cells + cell;
      middleTargets[at] = 1n;
      sideTargets.set(sides, 4 * at);
      sideWeights.fill(1, 4 * at, 4 * at + 4);
    }
    const ordinals = ordinalsOf(lesson.things, cells);
    ordinalTargets.set(ordinals.targets.map(BigInt), b * cells);
    ordinalWeights.set(ordinals.weights, b * cells);
  }

  function fillText(group: readonly Lesson[], b: number, placed: PlacedTurn[]): void {
    // owner: 0 what all later tokens see, k > 0 a turn of its own, -1 padding.
    owner.fill(-1);
    positions.fill(BigInt(firstPosition), b * length, (b + 1) * length);
    let position = 0;
    let row = 0;
    group.forEach((lesson, s) => {
      const runsOn = group.length > 1 || lesson.conversation;
      const start = s * (length / group.length);
      const text = (b * group.length + s) * textLength;
      ids[text] = BigInt(s === 0 ? TOKEN_ID.bos : TOKEN_ID.pad);
      ids[text + 1] = BigInt(TOKEN_ID.user);
      for (let i = s === 0 ? 0 : 1; i < firstPosition; i++) {
        owner[start + i] = 0;
        positions[b * length + start + i] = BigInt(position++);
      }
      let slot = 0;
      if (byInstruction) hideAnswer(lesson, b * group.length + s);
      lesson.turns.forEach(({ question, response, context = false }, k) => {
        const opening = runsOn && slot > 0 ? [TOKEN_ID.user] : [];
        const tokens = [...opening, ...question, ...response];
        const learned = context ? 0 : response.length;
        if (slot + tokens.length > sizes.slots || row + learned > sizes.rows) return;
        const firstRow = b * sizes.rows + row;
        const answerAt = tokens.length - learned;
        tokens.forEach((id, j) => {
          const at = start + firstPosition + slot + j;
          ids[text + LEAD_TOKENS + slot + j] = BigInt(id);
          positions[b * length + at] = BigInt(position + (runsOn ? slot : 0) + j);
          owner[at] = runsOn ? 0 : k + 1;
          if (j < answerAt) return;
          rows[firstRow + j - answerAt] = BigInt(b * length + at - 1);
          rowTargets[firstRow + j - answerAt] = BigInt(id);
          // Long answers would drown short ones if all tokens counted alike.
          rowWeights[firstRow + j - answerAt] = 1 / Math.sqrt(learned);
        });
        if (!context) placed.push({ lesson: b * group.length + s, turn: k, row: firstRow, rows: learned });
        slot += tokens.length;
        row += learned;
      });
      position += slot;
    });
    for (let i = 0; i < length; i++) {
      const line = (b * length + i) * length;
      for (let j = 0; j < length; j++) {
        const visible = j <= i && (owner[j] === 0 || owner[j] === owner[i]);
        bias[line + j] = visible ? 0 : FORBIDDEN;
      }
    }
  }

  /** Leaves the bridge the question alone of the words behind a picture. */
  function hideAnswer({ turns }: Lesson, picture: number): void {
    if (turns.length > 1) {
      const rule = "a picture must have one question where the bridge reads it";
      throw new InputError({
        where: "tune.packer",
        rule,
        got: `${turns.length}`,
        hint: "Set data.questions to 1.",
      });
    }
    const start = picture * instructionLength;
    instructionBias.fill(FORBIDDEN, start + (turns[0]?.question.length ?? 0), start + sizes.slots);
  }

  const batch: Batch = {
    weight: 0,
    tensors: {
      pixels: { type: "float32", data: pixels, dims: [total, 3, side, side] },
      cell_targets: { type: "int64", data: cellTargets, dims: [total * cells] },
      cell_weights: { type: "float32", data: cellWeights, dims: [total * cells] },
      middle_targets: { type: "int64", data: middleTargets, dims: [total * cells] },
      middle_weights: { type: "float32", data: middleWeights, dims: [total * cells] },
      ordinal_targets: { type: "int64", data: ordinalTargets, dims: [total * cells] },
      ordinal_weights: { type: "float32", data: ordinalWeights, dims: [total * cells] },
      side_targets: { type: "float32", data: sideTargets, dims: [total * cells, 4] },
      side_weights: { type: "float32", data: sideWeights, dims: [total * cells, 4] },
      ids: { type: "int64", data: ids, dims: [total, textLength] },
      positions: { type: "int64", data: positions, dims: [batchSize, length] },
      bias: { type: "float32", data: bias, dims: [batchSize, 1, length, length] },
      ...(byInstruction && {
        instruction_bias: {
          type: "float32" as const,
          data: instructionBias,
          dims: [total, 1, 1, instructionLength],
        },
      }),
      rows: { type: "int64", data: rows, dims: [batchSize * sizes.rows] },
      row_targets: { type: "int64", data: rowTargets, dims: [batchSize * sizes.rows] },
      row_weights: { type: "float32", data: rowWeights, dims: [batchSize * sizes.rows] },
    },
    fill,
  };
  return batch;
}

/** Scales weights so that they add up to 1; gives what they added up to. */
function normalise(weights: Float32Array): number {
  const total = weights.reduce((a, b) => a + b, 0);
  if (total > 0) for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! / total;
  return total;
}
