// The findings as one HTML page that needs nothing else: how many of each kind, what the data teaches, and each kind's
// first findings with the pictures they are about. There is no script in it, and its policy lets none run.
import { createHash } from "node:crypto";
import path from "node:path";
import { SightlineError } from "../../errors/index.ts";
import { type Html, html } from "../../util/html.ts";
import type { Finding } from "./finding.ts";
import type { Histograms } from "./histograms.ts";
import type { PictureOptions } from "./pictures.ts";
import type { CheckResult } from "./run-checks.ts";

export interface CheckReportOptions extends PictureOptions {
  files: readonly string[];
  histograms: Histograms;
  /** Pictures embedded at most. @default 60 */
  maxPictures?: number;
}

const style = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:60rem;padding:1.5rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid light-dark(#ddd,#444)}
td{overflow-wrap:anywhere}td.n{font-variant-numeric:tabular-nums;white-space:nowrap}
img{max-width:10rem;max-height:8rem;display:block}
.error{color:light-dark(#b3261e,#ff9a90)}.warning{color:light-dark(#8a5a00,#e5b65c)}
meter{width:12rem}`;

/** Writes the page. */
export async function formatCheckReport(
  result: CheckResult,
  { files, histograms, maxPictures = 60, ...pictures }: CheckReportOptions,
): Promise<string> {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const embedded = await embedPictures(result.findings, maxPictures, pictures);
  const { rows, rejected, errors, counts } = result;
  const sections = counts.map(({ check, severity, count }) => {
    const own = result.findings.filter((each) => each.check === check && each.severity === severity);
    const more = count > own.length ? html`<p>${count - own.length} more are not shown.</p>` : html``;
    return html`<section><h2 id="${severity}-${check}">${check} <small class="${severity}">${count} ${severity}${count === 1 ? "" : "s"}</small></h2>
<table><thead><tr><th>where</th><th>what</th><th>picture</th></tr></thead><tbody>${own.map((each) => findingRow(each, embedded))}</tbody></table>${more}</section>`;
  });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Check of ${files.join(", ")}</title>
<style>${{ html: style }}</style>
</head>
<body>
<header><h1>Check of instruction data</h1>
<p>${files.join(", ")}: ${rows} rows, ${rejected} of them unusable; ${errors} error${errors === 1 ? "" : "s"}.</p></header>
<main>
<section><h2>Findings</h2>${
    counts.length === 0
      ? html`<p>None.</p>`
      : html`<table><thead><tr><th>check</th><th>severity</th><th>rows</th></tr></thead><tbody>${counts.map(
          ({ check, severity, count }) =>
            html`<tr><td><a href="#${severity}-${check}">${check}</a></td><td class="${severity}">${severity}</td><td class="n">${count}</td></tr>`,
        )}</tbody></table>`
  }</section>
${histogramSection(histograms)}
${sections}
</main>
</body>
</html>
`.html;
}

function findingRow({ where, id, field, message, picture }: Finding, embedded: Map<string, string>): Html {
  const named = [where, id === undefined ? "" : `id ${id}`, field ?? ""].filter(Boolean).join(" · ");
  const data = picture === undefined ? undefined : embedded.get(pictureKey(where, picture));
  const shown = data
    ? html`<img src="${data}" alt="${picture!.slice(0, 80)}">`
    : html`${picture?.slice(0, 80) ?? ""}`;
  return html`<tr><td>${named}</td><td>${message}</td><td>${shown}</td></tr>`;
}

function histogramSection({ responses, responseWords, questionWords, answers, yes, no }: Histograms): Html {
  const bars = (title: string, counts: number[]) => {
    const total = counts.reduce((a, b) => a + b, 0);
    const rows = counts.map((count, i) =>
      count === 0
        ? html``
        : bar(i === 0 ? "0" : i === 1 ? "1" : `${2 ** (i - 1)} to ${2 ** i - 1}`, count, total),
    );
    return html`<h3>${title}</h3><table><tbody>${rows}</tbody></table>`;
  };
  const top = answers.map(({ answer, count }) => bar(answer, count, responses));
  return html`<section><h2>What it teaches</h2>
${bars("Words of a question", questionWords)}
${bars("Words of a response", responseWords)}
<h3>Frequent short answers</h3><p>yes ${yes}, no ${no}</p><table><tbody>${top}</tbody></table></section>`;
}

function bar(label: string, count: number, total: number): Html {
  return html`<tr><td>${label}</td><td class="n">${count}</td><td><meter min="0" max="${Math.max(total, 1)}" value="${count}"></meter></td></tr>`;
}

/** Small copies of the pictures of the first findings; one that cannot be shown is left out, its finding says why. */
async function embedPictures(
  findings: readonly Finding[],
  maxPictures: number,
  { imagesDir, allowOutside, fetchUrls = false, signal }: PictureOptions,
): Promise<Map<string, string>> {
  const { loadMedia, thumbnail, toDataUrl } = await import("../../media/index.ts");
  const embedded = new Map<string, string>();
  for (const { where, picture, check, baseDir: own } of findings) {
    if (embedded.size >= maxPictures) break;
    // A bomb is not opened for its portrait either.
    if (picture === undefined || check === "decode-bomb" || embedded.has(pictureKey(where, picture)))
      continue;
    try {
      const baseDir = own ?? imagesDir ?? path.dirname(path.resolve(fileOf(where)));
      const { bytes } = await loadMedia(picture, { baseDir, allowOutside, allowUrls: fetchUrls, signal });
      const small = await thumbnail(bytes, { maxSide: 320, maxBytes: 20_000 });
      embedded.set(pictureKey(where, picture), toDataUrl(small.bytes, small.mediaType));
    } catch (error) {
      if (signal?.aborted) throw error;
      if (!SightlineError.isInstance(error) && !(error instanceof Error)) throw error;
    }
  }
  return embedded;
}

function fileOf(where: string): string {
  return where.replace(/:\d+$/, "");
}

function pictureKey(where: string, picture: string): string {
  return `${path.dirname(fileOf(where))}\u0000${picture}`;
}
