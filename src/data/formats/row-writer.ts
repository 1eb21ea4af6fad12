// What writing one Sample as a row of another format gives.
import type { Sample } from "../../spec/index.ts";
import { countPlaceholders } from "./image-placeholders.ts";
import { messagesOf, type RowProblem } from "./messages.ts";

export interface WriteRowOptions {
  /** Stores what the format has no place for under the one key `sightline`. */
  keepExtra: boolean;
}

/** A row with the names of the Sample's fields that it lacks, or why the format cannot say the Sample at all. */
export type WrittenRow = { row: Record<string, unknown>; lost: string[] } | { problem: RowProblem };

export type RowWriter = (sample: Sample, options: WriteRowOptions) => WrittenRow;

/** Why no row of a conversation format can hold this Sample. */
export function writeProblem(
  sample: Sample,
  { placeholders = false }: { placeholders?: boolean } = {},
): RowProblem | undefined {
  for (const [i, { role, content }] of messagesOf(sample).entries()) {
    const path = i < (sample.turns?.length ?? 0) ? `turns[${i}]` : role === "user" ? "input" : "response";
    for (const part of content) {
      if (part.type === "text") {
        if (!placeholders || countPlaceholders(part.text) === 0) continue;
        return { path, rule: "must not spell <image> in a text: in this format it stands for a picture" };
      }
      if (part.type !== "image") return { path, rule: `this format has no ${part.type}` };
      if (role !== "user") return { path, rule: `this format has no picture in a message of the ${role}` };
    }
  }
  return undefined;
}

/** Counts the fields that had no place. */
export function tally(lost: Map<string, number>, names: readonly string[]): void {
  for (const name of names) lost.set(name, (lost.get(name) ?? 0) + 1);
}
