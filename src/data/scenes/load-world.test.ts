import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { concepts } from "./concepts.ts";
import { findPackageFile, loadWorld } from "./load-world.ts";

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
  expect(named.length).toBe(8);
  for (const item of named) {
    const at = item.lastIndexOf("@");
    expect(devDependencies[item.slice(0, at)], item).toBe(item.slice(at + 1));
  }
});

test("a world is shared memory and a plain index, with what was asked for", async () => {
  const world = await loadWorld({ styles: ["twemoji"], inked: true });
  expect(world.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(Object.keys(world.sprites)).toEqual(["twemoji"]);
  expect(world.sprites.twemoji!.length).toBe(concepts.length);
  expect(world.inked.twemoji!.length).toBe(concepts.length);
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
    // The dark line makes a sprite wider by three texels on every side.
    expect(world.inked.twemoji![i]!.levels[0]!.width).toBe(large!.width + 6);
  }
  // Letters of a typeface keep standing on one line.
  for (const { glyphs } of world.fonts)
    expect(new Set(glyphs.map(({ levels }) => levels[0]!.height)).size).toBe(1);
});
