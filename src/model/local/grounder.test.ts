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
import type { Box } from "../../spec/index.ts";
import { groundingFolder } from "../../testing/grounding-folder.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { findLetters } from "./find-letters.ts";
import { findThings } from "./find-things.ts";
import { type Grounder, type Grounding, loadGrounder, type Middle } from "./grounder.ts";

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
    expect(right / things).toBeGreaterThan(0.85);
  });

  test("boxes are in pixels of the picture, also when it is wide and larger than the model's input", async () => {
    // Half as large as usual in the picture that the model sees: it must be a large thing.
    const isLarge = ({ box: [x1, , x2] }: { box: Box }) => x2 - x1 > 60;
    const all = Array.from({ length: 40 }, (_, index) =>
      makeScene(world, { split: "val", seed: 4, index, kind: "single" }),
    );
    const scene = all.find(({ objects }) => isLarge(objects[0]!))!;
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
function drawn(
  rows: string[],
  { width = 100, height = 100, middles }: { width?: number; height?: number; middles?: Middle[] } = {},
): Grounding {
  const names = ["dog", "cat", "A", "nothing"];
  const side = rows.length;
  const shares = new Float32Array(side * side * 4);
  [...rows.join("")].forEach((mark, cell) => {
    const c = ["d", "c", "A"].indexOf(mark);
    if (c >= 0) shares[cell * 4 + c] = 0.8;
    shares[cell * 4 + 3] = c >= 0 ? 0.1 : 0.9;
  });
  const grid = { side, shares };
  return { names, cells: grid, windows: grid, middles: middles ?? [], looks: 4, width, height };
}

/** What a patch shows: a class as it is drawn, and a little of nothing. */
const patch = (mark: string) => drawn([mark]).cells.shares;

/** What four looks see of one thing: the box, a little off each time, from patches that show the class. */
const seenBy = (looks: number, [x1, y1, x2, y2]: Box, share = 0.9, mark = "d"): Middle[] =>
  Array.from({ length: looks }, (_, i) => {
    const off = (i - (looks - 1) / 2) / 10;
    return { box: [x1 + off, y1 + off, x2 + off, y2 + off], share, look: i, shown: patch(mark) };
  });

describe("cells to things", () => {
  const field = ["dddd..", "dddd..", "dddd..", "....cc", "AA..cc", "......"];
  const find = (...middles: Middle[][]) =>
    findThings(drawn(field, { width: 120, height: 120, middles: middles.flat() }));

  test("looks that agree are one thing, with their mean box; two equal things that touch are two", () => {
    const found = find(
      seenBy(4, [0, 0, 2, 3]),
      seenBy(4, [2, 0, 4, 3], 0.8),
      seenBy(3, [4, 3, 6, 5], 0.9, "c"),
    );
    expect(found.map(({ name, box }) => [name, ...box])).toEqual([
      ["dog", 0, 0, 40, 60],
      ["dog", 40, 0, 80, 60],
      ["cat", 80, 60, 120, 100],
    ]);
    expect(found.map(({ score }) => score)).toEqual([0.9, 0.8, 0.675].map((n) => expect.closeTo(n)));
  });

  test("what one look alone is sure of is none; nor are letters, nor a box where nothing is", () => {
    expect(find(seenBy(1, [0, 0, 4, 3]))).toEqual([]);
    expect(find(seenBy(4, [0, 0, 4, 3], 0.3))).toEqual([]);
    expect(find(seenBy(4, [4, 0, 6, 2], 0.9, "."))).toEqual([]);
    expect(find(seenBy(4, [0, 4, 2, 5], 0.9, "A"))).toEqual([]);
  });

  test("boxes half on each other are one thing where they show the same, and two where they do not", () => {
    // Moved by 0.88 of a width of 2, they overlap by 1.12 / 2.88 = 0.39.
    const [first, second] = [[0, 0, 2, 3] as Box, [0.88, 0, 2.88, 3] as Box];
    const both = (mark: string) => find(seenBy(2, first, 0.9), seenBy(2, second, 0.8, mark));
    expect(both("d").map(({ name }) => name)).toEqual(["dog"]);
    expect(both("c").map(({ name }) => name)).toEqual(["dog", "cat"]);
  });

  test("bars that made the picture square are taken off", () => {
    const middles = seenBy(4, [1, 1, 3, 3]);
    const [thing] = findThings(drawn(["....", ".dd.", ".dd.", "...."], { width: 200, height: 100, middles }));
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
