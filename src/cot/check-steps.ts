// What code can recompute in a rationale: sums, comparisons, how many things a list names, and whether the answer is what
// the last step came to. Everything else is left alone; a rationale without such claims is neither right nor wrong.
import { digits, normaliseAnswer } from "../util/normalise-answer.ts";
import { splitSteps } from "./steps.ts";

/** A claim that was recomputed. */
export interface Claim {
  /** The step that makes it. */
  step: string;
  kind: "arithmetic" | "comparison" | "list" | "conclusion";
  claimed: string;
  computed: string;
  holds: boolean;
}

const number = String.raw`-?\d+(?:\.\d+)?`;
const operator = String.raw`\s*(?:[-+*/×÷−–]|\bx\b|\bplus\b|\bminus\b|\btimes\b|\bdivided by\b)\s*`;
const equation = new RegExp(
  `(?<![\\w.])(${number}(?:${operator}${number})+)\\s*(?:=|equals|is)\\s*(${number})(?![\\w]|\\.\\d)`,
  "gi",
);
const comparison = new RegExp(
  `(?<![\\w.])(${number})\\s*(?:(>|<)|is\\s+(more|greater|larger|less|fewer|smaller)\\s+than)\\s*(${number})(?![\\w]|\\.\\d)`,
  "gi",
);
/** "3 cats: one at the left, …": a number of things, and the things. */
const countedList = /^(?:.*?\b)?(\d+)\s+[a-z][a-z -]*:\s*(.+)$/i;
/** "cat: 1 at the left, 2 below": things, numbered. */
const numberedList = /:\s*(1\s+[a-z][^,;:]*(?:[,;]\s*(?:and\s+)?\d+\s+[a-z][^,;:]*)*)\.?$/i;

/** Recomputes what can be recomputed. @param answer held against the last step when both are numbers */
export function checkSteps(rationale: string, answer?: string): Claim[] {
  const claims: Claim[] = [];
  let result: { value: number; step: string } | undefined;
  const steps = splitSteps(rationale);
  for (const step of steps) {
    const words = step.split(/(\s+|[,.:;])/).map((word) => digits(word.toLowerCase()));
    const text = words.join("");
    result = undefined;
    const add = (kind: Claim["kind"], claimed: string | number, computed: string | number, holds: boolean) =>
      claims.push({ step, kind, claimed: String(claimed), computed: String(computed), holds });
    for (const [, terms, claimed] of text.matchAll(equation)) {
      const value = compute(terms!);
      add("arithmetic", claimed!, value, Math.abs(value - Number(claimed)) < 1e-9);
      result = { value: Number(claimed), step };
    }
    for (const [whole, a, sign, word, b] of text.matchAll(comparison)) {
      const above = sign === ">" || /more|greater|larger/.test(word ?? "");
      const holds = above ? Number(a) > Number(b) : Number(a) < Number(b);
      add("comparison", whole.trim(), holds ? whole.trim() : "the opposite", holds);
    }
    const counted = countedList.exec(text);
    const numbered = counted ? null : numberedList.exec(text);
    if (numbered) {
      const numbers = numbered[1]!.split(/[,;]/).map((item) => Number(/\d+/.exec(item)![0]));
      const holds = numbers.every((n, i) => n === i + 1);
      add("list", numbers.at(-1)!, numbers.length, holds);
      result = { value: numbers.length, step };
    } else if (counted) {
      const items = counted[2]!
        .replace(/\.$/, "")
        .split(/,\s*(?:and\s+)?|;\s*|\s+and\s+/)
        .filter(Boolean);
      add("list", counted[1]!, items.length, Number(counted[1]) === items.length);
      result = { value: Number(counted[1]), step };
    }
  }
  const said = answer === undefined ? Number.NaN : Number(normaliseAnswer(answer) || Number.NaN);
  if (result && !Number.isNaN(said)) {
    const holds = Math.abs(result.value - said) < 1e-9;
    claims.push({
      step: result.step,
      kind: "conclusion",
      claimed: String(said),
      computed: String(result.value),
      holds,
    });
  }
  return claims;
}

/** The value of terms and operators, times and divided by before plus and minus. */
function compute(terms: string): number {
  const plain = terms
    .replace(/×|\bx\b|\btimes\b/gi, "*")
    .replace(/÷|\bdivided by\b/gi, "/")
    .replace(/\bplus\b/gi, "+")
    .replace(/\bminus\b|−|–/gi, "-");
  const tokens = plain.match(/(?<![\d)]\s*)-?\d+(?:\.\d+)?|[-+*/]|\d+(?:\.\d+)?/g)!;
  const sums = [Number(tokens[0])];
  for (let i = 1; i < tokens.length; i += 2) {
    const [sign, value] = [tokens[i], Number(tokens[i + 1])];
    if (sign === "*") sums.push(sums.pop()! * value);
    else if (sign === "/") sums.push(sums.pop()! / value);
    else sums.push(sign === "-" ? -value : value);
  }
  return sums.reduce((a, b) => a + b, 0);
}
