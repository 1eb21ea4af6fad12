// Accuracy by question type: one line a type, and on it one point a column with its 95% interval, all on one scale, so
// that columns are compared where they differ. Drawn as plain SVG, because the page may load nothing.

import { type Html, html } from "../../util/html.ts";
import { formatInterval, formatPercent } from "../format-numbers.ts";
import type { ColumnSummary } from "../summary.ts";

const width = 1080;
const left = 170;
const right = 24;
const lane = 11;
const gap = 12;
/** More would be a wall of points; the table below has them all. */
const most = { types: 24, columns: 6 };

/** The plot; undefined when there is one type only, or too much for one picture. */
export function typePlot(columns: readonly ColumnSummary[]): Html | undefined {
  const types = [...new Set(columns.flatMap(({ byType }) => Object.keys(byType)))];
  if (types.length < 2 || types.length > most.types || columns.length > most.columns) return undefined;
  const x = (share: number) => (left + share * (width - left - right)).toFixed(1);
  const row = columns.length * lane + gap;
  const height = types.length * row + 24;
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) => html`<line class="axis-line" x1="${x(share)}" x2="${x(share)}" y1="0" y2="${height - 22}"/>
<text x="${x(share)}" y="${height - 6}" text-anchor="middle">${share * 100}%</text>`,
  );
  const rows = types.map((type, i) => {
    const top = i * row + gap / 2;
    const marks = columns.map(({ name, byType }, series) => {
      const { accuracy, interval, n } = byType[type] ?? {};
      if (accuracy === undefined || !interval) return html``;
      const y = top + (series + 0.5) * lane;
      return html`<g class="series-${series}"><title>${name}, ${type}: ${formatPercent(accuracy)}, 95% interval ${formatInterval(interval)}, n ${n ?? 0}</title>
<line class="range" x1="${x(interval[0])}" x2="${x(interval[1])}" y1="${y}" y2="${y}"/><circle class="point" cx="${x(accuracy)}" cy="${y}" r="3.5"/></g>`;
    });
    return html`<text x="${left - 12}" y="${top + (row - gap) / 2 + 4}" text-anchor="end">${shortened(type)}</text>${marks}`;
  });
  const legend = columns.map(({ name }, series) => html`<li class="series-${series}">${name}</li>`);
  return html`<div class="chart"><ul class="legend">${legend}</ul>
<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="Accuracy by question type with 95% intervals">${grid}${rows}</svg></div>`;
}

function shortened(text: string): string {
  const letters = [...text];
  return letters.length > 22 ? `${letters.slice(0, 21).join("")}…` : text;
}
