import { type Html, html } from "../../util/html.ts";
import { type Faithfulness, probeMeanings } from "../faithfulness.ts";
import { formatCount, formatInterval, formatPercent } from "../format-numbers.ts";

/** How often each column's answers change under each probe. Undefined when nothing was probed. */
export function faithfulnessTable(faithfulness: Record<string, Faithfulness>): Html | undefined {
  const rows = Object.entries(faithfulness).flatMap(([column, { probes }]) =>
    probes.map(
      ({ probe, n, changed, interval }) => html`<tr><th scope="row">${column}</th>
<td>${probeMeanings[probe]}</td><td class="number strong">${formatPercent(changed / n)}</td><td class="number quiet">${formatInterval(interval)}</td><td class="number quiet">${formatCount(n)}</td></tr>
`,
    ),
  );
  if (rows.length === 0) return undefined;
  return html`<div class="scroll"><table><thead><tr><th scope="col">Column</th><th scope="col">What was changed</th>
<th scope="col" class="number">answer changed</th><th scope="col" class="number">95% interval</th><th scope="col" class="number">n</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
