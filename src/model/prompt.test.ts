import { expect, test } from "vitest";
import type { Sample } from "../spec/index.ts";
import { callOf, promptOf, queryOf } from "./prompt.ts";

const sample: Sample = {
  id: "s1",
  group: "picture-1",
  instruction: "What is to the left?",
  input: [
    { type: "image", source: "a.png", hash: "sha256:aa" },
    { type: "text", text: "and" },
    { type: "image", source: "b.png" },
  ],
  response: "REFERENCE-dog",
  answers: ["REFERENCE-dog", "REFERENCE-puppy"],
  choices: ["cat", "cow"],
  type: "position",
  regions: [{ label: "REFERENCE-region", box: [1, 2, 3, 4] }],
  rationale: "REFERENCE-because",
  extra: { caption: "REFERENCE-caption" },
};
const loadImage = async ({ source }: { source: string }) => ({
  bytes: new TextEncoder().encode(source),
  mediaType: "image/png",
});

test("pictures as bytes in order, then the question", async () => {
  expect(await promptOf(sample, { loadImage })).toEqual([
    {
      role: "user",
      content: [
        {
          type: "file",
          mediaType: "image/png",
          data: { type: "data", data: new TextEncoder().encode("a.png") },
        },
        { type: "text", text: "and" },
        {
          type: "file",
          mediaType: "image/png",
          data: { type: "data", data: new TextEncoder().encode("b.png") },
        },
        { type: "text", text: "What is to the left?" },
      ],
    },
  ]);
});

test("the query knows the question and the choices, and pictures by content address", async () => {
  const { query, providerOptions } = await callOf(sample, { loadImage });
  expect(query).toEqual({
    id: "s1",
    group: "picture-1",
    question: "What is to the left?",
    choices: ["cat", "cow"],
    answerType: "choice",
    imageIds: ["sha256:aa", "sha256:5f59d8e87a6efbf43f23410175de477396d74daf9ade43b442ca02fc5413ad1d"],
  });
  expect(providerOptions.sightline.query).toEqual(query);
});

test("no reference string reaches the prompt or the query", async () => {
  const call = JSON.stringify(await callOf(sample, { loadImage }));
  expect(call).not.toContain("REFERENCE");
  expect(JSON.stringify(queryOf(sample))).not.toContain("REFERENCE");
});

test("a sample without group is its own group; declared hashes are the picture ids", () => {
  const { group: _, choices: __, ...plain } = sample;
  expect(queryOf({ ...plain, answerType: "short" })).toEqual({
    id: "s1",
    group: "s1",
    question: "What is to the left?",
    answerType: "short",
    imageIds: ["sha256:aa", "b.png"],
  });
});

test("sound and moving pictures are refused by name", async () => {
  const heard: Sample = { id: "s2", instruction: "?", input: [{ type: "audio", source: "a.wav" }] };
  await expect(promptOf(heard, { loadImage })).rejects.toThrow(
    expect.objectContaining({
      message: "sample s2, input[0]: only text and image parts can be put into a prompt, got audio.",
    }),
  );
});

test("earlier turns come before the question, their pictures before its own", async () => {
  const earlier: Sample = {
    ...sample,
    turns: [
      { role: "system", content: [{ type: "text", text: "Be brief." }] },
      {
        role: "user",
        content: [
          { type: "image", source: "old.png", hash: "sha256:00" },
          { type: "text", text: "What is it?" },
        ],
      },
      { role: "assistant", content: [{ type: "text", text: "A dog." }] },
    ],
  };
  const { prompt, query } = await callOf(earlier, { loadImage });
  expect(prompt.map(({ role, content }) => [role, content.length])).toEqual([
    ["system", "Be brief.".length],
    ["user", 2],
    ["assistant", 1],
    ["user", 4],
  ]);
  expect(prompt[2]).toEqual({ role: "assistant", content: [{ type: "text", text: "A dog." }] });
  expect(query.imageIds[0]).toBe("sha256:00");
  expect(query.imageIds).toHaveLength(3);
  expect(query.question).toBe("What is to the left?");
});
