import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { concepts } from "./concepts.ts";
import { loadWorld } from "./load-world.ts";
import { findPackageFile } from "./svg.ts";

test("a missing icon package is named, with the line that installs it at our versions", async () => {
  let message = "";
  try {
    findPackageFile("@iconify-json/crayon/icons.json", "@iconify-json/crayon");
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toMatch(
    /^scenes: drawing the generated world needs the package @iconify-json\/crayon, which is not installed\. Run: npm install --save-dev /,
  );
  const { devDependencies } = JSON.parse(
    await readFile(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  const named = message.split("--save-dev ")[1]!.split(" ");
  expect(named.length).toBe(14);
  for (const item of named) {
    const at = item.lastIndexOf("@");
    expect(devDependencies[item.slice(0, at)], item).toBe(item.slice(at + 1));
  }
});

test("a world is shared memory and a plain index, with what was asked for", async () => {
  const world = await loadWorld({ styles: ["twemoji"] });
  expect(world.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(Object.keys(world.sprites)).toEqual(["twemoji"]);
  expect(world.sprites.twemoji!.length).toBe(concepts.length);
  expect(world.practice).toEqual([]);
  expect(world.fonts.map(({ glyphs }) => glyphs.length)).toEqual(Array(8).fill(26));
  const copy = structuredClone(world);
  expect(copy.pixels.buffer).toEqual(world.pixels.buffer);
  expect(copy.sprites).toEqual(world.sprites);
  for (const [i, { levels }] of world.sprites.twemoji!.entries()) {
    const [large, middle, small] = levels;
    const longest = Math.max(large!.width, large!.height);
    expect(longest, concepts[i]!.name).toBeGreaterThan(60);
    expect(longest).toBeLessThanOrEqual(96);
    expect(middle!.width).toBe(Math.ceil(large!.width / 2));
    expect(small!.height).toBe(Math.ceil(middle!.height / 2));
  }
  // Letters of a typeface keep standing on one line.
  for (const { glyphs } of world.fonts)
    expect(new Set(glyphs.map(({ levels }) => levels[0]!.height)).size).toBe(1);
});

test("practice art: every concept in many hands, none of them OpenMoji", async () => {
  const world = await loadWorld({ styles: [], practice: true });
  for (const [i, drawings] of world.practice.entries()) {
    const { name } = concepts[i]!;
    expect(drawings.length, name).toBeGreaterThan(15);
    expect(new Set(drawings.map(({ style }) => style)).size, name).toBeGreaterThanOrEqual(4);
    expect(drawings.every(({ style }) => style !== "openmoji")).toBe(true);
    for (const { sprite } of drawings) expect(sprite.coverage, name).toBeGreaterThan(0.02);
  }
}, 60_000);
