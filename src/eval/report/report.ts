// report.html: one file that needs nothing else, now or in ten years. A content security policy names the hashes of its
// one style and one script, so that nothing that a dataset or a model wrote can run or load anything.
import { readFile } from "node:fs/promises";
import { type Html, html, scriptJson } from "../../util/html.ts";
import { pagePolicy } from "../../util/page-policy.ts";
import type { RunDiff } from "../diff-runs.ts";
import type { Faithfulness } from "../faithfulness.ts";
import { formatCount } from "../format-numbers.ts";
import type { PeopleFigures } from "../people.ts";
import type { RunJudgements } from "../run-judgements.ts";
import type { Summary } from "../summary.ts";
import { notes } from "../table.ts";
import type { Figure } from "../tasks/index.ts";
import { costPlot } from "./cost-plot.ts";
import { diffTables } from "./diff-tables.ts";
import { faithfulnessTable } from "./faithfulness-table.ts";
import { figureTable } from "./figure-table.ts";
import { judgeTable, peopleTables } from "./judge-table.ts";
import type { ReportData } from "./report-data.ts";
import { shotsPlot } from "./shots-plot.ts";
import { summaryTable, typeTable } from "./summary-html.ts";
import { typePlot } from "./type-plot.ts";

export interface ReportOptions {
  /** Version of the program. */
  version: string;
  /** @default the time of the call */
  now?: Date;
  /** Figures by the benchmark's own rule, by column. */
  figures?: Record<string, readonly Figure[]>;
  /** What else a reader must know, such as what is known of the training data. */
  remarks?: readonly string[];
  judgements?: readonly RunJudgements[];
  people?: PeopleFigures;
  /** Where the page shows two runs: what differs between them. */
  diff?: RunDiff;
  /** How often answers change with their picture or rationale, by column. */
  faithfulness?: Record<string, Faithfulness>;
}

/** Writes the report of a run as one HTML page. */
export async function formatReport(
  summary: Summary,
  data: ReportData,
  {
    version,
    now = new Date(),
    figures = {},
    remarks = [],
    judgements = [],
    people,
    faithfulness = {},
    diff,
  }: ReportOptions,
): Promise<string> {
  const [style, script] = await Promise.all(["report.css", "report-client.js"].map(asset));
  const policy = pagePolicy({ style: style!, script: script! });
  const hasSteps = data.questions.some(({ answers }) => answers.some((answer) => answer?.steps));
  const types = [...new Set(data.questions.map(({ type }) => type))].sort();
  const section = (title: string, ...content: (Html | undefined)[]): Html => {
    const shown = content.filter((part) => part !== undefined);
    return shown.length === 0 ? html`` : html`<section><h2>${title}</h2>${shown}</section>`;
  };
  const lines = [...notes(summary).split("\n"), ...remarks].filter(Boolean);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${summary.dataset} – Sightline report</title>
<style>${{ html: style! }}</style>
</head>
<body>
<header><h1>${summary.dataset}</h1>
<p>${formatCount(summary.n)} questions, ${columnsText(summary)} · ${now.toISOString().slice(0, 16).replace("T", " ")} UTC · Sightline ${version}</p></header>
<main>
<section aria-label="Summary">${summaryTable(summary)}${lines.map((line) => html`<p class="note">${line}</p>`)}</section>
${section("What differs", ...(diff ? diffTables(diff) : []))}
${section("By the benchmark's own rule", figureTable(figures))}
${section("Faithfulness", faithfulnessTable(faithfulness))}
${section("Judged", ...judgements.map(judgeTable))}
${section("Rated by people", people && peopleTables(people))}
${section("By number of demonstrations", shotsPlot(summary.columns))}
${section("By question type", typePlot(summary.columns), typeTable(summary))}
${section("Accuracy against time", costPlot(summary))}
<section aria-labelledby="gallery-title"><h2 id="gallery-title">Questions and answers</h2>
<form id="filters">
<label class="wide">Search<input id="search" type="search" placeholder="question, answer or id ( / )" autocomplete="off"></label>
<label>Type<select id="type"><option value="">all</option>${types.map((type) => html`<option>${type}</option>`)}</select></label>
<label>Column<select id="column"><option value="">any</option>${data.columns.map((name, i) => html`<option value="${i}">${name}</option>`)}</select></label>
${data.cases.length > 0 ? html`<label>Cases<select id="cases"><option value="">all</option>${data.cases.map(({ name }, i) => html`<option value="${i}">${name}</option>`)}</select></label>` : html`<select id="cases" hidden><option value=""></option></select>`}
<label>Verdict<select id="verdict"><option value="">all</option><option>right</option><option>partly</option><option>wrong</option><option>failed</option></select></label>
<label>Order<select id="order"><option value="">dataset</option><option value="worst">worst first</option><option value="slowest">slowest first</option></select></label>
<label class="check"><input id="disagree" type="checkbox"> columns disagree</label>
<label class="check"${hasSteps ? "" : html` hidden`}><input id="thinking" type="checkbox"> show reasoning</label>
<button type="reset">Clear</button>
</form>
<nav aria-label="Pages"><button type="button" id="previous">← Previous</button><output id="count" aria-live="polite"></output><button type="button" id="next">Next →</button></nav>
${data.questions.length < data.total ? html`<p class="note">The figures above count all ${formatCount(data.total)} questions; below are ${formatCount(data.questions.length)} of them, drawn by a hash of their ids.</p>` : ""}
<div id="gallery"></div>
<nav aria-label="Pages, below"><button type="button" id="previous-below">← Previous</button><output id="count-below"></output><button type="button" id="next-below">Next →</button></nav>
<noscript><p>The gallery needs JavaScript.</p></noscript>
</section>
</main>
<dialog id="zoom" aria-label="Picture"><button type="button" id="close" aria-label="Close">×</button><img id="large" alt=""></dialog>
<script type="application/json" id="data">${{ html: scriptJson(data) }}</script>
<script>${{ html: script! }}</script>
</body>
</html>
`;
  return page.html;
}

async function asset(name: string): Promise<string> {
  return (await readFile(new URL(name, import.meta.url), "utf8")).trim();
}

function columnsText({ columns }: Summary): string {
  return `${columns.length} column${columns.length === 1 ? "" : "s"}`;
}
