// What judges made of a run: the verdict with its interval, what could not be read, and how often the judge says right
// where the rules say wrong, or the other way round. Where people rated the answers too, how far all agree with them.
import { type Html, html } from "../../util/html.ts";
import { formatCount, formatInterval, formatPercent } from "../format-numbers.ts";
import type { JudgeFigures } from "../judge-run.ts";
import type { PeopleFigures } from "../people.ts";
import type { RunJudgements } from "../run-judgements.ts";

/** The table of one judge, and the line that says who that is and how it judged. */
export function judgeTable({ mode, judge, prompt, columns }: RunJudgements): Html {
  const rows = Object.entries(columns).map(
    ([
      name,
      figures,
    ]) => html`<tr><th scope="row">${name}</th><td class="number strong">${verdictOf(figures)}</td>
<td class="number quiet">${"interval" in figures ? formatInterval(figures.interval ?? undefined) : "–"}</td>
<td class="number">${formatCount(figures.n)}</td><td class="number${figures.failed > 0 ? " alarm" : ""}">${formatCount(figures.failed)}</td>
<td class="number">${figures.ruleCompared > 0 ? `${formatCount(figures.ruleDisagreements)} of ${formatCount(figures.ruleCompared)}` : "–"}</td>
<td class="number">${formatKappa("ruleKappa" in figures ? figures.ruleKappa : undefined)}</td></tr>
`,
  );
  return html`<div class="scroll"><table><thead><tr><th scope="col">Column</th><th scope="col" class="number">${heads[mode]}</th>
<th scope="col" class="number">95% interval</th><th scope="col" class="number">Judged</th><th scope="col" class="number">Unreadable</th>
<th scope="col" class="number">Against the rules</th><th scope="col" class="number">Kappa with rules</th></tr></thead>
<tbody>${rows}</tbody></table></div>
<p class="note">Judge: ${judge}, ${mode} prompt ${prompt}. Judgements that could not be read are in no figure.</p>`;
}

const heads: Record<JudgeFigures["mode"], string> = {
  rubric: "Mean score",
  reference: "Share of the reference's rating",
  pair: "Win rate",
};

function verdictOf(figures: JudgeFigures): string {
  if (figures.mode === "rubric") return formatPercent(figures.mean ?? undefined);
  if (figures.mode === "reference") return formatPercent(figures.score ?? undefined);
  const { against, wins, ties, orderDependent, winRate } = figures;
  const place = orderDependent > 0 ? `, ${orderDependent} by place` : "";
  return `${formatPercent(winRate ?? undefined)} (${wins[0]} won, ${wins[1]} lost, ${ties} ties${place}) against ${against}`;
}

/** The tables of people's ratings: what they think of each column, and who agrees with them. */
export function peopleTables({ columns, raters, agreement, agreementWith }: PeopleFigures): Html {
  const rated = columns.map(
    ({
      column,
      score,
      interval,
      n,
    }) => html`<tr><th scope="row">${column}</th><td class="number strong">${formatPercent(score)}</td>
<td class="number quiet">${formatInterval(interval ?? undefined)}</td><td class="number">${formatCount(n)}</td></tr>
`,
  );
  const agreeing = Object.entries(agreementWith).map(
    ([
      name,
      { n, binary, weightedKappa },
    ]) => html`<tr><th scope="row">${name}</th><td class="number">${formatCount(n)}</td>
<td class="number">${formatPercent(n === 0 ? undefined : binary.share)}</td><td class="number strong">${formatKappa(binary.kappa)}</td>
<td class="number">${formatKappa(weightedKappa)}</td></tr>
`,
  );
  return html`<div class="scroll"><table><thead><tr><th scope="col">Column</th><th scope="col" class="number">Mean rating, of the scale</th>
<th scope="col" class="number">95% interval</th><th scope="col" class="number">Answers</th></tr></thead><tbody>${rated}</tbody></table></div>
<p class="note">Raters: ${raters.map(({ rater, rated: n }) => `${rater} (${n})`).join(", ")}. Krippendorff's alpha between them: ${formatKappa(agreement.alpha)}, over ${formatCount(agreement.ratedTwice)} answers rated at least twice.</p>
<div class="scroll"><table><thead><tr><th scope="col">Agreement with people</th><th scope="col" class="number">Answers</th>
<th scope="col" class="number">Same verdict</th><th scope="col" class="number">Kappa</th><th scope="col" class="number">Weighted kappa</th></tr></thead><tbody>${agreeing}</tbody></table></div>`;
}

function formatKappa(kappa: number | null | undefined): string {
  return kappa === null || kappa === undefined ? "–" : kappa.toFixed(2).replace(/^-(0\.00)$/, "$1");
}
