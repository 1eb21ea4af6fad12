import { boxes } from "./boxes.ts";
import { exactDuplicates, uniqueIds } from "./duplicates.ts";
import { type Histograms, histogramCheck } from "./histograms.ts";
import { imageCount } from "./image-count.ts";
import { answerChoices, responses } from "./responses.ts";
import { roleOrder } from "./role-order.ts";
import type { CheckPass } from "./run-checks.ts";
import { textFaults } from "./text-faults.ts";
import { unknownFields } from "./unknown-fields.ts";

/** The pass that needs nothing but the rows themselves. */
export function structurePass(): CheckPass & { histograms(): Histograms } {
  const histogram = histogramCheck();
  return {
    name: "structure",
    checks: [
      roleOrder(),
      imageCount(),
      responses(),
      answerChoices(),
      boxes(),
      textFaults(),
      unknownFields(),
      uniqueIds(),
      exactDuplicates(),
      histogram,
    ],
    histograms: histogram.result,
  };
}
