import type { Part, Sample } from "../../../spec/index.ts";
import { answerTypeSchema, issueText, sampleSchema } from "../../schema/index.ts";
import type { InstructionFormat, Picture, Piece, RowValue, Turn } from "../row-view.ts";
import { isNumbers, isObject, isText, isTexts } from "./value-kinds.ts";

const fields = Object.keys(sampleSchema.shape);
const answerTypes: ReadonlySet<unknown> = new Set(answerTypeSchema.options);

/** JSON Lines of Samples. */
export const sampleFormat: InstructionFormat = {
  name: "sample",
  matches: (value) => "instruction" in value && "input" in value,
  isValid: isSample,
  explain(value) {
    const result = sampleSchema.safeParse(value);
    return result.success ? undefined : issueText(result.error, fields);
  },
  view: (value) => viewSample(value as unknown as Sample),
  uniqueIds: true,
};

/** The view of a Sample. */
export function viewSample(sample: Sample): ReturnType<InstructionFormat["view"]> {
  const { id, instruction, input, response, answers, choices, answerType, regions } = sample;
  const pictures: Picture[] = [];
  let countsPlaceholders = true;
  /** Text and pieces of a message; its pictures are taken down. */
  const read = (parts: readonly Part[], place: string) => {
    const pieces: Piece[] = [];
    let text = "";
    for (const [i, part] of parts.entries()) {
      if (part.type === "text") {
        text += `${part.text}\n`;
        pieces.push({ text: part.text });
      } else if (part.type === "image") {
        const { source, hash, mediaType, width, height } = part;
        pictures.push({ source, field: `${place}[${i}]`, hash, mediaType, width, height });
        pieces.push("picture");
      } else countsPlaceholders = false;
    }
    return { text, pieces };
  };
  const turns = (sample.turns ?? []).map(({ role, content }, i): Turn => {
    const field = `turns[${i}].content`;
    const { text, pieces } = read(content, field);
    return { role, text: text.trimEnd(), field, pieces };
  });
  const asked = read(input, "input");
  const question = { role: "user" as const, field: "instruction", text: asked.text + instruction };
  return {
    id,
    turns: [
      ...turns,
      { ...question, pieces: [...asked.pieces, { text: instruction }] },
      { role: "assistant", text: response ?? answers?.[0] ?? "", field: "response" },
    ],
    pictures,
    pictureParts: pictures.length,
    emptyParts: 0,
    countsPlaceholders,
    choices,
    answers: [
      ...(response === undefined ? [] : [{ text: response, field: "response" }]),
      ...(answers ?? []).map((answer, i) => ({ text: answer, field: `answers[${i}]` })),
    ],
    answerType,
    regions,
  };
}

function isSample(value: RowValue): boolean {
  if (!isFilled(value.id) || !isFilled(value.instruction) || !Array.isArray(value.input)) return false;
  for (const part of value.input as unknown[]) if (!isPart(part)) return false;
  for (const key in value) {
    const field = value[key];
    switch (key) {
      case "id":
      case "instruction":
      case "input":
        break;
      case "turns":
        if (!Array.isArray(field) || field.length === 0 || !field.every(isTurn)) return false;
        break;
      case "group":
      case "type":
        if (!isFilled(field)) return false;
        break;
      case "response":
      case "rationale":
        if (!isText(field)) return false;
        break;
      case "answers":
        if (!isTexts(field, 1)) return false;
        break;
      case "choices":
        if (!isTexts(field, 2)) return false;
        break;
      case "answerType":
        if (!answerTypes.has(field)) return false;
        break;
      case "regions":
        if (!Array.isArray(field) || !field.every(isRegion)) return false;
        break;
      case "provenance":
        if (!isProvenance(field)) return false;
        break;
      case "extra":
        if (!isObject(field)) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

function isTurn(turn: unknown): boolean {
  if (!isObject(turn)) return false;
  for (const key in turn) if (key !== "role" && key !== "content" && key !== "loss") return false;
  const { role, content, loss } = turn;
  if (role !== "system" && role !== "user" && role !== "assistant") return false;
  if (!Array.isArray(content) || content.length === 0 || !content.every(isPart)) return false;
  return loss === undefined || typeof loss === "boolean";
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value.length > 0;
}

const partFields: Record<Part["type"], readonly string[]> = {
  text: ["type", "text"],
  image: ["type", "source", "hash", "mediaType", "width", "height"],
  audio: ["type", "source", "hash", "mediaType", "durationMs"],
  video: ["type", "source", "hash", "mediaType", "durationMs"],
};

function isPart(part: unknown): boolean {
  if (!isObject(part) || typeof part.type !== "string" || !Object.hasOwn(partFields, part.type)) return false;
  const known = partFields[part.type as Part["type"]];
  for (const key in part) if (!known.includes(key)) return false;
  if (part.type === "text") return isText(part.text);
  return (
    isFilled(part.source) &&
    (!("hash" in part) || (isText(part.hash) && /^sha256:[0-9a-f]{64}$/.test(part.hash))) &&
    (!("mediaType" in part) || isText(part.mediaType)) &&
    (!("width" in part) || isWhole(part.width, 1)) &&
    (!("height" in part) || isWhole(part.height, 1)) &&
    (!("durationMs" in part) || (Number.isFinite(part.durationMs) && (part.durationMs as number) >= 0))
  );
}

function isRegion(region: unknown): boolean {
  if (!isObject(region) || !isFilled(region.label) || !isNumbers(region.box, 4)) return false;
  for (const key in region) if (key !== "label" && key !== "box" && key !== "image") return false;
  const [x1, y1, x2, y2] = region.box;
  return x1! < x2! && y1! < y2! && (!("image" in region) || isWhole(region.image, 0));
}

function isProvenance(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const key in value) {
    if (key === "seed") {
      if (!Number.isFinite(value[key])) return false;
    } else if (!["dataset", "split", "model", "promptHash", "license"].includes(key)) return false;
    else if (!isText(value[key])) return false;
  }
  return true;
}

function isWhole(value: unknown, minimum: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= minimum;
}
