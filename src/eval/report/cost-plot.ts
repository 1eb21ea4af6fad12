// Accuracy against median latency, one point a column with its interval: what an answer's quality costs in time. Drawn
// as plain SVG, because the page may load nothing.

import { type Html, html } from "../../util/html.ts";
import { formatMs, formatPercent } from "../format-numbers.ts";
import type { Summary } from "../summary.ts";

const [width, height] = [1080, 300];
const margin = { left: 48, right: 24, top: 12, bottom: 42 };
/** Colours that are told apart. */
const colours = 6;

/** The plot; undefined when fewer than two columns have an accuracy and a latency. */
export function costPlot({ columns }: Summary): Html | undefined {
  const points = columns.flatMap(({ name, accuracy, interval, latencyMs: { median } }, series) =>
    accuracy === undefined || !interval || median === undefined || median <= 0
      ? []
      : [{ name, accuracy, interval, median, series: series % colours }],
  );
  if (points.length < 2) return undefined;
  const ticks = ticksAround(points.map(({ median }) => median));
  const [low, high] = [Math.log10(ticks[0]!), Math.log10(ticks.at(-1)!)];
  const x = (ms: number) =>
    (
      margin.left +
      20 +
      ((Math.log10(ms) - low) / (high - low)) * (width - margin.left - margin.right - 40)
    ).toFixed(1);
  const y = (share: number) => (margin.top + (1 - share) * (height - margin.top - margin.bottom)).toFixed(1);
  const rows = [0, 0.25, 0.5, 0.75, 1].map(
    (
      share,
    ) => html`<line class="axis-line" x1="${margin.left}" x2="${width - margin.right}" y1="${y(share)}" y2="${y(share)}"/>
<text x="${margin.left - 6}" y="${Number(y(share)) + 4}" text-anchor="end">${Math.round(share * 100)}%</text>`,
  );
  const marks = ticks.map(
    (ms) =>
      html`<text x="${x(ms)}" y="${height - margin.bottom + 18}" text-anchor="middle">${formatTick(ms)}</text>`,
  );
  const dots = points.map(
    ({
      name,
      accuracy,
      interval,
      median,
      series,
    }) => html`<g class="series-${series}"><title>${name}: ${formatPercent(accuracy)}, ${formatMs(median)}</title>
<line class="range" x1="${x(median)}" x2="${x(median)}" y1="${y(interval[0])}" y2="${y(interval[1])}"/>
<circle class="point" cx="${x(median)}" cy="${y(accuracy)}" r="5"/></g>`,
  );
  const legend = points.map(
    ({ name, accuracy, median, series }) =>
      html`<li class="series-${series}">${name} <span class="quiet">${formatPercent(accuracy)}, ${formatMs(median)}</span></li>`,
  );
  return html`<div class="chart"><ul class="legend">${legend}</ul>
<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="Accuracy against median latency">${rows}${marks}
<text x="${width / 2}" y="${height - 4}" text-anchor="middle">median latency (log scale)</text>${dots}</svg></div>`;
}

/** 1, 2 and 5 times powers of ten, from below the least value to above the greatest. */
function ticksAround(values: readonly number[]): number[] {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); ; power++)
    for (const step of [1, 2, 5]) {
      const tick = step * 10 ** power;
      if (tick <= least) ticks.length = 0;
      ticks.push(tick);
      if (tick > greatest && ticks.length > 1) return ticks;
    }
}

function formatTick(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(1))} ms` : `${Number((ms / 1000).toPrecision(1))} s`;
}
