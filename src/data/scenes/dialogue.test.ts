import { expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { sampleSchema } from "../schema/index.ts";
import { askPlace, askWhere } from "./boxes.ts";
import { chooseQuestions } from "./choose-questions.ts";
import { conceptIndex, concepts } from "./concepts.ts";
import { sceneSamples } from "./dataset.ts";
import { askDialogue, dialogueTypes } from "./dialogue.ts";
import { loadWorld } from "./load-world.ts";
import { position } from "./position.ts";
import { programOf, runProgram, viewOf } from "./program.ts";
import { makeScene, type Scene } from "./scene.ts";
import { type Direction, directions } from "./wordings.ts";

const world = await loadWorld({ styles: ["noto", "twemoji", "fluent-emoji-flat"] });
const scenes = Array.from({ length: 250 }, (_, index) => makeScene(world, { split: "val", seed: 41, index }));
const talks = scenes.map((scene) => ({ scene, asked: askDialogue(scene, createRng("talk", scene.index)) }));

test("the program of every last question gives its answer, and the question in full asks the same", () => {
  const types = new Set<string>();
  for (const { scene, asked } of talks)
    for (const question of asked) {
      types.add(question.type);
      expect(runProgram(programOf(question), viewOf(scene)).answer).toBe(question.answer);
      expect(question.inFull).not.toMatch(/\b(it|that|those|them|together\?$)\b/);
      expect(question.earlier!.length).toBeGreaterThanOrEqual(1);
      expect(question.earlier!.length).toBeLessThanOrEqual(3);
    }
  expect([...types].sort()).toEqual([...dialogueTypes].sort());
});

test("what a question refers to is what a listener takes it to be, read back from the words alone", () => {
  const checked: Record<string, number> = {};
  for (const { scene, asked } of talks)
    for (const { earlier, question, answer, type } of asked) {
      let asking: number | undefined; // What the last question was about: "it".
      let named: number | undefined; // What the last answer named: "that".
      const numbers: number[] = [];
      for (const turn of [...earlier!, { question, answer }]) {
        expect(answerOf(scene, turn.question)).toBe(turn.answer);
      }
      checked[type] = (checked[type] ?? 0) + 1;

      function answerOf(seen: Scene, text: string): string {
        const count = (one: number) => seen.objects.filter(({ concept }) => concept === one).length;
        const direction = (Object.keys(directions) as Direction[]).find((key) =>
          text.includes(directions[key]),
        );
        const about = mentioned(text);
        if (direction) {
          const anchor = about[0] ?? (/\bthat\b/.test(text) ? named! : asking!);
          expect(count(anchor)).toBe(1);
          asking = anchor;
          const at = seen.objects.findIndex(({ concept }) => concept === anchor);
          named = seen.objects[position(seen.objects, at, direction)!]!.concept;
          return concepts[named]!.name;
        }
        if (/kind|type|category/.test(text)) return concepts[named!]!.category;
        if (/together|sum/.test(text)) return String(numbers[0]! + numbers[1]!);
        if (/more/.test(text)) return concepts[numbers[0]! > numbers[1]! ? asking! : named!]!.plural;
        if (/those|them/.test(text)) return String(count(named ?? asking!));
        if (/^(Is|Can|Does|Do) /.test(text)) {
          asking = about[0]!;
          return count(asking) > 0 ? "yes" : "no";
        }
        if (numbers.length === 0) asking = about[0]!;
        else named = about[0]!;
        numbers.push(count(about[0]!));
        return String(numbers.at(-1));
      }
    }
  for (const type of dialogueTypes) expect(checked[type], type).toBeGreaterThan(25);
});

/** Concepts that a text names, longest names first. */
function mentioned(text: string): number[] {
  const found = concepts
    .flatMap(({ name, plural }, i) => [name, plural].map((word) => ({ i, word })))
    .filter(({ word }) => new RegExp(`\\b${word}\\b`).test(text))
    .sort((a, b) => b.word.length - a.word.length);
  return found.map(({ i }) => i);
}

test("a conversation is a Sample with turns, its picture in the first; no answer pays to guess", async () => {
  const samples = await sceneSamples({ split: "val", family: "dialogue", count: 30 }, { world });
  for (const sample of samples) {
    expect(sampleSchema.parse(sample)).toEqual(sample);
    expect(sample.input).toEqual([]);
    const roles = sample.turns!.map(({ role }) => role);
    expect(roles).toEqual(roles.map((_, i) => (i % 2 === 0 ? "user" : "assistant")));
    expect(sample.turns!.map(({ content }) => content.filter(({ type }) => type === "image").length)).toEqual(
      roles.map((_, i) => Number(i === 0)),
    );
    expect(sample.extra).toHaveProperty("inFull");
    expect(sample.extra).toHaveProperty("program");
  }
  const asked = [...chooseQuestions(world, { split: "val", family: "dialogue", count: 500 })];
  const byType = Object.groupBy(
    asked.flatMap(({ questions }) => questions),
    ({ type }) => type,
  );
  const limits = { position: 0.1, category: 0.1, counting: 0.3, total: 0.3, comparison: 0.1 };
  for (const [name, limit] of Object.entries(limits)) {
    const list = byType[`dialogue-${name}` as "dialogue-total"]!;
    expect(list).toHaveLength(100);
    const same = Object.values(Object.groupBy(list, ({ answer }) => answer)).map((each) => each!.length);
    expect(Math.max(...same) / 100, name).toBeLessThanOrEqual(limit);
  }
});

test("boxes: the answer holds the thing and no other, from 0 to 1; the reverse names it; programs agree", () => {
  let [where, place] = [0, 0];
  for (const scene of scenes) {
    for (const question of askWhere(scene, createRng("where", scene.index))) {
      const box = JSON.parse(question.answer) as number[];
      const { concept } = scene.objects.find((object) => object.box === question.box)!;
      expect(question.question).toContain(concepts[concept]!.name);
      expect(scene.objects.filter((object) => object.concept === concept)).toHaveLength(1);
      for (const [i, value] of box.entries()) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(Math.abs(value * scene.size - question.box![i]!)).toBeLessThanOrEqual(
          0.005 * scene.size + 1e-9,
        );
      }
      expect(runProgram(programOf(question), viewOf(scene)).answer).toBe(question.answer);
      where++;
    }
    for (const question of askPlace(scene, createRng("place", scene.index))) {
      const [x1, y1, x2, y2] = (JSON.parse(/\[.*\]/.exec(question.question)![0]) as number[]).map(
        (v) => v * scene.size,
      );
      const owner = (x: number, y: number) => scene.owner[Math.floor(y) * scene.size + Math.floor(x)]!;
      const inside = new Map<number, number>();
      for (let y = y1!; y < y2!; y++)
        for (let x = x1!; x < x2!; x++) inside.set(owner(x, y), (inside.get(owner(x, y)) ?? 0) + 1);
      const most = [...inside].filter(([who]) => who >= 0 && who < 1000).sort((a, b) => b[1] - a[1])[0]![0];
      expect(scene.objects[most]!.concept).toBe(conceptIndex(question.answer));
      expect(runProgram(programOf(question), viewOf(scene)).answer).toBe(question.answer);
      place++;
    }
  }
  expect(where).toBeGreaterThan(200);
  expect(place).toBeGreaterThan(300);
});

test("a Sample of where a thing is has its box as the first region, which is what scores it", async () => {
  const samples = await sceneSamples({ split: "val", family: "where", count: 20 }, { world });
  for (const { regions, response, input } of samples) {
    const { width } = input[0] as { width: number };
    const box = (JSON.parse(response!) as number[]).map((value) => value * width);
    for (const [i, value] of box.entries()) expect(Math.abs(value - regions![0]!.box[i]!)).toBeLessThan(1);
  }
});
