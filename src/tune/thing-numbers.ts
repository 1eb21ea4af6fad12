// Numbers for things. Attention finds equal things but is bad at telling three of them from four, and a list that goes from one
// thing to the next loses its place. So each thing that the eye found carries three numbers into the decoder: the how-manieth
// thing of the picture it is, the how-manieth of its kind, and how many of its kind there are. Things are of one kind as far as
// their tokens call for the same word.
//
// All of it is arithmetic on what was found: nothing is learned here, and no gradient flows back.
import { ops, type Value } from "../onnx/index.ts";
import { still, sumLast } from "./thing-leaders.ts";

/** Larger numbers are written as this one. */
const mostThings = 9;
/** Numbers written for each cell: one of nine for each of the three. */
export const NUMBER_CHANNELS = 3 * mostThings;

/**
 * How far tokens [B, n, D] call for the same word, from 0 to 1, [B, n, n]: the cosine between the probabilities that they give
 * to all words [V, D].
 */
export function sameWord(tokens: Value, words: Value): Value {
  const { graph } = tokens;
  const [batch, count] = tokens.shape as [Value["shape"][number], number, number];
  const said = ops.softmax(ops.batchMatMul(tokens, words, { transB: true })); // [B, n, V]
  const squares = sumLast(still("Mul", [said, said], said.shape));
  const length = still("Sqrt", [squares], squares.shape);
  const unit = still("Div", [said, length], said.shape);
  const turned = still("Transpose", [unit], [batch, unit.shape[2]!, count], { perm: [0, 2, 1] });
  const cosine = still("MatMul", [unit, turned], [batch, count, count]);
  return still("Min", [cosine, graph.scalar(1)], cosine.shape);
}

/**
 * The numbers of the things that were found, [B, cells, 27]; zeros for cells without the middle of a thing. `found` [B, cells, 1]
 * is how sure the thing of each cell is, up to 2 where two things have their middle in it; `tokens` [B, cells, D] show it.
 */
export function numberThings(found: Value, tokens: Value, words: Value): Value {
  const { graph, shape: column } = found;
  const [batch, cells] = column as [Value["shape"][number], number, number];
  const pair = [batch, cells, cells];
  const count = still("Add", [decided(found, 0), decided(found, 1)], column);
  const earlier = graph.constant(
    Float32Array.from({ length: cells ** 2 }, (_, i) => (i % cells <= Math.floor(i / cells) ? 1 : 0)),
    [cells, cells],
  );
  const kind = sameWord(tokens, words);
  const kindEarlier = still("Mul", [kind, earlier], pair);
  const sumOf = (which: Value) => still("MatMul", [which, count], column);
  const there = still("Min", [count, graph.scalar(1)], column);
  const written = [sumOf(earlier), sumOf(kindEarlier), sumOf(kind)].map((number) => oneOf(number, there));
  return ops.concat(written, 2);
}

/** 0 up to a quarter above the whole number, 1 from three quarters on: what is nearly sure counts fully. */
function decided(found: Value, whole: number): Value {
  const { graph, shape } = found;
  const above = still("Sub", [found, graph.scalar(whole + 0.25)], shape);
  const steep = still("Mul", [above, graph.scalar(2)], shape);
  return still("Min", [still("Relu", [steep], shape), graph.scalar(1)], shape);
}

/** A number [B, cells, 1] as weights on 1 to 9, [B, cells, 9]: between two of them on both, so that doubt stays visible. */
function oneOf(number: Value, there: Value): Value {
  const { graph, shape: column } = number;
  const shape = [...column.slice(0, 2), mostThings];
  const marks = Float32Array.from({ length: mostThings }, (_, i) => i + 1);
  const held = still("Min", [number, graph.scalar(mostThings)], column);
  const away = still("Sub", [held, graph.constant(marks, [mostThings])], shape);
  const near = still("Sub", [graph.scalar(1), still("Abs", [away], shape)], shape);
  return still("Mul", [still("Relu", [near], shape), there], shape);
}
