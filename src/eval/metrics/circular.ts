// CircularEval of MMBench (open-compass/VLMEvalKit, multiple_choice.py): a question with N options is asked N times with
// the options shifted by one each time, and counts only when all N answers are right; VanillaEval is the first pass alone.
// Traps: the key shifts with the options; and a group with a missing pass must not count, since fewer passes are easier.

/** One judged pass. */
export interface CircularPass {
  /** Id of the question that the pass belongs to. */
  group: string;
  isRight: boolean;
}

/** Result of one question: right on all passes, and right on the first one given. */
export interface CircularGroup {
  group: string;
  passes: number;
  isRight: boolean;
  isFirstRight: boolean;
}

/** The N passes of a question: its options and the position of the right one, shifted by 0 to N - 1. */
export function circularPasses(options: readonly string[], answer: number) {
  return options.map((_, shift) => ({
    options: [...options.slice(shift), ...options.slice(0, shift)],
    answer: (answer - shift + options.length) % options.length,
  }));
}

/** Gathers passes to questions, in order of first appearance. */
export function circularGroups(passes: readonly CircularPass[]): CircularGroup[] {
  return [...Map.groupBy(passes, ({ group }) => group)].map(([group, members]) => ({
    ...{ group, passes: members.length },
    isRight: members.every(({ isRight }) => isRight),
    isFirstRight: members[0]!.isRight,
  }));
}
