// Clean instruction data in each format, with its pictures in a folder: what no check may say anything about.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { encodePng } from "../../../media/index.ts";
import { createRng } from "../../../util/rng.ts";
import type { RowValue } from "../row-view.ts";

/** Layouts of rows, which faults are put into. */
export type RowLayout = "sample" | "short" | "llava" | "openai";

/** Files that rows can be in, with the layout of the rows before they are written. */
export const rowLayouts = {
  sample: "sample",
  short: "short",
  csv: "short",
  tsv: "short",
  llava: "llava",
  "llava-json": "llava",
  openai: "openai",
  anthropic: "openai",
  hf: "openai",
} as const satisfies Record<string, RowLayout>;
export type FormatName = keyof typeof rowLayouts;
export const formatNames = Object.keys(rowLayouts) as FormatName[];

/** Rows in a clean file. */
export const cleanRows = 24;
export const pictureWidth = 64;
export const pictureHeight = 48;

/** Writes the pictures of clean rows, and one that only evaluation rows have. */
export async function writePictures(folder: string): Promise<void> {
  await mkdir(path.join(folder, "images"), { recursive: true });
  for (let i = 0; i < cleanRows; i++) await writeFile(path.join(folder, pictureName(i)), await picture(i));
  await writeFile(path.join(folder, "images/evaluation.png"), await picture(1000));
}

export function pictureName(i: number): string {
  return `images/${i}.png`;
}

/** A smooth picture of random greys: every number gives another one, whose hash is far from the others'. */
export async function picture(
  seed: number,
  width = pictureWidth,
  height = pictureHeight,
): Promise<Uint8Array> {
  const rng = createRng("clean picture", seed);
  const columns = 8;
  const greys = Array.from({ length: columns * 8 }, () => rng.int(256));
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [((x + 0.5) / width) * 6, ((y + 0.5) / height) * 6];
      const at = Math.floor(v) * columns + Math.floor(u);
      const [fu, fv] = [u % 1, v % 1];
      const top = greys[at]! * (1 - fu) + greys[at + 1]! * fu;
      const bottom = greys[at + columns]! * (1 - fu) + greys[at + columns + 1]! * fu;
      const grey = top * (1 - fv) + bottom * fv;
      pixels.fill(grey, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return encodePng(pixels, width, height);
}

const things = [
  "dog",
  "kettle",
  "bridge",
  "tram",
  "owl",
  "lamp",
  "barge",
  "violin",
  "ladder",
  "fern",
  "clock",
  "kite",
];
const places = [
  "harbour",
  "kitchen",
  "meadow",
  "station",
  "library",
  "garage",
  "orchard",
  "stadium",
  "attic",
  "canal",
];
const doings = ["rests", "stands", "leans", "waits", "turns", "shines"];
const colours = ["red", "green", "amber", "violet", "grey", "turquoise", "white"];

/** Two sentences about a picture; different enough for no two rows to be near duplicates. */
export function description(i: number): string {
  const rng = createRng("clean text", i);
  const thing = () => `${rng.pick(colours)} ${rng.pick(things)}`;
  const first = `A ${thing()} ${rng.pick(doings)} beside the ${thing()} in the ${rng.pick(places)}.`;
  return `${first} Number ${i * 37 + 11} is written on a ${thing()}, ${rng.int(90) + 10} steps from the ${rng.pick(places)}.`;
}

/** The rows of a clean file. */
export function cleanRowsOf(format: FormatName): RowValue[] {
  return Array.from({ length: cleanRows }, (_, i) => cleanRow(rowLayouts[format], i));
}

export function cleanRow(layout: RowLayout, i: number): RowValue {
  const question = `Describe what happens in this picture, number ${i}, in a few sentences.`;
  const answer = description(i);
  const image = pictureName(i);
  // Every third row is multiple choice, every fourth has no picture or a second turn.
  const options = ["in the air", "on the ground", "under water"];
  switch (layout) {
    case "sample": {
      const size = { width: pictureWidth, height: pictureHeight };
      const parts = i % 4 === 3 ? [] : [{ type: "image", source: image, ...(i % 2 ? size : {}) }];
      const choice = i % 3 === 2;
      return {
        id: `s${i}`,
        ...(i % 4 === 0 ? { turns: earlierTurns(i, answer) } : {}),
        instruction: choice ? `Where is the thing with number ${i}?` : question,
        input: parts,
        response: choice ? options[i % 2]! : answer,
        ...(choice ? { choices: options, answerType: "choice" } : { answerType: "free" }),
        ...(parts.length > 0 ? { regions: [{ label: "thing", box: [1, 2, 60, 40] }] } : {}),
      };
    }
    case "short": {
      if (i % 3 === 2)
        return { id: i, image, question: `Where is it, in ${i}?`, answer: "B", choices: options };
      if (i % 3 === 1)
        return { id: i, image, question: `Describe picture ${i} well.`, answer, type: "caption" };
      return {
        id: i,
        images: [image],
        question: `How many things are in picture ${i}?`,
        answers: [String(i)],
      };
    }
    case "openai": {
      const picture = { type: "image_url", image_url: { url: image, detail: "auto" } };
      const text = { type: "text", text: question };
      const messages: RowValue[] = [
        { role: "user", content: i % 4 === 3 ? question : [picture, text] },
        { role: "assistant", content: answer },
      ];
      if (i % 2) messages.unshift({ role: "system", content: "You are a careful observer." });
      if (i % 4 === 0) messages.push(...secondTurn(i, "role", "content", "user", "assistant"));
      return { messages };
    }
    default: {
      const value = i % 4 === 3 ? question : i % 4 === 1 ? `${question}\n<image>` : `<image>\n${question}`;
      const conversations: RowValue[] = [
        { from: "human", value },
        { from: "gpt", value: answer },
      ];
      if (i % 4 === 0) conversations.push(...secondTurn(i, "from", "value", "human", "gpt"));
      return { id: `l${i}`, ...(i % 4 === 3 ? {} : { image }), conversations };
    }
  }
}

/** What was said before about the picture of a row, which comes after it. */
function earlierTurns(i: number, answer: string): RowValue[] {
  const said = (role: string, text: string) => ({ role, content: [{ type: "text", text }] });
  return [
    said("system", "You are a careful observer."),
    said("user", `Picture ${i} comes next. Which number is on it?`),
    said("assistant", answer.split(". ")[1]!),
  ];
}

function secondTurn(i: number, who: string, what: string, user: string, assistant: string): RowValue[] {
  return [
    {
      [who]: user,
      [what]: `How many steps is it, in picture ${i}?\nA. none\nB. ten or more\nAnswer with the letter.`,
    },
    { [who]: assistant, [what]: "B" },
    { [who]: user, [what]: "Where is it? Give a box." },
    { [who]: assistant, [what]: "[0.10, 0.25, 0.70, 0.95]" },
  ];
}
