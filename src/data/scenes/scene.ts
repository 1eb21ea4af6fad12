// One picture of the generated world with its exact ground truth. Everything follows from (split, seed, index):
// what is shown is drawn once, how it looks is drawn again until every thing can be seen well enough.
import { assert } from "../../errors/index.ts";
import type { Box } from "../../spec/index.ts";
import { createRng, type Rng } from "../../util/rng.ts";
import { paintBackground, strewClutter } from "./background.ts";
import { adjustColor, type Canvas, createCanvas, drawSprite, nobody, sceneSize, turn } from "./canvas.ts";
import { concepts } from "./concepts.ts";
import { type Content, drawContent, type SceneKind } from "./content.ts";
import { finishPicture } from "./finish.ts";
import { drawSign, firstLetterOwner, type Sign } from "./sign.ts";
import { type SceneSplit, type Style, stylesOf } from "./splits.ts";
import type { Sprite, World } from "./world.ts";

/** Side of a grounding cell in pixels, and cells in a row. */
export const cellSize = 16;
export const cellsPerRow = sceneSize / cellSize;

/** A thing in a picture. */
export interface SceneObject {
  /** Index in `concepts`. */
  concept: number;
  style: Style;
  /** Tight around what is visible, in pixels. */
  box: Box;
  center: [number, number];
  /** Visible share of its pixels. */
  visible: number;
}

/** A word in a picture. */
export interface SceneWord {
  text: string;
  box: Box;
  letters: { char: string; box: Box; center: [number, number] }[];
}

/** A picture and everything that is true of it. */
export interface Scene {
  split: SceneSplit;
  seed: number;
  index: number;
  kind: SceneKind;
  /** RGB, 112 x 112 x 3. */
  pixels: Uint8Array;
  objects: SceneObject[];
  word?: SceneWord;
  /**
   * Dense grounding, 7 x 7: index of the concept that covers a cell (a quarter of it, and more than any other),
   * or `concepts.length` plus 0 to 25 where a letter stands, or -1.
   */
  cells: Int16Array;
  /** Number of the object at each pixel, 1000 and up for letters, -1 for none. */
  owner: Int16Array;
}

/** Which picture to make. */
export interface SceneAddress {
  split: SceneSplit;
  seed: number;
  index: number;
  /** @default drawn, with the mixture that training uses */
  kind?: SceneKind;
}

const minVisibleShare = 0.7;
const minVisiblePixels = 120;
/** An object is drawn at least this large, so that enough shows when others cover some of it. */
const sparePixels = 175;
const minContrast = 34;
const maxAttempts = 60;

/** Makes the picture at an address: the same address gives the same bytes. */
export function makeScene(world: World, { split, seed, index, kind }: SceneAddress): Scene {
  const content = drawContent(split, createRng("scene-content", split, seed, index), kind);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const rng = createRng("scene-look", split, seed, index, attempt);
    const scene = tryScene(world, content, split, rng, attempt > 15);
    if (scene) return { split, seed, index, ...scene };
  }
  assert(
    false,
    "makeScene",
    `a picture must be found in ${maxAttempts} attempts`,
    `${split} ${seed} ${index}`,
  );
}

type Looks = Omit<Scene, "split" | "seed" | "index">;

function tryScene(
  world: World,
  content: Content,
  split: SceneSplit,
  rng: Rng,
  roomy: boolean,
): Looks | undefined {
  const canvas = createCanvas();
  paintBackground(canvas, rng);
  strewClutter(canvas, rng);
  let sign: Sign | undefined;
  if (content.word !== undefined) {
    sign = drawSign(canvas, world, content.word, rng);
    if (!sign) return undefined;
  }
  const dresses = dressObjects(world, content, split, rng);
  const places = placeObjects(content, dresses, sign, rng, roomy);
  if (!places) return undefined;
  const drawnPixels: number[] = [];
  for (let i = 0; i < places.length; i++) {
    const { sprite } = dresses[i]!;
    const { width, height } = sprite.levels[0]!;
    const [x, y, size] = places[i]!;
    const scale = size / Math.max(width, height);
    const drawn = drawSprite(
      canvas,
      world.pixels,
      sprite,
      {
        ...{ x, y, width: width * scale, height: height * scale, mirror: rng.chance(0.3) },
        ...turn(rng.chance(0.85) ? rng.range(-25, 25) : rng.range(-50, 50)),
      },
      adjustColor(rng.range(-20, 20), rng.range(0.7, 1.3), rng.range(0.8, 1.15)),
      i,
    );
    if (!drawn.inside || drawn.contrast < minContrast) return undefined;
    drawnPixels.push(drawn.pixels);
  }
  finishPicture(canvas, rng);
  const extents = measure(canvas, places.length, content.word?.length ?? 0);
  const objects: SceneObject[] = [];
  for (let i = 0; i < places.length; i++) {
    const { box, pixels } = extents.objects[i]!;
    const visible = pixels / drawnPixels[i]!;
    if (visible < minVisibleShare || pixels < minVisiblePixels) return undefined;
    objects.push({
      concept: content.concepts[i]!,
      style: dresses[i]!.style,
      box,
      center: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2],
      visible,
    });
  }
  const word =
    sign &&
    wordTruth(
      sign,
      extents.letters.map(({ box }) => box),
    );
  return {
    kind: content.kind,
    pixels: canvas.pixels,
    objects,
    ...(word && { word }),
    cells: groundCells(canvas.owner, objects, word),
    owner: canvas.owner,
  };
}

/** Share of training objects that are drawn with dark lines. */
const inkedShare = 0.3;

interface Dress {
  style: Style;
  sprite: Sprite;
}

/** Picks the style of every object: all in one, or each its own. */
function dressObjects(world: World, content: Content, split: SceneSplit, rng: Rng): Dress[] {
  const styles = stylesOf(split);
  const one = rng.chance(0.5) ? rng.pick(styles) : undefined;
  return content.concepts.map((concept) => {
    const style = one ?? rng.pick(styles);
    const sprites = split === "train" && rng.chance(inkedShare) ? world.inked[style] : world.sprites[style];
    assert(sprites, "makeScene", `the world must be loaded with the style "${style}"`);
    return { style, sprite: sprites[concept]! };
  });
}

/** Sizes by number of objects: smallest and largest longest side. */
const sizes: readonly [number, number][] = [
  [0, 0],
  [32, 90],
  [26, 58],
  [24, 52],
  [22, 46],
  [21, 40],
  [20, 37],
];

/** Centre and size of every object; undefined when they do not fit. */
function placeObjects(
  { concepts: kinds, kind }: Content,
  dresses: readonly Dress[],
  sign: Sign | undefined,
  rng: Rng,
  roomy: boolean,
): [number, number, number][] | undefined {
  const [usualLow, usualHigh] = kind === "word" ? [20, 34] : sizes[kinds.length]!;
  const nearness = roomy ? 0.95 : rng.range(0.68, 0.95);
  const places: [number, number, number][] = [];
  for (let i = 0; i < kinds.length; i++) {
    // Thin things have to be larger, or too little of them would show.
    const low = Math.max(usualLow, Math.sqrt(sparePixels / dresses[i]!.sprite.coverage));
    const high = Math.max(usualHigh, low * 1.1);
    const size = roomy ? rng.range(low, (low + high) / 2) : rng.range(low, high);
    const margin = size * 0.5 + 1;
    let found = false;
    for (let attempt = 0; attempt < 40 && !found; attempt++) {
      const x = rng.range(margin, sceneSize - margin);
      const y = rng.range(margin, sceneSize - margin);
      const clear =
        places.every(([px, py, other]) => {
          const reach = ((size + other) / 2) * nearness;
          return (x - px) ** 2 + (y - py) ** 2 >= reach * reach;
        }) &&
        (!sign || clearOfSign(sign, x, y, size));
      if (!clear) continue;
      places.push([x, y, size]);
      found = true;
    }
    if (!found) return undefined;
  }
  return places;
}

function clearOfSign({ letters, halfHeight }: Sign, x: number, y: number, size: number): boolean {
  const reach = size * 0.62 + 2;
  return letters.every(
    (letter) => Math.abs(letter.x - x) > reach + 8 || Math.abs(letter.y - y) > reach + halfHeight,
  );
}

interface Extent {
  box: Box;
  pixels: number;
}

/** Tight boxes and sizes of what is visible. */
function measure(
  { owner }: Canvas,
  objectCount: number,
  letterCount: number,
): { objects: Extent[]; letters: Extent[] } {
  const empty = (): Extent => ({ box: [sceneSize, sceneSize, 0, 0], pixels: 0 });
  const objects = Array.from({ length: objectCount }, empty);
  const letters = Array.from({ length: letterCount }, empty);
  for (let y = 0, i = 0; y < sceneSize; y++)
    for (let x = 0; x < sceneSize; x++, i++) {
      const who = owner[i]!;
      if (who === nobody) continue;
      const extent = who < firstLetterOwner ? objects[who]! : letters[who - firstLetterOwner]!;
      const { box } = extent;
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x >= box[2]) box[2] = x + 1;
      if (y >= box[3]) box[3] = y + 1;
      extent.pixels++;
    }
  return { objects, letters };
}

function wordTruth(sign: Sign, boxes: Box[]): SceneWord {
  return {
    text: sign.text,
    box: [
      Math.min(...boxes.map((b) => b[0])),
      Math.min(...boxes.map((b) => b[1])),
      Math.max(...boxes.map((b) => b[2])),
      Math.max(...boxes.map((b) => b[3])),
    ],
    letters: sign.letters.map(({ char, x, y }, i) => ({ char, box: boxes[i]!, center: [x, y] })),
  };
}

function groundCells(owner: Int16Array, objects: SceneObject[], word: SceneWord | undefined): Int16Array {
  const cells = new Int16Array(cellsPerRow * cellsPerRow).fill(nobody);
  const counts = new Int32Array(objects.length);
  for (let cell = 0; cell < cells.length; cell++) {
    counts.fill(0);
    const start = Math.floor(cell / cellsPerRow) * cellSize * sceneSize + (cell % cellsPerRow) * cellSize;
    for (let y = 0; y < cellSize; y++)
      for (let x = 0; x < cellSize; x++) {
        const who = owner[start + y * sceneSize + x]!;
        if (who >= 0 && who < objects.length) counts[who]!++;
      }
    let best = cellSize * cellSize * 0.25;
    for (let k = 0; k < objects.length; k++)
      if (counts[k]! >= best && (cells[cell] === nobody || counts[k]! > best)) {
        best = counts[k]!;
        cells[cell] = objects[k]!.concept;
      }
  }
  for (const { char, center } of word?.letters ?? []) {
    const cell = Math.floor(center[1] / cellSize) * cellsPerRow + Math.floor(center[0] / cellSize);
    cells[cell] = concepts.length + char.charCodeAt(0) - 65;
  }
  return cells;
}
