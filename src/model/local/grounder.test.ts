// The bundled model grounds a scene whose truth is known; what is made of the cells is tested on cells made by hand.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../../data/chat-format.ts";
import {
  concepts,
  encodeScene,
  loadWorld,
  makeScene,
  stylesOf,
  type World,
} from "../../data/scenes/index.ts";
import { encodePng } from "../../media/index.ts";
import { groundingFolder } from "../../testing/grounding-folder.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { findLetters } from "./find-letters.ts";
import { findThings } from "./find-things.ts";
import { type Grounder, type Grounding, loadGrounder } from "./grounder.ts";

describe("the bundled model", () => {
  let dir: string;
  let grounder: Grounder;
  let world: World;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "sightline-grounder-"));
    grounder = await loadGrounder(await groundingFolder(dir));
    world = await loadWorld({ styles: stylesOf("val") });
  });
  afterAll(async () => {
    await grounder?.dispose();
    await rm(dir, { recursive: true });
  });
  const scenes = () =>
    Array.from({ length: 12 }, (_, index) => makeScene(world, { split: "val", seed: 3, index }));

  test("finds most things of scenes by name and place", async () => {
    let [things, right] = [0, 0];
    for (const scene of scenes()) {
      const found = findThings(await grounder.ground(await encodeScene(scene)));
      for (const { concept, center } of scene.objects) {
        things++;
        const hit = found.some(
          ({ name, box: [x1, y1, x2, y2] }) =>
            name === concepts[concept]!.name &&
            x1 <= center[0] &&
            center[0] <= x2 &&
            y1 <= center[1] &&
            center[1] <= y2,
        );
        if (hit) right++;
      }
    }
    expect(right / things).toBeGreaterThan(0.7);
  });

  test("boxes are in pixels of the picture, also when it is wide and larger than the model's input", async () => {
    const scene = scenes().find(({ objects }) => objects.length === 1)!;
    const { pixels } = scene;
    // The scene at the right of a wide picture, each pixel twice as large.
    const wide = new Uint8Array(448 * 224 * 3).fill(128);
    for (let y = 0; y < 224; y++)
      for (let x = 0; x < 224; x++) {
        const from = ((y >> 1) * 112 + (x >> 1)) * 3;
        wide.set(pixels.subarray(from, from + 3), (y * 448 + 224 + x) * 3);
      }
    const { concept, center } = scene.objects[0]!;
    const found = findThings(await grounder.ground(await encodePng(wide, 448, 224)));
    const thing = found.find(({ name }) => name === concepts[concept]!.name)!;
    const [x, y] = [224 + 2 * center[0], 2 * center[1]];
    expect(thing.box[0]).toBeLessThan(x);
    expect(thing.box[2]).toBeGreaterThan(x);
    expect(thing.box[1]).toBeLessThan(y);
    expect(thing.box[3]).toBeGreaterThan(y);
    expect(thing.box[2] - thing.box[0]).toBeGreaterThan(32);
  });

  test("an abort stops it between looks", async () => {
    const bytes = await encodeScene(scenes()[0]!);
    await expect(grounder.ground(bytes, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
  });
});

test("a model that was not trained to ground is refused in one line", async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), "sightline-grounder-"));
  const tokenizer = trainBpe(["a red ball"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS });
  await writeTinyLlava(dir, { tokenizer });
  await expect(loadGrounder(dir)).rejects.toThrow(
    "config.json must have sightline.grounding to find things in pictures. Export the model again, or use another backend.",
  );
  await rm(dir, { recursive: true });
});

/** A grounding from rows of text: `d` and `c` are classes, `A` a letter, `.` nothing. */
function drawn(rows: string[], { width = 100, height = 100 } = {}): Grounding {
  const names = ["dog", "cat", "A", "nothing"];
  const side = rows.length;
  const shares = new Float32Array(side * side * 4);
  [...rows.join("")].forEach((mark, cell) => {
    const c = ["d", "c", "A"].indexOf(mark);
    if (c >= 0) shares[cell * 4 + c] = 0.8;
    shares[cell * 4 + 3] = c >= 0 ? 0.1 : 0.9;
  });
  return { names, cells: { side, shares }, windows: { side, shares }, width, height };
}

describe("cells to things", () => {
  test("cells that touch along an edge are one thing; a corner or another class parts them; letters and lone cells are none", () => {
    const found = findThings(
      drawn([
        "dd...", //
        "dd...",
        "..ddA",
        "ccdd.",
        "cc..d",
      ]),
    );
    expect(found.map(({ name, box }) => [name, ...box]).sort()).toEqual([
      ["cat", 0, 60, 40, 100],
      ["dog", 0, 0, 40, 40],
      ["dog", 40, 40, 80, 80],
    ]);
    expect(found[0]!.score).toBeCloseTo(0.8);
  });

  test("a long patch is two things, also on a slant; a square one is one", () => {
    const boxes = (rows: string[]) => findThings(drawn(rows)).map(({ box }) => box);
    expect(boxes(["dddddd", "dddddd", "......", "......", "......", "......"])).toHaveLength(2);
    const slanted = boxes(["dd....", "ddd...", ".ddd..", "..ddd.", "...ddd", "....dd"]);
    expect(slanted).toHaveLength(2);
    expect(slanted.map(([x]) => x).sort()).not.toEqual([0, 0]);
    expect(boxes(["ddd...", "ddd...", "ddd...", "......", "......", "......"])).toHaveLength(1);
  });

  test("bars that made the picture square are taken off", () => {
    const [thing] = findThings(drawn(["....", ".dd.", ".dd.", "...."], { width: 200, height: 100 }));
    expect(thing!.box).toEqual([50, 0, 150, 100]);
  });

  test("a letter is seen through two windows of a row; a run as wide as two letters is two", () => {
    const nothing = "............";
    const word = (row: string) => {
      const rows = Array.from({ length: 12 }, (_, y) => (y === 4 || y === 5 ? row : nothing));
      return findLetters(drawn(rows, { width: 120, height: 120 }));
    };
    const [letter, ...more] = word("..AA........");
    expect(more).toEqual([]);
    expect([letter!.name, ...letter!.box]).toEqual(["A", 25, 45, 45, 65]);
    expect(word(".AA...AA....")).toHaveLength(2);
    expect(word("..AAAAAA....").map(({ box }) => box[0])).toEqual([30, 60]);
    expect(word("..d...d.....")).toEqual([]);
  });
});
