// As many demonstrations of each answer as of any other: a model that has seen "yes" three times and "no" once tends to say
// "yes". Answers take turns, the most frequent one first; within an answer a seeded shuffle decides. Where the question's
// kind of answer is known, demonstrations of that kind come before all others. The choice is the same for all such questions.
import type { Sample } from "../../spec/index.ts";
import { createRng } from "../../util/rng.ts";
import { labelOf } from "../pool.ts";
import { type SelectionTask, type Selector, takeAllowed } from "../selector.ts";

/** Makes the selector that balances the answers. */
export function balanced(): Selector {
  return {
    name: "balanced",
    usesVectors: false,
    isStable: true,
    options: {},
    async select(task) {
      const { answerType } = task.query;
      const isSameKind = (sample: Sample) => sample.answerType === answerType;
      const positions = [
        ...inTurns(groupsOf(task, isSameKind)),
        ...inTurns(groupsOf(task, (s) => !isSameKind(s))),
      ];
      return (await takeAllowed(positions, task)).map((at) => ({ at }));
    },
  };
}

/** Positions of some Samples by answer, the largest group first. */
function groupsOf({ pool, seed }: SelectionTask, isIn: (sample: Sample) => boolean): number[][] {
  const groups = new Map<string, number[]>();
  for (const [at, sample] of pool.samples.entries()) {
    if (!isIn(sample)) continue;
    const label = labelOf(sample)!.trim().toLowerCase();
    const group = groups.get(label);
    if (group) group.push(at);
    else groups.set(label, [at]);
  }
  const rng = createRng("balanced", seed);
  for (const group of groups.values()) rng.shuffle(group);
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

function* inTurns(groups: readonly number[][]): Generator<number> {
  const longest = groups[0]?.length ?? 0;
  for (let turn = 0; turn < longest; turn++) {
    for (const group of groups) if (turn < group.length) yield group[turn]!;
  }
}
