import type { Sample } from "../../../spec/index.ts";
import type { OnBadRow } from "../row-problems.ts";

/** Where the official files of a benchmark are, and which part of them is meant. */
export interface BenchmarkSource {
  /** The folder, as it was given; it is the base of the pictures' relative paths unless `pictures` is. */
  folder: string;
  /** One official file in that folder, when the path named it instead of the folder. */
  file?: string;
  split: string;
  /** A folder of pictures that is elsewhere; it is then the base of their relative paths. */
  pictures?: string;
  /** Takes bad rows, which are then left out. @default they are an error */
  onBadRow?: OnBadRow;
}

/** Turns the official files of one benchmark into Samples. */
export interface BenchmarkReader {
  /** The name that papers use, kept in the Samples' provenance. */
  title: string;
  /** Splits that can be read; the first is the usual one to report. */
  splits: readonly [string, ...string[]];
  read(source: BenchmarkSource): Promise<Sample[]>;
}
