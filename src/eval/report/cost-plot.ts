// Accuracy against median latency, one point a column with its interval: what an answer's quality costs in time. Drawn
// as plain SVG, because the page may load nothing.

import { type Html, html } from "../../util/html.ts";
import { formatMs, formatPercent } from "../format-numbers.ts";
import type { Summary } from "../summary.ts";

const [width, height] = [640, 260];
const margin = { left: 44, right: 120, top: 12, bottom: 34 };

/** The plot; undefined when fewer than two columns have an accuracy and a latency. */
export function costPlot({ columns }: Summary): Html | undefined {
  const points = columns.flatMap(({ name, accuracy, interval, latencyMs: { median } }) =>
    accuracy === undefined || !interval || median === undefined || median <= 0
      ? []
      : [{ name, accuracy, interval, median }],
  );
  if (points.length < 2) return undefined;
  const logs = points.map(({ median }) => Math.log10(median));
  const low = Math.floor(Math.min(...logs) * 2) / 2;
  const high = Math.max(low + 0.5, Math.ceil(Math.max(...logs) * 2) / 2);
  const x = (ms: number) =>
    margin.left + ((Math.log10(ms) - low) / (high - low)) * (width - margin.left - margin.right);
  const y = (share: number) => margin.top + (1 - share) * (height - margin.top - margin.bottom);
  const ticks = Array.from({ length: Math.round((high - low) * 2) + 1 }, (_, i) => 10 ** (low + i / 2));
  const rows = [0, 0.25, 0.5, 0.75, 1].map(
    (
      share,
    ) => html`<line class="axis-line" x1="${margin.left}" x2="${width - margin.right}" y1="${y(share)}" y2="${y(share)}"/>
<text x="${margin.left - 6}" y="${y(share) + 4}" text-anchor="end">${Math.round(share * 100)}%</text>`,
  );
  const marks = ticks.map(
    (ms) =>
      html`<text x="${x(ms).toFixed(1)}" y="${height - margin.bottom + 18}" text-anchor="middle">${formatMs(ms)}</text>`,
  );
  const dots = points.map(
    ({
      name,
      accuracy,
      interval,
      median,
    }) => html`<g><title>${name}: ${formatPercent(accuracy)}, ${formatMs(median)}</title>
<line class="range" x1="${x(median).toFixed(1)}" x2="${x(median).toFixed(1)}" y1="${y(interval[0]).toFixed(1)}" y2="${y(interval[1]).toFixed(1)}"/>
<circle class="point" cx="${x(median).toFixed(1)}" cy="${y(accuracy).toFixed(1)}" r="4"/>
<text x="${(x(median) + 8).toFixed(1)}" y="${(y(accuracy) + 4).toFixed(1)}">${name}</text></g>`,
  );
  return html`<div class="chart"><svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="Accuracy against median latency">${rows}${marks}
<text x="${(width - margin.right + margin.left) / 2}" y="${height - 2}" text-anchor="middle">median latency (log scale)</text>${dots}</svg></div>`;
}
