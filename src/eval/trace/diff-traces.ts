import { diffArrays } from "diff";
import { plainText } from "../../util/text.ts";
import type { TraceFile } from "./trace-file.ts";
import { stepText, traceSteps } from "./trace-steps.ts";

/** A step of one trace or of both. */
export interface TraceDifference {
  in: "both" | "first" | "second";
  text: string;
}

/** The steps of two traces side by side: the longest common part is both's (Myers 1986). */
export function diffTraces(first: TraceFile, second: TraceFile): TraceDifference[] {
  const [a, b] = [first, second].map((trace) => [
    ...(["model", "technique", "question"] as const).map((key) => plainText(`${key}: ${trace[key]}`)),
    `pictures: ${trace.images.join(", ")}`,
    ...traceSteps(trace).map(stepText),
  ]) as [string[], string[]];
  return diffArrays(a, b).flatMap(({ value, added, removed }) =>
    value.map((text): TraceDifference => ({ in: added ? "second" : removed ? "first" : "both", text })),
  );
}
