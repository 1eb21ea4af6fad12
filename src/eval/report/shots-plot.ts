// Accuracy against the number of demonstrations: one curve for each technique that was asked with several, with 95%
// intervals, so that what more examples are worth is seen at once, and whether a control with wrong ones follows.
import { type Html, html } from "../../util/html.ts";
import { formatInterval, formatPercent } from "../format-numbers.ts";
import { shotsOf } from "../shots.ts";
import type { ColumnSummary } from "../summary.ts";

const [width, height] = [1080, 280];
const [left, right, top, bottom] = [56, 24, 14, 40];
/** Curves stand a little beside each other, so that their intervals can be told apart. */
const offset = 5;

/** The plot; undefined when no technique was asked with two numbers of demonstrations. */
export function shotsPlot(columns: readonly ColumnSummary[]): Html | undefined {
  const points = columns.flatMap(({ name, accuracy, interval, n }, series) => {
    const at = shotsOf(name);
    return at && accuracy !== undefined && interval ? [{ ...at, name, accuracy, interval, n, series }] : [];
  });
  const curves = [...Map.groupBy(points, ({ curve }) => curve)]
    .map(([curve, list]) => ({ curve, list: list.toSorted((a, b) => a.shots - b.shots) }))
    .filter(({ list }) => new Set(list.map(({ shots }) => shots)).size > 1);
  if (curves.length === 0) return undefined;
  const ticks = [...new Set(curves.flatMap(({ list }) => list.map(({ shots }) => shots)))].sort(
    (a, b) => a - b,
  );
  const x = (shots: number) => left + ((ticks.indexOf(shots) + 0.5) / ticks.length) * (width - left - right);
  const y = (share: number) => (height - bottom - share * (height - top - bottom)).toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (
      share,
    ) => html`<line class="axis-line" x1="${left}" x2="${width - right}" y1="${y(share)}" y2="${y(share)}"/>
<text x="${left - 8}" y="${Number(y(share)) + 4}" text-anchor="end">${share * 100}%</text>`,
  );
  const labels = ticks.map(
    (shots) =>
      html`<text x="${x(shots).toFixed(1)}" y="${height - bottom + 18}" text-anchor="middle">${shots}</text>`,
  );
  const lines = curves.map(({ list }, series) => {
    const shift = (series - (curves.length - 1) / 2) * offset;
    const path = list.map((point) => `${(x(point.shots) + shift).toFixed(1)},${y(point.accuracy)}`).join(" ");
    const marks = list.map(({ shots, name, accuracy, interval, n }) => {
      const cx = (x(shots) + shift).toFixed(1);
      return html`<g><title>${name}: ${formatPercent(accuracy)}, 95% interval ${formatInterval(interval)}, n ${n}</title>
<line class="range" x1="${cx}" x2="${cx}" y1="${y(interval[0])}" y2="${y(interval[1])}"/><circle class="point" cx="${cx}" cy="${y(accuracy)}" r="3.5"/></g>`;
    });
    return html`<g class="series-${series}"><polyline class="curve" points="${path}"/>${marks}</g>`;
  });
  const legend = curves.map(({ curve }, series) => html`<li class="series-${series}">${curve}</li>`);
  return html`<div class="chart"><ul class="legend">${legend}</ul>
<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="Accuracy against the number of demonstrations">${grid}${lines}${labels}
<text x="${(left + width - right) / 2}" y="${height - 4}" text-anchor="middle">demonstrations</text></svg></div>`;
}
