import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Part, Sample } from "../../spec/index.ts";
import { writeHfRow } from "./hf-messages.ts";
import { writeLlavaRow, writeShareGptRow } from "./llava.ts";
import { writeOpenAiRow } from "./openai.ts";
import { encodeParquet } from "./parquet.ts";
import { type InstructionRow, openInstructions } from "./read-instructions.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-formats-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function readAll(name: string, text: string | Uint8Array): Promise<InstructionRow[]> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  const rows: InstructionRow[] = [];
  for await (const row of (await openInstructions(file)).rows()) rows.push(row);
  return rows;
}
const samplesIn = (rows: InstructionRow[]) => rows.map((row) => ("sample" in row ? row.sample : row.problem));
const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const image = (source: string): Part => ({ type: "image", source });
const say = (text: string): Part => ({ type: "text", text });

describe("files in their official forms", () => {
  test("COCO captions: a picture with all of its captions; bad ones are told", async () => {
    const images = [
      { license: 4, file_name: "000000397133.jpg", height: 427, width: 640, id: 397133 },
      { license: 1, file_name: "000000037777.jpg", height: 230, width: 352, id: 37777 },
    ];
    const annotations = [
      { image_id: 397133, id: 370509, caption: "A man is in a kitchen making pizzas." },
      { image_id: 397133, id: 375864, caption: "Man in apron standing on front of oven with pans.\n" },
      { image_id: 1, id: 3, caption: "A dog." },
      { image_id: 37777, id: 4, caption: " " },
    ];
    const rows = await readAll("captions_val2017.json", JSON.stringify({ info: {}, images, annotations }));
    const file = path.join(folder, "captions_val2017.json");
    expect(rows).toEqual([
      {
        ...{ file, line: 3 },
        problem: { path: "annotations[2].image_id", rule: 'must be an id in "images", got 1' },
      },
      { file, line: 4, problem: { path: "annotations[3].caption", rule: expect.any(String) } },
      {
        ...{ file, line: 1 },
        sample: {
          ...{ id: "000000397133.jpg", instruction: "Describe the picture." },
          input: [{ ...image("000000397133.jpg"), width: 640, height: 427 }],
          response: "A man is in a kitchen making pizzas.",
          answers: [
            "A man is in a kitchen making pizzas.",
            "Man in apron standing on front of oven with pans.",
          ],
          ...{ answerType: "caption", type: "caption" },
        },
      },
    ]);
  });

  test("LLaVA's list: pictures at their places, conversations with their turns", async () => {
    const rows = [
      {
        id: "000000033471",
        image: "coco/train2017/000000033471.jpg",
        conversations: [
          { from: "human", value: "<image>\nWhat are the colors of the bus?" },
          { from: "gpt", value: "White and red." },
          { from: "human", value: "Is it moving?" },
          { from: "gpt", value: "It is parked." },
        ],
      },
      {
        id: "two",
        image: ["a.jpg", "b.jpg"],
        conversations: [
          { from: "human", value: "Compare <image> with <image>. Which is larger?" },
          { from: "gpt", value: "The first." },
        ],
      },
      {
        id: "after",
        image: "c.jpg",
        model: "gpt-4",
        conversations: [
          { from: "human", value: "What is this?\n<image>" },
          { from: "gpt", value: "A cat." },
        ],
      },
      { id: "text", conversations: [{ from: "human", value: "Hi" }] },
    ];
    const read = samplesIn(await readAll("llava.json", JSON.stringify(rows, null, 2))) as Sample[];
    expect(read).toEqual([
      {
        id: "000000033471",
        turns: [
          {
            role: "user",
            content: [image("coco/train2017/000000033471.jpg"), say("What are the colors of the bus?")],
          },
          { role: "assistant", content: [say("White and red.")] },
        ],
        ...{ instruction: "Is it moving?", input: [], response: "It is parked." },
      },
      {
        id: "two",
        instruction: ". Which is larger?",
        input: [say("Compare "), image("a.jpg"), say(" with "), image("b.jpg")],
        response: "The first.",
      },
      {
        ...{ id: "after", instruction: "What is this?", input: [image("c.jpg")], response: "A cat." },
        extra: { model: "gpt-4", layout: { instructionAt: 0 } },
      },
      { id: "text", instruction: "Hi", input: [] },
    ]);
    for (const [i, sample] of read.entries()) {
      expect(writeLlavaRow(sample, { keepExtra: false })).toEqual({ row: rows[i], lost: [] });
    }
  });

  test("ShareGPT's JSONL, with a system message and images", async () => {
    const row = {
      id: "s1",
      images: ["a.png"],
      system: "You are brief.",
      conversations: [
        { from: "human", value: "<image>\nWhat?" },
        { from: "gpt", value: "A dog." },
      ],
    };
    const [sample] = samplesIn(await readAll("sharegpt.jsonl", lines(row))) as [Sample];
    expect(sample).toMatchObject({
      ...{ id: "s1", instruction: "What?", input: [image("a.png")], response: "A dog." },
      turns: [{ role: "system", content: [say("You are brief.")] }],
    });
    expect(writeShareGptRow(sample, { keepExtra: false })).toEqual({ row, lost: [] });
    expect(writeLlavaRow(sample, { keepExtra: false })).toMatchObject({ lost: ["turns.system"] });
  });

  test("OpenAI's fine-tuning JSONL: parts, detail and weights", async () => {
    const row = {
      messages: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: "https://example.com/a.jpg", detail: "low" } },
          ],
        },
        { role: "assistant", content: "A dog.", weight: 0 },
        { role: "user", content: "Sure?" },
        { role: "assistant", content: "Yes." },
      ],
    };
    const [sample] = samplesIn(await readAll("openai.jsonl", lines(row))) as [Sample];
    expect(sample.turns?.[2]).toEqual({ role: "assistant", content: [say("A dog.")], loss: false });
    expect(sample).toMatchObject({ id: "1", instruction: "Sure?", response: "Yes." });
    expect(writeOpenAiRow(sample, { keepExtra: false })).toEqual({ row, lost: ["id"] });
  });

  test("Anthropic's messages, and a line of a batch", async () => {
    const request = {
      ...{ model: "m", max_tokens: 100, system: [{ type: "text", text: "Be brief." }] },
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
            { type: "text", text: "What?" },
          ],
        },
        { role: "assistant", content: "A dog." },
      ],
    };
    const read = samplesIn(
      await readAll("anthropic.jsonl", lines(request, { custom_id: "b7", params: request })),
    );
    const sample = {
      turns: [{ role: "system", content: [say("Be brief.")] }],
      ...{ instruction: "What?", input: [image("data:image/png;base64,iVBORw0KGgo=")], response: "A dog." },
      extra: { model: "m", max_tokens: 100 },
    };
    expect(read).toEqual([
      { id: "1", ...sample },
      { id: "b7", ...sample },
    ]);
  });

  test("Hugging Face parquet: pictures come out as the bytes that went in", async () => {
    const bytes = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 255, 0, 254);
    const { row } = writeHfRow(
      { id: "p1", instruction: "Sind das Äpfel?", input: [image("x.png")], response: "ja" },
      { keepExtra: true },
    ) as unknown as { row: { id: string; messages: unknown[] } };
    const encoded = await encodeParquet(
      [
        { ...row, images: [{ bytes, path: "x.png" }], sightline: "{}" },
        { id: "p2", messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }], images: [] },
      ],
      true,
    );
    expect(samplesIn(await readAll("set.parquet", encoded))).toEqual([
      {
        ...{ id: "p1", instruction: "Sind das Äpfel?", response: "ja" },
        input: [image(`data:image/png;base64,${Buffer.from(bytes).toString("base64")}`)],
      },
      { id: "p2", instruction: "Hi", input: [] },
    ]);
  });

  test("messages and images as JSONL: marked places, unmarked pictures, ms-swift's loss", async () => {
    const read = samplesIn(
      await readAll(
        "swift.jsonl",
        lines(
          {
            messages: [
              { role: "user", content: "<image>What?" },
              { role: "assistant", content: "A dog.", loss: false },
              { role: "user", content: "Sure?" },
              { role: "assistant", content: "Yes." },
            ],
            images: ["a.png"],
          },
          {
            messages: [
              { role: "user", content: "What?" },
              { role: "assistant", content: "A dog." },
            ],
            images: [{ path: "b.png" }],
          },
        ),
      ),
    ) as Sample[];
    expect(read[0]!.turns).toEqual([
      { role: "user", content: [image("a.png"), say("What?")] },
      { role: "assistant", content: [say("A dog.")], loss: false },
    ]);
    expect(read[1]).toEqual({ id: "2", instruction: "What?", input: [image("b.png")], response: "A dog." });
  });

  test("COCO instances: regions in pixel corners, every kind of object named once", async () => {
    const instances = {
      images: [
        { id: 9, file_name: "a.jpg", width: 100, height: 80 },
        { id: 8, file_name: "empty.jpg" },
      ],
      annotations: [
        { image_id: 9, category_id: 3, bbox: [10, 20, 30, 40] },
        { image_id: 9, category_id: 3, bbox: [50, 20, 10, 10] },
        { image_id: 9, category_id: 4, bbox: [0, 0, 5, 5] },
      ],
      categories: [
        { id: 3, name: "Dog" },
        { id: 4, name: "hot dog" },
      ],
    };
    const asked = { instruction: "Which objects are in the picture?", answerType: "free", type: "objects" };
    expect(samplesIn(await readAll("instances.json", JSON.stringify(instances)))).toEqual([
      {
        ...{ id: "a.jpg", ...asked, response: "dog, hot dog" },
        input: [{ ...image("a.jpg"), width: 100, height: 80 }],
        regions: [
          { label: "dog", box: [10, 20, 40, 60] },
          { label: "dog", box: [50, 20, 60, 30] },
          { label: "hot dog", box: [0, 0, 5, 5] },
        ],
      },
      { id: "empty.jpg", ...asked, response: "none", input: [image("empty.jpg")] },
    ]);
  });

  test("a list of one line, brackets and quotes in strings, and any size of chunk", async () => {
    const value = 'a ] } " \\ [ { <b>';
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      ...{ id: `r${i}`, conversations: [{ from: "human", value: `${value} ${"ä".repeat(200)}` }] },
    }));
    const read = samplesIn(await readAll("long.json", JSON.stringify(rows))) as Sample[];
    expect(read).toHaveLength(3000);
    expect(read.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect(read[2999]!.instruction).toBe(rows[2999]!.conversations[0]!.value);
  });
});

describe("what is wrong with a row is said with its line and field", () => {
  const human = { from: "human", value: "Hi" };
  test.each<[string, unknown, string, string]>([
    [
      "no role of that name",
      { conversations: [{ from: "bot", value: "x" }] },
      "conversations[0].from",
      "must be one of",
    ],
    [
      "no value",
      { conversations: [{ from: "human" }] },
      "conversations[0].value",
      "missing, must be a string",
    ],
    ["too few pictures", { conversations: [{ from: "human", value: "<image> a" }] }, "image", "got 0 for 1"],
    ["too many pictures", { image: "a.png", conversations: [human] }, "image", "got 1 for 0"],
    [
      "two questions in a row",
      { conversations: [human, human] },
      "conversations[1]",
      "must be the assistant's",
    ],
    [
      "a picture in a response",
      { conversations: [human, { from: "gpt", value: "<image>" }] },
      "conversations[1].value",
      "must not hold",
    ],
    [
      "no question text",
      { image: "a", conversations: [{ from: "human", value: "<image>" }] },
      "conversations[0]",
      "must have a text",
    ],
    [
      "a tool call",
      { messages: [{ role: "assistant", content: null, tool_calls: [] }] },
      "messages[0].content",
      "must be text or a list of parts",
    ],
    [
      "a part of no kind",
      { messages: [{ role: "user", content: [{ type: "input_audio" }] }] },
      "messages[0].content",
      "",
    ],
    [
      "no rows we know",
      { prompt: "a" },
      "",
      "must have conversations, messages, a question or an instruction",
    ],
    [
      "a Sample with a slip",
      { id: "1", instruction: "a", input: [], respons: "b" },
      "",
      'unknown field "respons"',
    ],
  ])("%s", async (_, row, at, rule) => {
    const [, bad] = await readAll("bad.jsonl", lines({ conversations: [human] }, row));
    expect(bad).toMatchObject({ line: 2, problem: { path: at, rule: expect.stringContaining(rule) } });
  });

  test("a line that is no JSON does not end the reading", async () => {
    const rows = await readAll("broken.jsonl", `{"a": \n\n${lines({ conversations: [human] })}`);
    expect(rows).toMatchObject([
      { line: 1, problem: { rule: expect.stringContaining("must be JSON") } },
      { line: 3, sample: { instruction: "Hi" } },
    ]);
  });

  test("a list that is cut off and a file that is no Parquet are errors of the file", async () => {
    await expect(readAll("cut.json", '[{"conversations": []}, {"a"')).rejects.toThrow(
      "must be a JSON list of rows: must be a whole list, got one that is cut off.",
    );
    await expect(readAll("not.parquet", "PAR0 nonsense nonsense")).rejects.toThrow(
      "must be a Parquet file, but",
    );
  });
});
