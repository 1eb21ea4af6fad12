import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleSchema } from "../schema/index.ts";
import type { AnnotatedPicture } from "./annotated-picture.ts";
import { type PopeSampling, popeProbes, popeQuestion } from "./pope.ts";

const picture = (name: string, ...objects: string[]): AnnotatedPicture => ({
  name,
  source: `/pictures/${name}`,
  objects,
  regions: [],
});

// dog 3, cat 3, ball 2, tree 2, car 1, cup 1.
const pictures = [
  picture("a.png", "dog", "cat", "ball"),
  picture("b.png", "dog", "cat", "tree"),
  picture("c.png", "dog", "tree", "car"),
  picture("d.png", "cat", "ball", "cup"),
];

/** Absent objects by picture, in the order asked. */
function absent(sampling: PopeSampling, seed = 0): Record<string, unknown[]> {
  const no = popeProbes(pictures, { sampling, seed }).filter(({ response }) => response === "no");
  const groups = Map.groupBy(no, ({ group }) => group!);
  return Object.fromEntries(
    [...groups].map(([name, probes]) => [name, probes.map(({ extra }) => extra!.object)]),
  );
}

describe("absent objects, chosen by hand from the four pictures", () => {
  test("popular takes the most frequent one that is absent and unused", () => {
    expect(absent("popular")).toEqual({
      "a.png": ["tree", "car", "cup"],
      "b.png": ["ball", "car", "cup"],
      "c.png": ["cat", "ball", "cup"],
      "d.png": ["dog", "tree", "car"],
    });
  });

  test("adversarial takes the closest neighbour of the object just asked for, then falls back to chance", () => {
    const found = absent("adversarial");
    expect(found["a.png"]).toEqual(["tree", "cup", "car"]);
    expect(found["b.png"]).toEqual(["ball", "cup", "car"]);
    expect(found["c.png"]![0]).toBe("cat");
    expect(found["c.png"]!.slice(1).sort()).toEqual(["ball", "cup"]);
  });

  test("random follows the seed", () => {
    expect(absent("random", 3)).toEqual(absent("random", 3));
    const all = Array.from({ length: 8 }, (_, seed) => JSON.stringify(absent("random", seed)));
    expect(new Set(all).size).toBeGreaterThan(3);
  });
});

test("a probe is a Sample with its object, its sampling and its picture", () => {
  const [yes, no] = popeProbes([picture("a.png", "apple"), picture("b.png", "dog")], { perPicture: 1 });
  expect(yes).toEqual({
    id: "a.png:random:1-yes",
    group: "a.png",
    instruction: "Is there an apple in the image?",
    input: [{ type: "image", source: "/pictures/a.png" }],
    response: "yes",
    answers: ["yes"],
    answerType: "yes-no",
    type: "random",
    provenance: { dataset: "pope", seed: 0 },
    extra: { object: "apple", split: "random" },
  });
  expect(no).toMatchObject({ id: "a.png:random:1-no", instruction: "Is there a dog in the image?" });
  expect(sampleSchema.parse(yes)).toEqual(yes);
});

test("only the article of the object is changed", () => {
  expect(["orange", "hot air balloon", "umbrella", "banana"].map(popeQuestion)).toEqual([
    "Is there an orange in the image?",
    "Is there a hot air balloon in the image?",
    "Is there an umbrella in the image?",
    "Is there a banana in the image?",
  ]);
});

test("pictures with too few objects are left out, and a limit chooses the same ones every time", () => {
  const more = [...pictures, picture("e.png", "dog")];
  const groups = (options: object) => [...new Set(popeProbes(more, options).map(({ group }) => group))];
  expect(groups({})).toEqual(["a.png", "b.png", "c.png", "d.png"]);
  expect(groups({ minObjects: 1 })).toContain("e.png");
  expect(groups({ pictures: 2, seed: 5 })).toEqual(groups({ pictures: 2, seed: 5 }));
  expect(groups({ pictures: 2, seed: 5 })).toHaveLength(2);
});

test("yes and no are equal, ids differ, and an absent object is absent, whatever the pictures", () => {
  const object = fc.constantFrom("dog", "cat", "ox", "ant", "cup", "car", "egg");
  const objects = fc.uniqueArray(object, { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(fc.array(objects, { minLength: 2, maxLength: 8 }), fc.nat(), (lists, seed) => {
      const given = lists.map((list, i) => picture(`${i}.png`, ...list));
      const everywhere = given.every(({ objects }) => objects.length === new Set(lists.flat()).size);
      if (everywhere) return;
      const probes = popeProbes(given, { perPicture: 2, minObjects: 1, seed });
      const yes = probes.filter(({ response }) => response === "yes");
      expect(yes.length * 2).toBe(probes.length);
      expect(new Set(probes.map(({ id }) => id)).size).toBe(probes.length);
      for (const { group, response, extra } of probes) {
        const { objects } = given.find(({ name }) => name === group)!;
        expect(objects.includes(extra!.object as string)).toBe(response === "yes");
      }
      const asked = probes.map(({ group, type, extra }) => `${group} ${type} ${extra!.object}`);
      expect(new Set(asked).size).toBe(asked.length);
    }),
  );
});

test("what cannot be asked is said", () => {
  expect(() => popeProbes([picture("a.png", "dog")])).toThrow(
    "pope: needs pictures with at least 3 objects, got 1 pictures with at most 1. Ask for fewer objects of a picture (--per-picture).",
  );
  expect(() => popeProbes([picture("a", "x"), picture("b", "x")], { perPicture: 1 })).toThrow(
    "pope: needs objects that are in some pictures and not in others, got the same 1 in every picture.",
  );
});
