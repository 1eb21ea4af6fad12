import type { Sample, Scorer } from "../../spec/index.ts";

/** One answered question, with its score from the task's scorer. */
export interface TaskRow {
  sample: Sample;
  /** Undefined when the question failed; it then counts as wrong. */
  text: string | undefined;
  score: number;
}

/**
 * A figure of a whole run, by the benchmark's own rule. A fraction, or a sum of fractions; papers print it times 100.
 * (MME's perception is a sum of up to 20, CIDEr-D is from 0 to 10.)
 */
export interface Figure {
  name: string;
  value: number;
  /** The part of the benchmark that it is about; undefined for the whole. */
  type?: string;
}

/** How a benchmark is asked and scored. */
export interface Task {
  name: string;
  /** Scores one answer. */
  scorer: Scorer;
  /** Makes the questions that are really asked out of one of the dataset's, after that was cut to a sample. */
  expand?(sample: Sample): Sample[];
  /** Figures over all rows, the one that is reported first at the start. */
  figures?(rows: readonly TaskRow[]): Figure[];
  /** Training mixes known to hold the benchmark's training split, with the source; undefined when none is known. */
  heldIn?: readonly string[];
}
