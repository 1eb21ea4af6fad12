// The eye looks twice: at the picture, and at the picture moved by half a cell, so that what lies on a border of cells in one
// look lies inside a cell in the other. Boxes of either look that lie on each other are one thing, whose box and whose
// appearance are their means. Each thing is then written into the visual token of the cell in which the middle of its box lies:
// the decoder reads as many tokens as before, but two opinions of every thing (test-time augmentation by shifted windows,
// inside the graph).
import { ops, type Shape, type Value } from "../onnx/index.ts";
import { gridCells, gridSize, type ModelConfig } from "./model-config.ts";
import {
  asNumber,
  boxesAround,
  cellCentres,
  groupBoxes,
  OUTWARDS,
  ofLeader,
  still,
  sumLast,
} from "./thing-leaders.ts";
import { sameWord } from "./thing-numbers.ts";

/** What one look found: of each cell how sure it is of a middle [B, cells, 1], the sides [B, cells, 4], the token [B, cells, D]. */
export interface Look {
  sure: Value;
  sides: Value;
  tokens: Value;
}

/** How far the second look is moved to the right and down, in cells. */
const shift = 0.5;
/** Below this a box is as good as unseen. */
const leastSure = 1e-6;

/** The picture [B, 3, S, S] as the second look sees it: moved left and up by half a cell; what comes in repeats the edge. */
export function shiftPicture(pixels: Value, config: ModelConfig): Value {
  const { graph } = pixels;
  const side = config.imageSize;
  const by = (side / gridSize(config)) * shift;
  const [batch, channels] = pixels.shape;
  const from = graph.ints(by, by);
  const to = graph.ints(side, side);
  const cut = still("Slice", [pixels, from, to, graph.ints(2, 3)], [batch!, channels!, side - by, side - by]);
  const pads = graph.ints(0, 0, 0, 0, 0, 0, by, by);
  return graph.node("Pad", [cut, pads], [{ shape: pixels.shape }], {
    attributes: { mode: "edge" },
    wrt: [],
  })[0]!;
}

/** What two looks found together, for each cell of the first one. */
export interface JoinedLooks {
  /** [B, cells, 2]: how sure its thing is (0 where no middle lies), and how sure the thing of a cell whose middle lies elsewhere. */
  leaders: Value;
  /** Left, top, right, bottom of its thing from the cell's centre, in cells, times how sure it is, [B, cells, 4]. */
  sides: Value;
  /** From its token to what its thing looks like in both looks, times how sure it is, [B, cells, D]. */
  change: Value;
}

/**
 * Joins what two looks found. Where the middles of two things lie in one cell, it has both, added up. `words` [V, D] are what
 * tokens are compared with: of two boxes that half lie on each other, those that show the same word are of one thing.
 */
export function joinLooks(first: Look, second: Look, words: Value, config: ModelConfig): JoinedLooks {
  const { graph, shape: column } = first.sure;
  const [batch, cells] = column as [Shape[number], number, 1];
  const width = first.tokens.shape[2] as number;
  const count = 2 * cells;
  const both = (a: Value, b: Value) => {
    const shape = [batch, count, a.shape[2]!];
    return graph.node("Concat", [a, b], [{ shape }], { attributes: { axis: 1 }, wrt: [] })[0]!;
  };
  const sure = both(first.sure, second.sure);
  const boxes = both(boxesAround(first.sides, config), boxesAround(second.sides, config, shift));
  const tokens = both(first.tokens, second.tokens);
  const { claims, owners: leaders } = groupBoxes(sure, boxes, sameWord(tokens, words));

  // Every leader with the mean of the boxes of its thing; the other boxes have none, and count for nothing.
  const total = sumLast(claims);
  const shares = still(
    "Div",
    [claims, still("Max", [total, graph.scalar(leastSure)], total.shape)],
    claims.shape,
  );
  const box = still("MatMul", [shares, boxes], boxes.shape);
  const shown = still("MatMul", [shares, tokens], [batch, count, width]);
  const mean = still("Mul", [total, graph.scalar(1 / 2)], total.shape);
  const together = still("Min", [mean, graph.scalar(1)], total.shape);

  // Each thing to the cell in which its middle lies.
  const owners = still("Mul", [together, middleCells(box, config)], [batch, count, cells]);
  const owned = ops.transpose(owners, [0, 2, 1]);
  const found = sumLast(owned);
  const toCells = (x: Value) => still("MatMul", [owned, x], [batch, cells, x.shape[2]!]);
  const minusOwn = (x: Value, own: Value) => {
    const shape = [batch, cells, x.shape[2]!];
    return still("Sub", [toCells(x), still("Mul", [found, own], shape)], shape);
  };
  const fromCentre = minusOwn(box, graph.constant(cellCentres(config), [cells, 4]));
  const [known] = ops.split(ofLeader(leaders, together), 1, [cells, cells]);
  const elsewhere = still("Relu", [still("Sub", [known!, found], column)], column);
  return {
    leaders: ops.concat([found, elsewhere], 2),
    sides: still("Mul", [fromCentre, graph.constant(OUTWARDS, [4])], fromCentre.shape),
    change: minusOwn(shown, first.tokens),
  };
}

/** 1 for the cell in which the middle of each box [B, n, 4] lies, [B, n, cells]; a middle outside is in the nearest cell. */
function middleCells(boxes: Value, config: ModelConfig): Value {
  const { graph } = boxes;
  const [grid, cells] = [gridSize(config), gridCells(config)];
  const [batch, count] = boxes.shape as [Value["shape"][number], number];
  const [x1, y1, x2, y2] = ops.split(boxes, 2, [1, 1, 1, 1]) as [Value, Value, Value, Value];
  const [column, table] = [x1.shape, [batch, count, cells]];
  const inside = (low: Value, high: Value, place: (cell: number) => number) => {
    const middle = still("Mul", [still("Add", [low, high], column), graph.scalar(0.5)], column);
    const cell = still("Floor", [middle], column);
    const near = still(
      "Min",
      [still("Max", [cell, graph.scalar(0)], column), graph.scalar(grid - 1)],
      column,
    );
    const places = graph.constant(
      Float32Array.from({ length: cells }, (_, i) => place(i)),
      [cells],
    );
    return asNumber(still("Equal", [near, places], table, { type: "bool" }));
  };
  const across = inside(x1, x2, (cell) => cell % grid);
  const down = inside(y1, y2, (cell) => Math.floor(cell / grid));
  return still("Mul", [across, down], table);
}
