import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { sceneSize } from "./canvas.ts";
import { concepts } from "./concepts.ts";
import { drawContent, maxObjects } from "./content.ts";
import { cellSize, cellsPerRow } from "./ground-truth.ts";
import { loadWorld } from "./load-world.ts";
import { makeScene, type Scene } from "./scene.ts";
import { pairSplit, type SceneSplit, sceneSplits } from "./splits.ts";
import { wordsOf } from "./words.ts";

const world = await loadWorld({ practice: true });
const scenes = sceneSplits.flatMap((split) =>
  Array.from({ length: 100 }, (_, index) => makeScene(world, { split, seed: 11, index })),
);

test("the same address gives the same bytes, here and on every other machine", () => {
  const hash = createHash("sha256");
  for (const { pixels, cells } of scenes) hash.update(pixels).update(new Uint8Array(cells.buffer));
  expect(hash.digest("hex")).toBe("44100b604a941575cd01a513d314800f4e0632cbd0ad22ba6d5b4afe7c461d94");
  expect(makeScene(world, { split: "val", seed: 11, index: 7 })).toEqual(scenes[107]);
  const other = makeScene(world, { split: "val", seed: 12, index: 7 });
  expect(Buffer.compare(other.pixels, scenes[107]!.pixels)).not.toBe(0);
});

test("every object is seen well, and its box is tight around what is seen", () => {
  for (const { objects, owner } of scenes)
    for (const [i, { box, center, visible }] of objects.entries()) {
      const at = pixelsOf(owner, i);
      expect(at.length).toBeGreaterThanOrEqual(120);
      expect(box).toEqual(tightBox(at));
      expect(center).toEqual([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
      expect(visible).toBeGreaterThanOrEqual(0.7);
      expect(visible).toBeLessThanOrEqual(1);
    }
});

test("pictures of several things show two to six, of concepts and styles that the split allows", () => {
  for (const { split, kind, objects } of scenes) {
    if (kind === "single") expect(objects.length).toBe(1);
    else if (kind === "word") expect(objects.length).toBeLessThanOrEqual(2);
    else {
      expect(objects.length).toBeGreaterThanOrEqual(2);
      expect(objects.length).toBeLessThanOrEqual(maxObjects);
    }
    for (const { style } of objects) expect(style === "openmoji").toBe(split === "test-style");
  }
});

test("letters stand in different columns, in reading order, and nothing covers them", () => {
  const withWord = scenes.filter(({ word }) => word);
  expect(withWord.length).toBeGreaterThan(60);
  for (const { word, owner, split } of withWord) {
    expect(word!.letters.map(({ char }) => char).join("")).toBe(word!.text);
    if (split !== "train") expect(wordsOf(split)).toContain(word!.text);
    const columns = word!.letters.map(({ center }) => Math.floor(center[0] / cellSize));
    expect(new Set(columns).size).toBe(columns.length);
    expect([...columns].sort((a, b) => a - b)).toEqual(columns);
    for (const [i, { box, center }] of word!.letters.entries()) {
      expect(box).toEqual(tightBox(pixelsOf(owner, 1000 + i)));
      expect(Math.abs((box[0] + box[2]) / 2 - center[0])).toBeLessThan(3);
      expect(box[3] - box[1]).toBeGreaterThanOrEqual(9);
    }
  }
});

test("a cell names the letter whose centre it holds, else the object that covers a quarter of it", () => {
  for (const scene of scenes)
    for (let cell = 0; cell < scene.cells.length; cell++)
      if (scene.cells[cell] !== expectedCell(scene, cell)) expect.fail(`${scene.index}, cell ${cell}`);
});

test("training never shows a held-out pair or says a held-out word; test always shows a held-out pair", () => {
  const secret = new Set([...wordsOf("val"), ...wordsOf("test")]);
  const draw = (split: SceneSplit, index: number) =>
    drawContent(split, createRng("scene-content", split, 3, index));
  for (let index = 0; index < 4000; index++) {
    const { concepts: shown, word } = draw("train", index);
    if (word && secret.has(word)) expect.fail(word);
    if (splitsOfPairs(shown).some((split) => split !== "train")) expect.fail(String(index));
  }
  for (let index = 0; index < 1000; index++)
    for (const split of ["val", "test", "test-style"] as const) {
      const pairs = splitsOfPairs(draw(split, index).concepts);
      if (pairs.length === 0) continue;
      if (!pairs.includes(split === "val" ? "val" : "test")) expect.fail(`${split} ${index}`);
      if (split === "val" && pairs.includes("test")) expect.fail(`${split} ${index}`);
    }
});

test("a split whose style was not loaded says so", async () => {
  const plain = { ...world, sprites: { noto: world.sprites.noto! } };
  expect(() => makeScene(plain, { split: "test-style", seed: 1, index: 0, kind: "single" })).toThrow(
    'makeScene: the world must be loaded with the style "openmoji".',
  );
});

function pixelsOf(owner: Int16Array, who: number): [number, number][] {
  const found: [number, number][] = [];
  for (let i = owner.indexOf(who); i >= 0; i = owner.indexOf(who, i + 1))
    found.push([i % sceneSize, Math.floor(i / sceneSize)]);
  return found;
}

function tightBox(at: [number, number][]): number[] {
  const [xs, ys] = [at.map(([x]) => x), at.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

function expectedCell({ objects, word, owner }: Scene, cell: number): number {
  const [column, row] = [cell % cellsPerRow, Math.floor(cell / cellsPerRow)];
  const inCell = (x: number, y: number) =>
    Math.floor(x / cellSize) === column && Math.floor(y / cellSize) === row;
  const letter = word?.letters.find(({ center: [x, y] }) => inCell(x, y));
  if (letter) return concepts.length + "ABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(letter.char);
  const counts = objects.map(() => 0);
  for (let y = row * cellSize; y < (row + 1) * cellSize; y++)
    for (let x = column * cellSize; x < (column + 1) * cellSize; x++) {
      const who = owner[y * sceneSize + x]!;
      if (who >= 0 && who < 1000) counts[who]!++;
    }
  const most = Math.max(0, ...counts);
  return most >= 64 ? objects[counts.indexOf(most)]!.concept : -1;
}

function splitsOfPairs(shown: number[]): string[] {
  const kinds = [...new Set(shown)].map((index) => concepts[index]!.name);
  return kinds.flatMap((a, i) => kinds.slice(i + 1).map((b) => pairSplit(a, b)));
}
