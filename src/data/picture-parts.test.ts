// Against the picture processors of Idefics3 and SmolVLM in transformers, by the gold of scripts/gold/parts.py.
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { goldPicture, partsFolder, readPartsGold } from "../../test/fixtures/parts-gold.ts";
import { encodePng } from "../media/index.ts";
import { type Cutting, cutPicture, gridOf, squaresOf } from "./picture-parts.ts";
import { readPictureProcessor } from "./picture-processor.ts";
import { readGrids, readSquares } from "./read-squares.ts";

const cutting = (longest: number, side: number): Cutting => ({
  ...{ longest, side, filter: "lanczos", splits: true },
});

test("squares are those of transformers, to the last byte", async () => {
  const { squares } = await readPartsGold();
  for (const { longest, side, size, rows, columns, sha256, first, whole } of squares) {
    const how = cutting(longest, side);
    const picture = goldPicture(...size);
    const name = `${size} at ${longest}`;
    expect([name, gridOf(picture, how)]).toEqual([name, { rows, columns }]);
    const made = cutPicture(picture, how, "picture");
    for (const square of made) expect([square.width, square.height]).toEqual([side, side]);
    const starts = [made[0]!, made.at(-1)!].map(({ pixels }) => [...pixels.subarray(0, 12)]);
    expect([name, ...starts]).toEqual([name, first, whole]);
    const hashes = made.map(({ pixels }) => createHash("sha256").update(pixels).digest("hex"));
    expect([name, ...hashes]).toEqual([name, ...sha256]);
  }
});

test("rows and columns are those of transformers, by the sizes of real checkpoints", async () => {
  const { grids } = await readPartsGold();
  for (const [longest, side, width, height, rows, columns] of grids)
    expect([longest, side, width, height, gridOf({ width, height }, cutting(longest, side))]).toEqual([
      ...[longest, side, width, height],
      { rows, columns },
    ]);
});

test("without parts a picture is one square; no shape has more parts than a square picture", () => {
  const size = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1, max: 4096 }), (width, height, longest) => {
      const how = cutting(longest, 364);
      expect(gridOf({ width, height }, { ...how, splits: false })).toEqual({ rows: 0, columns: 0 });
      const most = squaresOf(gridOf({ width: 1, height: 1 }, how));
      expect(squaresOf(gridOf({ width, height }, how))).toBeLessThanOrEqual(most);
    }),
  );
  const { splits, ...same } = cutting(64, 16);
  const [only, ...others] = cutPicture(goldPicture(40, 24), { ...same, splits: !splits }, "picture");
  expect([only!.width, only!.height, others]).toEqual([16, 16, []]);
});

test("squares of a dataset: each picture once, its parts and the whole, in at most half of the memory", async () => {
  const baseDir = await mkdtemp(path.join(tmpdir(), "sightline-parts-"));
  const { pixels } = goldPicture(40, 24);
  await writeFile(path.join(baseDir, "a.png"), await encodePng(pixels, 40, 24));
  await writeFile(path.join(baseDir, "b.png"), await encodePng(goldPicture(13, 70).pixels, 13, 70));
  const processor = await readPictureProcessor(partsFolder);
  const pictures = ["a.png", "b.png", "a.png"].map((source) => ({
    image: { type: "image" as const, source },
    baseDir,
  }));
  const grids = await readGrids(pictures, processor);
  expect(grids).toEqual([
    { rows: 3, columns: 4 },
    { rows: 4, columns: 1 },
    { rows: 3, columns: 4 },
  ]);
  const placed = pictures.map((picture, i) => ({ ...picture, grid: grids[i]! }));
  // 13 squares of the one and 5 of the other.
  const bytes = 18 * 768;
  const squares = await readSquares(placed, processor, 2 * bytes);
  expect(squares.map(({ length }) => length)).toEqual([13, 5, 13]);
  expect(squares[2]).toBe(squares[0]);
  expect(squares[0]).toEqual(cutPicture(goldPicture(40, 24), cutting(64, 16), "").map((s) => s.pixels));
  await expect(readSquares(placed, processor, 2 * bytes - 1)).rejects.toThrow(
    "pictures: must fit half of the memory, got 2 pictures in 18 squares of 768 bytes.",
  );
  const other = placed.map((picture) => ({ ...picture, grid: { rows: 1, columns: 1 } }));
  await expect(readSquares(other, processor)).rejects.toThrow(
    /must be the same picture whenever it is read, got (13|5) squares after 2\./,
  );
  await rm(baseDir, { recursive: true });
});
