// How much hangs on the order of the demonstrations, as a number: the same questions asked with the same demonstrations in
// several orders (`show(order=random)`, with `--repeat`). The demonstrations must not change with the seed.
import { InputError } from "../errors/index.ts";

/** One answer to a question, in one of the orders. */
export interface OrderedAnswer {
  question: string;
  /** Which of the orders. */
  repeat: number;
  text: string;
  score: number;
}

export interface OrderSensitivity {
  questions: number;
  orders: number;
  /** Share of questions that get different answers in different orders. */
  changed: number;
  /** Mean score of the worst and of the best order. */
  worst: number;
  best: number;
}

/** Measures order sensitivity; only questions that were asked in every order count. */
export function orderSensitivity(answers: Iterable<OrderedAnswer>): OrderSensitivity {
  const byQuestion = new Map<string, Map<number, OrderedAnswer>>();
  const repeats = new Set<number>();
  for (const answer of answers) {
    repeats.add(answer.repeat);
    const known = byQuestion.get(answer.question) ?? new Map<number, OrderedAnswer>();
    byQuestion.set(answer.question, known.set(answer.repeat, answer));
  }
  const whole = [...byQuestion.values()].filter(({ size }) => size === repeats.size);
  if (repeats.size < 2 || whole.length === 0) {
    throw new InputError({
      where: "order sensitivity",
      rule: "needs questions that were asked in at least two orders",
      got: `${whole.length} questions in ${repeats.size} orders`,
      hint: "Ask with show(order=random) and --repeat 5.",
    });
  }
  const texts = (of: Map<number, OrderedAnswer>) => new Set([...of.values()].map(({ text }) => text.trim()));
  const means = [...repeats].map(
    (repeat) => whole.reduce((sum, of) => sum + of.get(repeat)!.score, 0) / whole.length,
  );
  return {
    questions: whole.length,
    orders: repeats.size,
    changed: whole.filter((of) => texts(of).size > 1).length / whole.length,
    worst: Math.min(...means),
    best: Math.max(...means),
  };
}
