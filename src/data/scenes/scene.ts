// One picture of the generated world with its exact ground truth. Everything follows from (split, seed, index):
// what is shown is drawn once, how it looks is drawn again until every thing can be seen well enough.
import { assert } from "../../errors/index.ts";
import { createRng, type Rng } from "../../util/rng.ts";
import { paintBackground, strewClutter } from "./background.ts";
import { adjustColor, createCanvas, drawSprite, turn } from "./canvas.ts";
import type { Chart } from "./chart.ts";
import { type Content, drawContent, type SceneKind } from "./content.ts";
import { finishPicture } from "./finish.ts";
import { groundCells, measureOwners, type SceneObject, type SceneWord, wordTruth } from "./ground-truth.ts";
import { type LookName, looks } from "./looks.ts";
import { dressObjects, placeObjects } from "./place-objects.ts";
import { drawSign, type Sign } from "./sign.ts";
import type { SceneSplit } from "./splits.ts";
import type { World } from "./world.ts";

/** A picture and everything that is true of it. */
export interface Scene {
  split: SceneSplit;
  seed: number;
  index: number;
  kind: SceneKind | "chart";
  look: LookName | "charts";
  /** Width and height in pixels: 112 in the standard look. */
  size: number;
  /** RGB, size x size x 3. */
  pixels: Uint8Array;
  objects: SceneObject[];
  word?: SceneWord;
  chart?: Chart;
  /**
   * Dense grounding, 7 x 7 cells of the picture: index of the concept that covers a cell (a quarter of it, and more than any other),
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
  /** What it shows. @default drawn */
  content?: Content;
  /** @default "standard" */
  look?: LookName;
}

const minVisibleShare = 0.7;
const minContrast = 42;
const maxAttempts = 60;

/** Makes the picture at an address: the same address gives the same bytes. */
export function makeScene(
  world: World,
  { split, seed, index, kind, content: given, look = "standard" }: SceneAddress,
): Scene {
  const address = [...(look === "standard" ? [] : [look]), split, seed, index];
  const content = given ?? drawContent(split, createRng("scene-content", ...address), kind, look);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const rng = createRng("scene-look", ...address, attempt);
    const scene = tryScene(world, content, split, look, rng, attempt > 15);
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
  lookName: LookName,
  rng: Rng,
  roomy: boolean,
): Looks | undefined {
  const look = looks[lookName];
  const canvas = createCanvas(look.size);
  paintBackground(canvas, rng);
  strewClutter(canvas, rng);
  let sign: Sign | undefined;
  if (content.word !== undefined) {
    sign = drawSign(canvas, world, content.word, look, rng);
    if (!sign) return undefined;
  }
  const dresses = dressObjects(world, content, split, rng);
  const places = placeObjects(content, dresses, sign, look, roomy, rng);
  if (!places) return undefined;
  const drawnPixels: number[] = [];
  for (let i = 0; i < places.length; i++) {
    const { sprite } = dresses[i]!;
    const { width, height } = sprite.levels[0]!;
    const { x, y, size } = places[i]!;
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
  const extents = measureOwners(canvas, places.length, content.word?.length ?? 0);
  const objects: SceneObject[] = [];
  for (let i = 0; i < places.length; i++) {
    const { box, pixels } = extents.objects[i]!;
    const visible = pixels / drawnPixels[i]!;
    if (visible < minVisibleShare || pixels < look.minVisiblePixels) return undefined;
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
    look: lookName,
    size: look.size,
    pixels: canvas.pixels,
    objects,
    ...(word && { word }),
    cells: groundCells(canvas, objects, word),
    owner: canvas.owner,
  };
}
