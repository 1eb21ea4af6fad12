// Rows of a layout as a file of a format: what people have is never only JSON Lines.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDataUrl } from "../../../media/index.ts";
import { encodeParquet, type ParquetRow } from "../../formats/parquet.ts";
import type { RowValue } from "../row-view.ts";
import type { FormatName } from "./clean-data.ts";
import { overlong } from "./faults.ts";

/** Names of the files by format. */
const names: Record<FormatName, string> = {
  ...{ sample: "data.jsonl", short: "data.jsonl", llava: "data.jsonl", openai: "data.jsonl" },
  ...{
    anthropic: "data.jsonl",
    "llava-json": "data.json",
    csv: "data.csv",
    tsv: "data.tsv",
    hf: "data.parquet",
  },
};

/** Writes rows, or the bytes of their lines; gives the file. */
export async function writeRows(
  folder: string,
  format: FormatName,
  rows: readonly (RowValue | Buffer)[],
): Promise<string> {
  const file = path.join(folder, names[format]);
  switch (format) {
    case "csv":
    case "tsv":
      await writeFile(file, tableOf(rows as RowValue[], format === "csv" ? "," : "\t"));
      return file;
    case "hf":
      await writeFile(
        file,
        await encodeParquet(
          await Promise.all((rows as RowValue[]).map((row, i) => parquetRow(row, i, folder))),
          false,
        ),
      );
      return file;
    default: {
      const isList = format === "llava-json";
      const items = rows.map((row) => {
        if (Buffer.isBuffer(row)) return row;
        return Buffer.from(JSON.stringify(format === "anthropic" ? anthropicRow(row) : row));
      });
      const joined = items.flatMap((item, i) => [
        ...(i > 0 ? [Buffer.from(isList ? ",\n" : "\n")] : []),
        item,
      ]);
      const whole = isList ? [Buffer.from("["), ...joined, Buffer.from("]")] : joined;
      await writeFile(file, Buffer.concat(whole));
      return file;
    }
  }
}

const columns = ["id", "image", "images", "question", "answer", "answers", "choices", "type"];

function tableOf(rows: readonly RowValue[], mark: string): string {
  const cell = (value: unknown) => {
    const text = Array.isArray(value) ? value.join("|") : String(value ?? "");
    return /[",\t\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => {
    const line = columns.map((name) => cell(row[name])).join(mark);
    return row.type === overlong ? `${line}${mark}more` : line;
  });
  return `${[columns.join(mark), ...lines].join("\n")}\n`;
}

type Block = { type: string; text?: string; image_url?: { url: string } };
type Message = { role: string; content: string | Block[] };

/** A chat with its pictures in a column: as bytes where the file is there, else as a path. */
async function parquetRow({ messages }: RowValue, index: number, folder: string): Promise<ParquetRow> {
  const images: { bytes: Uint8Array | null; path: string | null }[] = [];
  const placed: { role: string; content: { type: string; text: string | null }[] }[] = [];
  for (const { role, content } of messages as Message[]) {
    const blocks: Block[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
    for (const { image_url } of blocks) {
      if (image_url === undefined) continue;
      const { url } = image_url;
      const bytes = url.startsWith("data:")
        ? parseDataUrl(url).bytes
        : await readFile(path.join(folder, url)).catch(() => null);
      images.push({ bytes: bytes && new Uint8Array(bytes), path: bytes ? null : url });
    }
    placed.push({
      role,
      content: blocks.map(({ type, text }) =>
        type === "text" ? { type, text: text! } : { type: "image", text: null },
      ),
    });
  }
  return { id: String(index), messages: placed, images: images as ParquetRow["images"] };
}

/** The same chat as a request to Anthropic; what is no chat stays what it is. */
export function anthropicRow(row: RowValue): RowValue {
  if (!Array.isArray(row.messages)) return { max_tokens: 100, ...row };
  const [first, ...others] = row.messages as Message[];
  const system = first?.role === "system" ? { system: first.content } : {};
  const messages = (first?.role === "system" ? others : [first!, ...others]).map(({ role, content }) => ({
    role,
    content:
      typeof content === "string"
        ? content
        : content.map((block) =>
            block.image_url ? { type: "image", source: sourceOf(block.image_url.url) } : block,
          ),
  }));
  return { ...row, ...system, messages };
}

function sourceOf(url: string): object {
  const data = /^data:([^;]+);base64,(.*)$/s.exec(url);
  return data ? { type: "base64", media_type: data[1], data: data[2] } : { type: "url", url };
}
