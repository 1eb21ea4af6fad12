// A technique at several numbers of demonstrations: what `--shots 0,1,2,4` makes of a spec with `show` in it, and how the
// columns that come of it are told from others.
import { InputError } from "../errors/index.ts";
import { setOption } from "./techniques.ts";

/** Specs of a technique with each number of demonstrations, the fewest first; undefined when it shows none. */
export function withShots(spec: string, shots: readonly number[]): string[] | undefined {
  const specs = [...new Set(shots)]
    .sort((a, b) => a - b)
    .flatMap((value) => setOption(spec, { technique: "show", option: "k", value }) ?? []);
  return specs.length > 0 ? specs : undefined;
}

/** Reads the value of `--shots`. */
export function parseShots(text: string): number[] {
  const parts = text.split(",").map((part) => part.trim());
  const shots = parts.map(Number);
  if (parts.every((part) => /^\d+$/.test(part)) && shots.every((k) => k <= 64)) return shots;
  throw new InputError({
    where: "--shots",
    rule: "must be whole numbers from 0 to 64 with commas between them, such as 0,1,2,4,8",
    got: JSON.stringify(text),
  });
}

/** Which curve a column belongs to, and its number of demonstrations; undefined for a column that shows none by number. */
export function shotsOf(column: string): { curve: string; shots: number } | undefined {
  const match = /\bshow\(([^)]*)\)/.exec(column);
  const k = match && /(?:^|, )k=(\d+)(?:, |$)/.exec(match[1]!);
  if (!match || !k) return undefined;
  const others = match[1]!.split(", ").filter((option) => option !== `k=${k[1]}`);
  const show = others.length > 0 ? `show(${others.join(", ")})` : "show";
  return { curve: column.replace(match[0], show), shots: Number(k[1]) };
}
