// Draws the two pictures of examples/: scenes composed by hand, larger and wider than those of the generated world.
//   node scripts/make-examples.ts
import { createRequire } from "node:module";
import path from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { writeFileAtomic } from "../src/util/files.ts";

const require = createRequire(import.meta.url);
const noto: { icons: Record<string, { body: string }> } = require("@iconify-json/noto/icons.json");
const fontFile = require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf");
const out = path.resolve(import.meta.dirname, "../examples");

/** An icon of the Noto set at a place, `size` pixels wide; ids are made unique so that gradients do not mix. */
function icon(name: string, x: number, y: number, size: number): string {
  const id = `${name}-${x}`;
  const body = noto.icons[name]!.body.replace(/(id="|url\(#|href="#)/g, `$1${id}-`);
  return `<svg x="${x}" y="${y}" width="${size}" height="${size}" viewBox="0 0 128 128">${body}</svg>`;
}

const picnic = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="480" height="400" viewBox="0 0 480 400">
  <defs><linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#9fd0f0"/><stop offset="1" stop-color="#e8f4fb"/></linearGradient></defs>
  <rect width="480" height="400" fill="url(#sky)"/>
  <path d="M0 170 Q240 120 480 180 V400 H0 Z" fill="#8fbf6a"/>
  ${icon("dog", 40, 60, 150)}
  ${icon("red-apple", 270, 50, 110)}
  ${icon("red-apple", 60, 255, 110)}
  ${icon("pizza", 280, 225, 150)}
</svg>`;

const sign = `<svg xmlns="http://www.w3.org/2000/svg" width="420" height="420" viewBox="0 0 420 420">
  <rect width="420" height="420" fill="#5b4a3b"/>
  <rect x="24" y="130" width="372" height="130" rx="14" fill="#f6efe0"/>
  <text x="210" y="228" font-family="DejaVu Sans" font-weight="bold" font-size="82" text-anchor="middle" letter-spacing="10" fill="#7a1f1f">BREAD</text>
</svg>`;

for (const [name, svg] of Object.entries({ "picnic.png": picnic, "sign.png": sign })) {
  const image = new Resvg(svg, { font: { fontFiles: [fontFile], loadSystemFonts: false } }).render();
  await writeFileAtomic(path.join(out, name), image.asPng());
}
