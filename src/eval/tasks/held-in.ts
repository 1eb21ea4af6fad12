// Training mixes that are known to hold the training split of a benchmark: a score on it then shows what was learned, not
// what carries over (held-in, not held-out). The table has only what a source states; absence from it proves nothing.

const survey = "arXiv 2306.13549, closed-set evaluation";

/** By task name: the mix, and where that is stated. */
export const heldInMixes: Record<string, readonly string[]> = {
  "science-qa": [
    `LLaVA tuned on ScienceQA (${survey})`,
    `LLaMA-Adapter tuned on ScienceQA (${survey})`,
    `LaVIN tuned on ScienceQA (${survey})`,
    "Multimodal-CoT, trained on ScienceQA's lectures and explanations (amazon-science/mm-cot)",
  ],
};
