import { InputError } from "../errors/index.ts";
import type { Sample } from "../spec/index.ts";

/** All accepted answers of a Sample. */
export function references(sample: Sample): string[] {
  const answers = sample.answers ?? (sample.response === undefined ? [] : [sample.response]);
  if (answers.length > 0) return answers;
  throw new InputError({
    where: `sample "${sample.id}"`,
    rule: "must have a reference answer to be scored",
    got: "neither response nor answers",
  });
}
