// What an evaluation while training asks: a share of the validation pictures, and the same questions once more behind grey
// pictures. What the second way answers right comes from the words alone; the rest is what the bridge brings.
import type { Tensors } from "../onnx/index.ts";
import type { Recipe, Stage } from "./recipe.ts";
import { pickInputs, type StepKind } from "./step-kind.ts";
import { countCells, countMiddles, countOrdinals, countTurns } from "./tally.ts";

/** Right and asked by question type; "cell", "middle" and "ordinal" for what cells say. */
export type Tally = Record<string, [right: number, asked: number]>;

/** The grey of a hidden picture, as normalised pixels hold it: that of the blind control in evaluations. */
const GREY = 128 / 127.5 - 1;

/** Types that are about cells, not answers. */
const cellTypes = new Set(["cell", "middle", "ordinal"]);

export interface EvaluationShare {
  recipe: Recipe;
  stage: Stage;
  worker: number;
  /** Inputs that hold the weights. */
  weights: Tensors;
}

/** One worker's share of an evaluation. `blind` is of answers behind grey pictures, where the recipe asks for it. */
export async function evaluateShare(
  kinds: readonly StepKind[],
  { recipe, stage, worker, weights }: EvaluationShare,
): Promise<{ tally: Tally; blind?: Tally }> {
  const tally: Tally = {};
  const blind: Tally = {};
  const answers = stage.objective === "answer";
  const hides = answers && recipe.evaluation.blind !== false;
  const wanted = answers ? ["cells", "middles", "ordinals", "tokens"] : ["cells", "middles"];
  for (const { batch, evaluator, fill } of kinds) {
    const { pixels } = batch.tensors;
    const grey = hides ? { ...pixels!, data: new Float32Array(pixels!.data.length).fill(GREY) } : undefined;
    const inputs = pickInputs({ ...batch.tensors, ...weights }, evaluator);
    const rounds = Math.ceil(recipe.evaluation.pictures / (recipe.workers * pixels!.dims[0]!));
    for (let round = 0; round < rounds; round++) {
      const { asked, placed } = fill("val", round * recipe.workers + worker);
      const seen = await evaluator.run(inputs, {
        outputs: evaluator.outputNames.filter((output) => wanted.includes(output)),
      });
      const count = counterOf(tally);
      if (seen.cells) countCells(seen.cells.data as BigInt64Array, batch.tensors, count);
      if (seen.middles) countMiddles(seen.middles.data as BigInt64Array, batch.tensors, count);
      if (seen.ordinals) countOrdinals(seen.ordinals.data as BigInt64Array, batch.tensors, count);
      if (answers) countTurns(seen.tokens!.data as BigInt64Array, batch.tensors, placed, asked, count);
      if (!grey) continue;
      const { tokens } = await evaluator.run(
        { ...inputs, pixels: grey as Tensors[string] },
        { outputs: ["tokens"] },
      );
      countTurns(tokens!.data as BigInt64Array, batch.tensors, placed, asked, counterOf(blind));
    }
  }
  return hides ? { tally, blind } : { tally };
}

function counterOf(tally: Tally) {
  return (type: string, right: boolean) => {
    const entry = tally[type] ?? [0, 0];
    tally[type] = [entry[0] + Number(right), entry[1] + 1];
  };
}

/** Answers of all types together; where a tally has none, its cells. */
export function totalOf(tally: Tally): [right: number, asked: number] {
  const all = Object.entries(tally);
  const answers = all.filter(([type]) => !cellTypes.has(type));
  const counted = answers.length > 0 ? answers : all.filter(([type]) => type === "cell");
  return counted.reduce(([right, asked], [, [r, n]]) => [right + r, asked + n], [0, 0]);
}

/** The sum of several tallies, types in order. */
export function addTallies(parts: readonly Tally[]): Tally {
  const sum: Tally = {};
  for (const type of [...new Set(parts.flatMap((part) => Object.keys(part)))].sort()) {
    sum[type] = parts.reduce<[number, number]>(
      ([right, asked], part) => [right + (part[type]?.[0] ?? 0), asked + (part[type]?.[1] ?? 0)],
      [0, 0],
    );
  }
  return sum;
}
