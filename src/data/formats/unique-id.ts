import type { Sample } from "../../spec/index.ts";

/** Official files have ids twice (LLaVA's mix does): a dataset of Samples has not. `ids` remembers those that were given. */
export function uniqueId(sample: Sample, ids: Map<string, number>): Sample {
  const before = ids.get(sample.id);
  if (before === undefined) {
    ids.set(sample.id, 1);
    return sample;
  }
  let next = before + 1;
  while (ids.has(`${sample.id}-${next}`)) next++;
  ids.set(sample.id, next);
  ids.set(`${sample.id}-${next}`, 1);
  return { ...sample, id: `${sample.id}-${next}` };
}
