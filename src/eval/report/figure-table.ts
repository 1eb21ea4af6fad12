import { type Html, html } from "../../util/html.ts";
import type { Figure } from "../tasks/index.ts";

/** The figures of a benchmark by its own rule: one row a figure, one cell a column. Undefined without figures. */
export function figureTable(figures: Record<string, readonly Figure[]>): Html | undefined {
  const names = Object.keys(figures);
  const key = ({ name, type }: Figure) => JSON.stringify([name, type]);
  const rows = new Map(Object.values(figures).flatMap((list) => list.map((one) => [key(one), one] as const)));
  if (rows.size === 0) return undefined;
  const heads = names.map((name) => html`<th scope="col" class="number">${name}</th>`);
  const lines = [...rows].map(([at, { name, type }]) => {
    const cells = names.map((column) => {
      const found = figures[column]!.find((one) => key(one) === at);
      return html`<td class="number">${found ? found.value.toFixed(4) : "–"}</td>`;
    });
    return html`<tr><th scope="row">${name}</th><td class="quiet">${type ?? "all"}</td>${cells}</tr>
`;
  });
  return html`<div class="scroll"><table><thead><tr><th scope="col">Figure</th><th scope="col">of</th>${heads}</tr></thead>
<tbody>${lines}</tbody></table></div>`;
}
