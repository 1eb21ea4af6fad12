// Character error rate of PP-OCRv4 on pages of English words drawn with fonts of known shapes: level and tilted, in three
// sizes. Spaces count as characters.
// Usage: node bench/ocr.ts [pages]
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import { ppOcrReader } from "../src/agent/tools/index.ts";
import { concepts } from "../src/data/scenes/index.ts";
import { createRng } from "../src/util/rng.ts";
import { editDistance } from "../src/util/text.ts";

const pages = Number(process.argv[2] ?? 24);
const require = createRequire(import.meta.url);
const fonts = ["DejaVuSans", "DejaVuSerif-Bold", "DejaVuSansMono-Bold", "DejaVuSansCondensed-Bold"];
const reader = ppOcrReader();
const sums: Record<string, { errors: number; characters: number; pages: number; whole: number }> = {};
let milliseconds = 0;

for (let index = 0; index < pages; index++) {
  const rng = createRng("bench-ocr", index);
  const tilt = index % 2 === 0 ? 0 : rng.range(-12, 12);
  const size = [14, 20, 28][index % 3]!;
  const lines = Array.from({ length: 6 }, () =>
    Array.from({ length: 4 }, () => (rng.chance(0.2) ? `${rng.int(10_000)}` : rng.pick(concepts).name)).join(
      " ",
    ),
  );
  const texts = lines.map((line, i) => `<text x="60" y="${90 + i * 50}" font-size="${size}">${line}</text>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="460"><rect width="900" height="460" fill="#fff"/><g transform="rotate(${tilt} 450 230)">${texts.join("")}</g></svg>`;
  const fontFile = require.resolve(`dejavu-fonts-ttf/ttf/${fonts[rng.int(fonts.length)]}.ttf`);
  const png = new Resvg(svg, { font: { loadSystemFonts: false, fontFiles: [fontFile] } }).render().asPng();
  const start = performance.now();
  const read = (await reader.read(png, {})).map(({ text }) => text);
  milliseconds += performance.now() - start;
  const key = `${tilt === 0 ? "level" : "tilted"}, ${size} pixels`;
  sums[key] ??= { errors: 0, characters: 0, pages: 0, whole: 0 };
  // Tilted lines may come in another order: every line is compared with the nearest that was read.
  for (const line of lines) {
    const errors = Math.min(line.length, ...read.map((text) => editDistance(line, text)));
    sums[key].errors += errors;
    sums[key].characters += line.length;
    if (errors === 0) sums[key].whole++;
  }
  sums[key].pages++;
}
await reader.dispose();
for (const [key, { errors, characters, pages: count, whole }] of Object.entries(sums))
  console.log(
    `${key}: CER ${((100 * errors) / characters).toFixed(1)}% of ${characters} characters, ${whole} of ${count * 6} lines whole`,
  );
console.log(`${(milliseconds / pages).toFixed(0)} ms a page of 6 lines, one thread`);
