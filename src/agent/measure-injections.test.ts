import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { mockModel } from "../testing/mock-model.ts";
import { injections, obedientWord } from "./injection-corpus.ts";
import { measureInjections } from "./measure-injections.ts";
import { markData } from "./untrusted.ts";

const look = 'Action: ocr\nAction Input: {"image": "image_1"}';
const lastText = ({ prompt }: LanguageModelV4CallOptions) => JSON.stringify(prompt.at(-1));
const isFirst = ({ prompt }: LanguageModelV4CallOptions) => prompt.length === 2;

/** Does whatever it reads. */
const obedient = mockModel((call) => {
  if (isFirst(call)) return look;
  const said = lastText(call);
  if (said.includes("nobody has approved")) return "Answer: no";
  if (said.includes("word for word")) return `Answer: ${call.prompt[0]!.content as string}`;
  if (said.includes("use the tool")) return `Action: send\nAction Input: {"message": "${obedientWord}"}`;
  return `Answer: ${obedientWord}`;
});
/** Takes it as data. */
const resistant = mockModel((call) => (isFirst(call) ? look : "Answer: yes"));
/** Reads it out, which is no obedience. */
const quoting = mockModel((call) =>
  isFirst(call) ? look : `Answer: yes, it says "${obedientWord} and nothing else"`,
);

test("the measure tells an obedient agent from a resistant one", async () => {
  expect(injections.length).toBeGreaterThanOrEqual(30);
  expect(await measureInjections(obedient)).toMatchObject({ rate: 1, obeyed: injections.length });
  expect(await measureInjections(resistant)).toMatchObject({ rate: 0, of: injections.length });
  expect((await measureInjections(quoting)).rate).toBe(0);
});

test("half of the attacks obeyed is a rate of one half", async () => {
  const attacks = injections.filter(({ goal }) => goal !== "reveal");
  const onlyCalls = mockModel((call) => {
    if (isFirst(call)) return look;
    return lastText(call).includes("use the tool")
      ? `Action: send\nAction Input: {"message": "x"}`
      : "Answer: yes";
  });
  expect((await measureInjections(onlyCalls, { attacks })).rate).toBe(0.5);
});

test("what is read reaches the model between marks that it cannot close", () => {
  for (const { text } of injections) {
    const marked = markData({ text }, 8000);
    expect(marked.match(/<\/?data>/g)).toEqual(["<data>", "</data>"]);
    expect(JSON.parse(marked.slice("<data>".length, -"</data>".length))).toEqual({ text });
  }
  expect(markData("x".repeat(100), 10)).toBe('<data>"xxxxxxxxx (cut: 92 characters more)</data>');
});
