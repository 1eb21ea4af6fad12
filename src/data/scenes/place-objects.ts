// Which art every object of a picture gets, and where it goes.
import { assert } from "../../errors/index.ts";
import type { Rng } from "../../util/rng.ts";
import type { Content } from "./content.ts";
import type { Look } from "./looks.ts";
import type { Sign } from "./sign.ts";
import { type SceneSplit, stylesOf } from "./splits.ts";
import type { Drawing, World } from "./world.ts";

/** Share of training objects that are drawn in practice art. */
const practiceShare = 0.55;

/** Picks the style of every object: all in one, or each its own. */
export function dressObjects(world: World, content: Content, split: SceneSplit, rng: Rng): Drawing[] {
  const styles = stylesOf(split);
  const one = rng.chance(0.5) ? rng.pick(styles) : undefined;
  return content.concepts.map((concept) => {
    if (split === "train" && rng.chance(practiceShare)) {
      const drawings = world.practice[concept];
      assert(drawings, "makeScene", "the world must be loaded with practice art");
      return rng.pick(drawings);
    }
    const style = one ?? rng.pick(styles);
    const sprites = world.sprites[style];
    assert(sprites, "makeScene", `the world must be loaded with the style "${style}"`);
    return { style, sprite: sprites[concept]! };
  });
}

/** Centre and longest side of an object, and how far it keeps others away. */
export interface Place {
  x: number;
  y: number;
  size: number;
  reach: number;
}

/** Places objects so that they overlap a little at most; undefined when they do not fit. */
export function placeObjects(
  content: Content,
  dresses: readonly Drawing[],
  sign: Sign | undefined,
  { size: pictureSize, objects, besideWord, sparePixels }: Look,
  roomy: boolean,
  rng: Rng,
): Place[] | undefined {
  const [usualLow, usualHigh] =
    content.word === undefined ? (objects[dresses.length] ?? objects.at(-1)!) : besideWord;
  const nearness = roomy ? 0.9 : rng.range(0.68, 0.95);
  const places: Place[] = [];
  for (const { sprite } of dresses) {
    // Thin things have to be longer, or too little of them would show; they also leave more room beside them.
    const low = Math.max(usualLow, Math.sqrt(sparePixels / sprite.coverage));
    const high = Math.max(usualHigh, low * 1.1);
    const size = roomy ? rng.range(low, low * 1.1) : rng.range(low, high);
    const reach = (size / 2) * nearness * Math.max(0.6, Math.min(1, 1.25 * Math.sqrt(sprite.coverage)));
    const margin = size * 0.5 + 1;
    for (let attempt = 0; ; attempt++) {
      if (attempt === 40) return undefined;
      const x = rng.range(margin, pictureSize - margin);
      const y = rng.range(margin, pictureSize - margin);
      const clear = places.every(
        (other) => (x - other.x) ** 2 + (y - other.y) ** 2 >= (reach + other.reach) ** 2,
      );
      if (!clear || (sign && !clearOfSign(sign, x, y, size))) continue;
      places.push({ x, y, size, reach });
      break;
    }
  }
  return places;
}

function clearOfSign({ letters, halfHeight }: Sign, x: number, y: number, size: number): boolean {
  const reach = size * 0.62 + 2;
  return letters.every(
    (letter) => Math.abs(letter.x - x) > reach + 8 || Math.abs(letter.y - y) > reach + halfHeight,
  );
}
