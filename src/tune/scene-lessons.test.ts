import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { loadWorld, stylesOf, type TaughtTool } from "../data/scenes/index.ts";
import { createTurnEncoder, type TaughtTrace, type TurnEncoder } from "./encode-turn.ts";
import { makeLesson } from "./scene-lessons.ts";

const world = await loadWorld({ styles: stylesOf("val") });

/** The traces that forty lessons teach. */
function traces(toolNames?: Partial<Record<TaughtTool, string>>): TaughtTrace[] {
  const taught: TaughtTrace[] = [];
  const turn = { question: [1], response: [2] };
  const encoder: TurnEncoder = {
    text: () => [],
    decode: () => "",
    turn: () => turn,
    toolTurns(_, trace) {
      taught.push(trace);
      return [turn];
    },
  };
  const options = { split: "val", seed: 1, questions: 5, conversations: 0, rationales: 0, tools: 1 } as const;
  for (let i = 0; i < 40; i++) makeLesson(world, encoder, { ...options, toolNames }, i);
  return taught;
}

test("questions with tools: a call only of a tool on offer, with what it returned, or a program", () => {
  const taught = traces();
  const calls = taught.filter(({ call }) => call);
  expect(calls.length).toBeGreaterThan(40);
  for (const { offer, call } of calls) {
    expect(offer).toMatch(/^tools: \w+(, \w+)*$/);
    expect(offer.slice("tools: ".length).split(", ")).toContain(call!.text.split(" ")[0]);
    expect(call!.result).not.toBe("");
  }
  const programs = taught.filter(({ offer }) => offer.startsWith("program: "));
  expect(programs.length / taught.length).toBeGreaterThan(0.15);
  for (const { end } of programs) expect(end).toMatch(/^\w+=\w+\(image=IMAGE.*\)\nRESULT\(var=\w+\.\w+\)$/);
});

test("tools under other names: in every other question, nothing but the names changes; there are no programs", () => {
  const all = traces({ count: "number_of", ocr: "read_text" });
  expect(all.some(({ offer }) => offer.startsWith("program"))).toBe(false);
  const isRenamed = ({ offer }: TaughtTrace) => /\b(number_of|read_text)\b/.test(offer);
  const isOwn = ({ offer }: TaughtTrace) => /\b(count|ocr)\b/.test(offer);
  const [renamed, own] = [all.filter(isRenamed), all.filter(isOwn)];
  expect(all.some((trace) => isRenamed(trace) && isOwn(trace))).toBe(false);
  expect(renamed.length / (renamed.length + own.length)).toBeGreaterThan(0.35);
  expect(own.length / (renamed.length + own.length)).toBeGreaterThan(0.35);
  const calls = (list: TaughtTrace[]) => list.flatMap(({ call }) => call?.text ?? []).join("\n");
  expect(calls(renamed)).toMatch(/^number_of image: image_1, name: \w+/m);
  expect(calls(renamed)).toMatch(/^read_text image: image_1$/m);
  expect(calls(renamed)).not.toMatch(/^(count|ocr) /m);
  expect(calls(own)).toMatch(/^count image: image_1, name: \w+/m);
  expect(calls(own)).not.toMatch(/^(number_of|read_text) /m);
});

test("rationales fit the room that the bundled model has for what it writes, and are taught as often as is said", async () => {
  const folder = path.join(import.meta.dirname, "../../models/tiny");
  const read = async (name: string) => JSON.parse(await readFile(path.join(folder, name), "utf8"));
  const { max_new_tokens: most } = await read("generation_config.json");
  const encoder = createTurnEncoder(await read("tokenizer.json"));
  const options = { split: "val", seed: 3, questions: 7, conversations: 0, rationales: 0 } as const;
  const lessons = Array.from({ length: 200 }, (_, i) =>
    makeLesson(world, encoder, { ...options, rationalesOf: { steps: 0.75 } }, i),
  );
  const types = lessons.flatMap((lesson) => lesson.types);
  expect(new Set(types.filter((type) => type.includes("rationale")))).toEqual(
    new Set(["steps with rationale"]),
  );
  const count = (wanted: string) => types.filter((type) => type === wanted).length;
  const share = count("steps with rationale") / (count("steps") + count("steps with rationale"));
  expect(share).toBeGreaterThan(0.65);
  expect(share).toBeLessThan(0.85);
  const lengths = lessons.flatMap(({ turns }) => turns.map(({ response }) => response.length));
  expect(Math.max(...lengths)).toBeLessThanOrEqual(most);
  expect(Math.max(...lengths)).toBeGreaterThan(30);
});
