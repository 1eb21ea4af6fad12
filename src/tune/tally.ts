// What an evaluation counts: answers and cells that are right.
import type { Tensors } from "../onnx/index.ts";
import type { PlacedTurn } from "./packer.ts";
import { backgroundClass, type SceneLesson } from "./scene-lessons.ts";

/** A turn is right when every token of its answer is the most likely one: what greedy decoding would write. */
export function countTurns(
  tokens: BigInt64Array,
  { row_targets: targets }: Tensors,
  placed: PlacedTurn[],
  asked: SceneLesson[],
  count: (type: string, right: boolean) => void,
): void {
  for (const { lesson, turn, row, rows } of placed) {
    let right = true;
    for (let i = row; i < row + rows; i++) right &&= tokens[i] === (targets!.data as BigInt64Array)[i];
    count(asked[lesson]!.types[turn]!, right);
  }
}

/** Cells that hold the middle of a thing or are said to, right or not, counted as "middle". */
export function countMiddles(
  seen: BigInt64Array,
  { middle_targets, middle_weights }: Tensors,
  count: (type: string, right: boolean) => void,
): void {
  const targets = middle_targets!.data as BigInt64Array;
  const weights = middle_weights!.data as Float32Array;
  targets.forEach((target, i) => {
    if (weights[i]! > 0 && (target === 1n || seen[i] === 1n)) count("middle", seen[i] === target);
  });
}

/** Cells with the middle of a thing, counted as "ordinal": whether they say the how-manieth of its kind it is. */
export function countOrdinals(
  said: BigInt64Array,
  { ordinal_targets, ordinal_weights, middle_targets }: Tensors,
  count: (type: string, right: boolean) => void,
): void {
  const targets = ordinal_targets!.data as BigInt64Array;
  const weights = ordinal_weights!.data as Float32Array;
  const middles = middle_targets!.data as BigInt64Array;
  targets.forEach((target, i) => {
    if (weights[i]! > 0 && middles[i] === 1n) count("ordinal", said[i] === target);
  });
}

/** Cells that show something, right or not, counted as "cell". */
export function countCells(
  seen: BigInt64Array,
  tensors: Tensors,
  count: (type: string, right: boolean) => void,
): void {
  const targets = tensors.cell_targets!.data as BigInt64Array;
  const weights = tensors.cell_weights!.data as Float32Array;
  targets.forEach((target, i) => {
    if (weights[i]! > 0 && Number(target) !== backgroundClass) count("cell", seen[i] === target);
  });
}
