// More art for training pictures: icon sets that no split is drawn in, and redrawings of every icon (bent, flattened
// to few colours, repainted, outlined in ink). The styles of the world share one soft, lineless look; a model that
// has seen a thing drawn in many hands depends less on it.
//
// These sets do not have every concept, and name icons in their own ways; what they lack is simply not there.
import { createRng, type Rng } from "../../util/rng.ts";
import { adjustColor } from "./canvas.ts";
import { inkBitmap } from "./ink.ts";
import { bendBitmap, flattenColors, paintHoles, recolor } from "./redraw.ts";
import type { ArtSet } from "./splits.ts";
import type { Bitmap } from "./world.ts";

/** Sets drawn in black on nothing. */
const monochrome = new Set<ArtSet>([
  "fluent-emoji-high-contrast",
  "emojione-monotone",
  "game-icons",
  "mdi",
  "hugeicons",
  "lucide",
  "ph",
  "tabler",
  "fa6-solid",
]);

/** Redrawings of each of a concept's icons: two, more for a concept that few sets have. */
export function redrawings(icons: number): number {
  return Math.max(2, Math.round(18 / icons));
}

/** Redrawing number `index` of an icon of a set: the same arguments give the same bytes. */
export function redraw(bitmap: Bitmap, set: ArtSet, icon: string, index: number): Bitmap {
  const rng = createRng("redraw", set, icon, index);
  const bent = bendBitmap(bitmap, rng);
  const whole = monochrome.has(set) ? paintHoles(bent, lightColor(rng)) : bent;
  const colors = repaint(whole, rng);
  if (!rng.chance(monochrome.has(set) ? 0.3 : 0.75)) return colors;
  return inkBitmap(whole, {
    width: rng.range(0.8, 2.3),
    edgeStep: rng.range(30, 75),
    fill: colors.data,
  });
}

function repaint(bitmap: Bitmap, rng: Rng): Bitmap {
  const way = rng.next();
  if (way < 0.3) return bitmap;
  // Few, clear colours, as in a printed cartoon.
  if (way < 0.6) return flattenColors(bitmap, rng.int(3) + 3, rng.range(1, 1.5));
  // Other colours: the shape alone must do.
  if (way < 0.75)
    return recolor(bitmap, adjustColor(rng.range(-180, 180), rng.range(0.6, 1.4), rng.range(0.8, 1.2)));
  // Pale or colourless.
  const matrix = adjustColor(rng.range(-20, 20), rng.range(0, 0.6), rng.range(0.4, 0.8));
  return recolor(bitmap, matrix, rng.range(50, 150));
}

function lightColor(rng: Rng): readonly [number, number, number] {
  if (rng.chance(0.35)) return [255, 255, 255];
  return [rng.range(110, 255), rng.range(110, 255), rng.range(70, 255)];
}
