// Draws a chart: title, axis with ticks and lines, labels, legend, bars or lines with points. Sizes are in pixels of a
// 336-pixel square; the boxes of the marks are those that were drawn.
import type { Rng } from "../../util/rng.ts";
import type { Chart, ChartMark } from "./chart.ts";
import { renderSvg, typefaceFile } from "./svg.ts";

/** Width and height of a chart. */
export const chartSize = 336;

/** Colours that a person tells apart, on light and dark. */
const palette = ["#d62728", "#1f77b4", "#2ca02c", "#e68a00", "#8e44ad", "#17a2b8", "#7f5539", "#d6409f"];
const papers = [
  { paper: "#ffffff", ink: "#222222", line: "#d8d8d8" },
  { paper: "#f6f1e4", ink: "#3a2f1d", line: "#ddd2b8" },
  { paper: "#eaf1f8", ink: "#1d2f45", line: "#c6d4e3" },
  { paper: "#20242c", ink: "#eeeeee", line: "#474d58" },
];
const fonts = ["DejaVu Sans", "DejaVu Sans Bold", "DejaVu Sans Condensed Bold", "Nunito ExtraBold"];
const textSize = 12;
/** Mean width of a letter as a share of the text size, on the wide side. */
const letterWidth = 0.64;

/** Draws the chart and gives its pixels, RGB; sets the boxes of its marks. */
export function paintChart(chart: Chart, rng: Rng): Uint8Array {
  const { paper, ink, line } = rng.pick(papers);
  const font = rng.pick(fonts);
  const colors = rng.shuffle([...palette]).slice(0, Math.max(1, chart.series.length));
  const width = Math.max(...chart.labels.names.map((name) => name.length)) * textSize * letterWidth;
  const legend = chart.series.length > 1 ? legendRows(chart.series) : [];
  const [left, right, top] = [44, chartSize - 12, 40 + legend.length * 18 + (chart.written ? 9 : 0)];
  const slot = (right - left) / chart.labels.names.length;
  const turned = width > slot - 4;
  const bottom = chartSize - (turned ? 18 + width * 0.64 : 30);
  const yOf = (value: number) => round(bottom - (value / chart.axis.max) * (bottom - top));
  const out: string[] = [`<rect width="${chartSize}" height="${chartSize}" fill="${paper}"/>`];
  const write = (text: string, x: number, y: number, more: string) =>
    out.push(`<text x="${round(x)}" y="${round(y)}" fill="${ink}" ${more}>${text}</text>`);
  write(chart.title, chartSize / 2, 24, `font-size="16" text-anchor="middle"`);
  let [legendX, legendY] = [0, 0];
  for (const row of legend) {
    legendX = chartSize / 2 - row.width / 2;
    legendY += 18;
    for (const index of row.series) {
      const name = chart.series[index]!;
      out.push(
        `<rect x="${round(legendX)}" y="${24 + legendY - 10}" width="11" height="11" fill="${colors[index]}"/>`,
      );
      write(name, legendX + 16, 24 + legendY, `font-size="${textSize}"`);
      legendX += entryWidth(name);
    }
  }
  for (let value = 0; value <= chart.axis.max; value += chart.axis.step) {
    const y = yOf(value);
    out.push(`<path d="M${left} ${y}H${right}" stroke="${line}"/>`);
    write(String(value), left - 7, y + 4, `font-size="${textSize}" text-anchor="end"`);
  }
  for (const [i, label] of chart.labels.names.entries()) {
    const x = left + slot * (i + 0.5);
    if (turned)
      write(
        label,
        x + 4,
        bottom + 14,
        `font-size="${textSize}" text-anchor="end" transform="rotate(-40 ${round(x + 4)} ${round(bottom + 14)})"`,
      );
    else write(label, x, bottom + 17, `font-size="${textSize}" text-anchor="middle"`);
  }
  const frame = { left, slot, bottom, yOf, colors };
  out.push(...(chart.form === "bars" ? bars(chart, frame) : lines(chart, frame)));
  out.push(`<path d="M${left} ${top}V${bottom}H${right}" stroke="${ink}" fill="none" stroke-width="1.5"/>`);
  if (chart.written)
    for (const { value, box } of chart.marks)
      write(String(value), (box[0] + box[2]) / 2, box[1] - 3, `font-size="11" text-anchor="middle"`);
  const { data } = renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${chartSize}" height="${chartSize}">${out.join("")}</svg>`,
    typefaceFile(font),
  );
  const pixels = new Uint8Array(chartSize * chartSize * 3);
  for (let i = 0; i < chartSize * chartSize; i++)
    for (let c = 0; c < 3; c++) pixels[i * 3 + c] = data[i * 4 + c]!;
  return pixels;
}

interface Frame {
  left: number;
  /** Width of a label's part of the axis. */
  slot: number;
  bottom: number;
  yOf: (value: number) => number;
  colors: string[];
}

function bars({ marks, labels, series }: Chart, { left, slot, bottom, yOf, colors }: Frame): string[] {
  const beside = Math.max(1, series.length);
  const width = Math.min(38, (slot * 0.76) / beside);
  return marks.map((mark, i) => {
    const [column, row] = [i % labels.names.length, Math.floor(i / labels.names.length)];
    const x = round(left + slot * (column + 0.5) + (row - beside / 2) * width);
    const y = yOf(mark.value);
    mark.box = pixelBox(x, y, x + width - (beside > 1 ? 1 : 0), bottom);
    const [x1, y1, x2, y2] = mark.box;
    return `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" fill="${colors[row]}"/>`;
  });
}

function lines({ marks }: Chart, { left, slot, yOf, colors }: Frame): string[] {
  const rows = Object.values(Object.groupBy(marks, ({ series }) => series ?? "")) as ChartMark[][];
  return rows.flatMap((row, index) => {
    const points = row.map((mark, i): [number, number] => {
      const [x, y] = [round(left + slot * (i + 0.5)), yOf(mark.value)];
      mark.box = pixelBox(x - 4, y - 4, x + 4, y + 4);
      return [x, y];
    });
    const color = colors[index];
    const path = `<path d="M${points.map((point) => point.join(" ")).join("L")}" stroke="${color}" fill="none" stroke-width="2.5"/>`;
    return [path, ...points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="4" fill="${color}"/>`)];
  });
}

function pixelBox(x1: number, y1: number, x2: number, y2: number): ChartMark["box"] {
  return [Math.round(x1), Math.round(y1), Math.round(x2), Math.round(y2)];
}

/** The entries of the legend in rows that fit; `width` in pixels. */
function legendRows(series: readonly string[]): { series: number[]; width: number }[] {
  const rows: { series: number[]; width: number }[] = [];
  for (const [index, name] of series.entries()) {
    const width = entryWidth(name);
    const row = rows.at(-1);
    if (!row || row.width + width > chartSize - 20) rows.push({ series: [index], width });
    else {
      row.series.push(index);
      row.width += width;
    }
  }
  return rows;
}

function entryWidth(name: string): number {
  return 34 + name.length * textSize * letterWidth;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
