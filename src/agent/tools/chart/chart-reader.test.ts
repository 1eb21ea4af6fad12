// Charts drawn here, not by the world that the reader was made on: other sizes, colours and axes, and pictures that are no charts.
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { encodePng } from "../../../media/index.ts";
import { createRng } from "../../../util/rng.ts";
import type { Reader, TextLine } from "../ocr.ts";
import { ppOcrReader } from "../pp-ocr.ts";
import { colorChartReader } from "./chart-reader.ts";

const font = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
const pages = ppOcrReader();
afterAll(() => pages.dispose());
const charts = colorChartReader(pages);
const blind: Reader = { name: "blind", read: async () => [] };
/** Reads these lines in the whole picture, and nothing in what is cut out of it. */
function scripted(lines: TextLine[]): Reader {
  let calls = 0;
  return { name: "script", read: async () => (calls++ === 0 ? lines : []) };
}

function draw(body: string, { width = 640, height = 420 } = {}): Uint8Array {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="#ffffff"/>${body}</svg>`;
  return new Resvg(svg, { font: { loadSystemFonts: false, fontFiles: [font] } }).render().asPng();
}
const write = (text: string | number, x: number, y: number, more = "") =>
  `<text x="${x}" y="${y}" font-size="15" fill="#333" ${more}>${text}</text>`;
const table = (rows: readonly { series?: string; label: string; value: number }[]) =>
  rows.map(({ series, label, value }) => [...(series ? [series] : []), label, value]);

/** Bars from y 360 up, 3 pixels for each of `unit`; numbers on the axis without a ruled line, in steps of 20 units. */
function barChart(values: Record<string, number>, { unit = 1, color = "#59708c" } = {}): string {
  const out: string[] = [];
  for (let i = 0; i <= 5; i++) {
    out.push(write(i * 20 * unit, 70, 365 - i * 60, `text-anchor="end"`));
    out.push(`<path d="M80 ${360 - i * 60}H620" stroke="#e2e2e2"/>`);
  }
  for (const [i, [label, value]] of Object.entries(values).entries()) {
    const height = (3 * value) / unit;
    out.push(
      `<rect x="${110 + i * 130}" y="${360 - height}" width="70" height="${height}" fill="${color}"/>`,
      write(label, 145 + i * 130, 385, `text-anchor="middle"`),
    );
  }
  return out.join("");
}

describe("with PP-OCR", () => {
  test("bars on a plain axis are read to the value, and after JPEG too", async () => {
    const png = draw(barChart({ North: 37, South: 82, East: 60, West: 15 }));
    const wanted = [
      ["North", 37],
      ["South", 82],
      ["East", 60],
      ["West", 15],
    ];
    const { form, rows, notes } = await charts.read(png, {});
    expect(form).toBe("bars");
    expect(table(rows)).toEqual(wanted);
    expect(notes).toEqual([]);
    for (const { score, box } of rows) {
      expect(score).toBeGreaterThan(0.8);
      expect(Math.abs(box[3] - 360)).toBeLessThanOrEqual(2);
    }
    const jpeg = await sharp(png).jpeg({ quality: 80 }).toBuffer();
    const again = await charts.read(jpeg, {});
    expect(table(again.rows).map(([label]) => label)).toEqual(wanted.map(([label]) => label));
    for (const [i, { value }] of again.rows.entries())
      expect(Math.abs(value - Number(wanted[i]![1]))).toBeLessThan(1);
  });

  test("thousands with commas, and decimals", async () => {
    const body = barChart({ Spring: 500, Summer: 1500, Autumn: 1000 }, { unit: 20 });
    const many = body.replace(/>(\d)(\d{3})</g, ">$1,$2<");
    expect(table((await charts.read(draw(many), {})).rows)).toEqual([
      ["Spring", 500],
      ["Summer", 1500],
      ["Autumn", 1000],
    ]);
    const small = await charts.read(draw(barChart({ red: 0.25, blue: 0.8 }, { unit: 0.01 })), {});
    expect(table(small.rows)).toEqual([
      ["red", 0.25],
      ["blue", 0.8],
    ]);
  });

  test("groups of bars are told apart by the legend; a large picture is shrunk", async () => {
    const out = [`<rect x="200" y="20" width="14" height="14" fill="#a33"/>`, write("Ham", 222, 32)];
    out.push(`<rect x="320" y="20" width="14" height="14" fill="#369"/>`, write("Eggs", 342, 32));
    for (let i = 0; i <= 4; i++) out.push(write(i * 5, 60, 365 - i * 75, `text-anchor="end"`));
    out.push(`<path d="M70 55V360H620" stroke="#222" fill="none" stroke-width="2"/>`);
    for (const [i, [label, a, b]] of (
      [
        ["May", 5, 18],
        ["June", 11, 2],
        ["July", 20, 9],
      ] as const
    ).entries()) {
      const x = 110 + i * 170;
      out.push(`<rect x="${x}" y="${360 - a * 15}" width="45" height="${a * 15}" fill="#a33"/>`);
      out.push(`<rect x="${x + 47}" y="${360 - b * 15}" width="45" height="${b * 15}" fill="#369"/>`);
      out.push(write(label, x + 46, 385, `text-anchor="middle"`));
    }
    const png = draw(out.join(""));
    const wanted = [
      ["Ham", "May", 5],
      ["Ham", "June", 11],
      ["Ham", "July", 20],
      ["Eggs", "May", 18],
      ["Eggs", "June", 2],
      ["Eggs", "July", 9],
    ];
    expect(table((await charts.read(png, {})).rows)).toEqual(wanted);
    const large = await sharp(png).resize(1920, 1260).png().toBuffer();
    const { rows } = await charts.read(large, {});
    expect(table(rows)).toEqual(wanted);
    expect(Math.abs(rows[0]!.box[3] - 1080)).toBeLessThan(8);
  });

  test("a line with marked points", async () => {
    const out: string[] = [];
    for (let i = 0; i <= 4; i++) out.push(write(i * 10, 60, 365 - i * 75, `text-anchor="end"`));
    out.push(`<path d="M70 55V360H620" stroke="#222" fill="none" stroke-width="2"/>`);
    const values = [10, 35, 20, 25];
    const points = values.map((value, i) => [140 + i * 130, 360 - value * 7.5] as const);
    out.push(
      `<path d="M${points.map((p) => p.join(" ")).join("L")}" stroke="#c50" fill="none" stroke-width="3"/>`,
    );
    for (const [i, [x, y]] of points.entries()) {
      out.push(`<circle cx="${x}" cy="${y}" r="6" fill="#c50"/>`);
      out.push(write(2001 + i, x, 385, `text-anchor="middle"`));
    }
    const { form, rows } = await charts.read(draw(out.join("")), {});
    expect(form).toBe("lines");
    expect(table(rows)).toEqual(values.map((value, i) => [String(2001 + i), value]));
  });
});

test("values written on the bars do where there is no axis; where nothing can be read, no values are known", async () => {
  const out: string[] = [];
  const lines: TextLine[] = [];
  for (const [i, value] of [12, 30].entries()) {
    const x = 100 + i * 150;
    out.push(`<rect x="${x}" y="${360 - 8 * value}" width="60" height="${8 * value}" fill="#484"/>`);
    const above = 352 - 8 * value;
    lines.push({ text: String(value), box: [x + 20, above - 8, x + 40, above + 4], score: 0.9 });
    lines.push({ text: ["ants", "bees"][i]!, box: [x + 10, 368, x + 50, 382], score: 0.7 });
  }
  const png = draw(out.join(""));
  const { rows } = await colorChartReader(scripted(lines)).read(png, {});
  expect(rows.map(({ label, value, score }) => [label, value, score])).toEqual([
    ["ants", 12, 0.7],
    ["bees", 30, 0.7],
  ]);
  const none = await colorChartReader(blind).read(png, {});
  expect(none).toEqual({
    form: "bars",
    rows: [],
    notes: ["The numbers of the value axis could not be read, so no values are known."],
  });
});

test("labels that nobody can read are empty, and said so", async () => {
  const png = draw(barChart({ North: 40, South: 80 }));
  const lines: TextLine[] = [
    { text: "0", box: [60, 352, 70, 366], score: 0.9 },
    { text: "100", box: [45, 52, 70, 66], score: 0.9 },
  ];
  const { rows, notes } = await colorChartReader(scripted(lines)).read(png, {});
  expect(table(rows)).toEqual([
    ["", 40],
    ["", 80],
  ]);
  expect(notes).toEqual(["Some labels could not be read and are empty."]);
  expect(rows.every(({ score }) => score === 0)).toBe(true);
});

test("what is no chart gives no rows: nothing, one colour, one bar, noise like a photograph", async () => {
  const noise = createRng("noise");
  const speckled = new Uint8Array(3 * 200 * 160).map(() => noise.int(256));
  const blocks = new Uint8Array(3 * 240 * 240);
  const shades = Array.from({ length: 24 * 24 * 3 }, () => noise.int(256));
  for (let y = 0; y < 240; y++)
    for (let x = 0; x < 240; x++)
      for (let c = 0; c < 3; c++)
        blocks[3 * (y * 240 + x) + c] = shades[3 * (Math.floor(y / 10) * 24 + Math.floor(x / 10)) + c]!;
  const pictures = [
    await encodePng(new Uint8Array(3), 1, 1),
    await encodePng(new Uint8Array(3 * 3 * 500), 3, 500),
    draw(""),
    draw(`<rect x="100" y="100" width="50" height="200" fill="#000"/>`),
    await encodePng(speckled, 200, 160),
    await encodePng(blocks, 240, 240),
  ];
  for (const bytes of pictures) {
    const { rows, notes } = await colorChartReader(blind).read(bytes, {});
    expect(rows).toEqual([]);
    expect(notes).toHaveLength(1);
  }
  await expect(charts.read(new Uint8Array([1, 2, 3]), {})).rejects.toThrow(/^read_chart: /);
});

test("cancelling ends the reading", async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(charts.read(draw(barChart({ a: 20, b: 40 })), { signal: controller.signal })).rejects.toThrow(
    /abort/i,
  );
});
