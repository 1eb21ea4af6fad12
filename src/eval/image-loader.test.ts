import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodePng } from "../media/index.ts";
import { createImageLoader } from "./image-loader.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-loader-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, value: number): Promise<Uint8Array> {
  const png = await encodePng(new Uint8Array(12).fill(value), 2, 2);
  await writeFile(path.join(folder, name), png);
  return png;
}

test("a picture is read once, a broken one fails the same way each time", async () => {
  const png = await write("a.png", 1);
  await writeFile(path.join(folder, "cut.png"), png.subarray(0, 50));
  const load = createImageLoader({ baseDir: folder });
  expect((await load({ source: "a.png" })).bytes).toEqual(png);
  await rm(path.join(folder, "a.png"));
  expect((await load({ source: "a.png" })).bytes).toEqual(png);
  const message =
    '"cut.png": must be a whole, undamaged picture, got 50 bytes of image/png that cannot be decoded';
  await expect(load({ source: "cut.png" })).rejects.toThrow(message);
  await expect(load({ source: "cut.png" })).rejects.toThrow(message);
});

test("the oldest pictures leave a full cache, and the pixel limit holds", async () => {
  await write("b.png", 2);
  const png = await write("c.png", 3);
  const load = createImageLoader({ baseDir: folder, cacheBytes: png.length });
  await load({ source: "b.png" });
  await load({ source: "c.png" });
  await rm(path.join(folder, "b.png"));
  await rm(path.join(folder, "c.png"));
  await expect(load({ source: "b.png" })).rejects.toThrow('"b.png": must exist');
  expect((await load({ source: "c.png" })).bytes).toEqual(png);
  await write("d.png", 4);
  await expect(createImageLoader({ baseDir: folder, maxPixels: 3 })({ source: "d.png" })).rejects.toThrow(
    '"d.png": must have at most 3 pixels, got 2 x 2 = 4. Make the picture smaller.',
  );
});
