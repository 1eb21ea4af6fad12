import type { Selector } from "../selector.ts";
import { similar } from "./similar.ts";

/** Makes the selector of demonstrations whose questions are worded most alike. */
export function textSimilarity(): Selector {
  return similar("text", {}, { by: "text" });
}
