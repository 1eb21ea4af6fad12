// A selector chooses which demonstrations a question is shown. It says them by usefulness, the most useful first: when
// the model has room for fewer, the last ones are left out. In which order they are shown is another matter (order.ts).
import type { JSONObject } from "@ai-sdk/provider";
import type { Query } from "../spec/index.ts";
import type { DemonstrationPool } from "./pool.ts";

/** A chosen demonstration: its position in the pool and, where there is one, how near it is to the question. */
export interface Chosen {
  at: number;
  score?: number;
}

/** A question that wants demonstrations. */
export interface SelectionTask {
  pool: DemonstrationPool;
  /** Never holds the answer. */
  query: Query;
  /** Bytes of the question's pictures. */
  pictures: readonly Uint8Array[];
  /** How many are wanted; fewer come back when the pool has no more that may be shown. */
  k: number;
  seed: number;
  /** False for the question itself and its near-duplicates. */
  isAllowed(at: number): Promise<boolean>;
  signal?: AbortSignal;
}

/** Chooses demonstrations: the same task gives the same choice. */
export interface Selector {
  name: string;
  options: JSONObject;
  /** Looks for likeness, so that the pool must have vectors. */
  usesVectors: boolean;
  /** Chooses the same for every question of a kind, so that prompts begin alike. */
  isStable: boolean;
  select(task: SelectionTask): Promise<Chosen[]>;
}

/** The first `k` positions that may be shown. */
export async function takeAllowed(
  positions: Iterable<number>,
  { k, isAllowed, signal }: Pick<SelectionTask, "k" | "isAllowed" | "signal">,
): Promise<number[]> {
  const taken: number[] = [];
  for (const at of positions) {
    if (taken.length >= k) break;
    signal?.throwIfAborted();
    if (await isAllowed(at)) taken.push(at);
  }
  return taken;
}
