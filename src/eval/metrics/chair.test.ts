import { describe, expect, test } from "vitest";
import {
  captionLength,
  chairFigures,
  chairItem,
  mentionedObjects,
  objectOf,
  objectVocabulary,
  parseSynonymLines,
  vocabularyFor,
} from "./chair.ts";

const coco = vocabularyFor([]);
const found = (caption: string) => mentionedObjects(caption, coco);

describe("objects of a caption, rule by rule", () => {
  test.each([
    ["lower case and marks", "A DOG, a Cat.", ["dog", "cat"]],
    ["repetition is kept", "a dog and a dog", ["dog", "dog"]],
    [
      "singular",
      "dogs, buses, knives, mice, people, sheep and skis",
      ["dog", "bus", "knife", "mouse", "person", "sheep", "skis"],
    ],
    ["other words", "a puppy on a sofa near a bike", ["dog", "couch", "bicycle"]],
    ["two words", "a fire hydrant, hot dogs and wine glasses", ["fire hydrant", "hot dog", "wine glass"]],
    ["a mark keeps two words apart", "too hot, dog", ["dog"]],
    ["a possessive is its noun", "the dog's bed", ["dog", "bed"]],
    ["baby animal", "a baby elephant and two adult bears", ["elephant", "bear"]],
    ["baby alone", "a baby near an elephant", ["person", "elephant"]],
    ["passenger jet or train", "a passenger jet over a passenger train", ["airplane", "train"]],
    ["passenger alone", "a passenger on a train", ["person", "train"]],
    ["bow tie", "a bow tie", ["tie"]],
    ["toilet seat", "a toilet seat", ["toilet"]],
    ["a seat beside a toilet", "a toilet with its seat up", ["toilet"]],
    ["a seat elsewhere", "a seat near a window", ["chair"]],
    ["home plate", "a player at home plate", ["person"]],
    ["teddy bear is no bear", "a teddy bear", ["teddy bear"]],
    ["nothing", "a sunny day", []],
  ])("%s", (_, caption, objects) => expect(found(caption)).toEqual(objects));

  test("labels too may be plural or in capitals", () => {
    expect(["Dogs", "TV", "hair dryer", "unicorn"].map((label) => objectOf(label, coco))).toEqual([
      "dog",
      "tv",
      "hair drier",
      undefined,
    ]);
  });

  test("length counts words, not marks", () => {
    expect(captionLength("A dog, a cat - and 2 mice.")).toBe(7);
  });
});

test("COCO's table has its 80 objects, and no word names two", () => {
  expect(new Set(coco.names.values()).size).toBe(80);
});

describe("other vocabularies", () => {
  test("labels that are not COCO's are the vocabulary, in singular and plural", () => {
    const own = vocabularyFor(["kiwi", "owl", "duck", "bird", "dog", "dogs", "hot air balloon"]);
    expect(
      mentionedObjects("two kiwis, an owl, ducks, puppies, a pigeon, a car and hot air balloons", own),
    ).toEqual(["kiwi", "owl", "duck", "dog", "bird", "hot air balloon"]);
    expect(objectOf("dogs", own)).toBe("dog");
  });

  test("lines of CHAIR's own list are read; a word with two objects is refused", () => {
    const synonyms = parseSynonymLines("dog, puppy,  hot dog \n\ncat, kitten\ndog, hound");
    expect({ ...synonyms }).toEqual({ dog: ["puppy", "hot dog", "hound"], cat: ["kitten"] });
    expect(() => objectVocabulary({ dog: ["pet"], cat: ["Pet"] })).toThrow(
      'synonyms: a word must name one object only, but "pet" names "dog" and "cat".',
    );
  });
});

describe("figures by hand", () => {
  const item = (caption: string, labels: string[], references: string[] = []) =>
    chairItem(caption, { labels, references }, coco);
  // 3 mentions, 2 of them wrong; 1 of 2 objects named; 7 words.
  const first = item("a dog with a cat and cat", ["dog", "chair"]);
  // 2 mentions, none wrong: the bicycle is in a reference caption; 2 of 3 objects named; 5 words.
  const second = item("a man on a bike", ["person", "car"], ["somebody rides a bicycle"]);
  const third = item("it is sunny", []);

  test("mentions count with repetition, and the truth is the union of labels and reference captions", () => {
    expect(first).toEqual({
      mentioned: ["dog", "cat", "cat"],
      hallucinated: ["cat", "cat"],
      covered: 1,
      present: 2,
      length: 7,
    });
    expect(second).toMatchObject({ hallucinated: [], covered: 2, present: 3 });
    expect(chairFigures([first, second, third])).toEqual({
      chairI: 2 / 5,
      chairS: 1 / 3,
      recall: 3 / 5,
      meanLength: 5,
    });
  });

  test("a share of nothing is 0", () => {
    expect(chairFigures([third])).toEqual({ chairI: 0, chairS: 0, recall: 0, meanLength: 3 });
    expect(chairFigures([])).toEqual({ chairI: 0, chairS: 0, recall: 0, meanLength: 0 });
  });
});
