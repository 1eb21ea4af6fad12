// Which object is to the left of (right of, above, below) another, when that is beyond doubt.
import type { SceneObject } from "./ground-truth.ts";
import type { Direction } from "./wordings.ts";

/** An object is in a direction when it is this many times farther along it than across it. */
export const clearRatio = 1.2;
/** Below this ratio it is clearly elsewhere; between the two nothing can be asked. */
export const doubtRatio = 0.75;
/** And its centre is this many pixels away along the direction, in a picture of the standard size. */
export const minOffset = 12;

/** Index of the only object in that direction of the anchor; undefined when there is none, several, or a doubt. */
export function position(
  objects: readonly Pick<SceneObject, "center">[],
  anchor: number,
  direction: Direction,
  clear = minOffset,
): number | undefined {
  const [ax, ay] = objects[anchor]!.center;
  let found: number | undefined;
  for (let i = 0; i < objects.length; i++) {
    if (i === anchor) continue;
    const dx = objects[i]!.center[0] - ax;
    const dy = objects[i]!.center[1] - ay;
    const along = direction === "left" ? -dx : direction === "right" ? dx : direction === "above" ? -dy : dy;
    const across = Math.abs(direction === "left" || direction === "right" ? dy : dx);
    if (along <= 0 || along < doubtRatio * across) continue;
    if (along < clearRatio * across || along < clear || found !== undefined) return undefined;
    found = i;
  }
  return found;
}
