export { balanced } from "./balanced.ts";
export { type DiverseOptions, diverse } from "./diverse.ts";
export { type FixedOptions, fixed } from "./fixed.ts";
export { imageSimilarity } from "./image.ts";
export { type LearnedOptions, learned } from "./learned.ts";
export { type MixedOptions, mixed } from "./mixed.ts";
export { random } from "./random.ts";
export { textSimilarity } from "./text.ts";
