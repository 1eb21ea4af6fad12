// Where single things are: a small head on the visual tokens says for each cell whether the middle of a thing lies in
// it, and how far that thing's box reaches from the cell's centre. Naming cells alone cannot tell one long thing from two
// that touch; this can, and it puts into the tokens what a decoder needs to count (the centres of CenterNet, Zhou et al.
// 2019, arXiv 1904.07850, with the sides of FCOS, Tian et al. 2019, arXiv 1904.01355).
import { ops, sym, type Value } from "../onnx/index.ts";
import { embeddingMatrix } from "./decoder.ts";
import { gridCells, type ModelConfig } from "./model-config.ts";
import type { ParameterSource } from "./parameters.ts";
import { joinLooks, type Look } from "./second-look.ts";
import { findLeaders } from "./thing-leaders.ts";
import { numberThings } from "./thing-numbers.ts";

/** Channels: no middle, middle (logits); then left, top, right, bottom in cells. */
export const THING_CHANNELS = 6;

/** Name of the head's matrix, [width, 6]. */
export const thingHeadName = "bridge.things";

/** Visual tokens [B, cells, width] to [B*cells, 6]. */
export function thingHead(p: ParameterSource, seen: Value): Value {
  const width = seen.shape.at(-1) as number;
  const shape = [width, THING_CHANNELS];
  const matrix = p.get({ name: thingHeadName, shape, init: 1 / Math.sqrt(width), optimizer: "adamw" });
  return ops.linear(ops.flattenRows(seen), matrix);
}

/** Name of the matrix that writes what was found into the tokens, [5, width]. */
export const marksName = "decoder.marks";

/** Name of the matrix that writes which cells speak for things into the tokens, [2, width]. */
export const leadersName = "decoder.leaders";

/** Name of the matrix that writes where the things of two looks end into the tokens, [4, width]. */
export const thingSidesName = "decoder.thing_sides";

/** Name of the matrix that writes the numbers of the things into the tokens, [27, width]. */
export const numbersName = "decoder.numbers";

/**
 * Visual tokens [B, cells, width], with a mark on those in which the middle of a thing lies: how sure that is, and that
 * times the four sides, through one matrix. The head is linear, so its findings are in the tokens already, but faint
 * beside what names the thing; a decoder that has to count needs them yes or no. With `thingMarks: leaders`, one of the cells that
 * found the same thing is marked as the one that counts; with `looks`, two looks find that together (`second` are the tokens
 * of the second one), its token becomes what the thing looks like in both, and says the how-manieth it is (thing-numbers.ts).
 */
export function markThings(p: ParameterSource, seen: Value, config: ModelConfig, second?: Value): Value {
  const first = look(p, seen);
  const write = (name: string, what: Value) => {
    const shape = [what.shape[2] as number, seen.shape[2] as number];
    const matrix = p.get({ name, shape, init: 0.02, optimizer: "adamw" });
    return ops.reshape(ops.linear(ops.flattenRows(what), matrix), seen.shape);
  };
  const found = ops.concat([first.sure, ops.mul(first.sides, first.sure)], 2); // [B, cells, 5]
  const marked = ops.add(seen, write(marksName, found));
  if (second) {
    const words = embeddingMatrix(p, config);
    const { leaders, sides, change } = joinLooks(first, look(p, second), words, config);
    const [leader] = ops.split(leaders, 2, [1, 1]);
    const numbers = numberThings(leader!, ops.add(seen, change), words);
    const written = [write(leadersName, leaders), write(thingSidesName, sides), write(numbersName, numbers)];
    return [change, ...written].reduce(ops.add, marked);
  }
  if (config.thingMarks !== "leaders") return marked;
  return ops.add(marked, write(leadersName, findLeaders(first.sure, first.sides, config)));
}

/** What the head finds in the tokens of one look. */
function look(p: ParameterSource, tokens: Value): Look {
  const [batch, cells] = tokens.shape as [Value["shape"][number], number, number];
  const [logits, sides] = ops.split(thingHead(p, tokens), 1, [2, 4]);
  const [, sure] = ops.split(ops.softmax(logits!), 1, [1, 1]);
  const cellwise = (x: Value, n: number) => ops.reshape(x, [batch, cells, n]);
  return { sure: cellwise(sure!, 1), sides: cellwise(sides!, 4), tokens };
}

/**
 * Loss of the head: cross-entropy of "is a middle" over the cells, plus the mean squared error of the four sides over the
 * cells that are one. Inputs `middle_targets` int64 and `middle_weights` [B*cells], `side_targets` and `side_weights`
 * [B*cells, 4].
 */
export function locateThings(
  p: ParameterSource,
  seen: Value,
  config: ModelConfig,
  { pictures }: { pictures: number },
): { loss: Value; logits: Value } {
  const { graph } = p;
  const count = sym("batch_size", pictures * gridCells(config));
  const [logits, sides] = ops.split(thingHead(p, seen), 1, [2, 4]);
  const isMiddle = graph.input("middle_targets", "int64", [count]);
  const weights = graph.input("middle_weights", "float32", [count]);
  const middles = ops.crossEntropy(logits!, isMiddle, weights);
  const error = ops.sub(sides!, graph.input("side_targets", "float32", [count, 4]));
  const squares = ops.mul(ops.mul(error, error), graph.input("side_weights", "float32", [count, 4]));
  return { logits: logits!, loss: ops.add(middles, ops.sumAll(squares)) };
}
