// RICES: retrieval-based in-context example selection by picture (Yang et al., arXiv 2109.05014; OpenFlamingo's evaluation).
import type { Selector } from "../selector.ts";
import { similar } from "./similar.ts";

/** Makes the selector of demonstrations whose pictures look most alike. */
export function imageSimilarity(): Selector {
  return similar("image", {}, { by: "image" });
}
