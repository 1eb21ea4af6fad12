// Why two runs differ, on their page: what their manifests say, what became of the questions, and how many verdicts
// flipped. The flipped questions themselves are cases of the gallery.
import { type Html, html } from "../../util/html.ts";
import type { RunDiff } from "../diff-runs.ts";
import { formatCount, formatP, formatPercent } from "../format-numbers.ts";
import type { ReportCases, ReportData } from "./report-data.ts";

/** The tables; the one of settings is left out when all are the same. */
export function diffTables({ manifest, questions, columns }: RunDiff): Html[] {
  const settings = manifest.map(
    ({
      what,
      a,
      b,
    }) => html`<tr><th scope="row">${what}</th><td class="wrap">${a}</td><td class="wrap">${b}</td></tr>
`,
  );
  const flips = columns.map(
    (
      column,
    ) => html`<tr><th scope="row">${pairName(column)}</th><td class="number">${formatCount(column.n)}</td>
<td class="number">${formatPercent(column.accuracyA)}</td><td class="number">${formatPercent(column.accuracyB)}</td>
<td class="number strong">${formatCount(column.gains)}</td><td class="number strong">${formatCount(column.losses)}</td>
<td class="number">${formatP(column.p)}</td><td class="number quiet">${formatCount(column.sameAnswers)}</td><td class="number quiet">${column.samePrompts === undefined ? "–" : formatCount(column.samePrompts)}</td></tr>
`,
  );
  const { same, changed, onlyA, onlyB } = questions;
  return [
    settings.length === 0
      ? html`<p class="note">Both runs have the same settings.</p>`
      : html`<div class="scroll"><table><thead><tr><th scope="col">Differs</th><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody>${settings}</tbody></table></div>`,
    html`<p class="note">Questions: ${formatCount(same)} the same, ${formatCount(changed)} changed, ${formatCount(onlyA)} only in a, ${formatCount(onlyB)} only in b.</p>`,
    html`<div class="scroll"><table><thead><tr><th scope="col">Column</th><th scope="col" class="number">Questions of both</th><th scope="col" class="number">a</th><th scope="col" class="number">b</th>
<th scope="col" class="number">Right only in b</th><th scope="col" class="number">Right only in a</th><th scope="col" class="number">p</th>
<th scope="col" class="number">Same answers</th><th scope="col" class="number">Same prompts</th></tr></thead><tbody>${flips}</tbody></table></div>
<p class="note">p: exact McNemar test on the flips. The flipped questions are under “Cases” below.</p>`,
  ];
}

/** The flipped questions of every pair of columns, as cases of the gallery. */
export function flipCases({ columns }: RunDiff, { questions }: Pick<ReportData, "questions">): ReportCases[] {
  const places = new Map(questions.map(({ id }, at) => [id, at]));
  return columns.flatMap((column) =>
    [
      { name: `${pairName(column)}: right only in b`, flips: column.gained },
      { name: `${pairName(column)}: right only in a`, flips: column.lost },
    ].flatMap(({ name, flips }) => {
      const shown = flips.flatMap(({ id }) => places.get(id) ?? []);
      return shown.length > 0 ? [{ name, questions: shown }] : [];
    }),
  );
}

function pairName({ a, b }: { a: string; b: string }): string {
  return a === b ? a : `${a} and ${b}`;
}
