import { InputError } from "../../errors/index.ts";
import type { Selector } from "../selector.ts";
import { similar } from "./similar.ts";

export interface MixedOptions {
  /** How much the picture counts, from 0 (only words) to 1. @default 0.5 */
  imageWeight?: number;
}

/** Makes the selector of demonstrations that are alike in picture and words together. */
export function mixed({ imageWeight = 0.5 }: MixedOptions = {}): Selector {
  if (!(imageWeight >= 0 && imageWeight <= 1))
    throw new InputError({
      where: "select=mixed",
      rule: "imageWeight must be from 0 to 1",
      got: `${imageWeight}`,
    });
  return similar("mixed", { imageWeight }, { by: "mixed", imageWeight });
}
