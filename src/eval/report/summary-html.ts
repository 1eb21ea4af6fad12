import { type Html, html } from "../../util/html.ts";
import type { Paired } from "../compare-columns.ts";
import {
  formatCost,
  formatCount,
  formatInterval,
  formatMs,
  formatP,
  formatPercent,
} from "../format-numbers.ts";
import type { Summary, Tally } from "../summary.ts";
import { wonAndLost } from "../table.ts";

/** The table of columns: accuracy with its interval as a bar, and what it took. */
export function summaryTable({ columns, comparisons }: Summary): Html {
  const hasCost = columns.some(({ cost }) => cost !== undefined);
  const isClustered = columns.some(({ clusteredInterval }) => clusteredInterval !== undefined);
  const rows = columns.map((column) => {
    const { name, accuracy, interval, clusteredInterval, n, failed, tokens, latencyMs, cost } = column;
    const comparison = comparisons.find(({ column: other }) => other === name);
    const pairs = comparison ? pairedText(comparison, comparison.against) : "";
    return html`<tr><th scope="row">${name}</th><td class="number strong">${formatPercent(accuracy)}</td>
<td class="bar">${intervalBar(column)}</td><td class="number quiet">${formatInterval(interval)}</td>${
      isClustered ? html`<td class="number quiet">${formatInterval(clusteredInterval ?? interval)}</td>` : ""
    }
<td class="number" title="${pairs}">${formatP(comparison?.p)}</td><td class="number">${formatCount(n)}</td>
<td class="number${failed > 0 ? " alarm" : ""}">${formatCount(failed)}</td>
<td class="number">${formatCount(tokens.input)}</td><td class="number">${formatCount(tokens.output)}</td>
<td class="number">${formatMs(latencyMs.median)}</td><td class="number">${formatMs(latencyMs.p95)}</td>${
      hasCost ? html`<td class="number">${formatCost(cost)}</td>` : ""
    }</tr>
`;
  });
  return html`<div class="scroll"><table><thead><tr><th scope="col">Column</th><th scope="col" class="number">Accuracy</th>
<th scope="col"><span class="axis"><span>0</span><span>50</span><span>100%</span></span></th><th scope="col" class="number">95% interval</th>${
    isClustered ? html`<th scope="col" class="number">by picture</th>` : ""
  }
<th scope="col" class="number">p vs first</th><th scope="col" class="number">Asked</th><th scope="col" class="number">Failed</th>
<th scope="col" class="number">Tokens in</th><th scope="col" class="number">Tokens out</th><th scope="col" class="number">Median</th>
<th scope="col" class="number">p95</th>${hasCost ? html`<th scope="col" class="number">Cost</th>` : ""}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** The table of question types: one row a type, one cell a column. Undefined when there is one type only. */
export function typeTable({ columns, comparisons }: Summary): Html | undefined {
  const types = [...new Set(columns.flatMap((column) => Object.keys(column.byType)))];
  if (types.length < 2) return undefined;
  const rows = types.map((type) => {
    const n = Math.max(...columns.map(({ byType }) => byType[type]!.n));
    const cells = columns.map(({ name, byType }) => {
      const { accuracy, interval } = byType[type]!;
      const comparison = comparisons.find(({ column }) => column === name);
      const paired = comparison?.byType[type];
      const title = paired ? pairedText(paired, comparison!.against) : "";
      const mark =
        paired && paired.verdict !== "cannot tell" ? (paired.verdict === "better" ? "▲ " : "▼ ") : "";
      return html`<td class="number" title="${title}">${mark}${formatPercent(accuracy)} <small class="quiet">${formatInterval(interval)}</small></td>`;
    });
    return html`<tr><th scope="row"><button type="button" class="link" data-type="${type}">${type}</button></th>
<td class="number quiet">${formatCount(n)}</td>${cells}</tr>
`;
  });
  const heads = columns.map(({ name }) => html`<th scope="col" class="number">${name}</th>`);
  return html`<div class="scroll"><table><thead><tr><th scope="col">Type</th><th scope="col" class="number">n</th>${heads}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** Interval as a bar and accuracy as a point, on a scale from 0 to 100. */
function intervalBar({ accuracy, interval }: Tally): Html {
  if (accuracy === undefined || !interval) return html``;
  const [low, high] = interval.map((end) => end * 100) as [number, number];
  const label = `${formatPercent(accuracy)}, 95% interval ${formatInterval(interval)}`;
  return html`<svg viewBox="-2 0 104 12" preserveAspectRatio="none" role="img" aria-label="${label}">
<rect class="track" x="0" y="5" width="100" height="2"/><rect class="range" x="${low.toFixed(2)}" y="3" width="${Math.max(0.8, high - low).toFixed(2)}" height="6"/>
<rect class="point" x="${(accuracy * 100 - 0.6).toFixed(2)}" y="1" width="1.2" height="10"/></svg>`;
}

/** What stands behind a verdict, for those who point at it. */
function pairedText(paired: Paired, against: string): string {
  const { verdict, p, clusteredP, adjustedP } = paired;
  const words = verdict === "cannot tell" ? `cannot be told from ${against}` : `${verdict} than ${against}`;
  const test =
    clusteredP === undefined ? `McNemar p ${formatP(p)}` : `p over pictures ${formatP(clusteredP)}`;
  return `${words} ${wonAndLost(paired)}, ${test}, corrected ${formatP(adjustedP)}`;
}
