import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { categories, conceptIndex, concepts } from "./concepts.ts";
import { iconSvg } from "./load-world.ts";
import { pairSplit, styles, wordSplit } from "./splits.ts";

const require = createRequire(import.meta.url);

test("there are enough concepts, in categories of like size", () => {
  expect(concepts.length).toBeGreaterThanOrEqual(160);
  for (const category of categories) {
    const size = concepts.filter((concept) => concept.category === category).length;
    expect(size, category).toBeGreaterThanOrEqual(7);
    expect(size, category).toBeLessThanOrEqual(16);
  }
});

test("names are short, plain and differ in their first word", () => {
  for (const { name, plural, article } of concepts) {
    expect(name).toMatch(/^[a-z]+( [a-z]+)?$/);
    expect(plural).toMatch(/^[a-z]+( [a-z]+)?$/);
    expect(article).toBe("aeiou".includes(name[0]!) ? "an" : "a");
  }
  const first = concepts.map(({ name }) => name.split(" ")[0]!);
  expect(first.length).toBe(new Set(first).size);
  expect(new Set(concepts.map(({ plural }) => plural)).size).toBe(concepts.length);
  const icons = concepts.map(({ icon }) => icon);
  expect(new Set(icons).size).toBe(concepts.length);
});

test("plurals", () => {
  const plural = (name: string) => concepts[conceptIndex(name)!]!.plural;
  const irregular = ["scarf", "leaf", "octopus", "cactus", "volcano", "fish", "jellyfish"];
  expect(irregular.map(plural)).toEqual([
    ...["scarves", "leaves", "octopuses", "cactuses", "volcanoes", "fish", "jellyfish"],
  ]);
  expect(["bus", "church", "toolbox", "butterfly", "monkey", "hot dog"].map(plural)).toEqual([
    ...["buses", "churches", "toolboxes", "butterflies", "monkeys", "hot dogs"],
  ]);
  expect(conceptIndex("unicorn")).toBeUndefined();
});

test.each(styles)("every concept has an icon in %s", async (style) => {
  const set = JSON.parse(await readFile(require.resolve(`@iconify-json/${style}/icons.json`), "utf8"));
  for (const concept of concepts) expect(iconSvg(set, style, concept)).toMatch(/^<svg .*<\/svg>$/s);
  expect(() => iconSvg(set, style, { ...concepts[0]!, icon: "grin-of-cheshire" })).toThrow(
    `@iconify-json/${style}: every concept needs an icon, got none named "grin-of-cheshire". Install the version that package.json names.`,
  );
});

test("pairs and words are dealt by a fixed hash, a pair whichever way round", () => {
  const count = { train: 0, val: 0, test: 0 };
  for (const [i, { name: a }] of concepts.entries())
    for (const { name: b } of concepts.slice(i + 1)) {
      if (pairSplit(a, b) !== pairSplit(b, a)) expect.fail(`${a} and ${b}`);
      count[pairSplit(a, b)]++;
    }
  const pairs = count.train + count.val + count.test;
  expect(count.test / pairs).toBeCloseTo(0.05, 2);
  expect(count.val / pairs).toBeCloseTo(0.02, 2);
  expect(wordSplit("zebra")).toBe(wordSplit("ZEBRA"));
});
