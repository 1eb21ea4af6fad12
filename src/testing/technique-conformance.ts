import { describe, test } from "vitest";
import type { Technique } from "../spec/index.ts";
import type { ConformanceModel } from "./conformance-models.ts";
import { techniqueChecks } from "./technique-checks.ts";

export interface DescribeTechniqueOptions {
  models: ConformanceModel[];
  /** What a scripted model says in its call number `index`. @default () => "a red ball" */
  answer?: (index: number) => string;
}

/** Declares the conformance tests of a technique, for vitest. */
export function describeTechnique(
  name: string,
  technique: Technique,
  { models, answer }: DescribeTechniqueOptions,
): void {
  describe(name, () => {
    for (const model of models) {
      for (const check of techniqueChecks(technique, { model, ...(answer ? { answer } : {}) })) {
        test(`${model.name}: ${check.name}`, check.run);
      }
    }
  });
}
