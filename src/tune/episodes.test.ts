import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { loadWorld } from "../data/scenes/index.ts";
import { createTurnEncoder } from "./encode-turn.ts";
import { makeEpisode } from "./episodes.ts";

const world = await loadWorld({ styles: ["noto", "twemoji", "fluent-emoji-flat"], practice: true });
const tokenizer = path.resolve(import.meta.dirname, "../../models/tiny/tokenizer.json");
const encoder = createTurnEncoder(JSON.parse(await readFile(tokenizer, "utf8")));
const options = { seed: 3, pictures: 9, slots: 18 };
const make = (split: "train" | "val", count: number) =>
  Array.from({ length: count }, (_, index) => makeEpisode(world, encoder, { ...options, split }, index));
const isNaming = (episode: ReturnType<typeof makeEpisode>) => episode[0]!.types[0]!.includes("examples");

test("a group or a made-up name is learned only where a picture before has shown it", () => {
  const naming = make("train", 40).filter(isNaming);
  expect(naming.length).toBeGreaterThan(20);
  for (const episode of naming) {
    const seen = new Set<string>();
    for (const { turns } of episode) {
      const [turn] = turns;
      const answer = String(turn!.response);
      expect(turn!.context).toBe(!seen.has(answer));
      seen.add(answer);
    }
    expect(seen.size).toBeLessThanOrEqual(3);
  }
});

test("plain episodes are learned whole, and every turn fits its room", () => {
  const episodes = make("train", 30);
  expect(episodes.some((episode) => !isNaming(episode))).toBe(true);
  for (const episode of episodes) {
    expect(episode.length).toBe(9);
    for (const { turns } of episode)
      for (const { question, response, context } of turns) {
        if (!isNaming(episode)) expect(context ?? false).toBe(false);
        expect(question.length + response.length).toBeLessThanOrEqual(18);
      }
  }
});

test("the answers of two episodes contradict each other: nothing but the examples tells what a letter stands for", () => {
  const groups = make("train", 60).filter((episode) => episode[0]!.types[0] === "group from examples");
  const meanings = new Map<string, Set<number>>();
  for (const episode of groups)
    for (const { turns, cells } of episode) {
      const answer = String(turns[0]!.response);
      const [shown] = Array.from(cells).filter((cell) => cell >= 0);
      if (shown !== undefined) meanings.set(answer, (meanings.get(answer) ?? new Set()).add(shown));
    }
  expect(meanings.size).toBe(8);
  for (const things of meanings.values()) expect(things.size).toBeGreaterThan(1);
});

test("val names are never train names", () => {
  const namesOf = (split: "train" | "val") =>
    new Set(
      make(split, 60)
        .filter((episode) => episode[0]!.types[0]!.startsWith("name"))
        .flatMap((episode) => episode.map(({ turns }) => String(turns[0]!.response))),
    );
  const [train, val] = [namesOf("train"), namesOf("val")];
  expect(val.size).toBeGreaterThan(12);
  expect([...val].filter((name) => train.has(name))).toEqual([]);
});
