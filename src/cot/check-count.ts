import { InputError } from "../errors/index.ts";

/** Refuses what is no number of draws or steps. */
export function checkCount(where: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new InputError({ where, rule: `${name} must be a whole number from 1 on`, got: String(value) });
}
