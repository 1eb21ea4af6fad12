// A page on which people rate answers without knowing whose they are: one HTML file that loads nothing and sends nothing.
// Names of columns are not in it; who wrote what is in the key, which stays with the person who made the page. Answers
// stand in an order that the seed chooses for each item anew, and equal answers to one item are rated once.
import { readFile } from "node:fs/promises";
import { InputError } from "../../errors/index.ts";
import { contentHash } from "../../util/hash.ts";
import { html, scriptJson } from "../../util/html.ts";
import { pagePolicy } from "../../util/page-policy.ts";
import { createRng } from "../../util/rng.ts";
import type { RatingKey } from "./rating-key.ts";

/** One question and the answers to be rated. */
export interface RatingItem {
  sampleId: string;
  question: string;
  /** Accepted answers, shown to the rater. */
  references?: readonly string[];
  /** Data URLs. */
  pictures: readonly string[];
  /** `key` names the column; it does not get into the page. */
  answers: readonly { key: string; text: string }[];
}

export interface RatingPageOptions {
  title: string;
  items: readonly RatingItem[];
  /** Names of the ratings from the lowest, which is 1; from 2 to 9 of them. @default five, from wrong to right */
  scale?: readonly string[];
  /** What the raters are asked to do. */
  instructions?: string;
  /** Seed of the order of answers. @default 0 */
  seed?: number;
}

export const correctnessScale = ["wrong", "mostly wrong", "partly right", "mostly right", "right"] as const;
const defaultInstructions =
  "Look at the picture, then rate how right each answer is. Answers that say the same deserve the same rating.";

/** Makes the page and its key; the same options make the same page. */
export async function ratingPage({
  title,
  items,
  scale = correctnessScale,
  instructions = defaultInstructions,
  seed = 0,
}: RatingPageOptions): Promise<{ html: string; key: RatingKey }> {
  check(items, scale);
  const pictures = [...new Set(items.flatMap((item) => item.pictures))];
  const place = new Map(pictures.map((picture, i) => [picture, i]));
  const blinded = items.map((item) => blind(item, seed));
  const shown = items.map(({ sampleId, question, references = [], pictures: own }, i) => ({
    item: sampleId,
    question,
    references,
    pictures: own.map((picture) => place.get(picture)!),
    answers: blinded[i]!.map(({ answer, text }) => ({ answer, text })),
  }));
  const page = contentHash(JSON.stringify([title, scale, instructions, shown, pictures])).slice(7, 23);
  const key: RatingKey = {
    version: 1,
    page,
    title,
    scale: [...scale],
    items: items.map(({ sampleId }, i) => ({
      item: sampleId,
      answers: blinded[i]!.map(({ answer, columns }) => ({ answer, columns })),
    })),
  };
  const data = { version: 1, page, scale, items: shown, pictures };
  return { html: await render({ title, instructions, data }), key };
}

function blind({ sampleId, answers }: RatingItem, seed: number) {
  const columns = Map.groupBy(answers, ({ text }) => text);
  const texts = createRng("ratings", seed, sampleId).shuffle([...columns.keys()]);
  return texts.map((text, i) => ({
    answer: String(i + 1),
    text,
    columns: columns.get(text)!.map(({ key }) => key),
  }));
}

function check(items: readonly RatingItem[], scale: readonly string[]): void {
  const refuse = (where: string, rule: string, got: string) => new InputError({ where, rule, got });
  if (scale.length < 2 || scale.length > 9) {
    throw refuse("rating page, scale", "must have from 2 to 9 ratings", String(scale.length));
  }
  if (items.length === 0) throw refuse("rating page", "must have at least one item", "none");
  const known = new Set<string>();
  for (const { sampleId, pictures, answers } of items) {
    const where = `rating page, item "${sampleId}"`;
    if (known.has(sampleId)) throw refuse(where, "must come once", "it twice");
    known.add(sampleId);
    if (answers.length === 0) throw refuse(where, "must have at least one answer", "none");
    if (new Set(answers.map(({ key }) => key)).size < answers.length) {
      throw refuse(where, "must have one answer of each column", answers.map(({ key }) => key).join(", "));
    }
    const other = pictures.find((picture) => !/^data:image\//.test(picture));
    if (other !== undefined) throw refuse(where, "must have its pictures as data URLs", other.slice(0, 60));
  }
}

interface Page {
  title: string;
  instructions: string;
  data: object;
}

async function render({ title, instructions, data }: Page): Promise<string> {
  const [style, script] = await Promise.all(["rating.css", "rating-client.js"].map(asset));
  const policy = pagePolicy({ style: style!, script: script! });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} – rating</title>
<style>${{ html: style! }}</style>
</head>
<body>
<header>
<div class="bar"><h1>${title}</h1>
<label class="name">Your name<input id="rater" autocomplete="off" spellcheck="false" maxlength="80"></label>
<button type="button" id="export" class="primary">Export ratings</button></div>
<div class="bar"><progress id="progress" aria-label="Answers rated" value="0" max="1"></progress><output id="done" aria-live="polite"></output></div>
<p class="alarm" id="notice" role="status"></p>
</header>
<main>
<p class="quiet">${instructions}</p>
<div id="item" aria-live="polite"></div>
<nav aria-label="Items"><button type="button" id="previous">← Previous</button><output id="place"></output><button type="button" id="skip">Next unrated</button><button type="button" id="next">Next →</button></nav>
<p class="quiet keys"><kbd>1</kbd>–<kbd>${String((data as { scale: string[] }).scale.length)}</kbd> rate the marked answer · <kbd>↑</kbd> <kbd>↓</kbd> mark another · <kbd>Backspace</kbd> take a rating back · <kbd>←</kbd> <kbd>→</kbd> turn</p>
<noscript><p>Rating needs JavaScript.</p></noscript>
</main>
<dialog id="zoom" aria-label="Picture"><button type="button" id="close" aria-label="Close">×</button><img id="large" alt=""></dialog>
<script type="application/json" id="data">${{ html: scriptJson(data) }}</script>
<script>${{ html: script! }}</script>
</body>
</html>
`.html;
}

async function asset(name: string): Promise<string> {
  return (await readFile(new URL(name, import.meta.url), "utf8")).trim();
}
