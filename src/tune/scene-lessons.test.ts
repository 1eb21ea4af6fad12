import { expect, test } from "vitest";
import { loadWorld, stylesOf, type TaughtTool } from "../data/scenes/index.ts";
import type { TaughtTrace, TurnEncoder } from "./encode-turn.ts";
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

test("tools under other names: nothing but the names changes, and there are no programs", () => {
  const renamed = traces({ count: "number_of", ocr: "read_text" });
  expect(renamed.some(({ offer }) => offer.startsWith("program"))).toBe(false);
  const text = JSON.stringify(renamed);
  expect(text).toMatch(/number_of image: image_1, name: \w+/);
  expect(text).toContain('"text":"read_text image: image_1"');
  expect(text).toContain('"text":"detect image: image_1');
  expect(text).not.toMatch(/\b(count|ocr) image:|: (count|ocr)[,"]/);
});
