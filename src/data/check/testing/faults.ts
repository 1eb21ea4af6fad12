// Kinds of fault that can be put into a clean row of each format, and the check that has to find each.
import type { Rng } from "../../../util/rng.ts";
import type { RowValue } from "../row-view.ts";
import { type FormatName, picture, pictureName, type RowLayout } from "./clean-data.ts";
import {
  ask,
  bomb,
  chat,
  mainField,
  manyPictures,
  put,
  renamed,
  sameId,
  say,
  show,
  turnsOf,
  withoutChoice,
} from "./edit-row.ts";

export interface Fault {
  name: string;
  /** The check that must find it. */
  check: string;
  /** The check where another one finds it in a format. */
  checkIn?: Partial<Record<FormatName, string>>;
  /** Formats that it can be in. @default all */
  formats?: readonly FormatName[];
  /** Changes the row, or gives the bytes of its line, or a row to add after it. Pictures go to `folder`. */
  inject(row: RowValue, format: RowLayout, context: FaultContext): InjectResult | Promise<InjectResult>;
}

export interface FaultContext {
  /** Makes a JPEG of a picture, turned by its header or of another size. */
  toJpeg(
    bytes: Uint8Array,
    change: { orientation?: number; width?: number; height?: number },
  ): Promise<Uint8Array>;
  folder: string;
  /** Goes before the names of new pictures, so that no two tests write the same one. */
  prefix: string;
  rng: Rng;
}

type InjectResult = { raw: Buffer } | { after: RowValue } | undefined;

const llava: readonly FormatName[] = ["llava", "llava-json"];
const chats: readonly FormatName[] = [...llava, "openai", "anthropic", "hf"];
const lines: readonly FormatName[] = ["sample", "short", "llava", "openai", "anthropic"];
/** Where a row is JSON, which can be anything; a table has its columns. */
const json: readonly FormatName[] = [...lines, "llava-json"];
const tables: readonly FormatName[] = ["csv", "tsv"];
/** The order of Anthropic's messages is a rule of the format itself. */
const checkIn = { anthropic: "schema" };

/** A value that is written with a cell behind it. */
export const overlong = "caption and a cell too many";

/** All kinds of fault. The injected row always has a picture and a free text (number 4 of the clean rows). */
export const faults: readonly Fault[] = [
  {
    name: "cut-json",
    check: "json",
    formats: lines,
    inject: (row, _, { rng }) => {
      const text = JSON.stringify(row);
      return { raw: Buffer.from(text.slice(0, 1 + rng.int(text.length - 2))) };
    },
  },
  {
    name: "row-is-a-list",
    check: "json",
    formats: json,
    inject: (row) => ({ raw: Buffer.from(JSON.stringify([row])) }),
  },
  {
    name: "latin-1-bytes",
    check: "utf8",
    formats: json,
    inject: (row, format) => {
      say(row, format, "Ein Bär steht dort, und eine Möwe fliegt über ihm hinweg.");
      return { raw: Buffer.from(JSON.stringify(row), "latin1") };
    },
  },
  {
    name: "missing-field",
    check: "schema",
    formats: [...json, ...tables],
    inject: (row, format) => void delete row[mainField(format)],
  },
  {
    name: "wrong-type",
    check: "schema",
    formats: json,
    inject: (row, format) => {
      row[mainField(format)] = { text: "x" };
    },
  },
  {
    name: "a-cell-too-many",
    check: "schema",
    formats: tables,
    inject: (row) => {
      row.type = overlong;
    },
  },
  {
    name: "unknown-field-of-a-sample",
    check: "schema",
    formats: ["sample"],
    inject: (row) => {
      row.respons = row.response;
    },
  },
  {
    name: "slip-in-an-optional-field",
    check: "unknown-field",
    formats: ["short", "llava", "llava-json", "openai"],
    inject: (row, format) => {
      row[format === "short" ? "choicez" : "imagess"] = [];
    },
  },
  {
    name: "unknown-role",
    check: "schema",
    formats: chats,
    inject: (row, format) => {
      turnsOf(row, format)[0]![format === "openai" ? "role" : "from"] = "robot";
    },
  },
  {
    name: "unknown-part",
    check: "schema",
    formats: ["sample", "openai", "anthropic"],
    inject: (row, format) => {
      const part = { type: "picture", source: "x.png" };
      if (format === "sample") row.input = [part];
      else turnsOf(row, format).find(({ role }) => role === "user")!.content = [part];
    },
  },
  {
    name: "box-upside-down",
    check: "schema",
    formats: ["sample"],
    inject: (row) => {
      row.regions = [{ label: "x", box: [9, 9, 3, 20] }];
    },
  },
  {
    name: "one-placeholder-too-many",
    check: "image-count",
    inject: (row, f) => ask(row, f, "<image>\n<image>\nWhat?"),
  },
  {
    name: "no-placeholder",
    check: "image-count",
    formats: llava,
    inject: (row, f) => ask(row, f, "What is it?"),
  },
  {
    name: "placeholder-without-picture",
    check: "image-count",
    formats: llava,
    inject: (row) => void delete row.image,
  },
  {
    name: "placeholder-in-a-response",
    check: "image-count",
    inject: (row, format) => say(row, format, "As <image> shows, a dog stands there."),
  },
  {
    name: "roles-swapped",
    check: "role-order",
    checkIn,
    formats: chats,
    inject: (row, f) => void turnsOf(row, f).reverse(),
  },
  {
    name: "question-twice",
    check: "role-order",
    checkIn,
    formats: chats,
    inject: (row, format) =>
      void turnsOf(row, format).unshift({ ...chat(format, "user", "Well, look at it.") }),
  },
  {
    name: "no-last-response",
    check: "role-order",
    checkIn: { anthropic: "empty-response" },
    formats: chats,
    inject: (row, format) => void turnsOf(row, format).push(chat(format, "user", "And what else?")),
  },
  {
    name: "late-system-message",
    check: "role-order",
    checkIn,
    formats: chats,
    inject: (row, format) => void turnsOf(row, format).push(chat(format, "system", "Be careful.")),
  },
  {
    name: "empty-response",
    check: "empty-response",
    formats: ["sample", ...chats],
    inject: (row, f) => say(row, f, "  "),
  },
  {
    name: "one-word-response",
    check: "one-word-response",
    inject: (row, format, { rng }) => say(row, format, rng.pick(["Dog", "street", "42"])),
  },
  {
    name: "answer-no-choice",
    check: "choices",
    formats: ["sample", "short", ...tables],
    inject: withoutChoice,
  },
  {
    name: "letter-no-choice",
    check: "choices",
    formats: chats,
    inject: (row, format) => {
      ask(row, format, `${format === "openai" ? "" : "<image>\n"}Which is it?\nA. a dog\nB. an owl`);
      say(row, format, "D");
    },
  },
  {
    name: "box-outside-stated-size",
    check: "box",
    formats: ["sample"],
    inject: (row) => {
      row.input = [{ type: "image", source: pictureName(4), width: 64, height: 48 }];
      row.regions = [{ label: "x", box: [5, 5, 65, 40] }];
    },
  },
  {
    name: "box-outside-real-size",
    check: "box",
    formats: ["sample"],
    inject: (row) => {
      row.regions = [{ label: "x", box: [5, 5, 60, 49] }];
    },
  },
  {
    name: "box-of-no-picture",
    check: "box",
    formats: ["sample"],
    inject: (row) => {
      row.regions = [{ label: "x", box: [1, 1, 2, 2], image: 3 }];
    },
  },
  {
    name: "box-in-text-outside",
    check: "box",
    formats: chats,
    inject: (row, format) => say(row, format, "It is here: [0.20, 0.31, 1.40, 0.90]."),
  },
  {
    name: "special-token",
    check: "special-token",
    inject: (row, f) => say(row, f, "It is a dog.<|im_end|> Now sleep."),
  },
  {
    name: "wrong-decoding",
    check: "broken-text",
    inject: (row, f) => say(row, f, "A b\uFFFDr stands in the meadow."),
  },
  { name: "same-row-twice", check: "duplicate", inject: (row) => ({ after: renamed(row) }) },
  { name: "same-id-twice", check: "id", formats: ["sample", "short", ...tables, ...llava], inject: sameId },
  {
    name: "almost-the-same-row",
    check: "near-duplicate",
    inject: (row, format) => {
      const text = Array.from({ length: 30 }, (_, i) => `word${i}`).join(" ");
      say(row, format, text);
      const after = renamed(row);
      say(after, format, `${text} indeed`);
      return { after };
    },
  },
  { name: "missing-picture", check: "missing-media", inject: (row, f) => show(row, f, "images/none.png") },
  {
    name: "picture-outside-the-folder",
    check: "media-outside",
    inject: (row, f) => show(row, f, "../../etc/x.png"),
  },
  {
    name: "picture-cut-short",
    check: "corrupt-media",
    inject: async (row, format, context) => {
      const bytes = await picture(50);
      await put(row, format, context, "cut.png", bytes.subarray(0, 60 + context.rng.int(bytes.length - 120)));
    },
  },
  {
    name: "page-instead-of-picture",
    check: "corrupt-media",
    inject: (row, format, context) =>
      put(row, format, context, "page.jpg", Buffer.from("<!doctype html><title>404</title>")),
  },
  {
    name: "empty-picture",
    check: "corrupt-media",
    inject: (row, f, c) => put(row, f, c, "0.gif", Buffer.of()),
  },
  {
    name: "wrong-extension",
    check: "media-type",
    formats: [...json, ...tables],
    inject: async (row, format, context) => put(row, format, context, "really-png.jpg", await picture(51)),
  },
  {
    name: "wrong-type-of-data-url",
    check: "media-type",
    formats: [...json, ...tables],
    inject: async (row, format) =>
      show(row, format, `data:image/jpeg;base64,${Buffer.from(await picture(52)).toString("base64")}`),
  },
  {
    name: "turned-picture",
    check: "exif-rotation",
    inject: async (row, format, context) => {
      const orientation = 2 + context.rng.int(7);
      const bytes = await context.toJpeg(await picture(53), { orientation });
      await put(row, format, context, "turned.jpg", bytes);
    },
  },
  {
    name: "decode-bomb",
    check: "decode-bomb",
    inject: (row, format, context) => put(row, format, context, "bomb.png", bomb(60_000, 60_000)),
  },
  {
    name: "other-bytes-than-hashed",
    check: "media-hash",
    formats: ["sample"],
    inject: (row) => {
      row.input = [{ type: "image", source: pictureName(4), hash: `sha256:${"0".repeat(64)}` }];
    },
  },
  {
    name: "other-size-than-stated",
    check: "media-size",
    formats: ["sample"],
    inject: (row) => {
      row.input = [{ type: "image", source: pictureName(4), width: 99, height: 48 }];
    },
  },
  {
    name: "too-many-pictures",
    check: "image-tokens-cut",
    inject: (row, format) => manyPictures(row, format, 12),
  },
  {
    name: "question-too-long",
    check: "response-cut",
    inject: (row, format) => {
      // The limit of the test is 1000 tokens, one a word. An earlier response would be there to learn from.
      delete row.turns;
      const text = Array.from({ length: 1000 }, (_, i) => `q${i}`).join(" ");
      ask(row, format, format === "llava" ? `<image>\n${text}` : text);
    },
  },
  {
    name: "response-too-long",
    check: "too-long",
    inject: (row, format) => say(row, format, Array.from({ length: 1000 }, (_, i) => `r${i}`).join(" ")),
  },
  {
    name: "words-of-an-evaluation",
    check: "contamination-text",
    inject: (row, format) => say(row, format, `It says so: ${evaluationText}`),
  },
  {
    name: "picture-of-an-evaluation-made-smaller",
    check: "contamination-picture",
    inject: async (row, format, context) => {
      const size = { width: 100 + context.rng.int(200), height: 90 + context.rng.int(100) };
      await put(row, format, context, "leak.jpg", await context.toJpeg(await picture(1000, 640, 480), size));
    },
  },
  {
    name: "question-and-picture-of-an-evaluation",
    check: "contamination",
    inject: (row, format) => {
      show(row, format, "images/evaluation.png");
      ask(row, format, format === "llava" ? `<image>\n${evaluationQuestion}` : evaluationQuestion);
    },
  },
];

export const evaluationQuestion = "Name all the shapes that you can see";
export const evaluationText =
  "seven small herons cross the wide estuary at dawn while two ferrymen count their silver coins";
