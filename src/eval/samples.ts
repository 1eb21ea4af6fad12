// Samples as a run reads them: more than once, and one at a time where they are in a file, so that memory does not grow
// with the dataset.
import type { Sample } from "../spec/index.ts";

/** Samples that can be read again and again, in the same order: an array, or a file that is opened anew each time. */
export type Samples = Iterable<Sample> | AsyncIterable<Sample>;
