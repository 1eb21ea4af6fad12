// PP-OCRv4 on pages drawn here with a font of known shapes.
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import { afterAll, expect, test } from "vitest";
import { ocrTool } from "./ocr.ts";
import { ppOcrReader } from "./pp-ocr.ts";

const font = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
const reader = ppOcrReader();
afterAll(() => reader.dispose());

function page(lines: string[], angle = 0): Uint8Array {
  const texts = lines.map((line, i) => `<text x="50" y="${90 + i * 60}" font-size="28">${line}</text>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="320"><rect width="640" height="320" fill="#fff"/><g transform="rotate(${angle} 320 160)">${texts.join("")}</g></svg>`;
  return new Resvg(svg, { font: { loadSystemFonts: false, fontFiles: [font] } }).render().asPng();
}
const read = async (bytes: Uint8Array) => {
  const context = { image: () => ({ handle: "image_1", bytes, mediaType: "image/png" }) };
  const { value, backend } = await ocrTool(reader).run({ image: "image_1" }, context);
  expect(backend).toBe("pp-ocrv4");
  return value as { text: string; lines: { text: string; box: number[]; score: number }[] };
};

test("a page is read line by line, each with its place", async () => {
  const lines = ["Invoice No. 20417", "Total due: 148.50 EUR", "Thank you!"];
  const { text, lines: found } = await read(page(lines));
  expect(text).toBe(lines.join("\n"));
  for (const [i, { box, score }] of found.entries()) {
    expect(Math.abs(box[0]! - 50)).toBeLessThan(12);
    expect((box[1]! + box[3]!) / 2).toBeGreaterThan(60 + i * 60);
    expect((box[1]! + box[3]!) / 2).toBeLessThan(100 + i * 60);
    expect(score).toBeGreaterThan(0.9);
  }
});

test("a tilted line is read", async () => {
  expect((await read(page(["Platform 7 closes"], -14))).text).toBe("Platform 7 closes");
});

test("an empty page has no text", async () => {
  expect(await read(page([]))).toEqual({ text: "", lines: [] });
});
