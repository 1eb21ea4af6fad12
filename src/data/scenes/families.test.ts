import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { chooseQuestions } from "./choose-questions.ts";
import { concepts } from "./concepts.ts";
import { toSample } from "./dataset.ts";
import { loadWorld } from "./load-world.ts";
import { stepsWordings } from "./wordings.ts";

const world = await loadWorld({ styles: ["noto", "twemoji", "fluent-emoji-flat"] });

test("questions of several steps: every form alike, and no answer so common that guessing it pays", () => {
  const asked = [...chooseQuestions(world, { split: "test", family: "steps", count: 300 })];
  const questions = asked.flatMap(({ questions: list }) => list);
  expect(questions.length).toBe(300);
  const forms = Object.groupBy(questions, ({ form }) => form);
  expect(Object.keys(forms).sort()).toEqual(Object.keys(stepsWordings).sort());
  for (const list of Object.values(forms)) expect(list!.length).toBe(60);
  const answers = Object.groupBy(questions, ({ answer }) => answer);
  for (const list of Object.values(answers)) expect(list!.length).toBeLessThan(0.4 * 300);
});

test("groups: three letters, a third of the questions each, the same in all splits of a seed", () => {
  const groupsOf = (split: "val" | "test", seed: number) => {
    const groups = new Map<string, string>();
    const counts = new Map<string, number>();
    for (const { scene, questions } of chooseQuestions(world, { split, seed, family: "groups", count: 60 })) {
      const { answer } = questions[0]!;
      groups.set(concepts[scene.objects[0]!.concept]!.category, answer);
      counts.set(answer, (counts.get(answer) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([20, 20, 20]);
    return groups;
  };
  const [val, test, other] = [groupsOf("val", 3), groupsOf("test", 3), groupsOf("val", 4)];
  expect(val.size).toBe(3);
  expect(new Map([...test].sort())).toEqual(new Map([...val].sort()));
  expect(new Map([...other].sort())).not.toEqual(new Map([...val].sort()));
});

test("made-up names are the same in all splits of a seed, others with another, and mean nothing else", () => {
  const namesOf = (split: "val" | "test", seed: number) => {
    const names = new Map<number, string>();
    for (const { scene, questions } of chooseQuestions(world, { split, seed, family: "names", count: 150 }))
      names.set(scene.objects[0]!.concept, questions[0]!.answer);
    return names;
  };
  const [val, same, other] = [namesOf("val", 3), namesOf("test", 3), namesOf("test", 4)];
  const shared = [...val.keys()].filter((concept) => same.has(concept));
  expect(shared.length).toBeGreaterThan(40);
  for (const concept of shared) expect(same.get(concept)).toBe(val.get(concept));
  expect([...same].filter(([concept, name]) => other.get(concept) === name).length).toBeLessThan(5);
  expect(new Set(same.values()).size).toBe(same.size);
  const words = new Set(concepts.flatMap(({ name, plural, category }) => [name, plural, category]));
  expect([...same.values()].filter((name) => words.has(name))).toEqual([]);
});

test("what tiny was trained and measured on stays as it is: pictures, questions and answers, byte for byte", () => {
  const hash = createHash("sha256");
  for (const family of ["standard", "steps", "names"] as const)
    for (const split of ["val", "test"] as const)
      for (const { scene, questions } of chooseQuestions(world, { split, family, count: 90 }))
        for (const question of questions) {
          // Rationales are no part of what is measured, and have changed since (the order in which they list things).
          const { rationale: _, ...sample } = toSample(scene, question, "", "");
          hash.update(scene.pixels).update(JSON.stringify(sample));
        }
  expect(hash.digest("hex")).toBe("ee83a2529008b8963a0a8510775669bb1abfe5ec84496776139b799388696427");
});
