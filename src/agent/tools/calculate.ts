// Arithmetic by a small recursive-descent parser: sum of products of powers of numbers, parentheses and functions. Nothing
// is evaluated as code, so an expression can do no more than count.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { type VisionTool, visionTool } from "./vision-tool.ts";

const functions: Record<string, (...values: number[]) => number> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  max: Math.max,
  min: Math.min,
  round: Math.round,
  sqrt: Math.sqrt,
};

/** Deepest nesting of an expression. */
const maxDepth = 100;

/** The tool that does arithmetic. */
export function calculateTool(): VisionTool {
  return visionTool({
    name: "calculate",
    description:
      "Computes an arithmetic expression: + - * / % ^, parentheses, abs, ceil, floor, max, min, round, sqrt. It knows no variables, units or text.",
    input: z.strictObject({
      expression: z.string().min(1).max(500).describe("such as (3 + 4) * 2"),
    }),
    cost: "none",
    run: async ({ expression }) => ({ value: calculate(expression), backend: "arithmetic" }),
  });
}

/** Computes an expression; one that cannot be read, or whose value is not finite, is an InputError. */
export function calculate(expression: string): number {
  const tokens = expression.match(/\d+(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+|[a-z]+|\*\*|[^\s]/gi) ?? [];
  let at = 0;
  let depth = 0;
  const refuse = (rule: string, got?: string): never => {
    throw new InputError({ where: "calculate", rule, got: got ?? JSON.stringify(expression.slice(0, 80)) });
  };
  const take = (...wanted: string[]) => (wanted.includes(tokens[at] ?? "") ? tokens[at++] : undefined);
  const need = (wanted: string) => {
    if (!take(wanted)) refuse(`needs "${wanted}" after ${JSON.stringify(tokens.slice(0, at).join(" "))}`);
  };

  const sum = (): number => {
    if (++depth > maxDepth) refuse(`must nest at most ${maxDepth} deep`);
    let value = product();
    for (let sign = take("+", "-", "−"); sign; sign = take("+", "-", "−"))
      value += (sign === "+" ? 1 : -1) * product();
    depth--;
    return value;
  };
  const product = (): number => {
    let value = signed();
    for (let sign = take("*", "/", "%", "×", "÷"); sign; sign = take("*", "/", "%", "×", "÷")) {
      const other = signed();
      if (sign === "*" || sign === "×") value *= other;
      else if (other === 0) refuse("must not divide by zero");
      else value = sign === "%" ? value % other : value / other;
    }
    return value;
  };
  // -2^2 is -(2^2), and 2^-1 is a half. Iterative, so that a long row of signs costs no stack.
  const signed = (): number => {
    let sign = 1;
    for (let next = take("-", "+", "−"); next; next = take("-", "+", "−")) if (next !== "+") sign = -sign;
    return sign * power();
  };
  const power = (): number => {
    const base = atom();
    if (!take("^", "**")) return base;
    if (++depth > maxDepth) refuse(`must nest at most ${maxDepth} deep`);
    const value = base ** signed();
    depth--;
    return value;
  };
  const atom = (): number => {
    const token = tokens[at++];
    if (token === undefined) return refuse("ends too early");
    if (/^[\d.]+(?:e[+-]?\d+)?$/i.test(token) && token !== ".") return Number(token);
    if (token === "(") {
      const value = sum();
      need(")");
      return value;
    }
    if (!Object.hasOwn(functions, token.toLowerCase()))
      return refuse("cannot read this", JSON.stringify(token));
    need("(");
    const values = [sum()];
    while (take(",")) values.push(sum());
    need(")");
    return functions[token.toLowerCase()]!(...values);
  };

  const value = sum();
  if (at < tokens.length) refuse("cannot read this", JSON.stringify(tokens[at]));
  if (!Number.isFinite(value)) refuse("must have a finite value");
  return Number(value.toPrecision(12));
}
