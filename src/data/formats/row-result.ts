// What reading one row of instruction data gives, and the last step that all formats share: fields that were kept under
// the `sightline` key come back, and the Sample is checked.
import type { z } from "zod";
import type { Part, Sample, Turn } from "../../spec/index.ts";
import { issueText, sampleSchema } from "../schema/index.ts";
import { mediaOf, messagesOf, type RowProblem, sampleOfMessages } from "./messages.ts";

export type RowResult = { sample: Sample } | { problem: RowProblem };

/** Reads one row; a row without an id gets `fallbackId`. */
export type RowReader = (row: Record<string, unknown>, fallbackId: string) => RowResult;

/** What a format could not say about a Sample, as `--keep-extra` stores it under `sightline`. */
export interface KeptFields extends Partial<Omit<Sample, "instruction" | "input" | "response" | "turns">> {
  /** Hash, type and size of each picture of the conversation, in order. */
  media?: object[];
  /** Numbers of the messages on which no loss is taken. */
  noLoss?: number[];
  /** The system message. */
  system?: Part[];
}

/** Makes the Sample of a conversation with what the row says beside it. */
export function finishRow(
  messages: readonly Turn[],
  path: string,
  { id, extra, kept }: { id: string; extra?: Record<string, unknown>; kept?: unknown },
): RowResult {
  const stored = typeof kept === "object" && kept !== null ? (kept as KeptFields) : {};
  const { media, noLoss, system, extra: keptExtra, ...fields } = stored;
  const restored = restore(messages, { media, noLoss, system });
  const made = sampleOfMessages(restored, path);
  if ("problem" in made) return made;
  const { extra: madeExtra, ...sample } = made.sample;
  const all = { ...extra, ...keptExtra, ...madeExtra };
  const layout = {
    ...(keptExtra?.layout as object),
    ...(extra?.layout as object),
    ...(madeExtra?.layout as object),
  };
  if (Object.keys(layout).length > 0) all.layout = layout;
  const whole = { id, ...fields, ...sample, ...(Object.keys(all).length > 0 ? { extra: all } : {}) };
  const result = sampleSchema.safeParse(whole);
  return result.success ? { sample: result.data } : { problem: zodProblem(result.error) };
}

/** The first thing that breaks a schema. */
export function zodProblem(error: z.ZodError): RowProblem {
  const text = issueText(error);
  const path = error.issues[0]!.path;
  const colon = text.indexOf(": ");
  if (path.length === 0 || colon < 0) return { path: "", rule: text };
  return { path: text.slice(0, colon), rule: text.slice(colon + 2) };
}

/** Everything of a row but the named fields; undefined when that is nothing. */
export function otherFields(
  row: Record<string, unknown>,
  known: readonly string[],
): Record<string, unknown> | undefined {
  const others = Object.entries(row).filter(([key, value]) => !known.includes(key) && value !== undefined);
  return others.length > 0 ? Object.fromEntries(others) : undefined;
}

function restore(
  messages: readonly Turn[],
  { media = [], noLoss = [], system }: Pick<KeptFields, "media" | "noLoss" | "system">,
): Turn[] {
  const all: Turn[] = system ? [{ role: "system", content: system }, ...messages] : [...messages];
  let next = 0;
  return all.map((message, i) => {
    const content = message.content.map((part) =>
      part.type === "text" ? part : ({ ...(media[next++] as object), ...part } as Part),
    );
    return { ...message, content, ...(noLoss.includes(i) ? { loss: false } : {}) };
  });
}

/** What a format can say beside the conversation itself. */
export interface FormatFields {
  id?: boolean;
  /** Names of `extra` fields that have a place, or all that do not clash with the format's own. */
  extra?: readonly string[] | { allBut: readonly string[] };
  loss?: boolean;
  system?: boolean;
  detail?: boolean;
}

/** Names the fields that a format has no place for, and gives them as `sightline` would keep them. */
export function lostFields(
  sample: Sample,
  can: FormatFields,
): { names: string[]; kept: KeptFields; extra: Record<string, unknown> } {
  const { id, turns: _, instruction: __, input: ___, response, answers, extra = {}, ...others } = sample;
  const kept: KeptFields = { ...others };
  const names: string[] = Object.keys(others);
  if (!can.id) {
    kept.id = id;
    names.push("id");
  }
  // A single accepted answer that is the response says nothing new.
  if (answers && !(answers.length === 1 && answers[0] === response)) {
    kept.answers = answers;
    names.push("answers");
  }
  const messages = messagesOf(sample);
  const media = mediaOf(messages).map(({ type: _, source: __, ...facts }) => facts);
  if (media.some((facts) => Object.keys(facts).length > 0)) {
    kept.media = media;
    names.push(...[...new Set(media.flatMap((facts) => Object.keys(facts)))].map((key) => `media.${key}`));
  }
  const noLoss = messages.flatMap(({ loss }, i) => (loss === false ? [i] : []));
  if (!can.loss && noLoss.length > 0) {
    kept.noLoss = noLoss;
    names.push("turns.loss");
  }
  if (!can.system && messages[0]?.role === "system") {
    kept.system = messages[0].content;
    names.push("turns.system");
  }
  const { written, lost } = splitExtra(extra, can);
  if (Object.keys(lost).length > 0) {
    kept.extra = lost;
    names.push(...Object.keys(lost).map((key) => `extra.${key}`));
  }
  return { names, kept, extra: written };
}

function splitExtra(
  { layout, ...extra }: Record<string, unknown>,
  { extra: can = [], detail }: FormatFields,
): { written: Record<string, unknown>; lost: Record<string, unknown> } {
  const has = (key: string) => ("allBut" in can ? !can.allBut.includes(key) : can.includes(key));
  const entries = Object.entries(extra);
  const lost = Object.fromEntries(entries.filter(([key]) => !has(key)));
  const details = (layout as { detail?: unknown } | undefined)?.detail;
  if (!detail && details !== undefined) lost.layout = { detail: details };
  return { written: Object.fromEntries(entries.filter(([key]) => has(key))), lost };
}
