// A trace as one page that needs nothing else: every step with the picture it saw, boxes and crops. All text comes from
// models, tools and files, and is escaped; the page runs no script.
import { type Html, html } from "../../util/html.ts";
import type { TraceFile } from "./trace-file.ts";
import { stepText, type TraceStep, traceSteps } from "./trace-steps.ts";

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a3f4a); --quiet: light-dark(#5b6472, #9aa3b2); --paper: light-dark(#fff, #16181d); --soft: light-dark(#f4f6f9, #1f232b); --alarm: light-dark(#b3261e, #ff8a80); --box: #d55e00 }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 56rem; padding: 0 1rem; background: var(--paper) }
h1 { font-size: 1.3rem; margin-bottom: .2rem } h2 { font-size: 1rem; margin-top: 2rem }
.quiet { color: var(--quiet) } ol { list-style: none; padding: 0 }
li { border-left: 3px solid var(--line); padding: .1rem 0 .1rem .8rem; margin: .6rem 0 }
li.problem { border-color: var(--alarm) } li.problem .title { color: var(--alarm) }
.title { font-weight: 600; font-size: .85rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .4rem .6rem; border-radius: .3rem; margin: .2rem 0; font: 13px/1.45 ui-monospace, monospace }
figure { display: inline-block; margin: .3rem .8rem .3rem 0; vertical-align: top } figcaption { font-size: .8rem; color: var(--quiet) }
svg { display: block; max-width: 20rem; max-height: 16rem; border: 1px solid var(--line); border-radius: .3rem }
.answer { font-size: 1.15rem; font-weight: 600 }`;

/** Sizes in pixels of pictures, by hash. */
export type PictureSizes = ReadonlyMap<string, { width: number; height: number }>;

/** Renders the page. */
export function traceHtml(trace: TraceFile, sizes: PictureSizes): string {
  const { question, answer, model, technique, images, ms } = trace;
  const steps = traceSteps(trace).slice(0, -1);
  const shown = images.map((hash, i) => picture(trace, sizes, { hash, label: `image_${i + 1}`, boxes: [] }));
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${question.slice(0, 80)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>${{ html: style }}</style></head>
<body><h1>${question}</h1>
<p class="quiet">${model}, ${technique}, ${(ms / 1000).toFixed(1)} s</p>
${shown}
<p class="answer">${answer === "" ? "(no answer)" : answer}</p>
<h2>Steps</h2>
<ol>${steps.map((step) => stepHtml(trace, sizes, step))}</ol>
</body></html>
`;
  return page.html;
}

function stepHtml(trace: TraceFile, sizes: PictureSizes, step: TraceStep): Html {
  const text = stepText({ ...step, depth: 0 }).slice(step.title.length + 2);
  return html`<li style="margin-left:${step.depth * 1.2}rem"${{ html: step.isProblem ? ' class="problem"' : "" }}><div class="title">${step.title}</div>
<pre>${text}</pre>${step.pictures.map((shown) => picture(trace, sizes, shown))}</li>
`;
}

function picture(
  { pictures }: TraceFile,
  sizes: PictureSizes,
  { hash, label, boxes }: TraceStep["pictures"][number],
): Html {
  const found = pictures[hash];
  const size = sizes.get(hash);
  if (!found || !size) return html`<p class="quiet">${label}: this picture is not in the trace</p>`;
  const { width, height } = size;
  const line = Math.max(width, height) / 150;
  const marks = boxes.map(
    ({ box: [x1, y1, x2, y2], label: name }) =>
      html`<rect x="${x1}" y="${y1}" width="${Math.max(0, x2 - x1)}" height="${Math.max(0, y2 - y1)}" fill="none" stroke="#d55e00" stroke-width="${line}"><title>${name}</title></rect>`,
  );
  // Small pictures are shown larger, so that boxes can be told apart.
  const scale = Math.max(1, 220 / Math.max(width, height));
  return html`<figure><svg viewBox="0 0 ${width} ${height}" width="${Math.round(width * scale)}" height="${Math.round(height * scale)}" role="img" aria-label="${label}"><image width="${width}" height="${height}" href="data:${found.mediaType};base64,${found.data}"/>${marks}</svg><figcaption>${label}${boxes.length > 0 ? `: ${boxes.map(({ label: name }) => name).join(", ")}` : ""}</figcaption></figure>`;
}
