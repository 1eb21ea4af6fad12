// One view of a row for every check, whatever format the row has: turns of text, and pictures.
import type { AnswerType, Region } from "../../spec/index.ts";
import type { Finding } from "./finding.ts";

export type Role = "system" | "user" | "assistant" | "tool";

/** A piece of a turn in its order: some text, or the place of a picture. */
export type Piece = { text: string } | "picture";

export interface Turn {
  role: Role;
  /** All text of the turn. */
  text: string;
  field: string;
  /** Texts and pictures in order, when the format says it otherwise than by placeholders in the text. */
  pieces?: Piece[];
}

export interface Picture {
  source: string;
  field: string;
  hash?: string;
  mediaType?: string;
  width?: number;
  height?: number;
}

export interface RowView {
  id?: string;
  turns: Turn[];
  pictures: Picture[];
  /** Picture parts that stand in the turns themselves and bring their own source. */
  pictureParts: number;
  /** Picture parts in the turns that take their source from a column of the row. */
  emptyParts: number;
  /** False when the row has media that is not looked at (video, audio) and that may own a placeholder. */
  countsPlaceholders: boolean;
  choices?: string[];
  /** Accepted answers, with their fields. */
  answers?: { text: string; field: string }[];
  answerType?: AnswerType;
  regions?: Region[];
}

export type RowValue = Record<string, unknown>;

/** A format of instruction data. */
export interface InstructionFormat {
  name: "sample" | "short" | "llava" | "anthropic" | "openai";
  /** True when a row looks like this format at all. */
  matches(value: RowValue): boolean;
  /** Checks a row by hand, fast. False may be wrong (explain decides then), true may not. */
  isValid(value: RowValue): boolean;
  /** Says what is wrong with a row; undefined when nothing is. */
  explain(value: RowValue): string | undefined;
  view(value: RowValue): RowView;
  /** Names of the fields that a row may have, when it may have others too: a near miss among those is a slip. */
  openFields?: readonly string[];
  /** Whether two rows of one id are an error, or only worth a look. */
  uniqueIds: boolean;
}

/** A row that passed its format's schema. */
export interface CheckedRow {
  /** File, or name of the dataset. */
  file: string;
  /** Folder that the pictures' paths start from. @default that of the file */
  baseDir?: string;
  fileIndex: number;
  line: number;
  format: InstructionFormat;
  value: RowValue;
  view: RowView;
}

/** Looks at rows one after another and reports what is wrong. */
export interface Check {
  name: string;
  row(row: CheckedRow, report: (finding: Finding) => void): void | Promise<void>;
  /** Told when all rows were seen. */
  end?(report: (finding: Finding) => void): void | Promise<void>;
}

/** Names a row in a finding. */
export function rowPlace({
  file,
  line,
  view,
  baseDir,
}: CheckedRow): Pick<Finding, "where" | "id" | "baseDir"> {
  return {
    where: `${file}:${line}`,
    ...(view.id === undefined ? {} : { id: view.id }),
    ...(baseDir === undefined ? {} : { baseDir }),
  };
}

/** The placeholder of a picture in text. */
export const placeholder = "<image>";

/** Counts placeholders in a text. */
export function countPlaceholders(text: string): number {
  let count = 0;
  for (let at = text.indexOf(placeholder); at >= 0; at = text.indexOf(placeholder, at + placeholder.length)) {
    count++;
  }
  return count;
}

/** The texts and pictures of a turn in their order. */
export function piecesOf({ text, pieces }: Turn): Piece[] {
  if (pieces) return pieces;
  return text
    .split(placeholder)
    .flatMap((piece, i): Piece[] => [...(i > 0 ? ["picture" as const] : []), { text: piece }]);
}
