// Changes to a row that mean the same in every format: another response, another question, another picture.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { crc32, deflateSync } from "node:zlib";
import type { RowValue } from "../row-view.ts";
import { pictureName, type RowLayout } from "./clean-data.ts";

export function mainField(format: RowLayout): string {
  if (format === "sample") return "instruction";
  return format === "short" ? "question" : format === "openai" ? "messages" : "conversations";
}

export function turnsOf(row: RowValue, format: RowLayout): RowValue[] {
  return row[format === "openai" ? "messages" : "conversations"] as RowValue[];
}

export function chat(format: RowLayout, role: "user" | "assistant" | "system", text: string): RowValue {
  const names = { user: "human", assistant: "gpt", system: "system" };
  return format === "openai" ? { role, content: text } : { from: names[role], value: text };
}

/** Replaces the first response. */
export function say(row: RowValue, format: RowLayout, text: string): undefined {
  if (format === "sample") row.response = text;
  else if (format === "short") row.answer = text;
  else {
    const key = format === "openai" ? "content" : "value";
    turnsOf(row, format).find((turn) => turn.role === "assistant" || turn.from === "gpt")![key] = text;
  }
}

/** Replaces the words of the first question; the picture of a part stays. */
export function ask(row: RowValue, format: RowLayout, text: string): undefined {
  if (format === "sample") row.instruction = text;
  else if (format === "short") row.question = text;
  else if (format !== "openai") turnsOf(row, format).find(({ from }) => from === "human")!.value = text;
  else {
    const turn = turnsOf(row, format).find(({ role }) => role === "user")!;
    const pictures = (turn.content as RowValue[]).filter(({ type }) => type === "image_url");
    turn.content = [...pictures, { type: "text", text }];
  }
}

/** Replaces the picture. */
export function show(row: RowValue, format: RowLayout, source: string): undefined {
  if (format === "sample") row.input = [{ type: "image", source }];
  else if (format === "openai") {
    const turn = turnsOf(row, format).find(({ role }) => role === "user")!;
    (turn.content as RowValue[])[0] = { type: "image_url", image_url: { url: source } };
  } else row.image = source;
}

export async function put(
  row: RowValue,
  format: RowLayout,
  { folder, prefix }: { folder: string; prefix: string },
  name: string,
  bytes: Uint8Array,
): Promise<undefined> {
  const file = `images/${prefix}-${name}`;
  await writeFile(path.join(folder, file), bytes);
  return show(row, format, file);
}

export function manyPictures(row: RowValue, format: RowLayout, count: number): undefined {
  const sources = Array.from({ length: count }, (_, i) => pictureName(i));
  if (format === "sample") row.input = sources.map((source) => ({ type: "image", source }));
  else if (format === "short") {
    row.images = sources;
    delete row.image;
  } else if (format === "openai") {
    const parts = sources.map((url) => ({ type: "image_url", image_url: { url } }));
    turnsOf(row, format).find(({ role }) => role === "user")!.content = [
      ...parts,
      { type: "text", text: "Compare." },
    ];
  } else {
    row.image = sources;
    ask(row, format, `${"<image>".repeat(count)}\nCompare them.`);
  }
}

export function withoutChoice(row: RowValue, format: RowLayout): undefined {
  row.choices = ["a dog", "an owl"];
  if (format === "sample") row.answerType = "choice";
  say(row, format, "a heron");
}

/** A copy with another id, when the row has one. */
export function renamed(row: RowValue): RowValue {
  const copy = structuredClone(row);
  if (copy.id !== undefined) copy.id = `${copy.id}-again`;
  return copy;
}

export function sameId(row: RowValue, format: RowLayout): { after: RowValue } {
  const after = structuredClone(row);
  ask(after, format, format === "llava" ? "<image>\nAnd what is behind it?" : "And what is behind it?");
  say(after, format, "There is a low wall of yellow bricks behind the whole scene.");
  return { after };
}

/** A PNG whose header claims so many pixels; its data are a few zeros. */
export function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk("IDAT", deflateSync(Buffer.alloc(1000)));
  return Buffer.concat([signature, chunk("IHDR", header), data, chunk("IEND", Buffer.alloc(0))]);
}
