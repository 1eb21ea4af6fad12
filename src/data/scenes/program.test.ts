import { expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { concepts } from "./concepts.ts";
import { loadWorld } from "./load-world.ts";
import {
  cellName,
  describe as describeThings,
  programOf,
  rationaleOf,
  runProgram,
  viewOf,
} from "./program.ts";
import { askScene } from "./questions.ts";
import { makeScene } from "./scene.ts";
import { askSteps } from "./steps.ts";

const world = await loadWorld({ styles: ["noto", "twemoji", "fluent-emoji-flat"], practice: true });
const scenes = Array.from({ length: 300 }, (_, index) =>
  makeScene(world, { split: "train", seed: 31, index }),
);

test("the program of every question gives its answer", () => {
  const forms = new Set<string>();
  for (const scene of scenes) {
    const rng = createRng("program", scene.index);
    for (const question of [...askScene(scene, rng), ...askSteps(scene, rng)]) {
      forms.add(question.form);
      const { answer } = runProgram(programOf(question), viewOf(scene));
      if (answer !== question.answer)
        expect.fail(`${scene.index}: ${question.question} gives ${answer}, not ${question.answer}`);
    }
  }
  expect(forms.size).toBe(14);
});

test("questions of several steps are answered by counting objects anew", () => {
  const inWords = Object.fromEntries(
    concepts.flatMap(({ name, plural }, i) => [
      [name, i],
      [plural, i],
    ]),
  );
  let checked = 0;
  for (const scene of scenes)
    for (const { question, answer, form } of askSteps(scene, createRng("steps", scene.index))) {
      const count = (name: string) => scene.objects.filter(({ concept }) => concept === inWords[name]).length;
      const pair =
        /^How many more (.+) than (.+) are there\?$|^How many (.+) and (.+) are there together\?$/.exec(
          question,
        );
      const [, a, b, c, d] = pair ?? [];
      if (a && b) expect(Number(answer)).toBe(count(a) - count(b));
      if (c && d) expect(Number(answer)).toBe(count(c) + count(d));
      if (form === "all") expect(Number(answer)).toBe(scene.objects.length);
      const beyond = /(farther left than|farther right than|higher than|lower than) the (.+?)[.?]?$/.exec(
        question,
      );
      if (beyond) {
        const anchor = scene.objects.find(({ concept }) => concept === inWords[beyond[2]!])!;
        const axis = beyond[1]!.startsWith("farther") ? 0 : 1;
        const sign = beyond[1] === "farther left than" || beyond[1] === "higher than" ? -1 : 1;
        const there = scene.objects.filter(({ center }) => sign * (center[axis] - anchor.center[axis]) > 0);
        expect(Number(answer)).toBe(there.length);
      }
      checked += Number(Boolean(pair || beyond || form === "all"));
    }
  expect(checked).toBeGreaterThan(500);
});

const thing = (name: string, x: number, y: number, side = 16) => ({
  name,
  box: [x - side / 2, y - side / 2, x + side / 2, y + side / 2] as [number, number, number, number],
});

test("a rationale names what was looked at, where, and how it adds up", () => {
  const things = [thing("dog", 90, 8), thing("cat", 20, 100), thing("dog", 40, 56)];
  const dog = concepts.findIndex(({ name }) => name === "dog");
  const cat = concepts.findIndex(({ name }) => name === "cat");
  const run = (form: "counting" | "difference" | "caption" | "all", one = dog, other = cat) => {
    const question = { type: "steps" as const, form, topic: { one, other }, question: "", answer: "" };
    const { answer, observations } = runProgram(programOf(question), { things });
    return [...observations.map(({ text }) => text), answer];
  };
  expect(run("counting")).toEqual(["dog: 1 f1, 2 c4", "2"]);
  expect(run("difference")).toEqual(["dog: 1 f1, 2 c4", "cat: 1 b7", "2 - 1 = 1", "1"]);
  expect(run("all")).toEqual(["things: 1 dog f1, 2 dog c4, 3 cat b7", "3"]);
  expect(run("caption").at(-1)).toBe("a cat and two dogs");
  expect(
    runProgram(
      [
        { op: "find", name: "owl" },
        { op: "count", of: 0 },
      ],
      { things },
    ),
  ).toEqual({
    answer: "I see no owl.",
    observations: [{ text: "owl: none", boxes: [] }],
  });
});

test("each observation carries the boxes that it speaks of", () => {
  const things = [thing("dog", 90, 8), thing("cat", 20, 100)];
  const { observations } = runProgram([{ op: "list" }, { op: "caption", of: 0 }], { things });
  expect(observations[0]!.boxes).toEqual([things[1]!.box, things[0]!.box]);
});

test("cells are named as on a chess board, from the top left", () => {
  expect(cellName(thing("dog", 1, 1, 2))).toBe("a1");
  expect(cellName(thing("dog", 111, 111, 2))).toBe("g7");
  expect(cellName(thing("dog", 31, 33, 2))).toBe("b3");
});

test("what is no concept of this world is described all the same", () => {
  expect(describeThings(["unicorn", "owl", "unicorn"])).toBe("two unicorns and an owl");
});

test("rationales fit the room that training gives them", () => {
  for (const scene of scenes) {
    const rng = createRng("room", scene.index);
    for (const question of [...askScene(scene, rng), ...askSteps(scene, rng)])
      expect(rationaleOf(question, scene).length).toBeLessThan(140);
  }
});
