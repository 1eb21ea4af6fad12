import { expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { concepts } from "./concepts.ts";
import { loadWorld } from "./load-world.ts";
import { position } from "./position.ts";
import { askScene, type SceneQuestion } from "./questions.ts";
import { makeScene, type Scene } from "./scene.ts";
import { trainQuestions } from "./train-questions.ts";
import { directions, questionTypes, wordings } from "./wordings.ts";

const world = await loadWorld({ styles: ["noto", "twemoji", "fluent-emoji-flat"], practice: true });
const scenes = Array.from({ length: 400 }, (_, index) =>
  makeScene(world, { split: "train", seed: 21, index }),
);
const asked = scenes.map((scene) => ({ scene, questions: askScene(scene, createRng("ask", scene.index)) }));

test("every form has at least three wordings, and every type is asked", () => {
  for (const list of Object.values(wordings)) expect(new Set(list).size).toBeGreaterThanOrEqual(3);
  const types = new Set(asked.flatMap(({ questions }) => questions.map(({ type }) => type)));
  expect([...types].sort()).toEqual([...questionTypes].sort());
});

test("answers follow from the objects, read back from the words of the question alone", () => {
  for (const { scene, questions } of asked)
    for (const question of questions) {
      const answer = answerOf(scene, question.question);
      if (question.answer !== answer)
        expect.fail(`${scene.index}: ${question.question} is answered ${question.answer}, not ${answer}`);
    }
});

test("yes and no questions come in equal numbers, and about pictures with a thing", () => {
  for (const { scene, questions } of asked) {
    const answers = questions.filter(({ type }) => type === "existence").map(({ answer }) => answer);
    const yes = answers.filter((answer) => answer === "yes").length;
    expect(yes).toBe(new Set(scene.objects.map(({ concept }) => concept)).size);
    expect(answers.length).toBe(Math.max(1, 2 * yes));
  }
});

test("a direction has an answer only when one object is clearly there", () => {
  const at = (...centers: [number, number][]) => centers.map((center) => ({ center }));
  expect(position(at([50, 50], [20, 50]), 0, "left")).toBe(1);
  expect(position(at([50, 50], [20, 50]), 0, "right")).toBeUndefined();
  expect(position(at([50, 50], [20, 60]), 0, "above")).toBeUndefined();
  expect(position(at([50, 50], [50, 20]), 0, "above")).toBe(1);
  expect(position(at([50, 50], [55, 80]), 0, "below")).toBe(1);
  // Two there; one there and one near the border; too near.
  expect(position(at([50, 50], [20, 50], [10, 45]), 0, "left")).toBeUndefined();
  expect(position(at([50, 50], [20, 50], [20, 22]), 0, "left")).toBeUndefined();
  expect(position(at([50, 50], [20, 50], [40, 10]), 0, "left")).toBe(1);
  expect(position(at([50, 50], [40, 50]), 0, "left")).toBeUndefined();
});

test("training asks a varied few: no type takes over, yes and no alike, absent things now and then", () => {
  const questions = scenes.flatMap((scene) => trainQuestions(scene, createRng("t", scene.index), 6));
  expect(questions.length / scenes.length).toBeGreaterThan(5);
  const share = (list: SceneQuestion[], of: (question: SceneQuestion) => boolean) =>
    list.filter(of).length / list.length;
  for (const type of questionTypes) {
    expect(share(questions, (question) => question.type === type)).toBeLessThan(0.32);
    expect(share(questions, (question) => question.type === type)).toBeGreaterThan(0.02);
  }
  const existence = questions.filter(({ type }) => type === "existence");
  expect(Math.abs(share(existence, ({ answer }) => answer === "yes") - 0.5)).toBeLessThan(0.06);
  const looking = questions.filter(({ type }) => /^(counting|position|absent)$/.test(type));
  const absent = share(looking, ({ type }) => type === "absent");
  expect(absent).toBeGreaterThan(0.1);
  expect(absent).toBeLessThan(0.25);
  for (const scene of scenes.slice(0, 50)) {
    const texts = trainQuestions(scene, createRng("t", scene.index), 6).map(
      ({ question, answer }) => `${question} ${answer}`,
    );
    expect(new Set(texts).size).toBe(texts.length);
  }
});

test("training on some families asks only them", () => {
  const types = ["counting", "steps"] as const;
  const asked = scenes.flatMap((scene) => trainQuestions(scene, createRng("t", scene.index), 4, { types }));
  expect([...new Set(asked.map(({ type }) => type))].sort()).toEqual(["counting", "steps"]);
});

test("training asks about what is not there for a share of the pictures", () => {
  const shareOf = (negatives: number) => {
    const pictures = scenes.map((scene) =>
      trainQuestions(scene, createRng("t", scene.index), 8, { types: ["existence", "absent"], negatives }),
    );
    const isNegative = ({ type, answer }: SceneQuestion) => type === "absent" || answer === "no";
    expect(pictures.flat().some((question) => !isNegative(question))).toBe(true);
    return pictures.filter((questions) => questions.some(isNegative)).length / pictures.length;
  };
  expect(shareOf(0)).toBe(0);
  const [some, all] = [shareOf(0.5), shareOf(1)];
  expect(some / all).toBeGreaterThan(0.35);
  expect(some / all).toBeLessThan(0.65);
});

/** Answers a question from the objects of the scene, finding the form and the names by the wording. */
function answerOf(scene: Scene, question: string): string {
  const count = (index: number) => scene.objects.filter(({ concept }) => concept === index).length;
  const area = (index: number) => {
    const [x1, y1, x2, y2] = scene.objects.find(({ concept }) => concept === index)!.box;
    return (x2 - x1) * (y2 - y1);
  };
  const { form, one, other, direction } = readQuestion(question);
  const none = one !== undefined && count(one) === 0 ? `I see no ${concepts[one]!.name}.` : undefined;
  switch (form) {
    case "existence":
      return none ? "no" : "yes";
    case "naming":
      return concepts[scene.objects[0]!.concept]!.name;
    case "category":
      return concepts[scene.objects[0]!.concept]!.category;
    case "counting":
      return none ?? String(count(one!));
    case "position": {
      if (none) return none;
      const anchor = scene.objects.findIndex(({ concept }) => concept === one);
      const there = scene.objects.filter((object, i) => {
        const dx = object.center[0] - scene.objects[anchor]!.center[0];
        const dy = object.center[1] - scene.objects[anchor]!.center[1];
        const degrees = (Math.atan2(dy, dx) * 180) / Math.PI;
        const axis = { right: 0, below: 90, left: 180, above: -90 }[direction!];
        const away = Math.abs(((degrees - axis + 540) % 360) - 180);
        return i !== anchor && away <= 45;
      });
      return count(one!) === 1 && there.length === 1 ? concepts[there[0]!.concept]!.name : "not certain";
    }
    case "reading":
      return scene.word!.text;
    case "more":
      return concepts[count(one!) > count(other!) ? one! : other!]!.plural;
    case "bigger":
      return concepts[area(one!) > area(other!) ? one! : other!]!.name;
    default: {
      const order = [...scene.objects].sort((a, b) => a.center[0] - b.center[0]);
      const items = [...new Set(order.map(({ concept }) => concept))].map((index) => {
        const { name, plural, article } = concepts[index]!;
        const n = count(index);
        return n === 1 ? `${article} ${name}` : `${["two", "three", "four", "five"][n - 2]} ${plural}`;
      });
      const last = items.pop()!;
      return items.length === 0 ? last : `${items.join(", ")} and ${last}`;
    }
  }
}

const patterns: Record<string, string> = {
  X: "an? (?<X>.+?)",
  D: `(?<D>${Object.values(directions).join("|")})`,
};

function readQuestion(question: string) {
  const index = (text: string | undefined, ...keys: ("name" | "plural")[]) =>
    text === undefined
      ? undefined
      : concepts.findIndex((concept) => keys.some((key) => concept[key] === text));
  for (const [form, list] of Object.entries(wordings))
    for (const wording of list) {
      const names = wording
        .replace(/[?.]/g, "\\$&")
        .replace(/\b(Xs|X|N|Ms|M|D)\b/g, (mark) => patterns[mark] ?? `(?<${mark}>.+?)`);
      const groups = new RegExp(`^${names}$`).exec(question)?.groups ?? undefined;
      if (!groups && !new RegExp(`^${names}$`).test(question)) continue;
      const one = index(groups?.X ?? groups?.N, "name") ?? index(groups?.Xs, "plural");
      const other = index(groups?.M, "name") ?? index(groups?.Ms, "plural");
      const direction = (Object.keys(directions) as (keyof typeof directions)[]).find(
        (key) => directions[key] === groups?.D,
      );
      if (one === -1 || other === -1 || (groups?.D && !direction)) continue;
      return { form, one, other, direction };
    }
  throw new Error(`no wording fits ${question}`);
}
