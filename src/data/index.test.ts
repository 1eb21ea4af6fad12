import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mockModel } from "../testing/index.ts";
import * as data from "./index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-data-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the verbs of `sightline data` are functions of the same names", async () => {
  const at = (...names: string[]) => path.join(folder, ...names);
  const chats = Array.from({ length: 4 }, (_, i) => ({
    id: `c${i}`,
    conversations: [
      { from: "human", value: `What is ${i} and ${i}, in words?` },
      { from: "gpt", value: `It is ${2 * i}, as two equal numbers make twice the one.` },
    ],
  }));
  await writeFile(at("chats.json"), JSON.stringify(chats));

  const adapted = await data.adapt(at("chats.json"), { format: "samples", out: at("chats.jsonl") });
  expect(adapted).toMatchObject({ written: 4, rejected: 0, files: [at("chats.jsonl")] });

  const reply = [
    { question: "Is there a dog?", answer: "Yes." },
    { question: "How many dogs are there?", answer: "One." },
  ];
  const picture: data.PictureContext = {
    ...{ id: "p", captions: [], objects: [{ label: "dog", box: [0.1, 0.1, 0.4, 0.4] }] },
    image: { type: "image", source: "p.png", width: 100, height: 100 },
  };
  const generated = await data.generate([picture], {
    ...{ model: mockModel(JSON.stringify(reply)), out: at("dogs.jsonl"), kinds: ["conversation"] },
  });
  expect(generated).toMatchObject({ samples: 1, calls: { done: 1, total: 1 } });

  const out = at("mixed.jsonl");
  const mixed = await data.mix([at("chats.jsonl"), at("dogs.jsonl")], { out, sequential: true });
  expect(mixed).toMatchObject({ written: 5, rejected: 0 });

  const checked = await data.check([out], { media: false, maxTokens: 2048 });
  expect(checked).toMatchObject({ rows: 5, errors: 0, tokens: { imageTokens: 576, imageTokensCut: 0 } });

  const [shown] = await Array.fromAsync(data.show(out, { limit: 1 }));
  expect(shown).toContain("<|assistant|>« It is 0, as two equal numbers make twice the one.<|eos|>»");

  const exported = await data.export("ms-swift", out, { out: at("swift"), maxRejects: { count: 1 } });
  expect(exported).toMatchObject({ written: 4, rejected: 1, command: expect.stringContaining("swift sft") });
  expect((await readdir(at("swift"))).sort()).toEqual(["rejects.jsonl", "train.jsonl"]);
  // Its picture is not there.
  expect(await readFile(at("swift", "rejects.jsonl"), "utf8")).toContain("p.png");
});
