import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sample } from "../../spec/index.ts";
import { formatSampleJsonl, limitSamples, openDataset } from "./index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-formats-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, text: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

async function read(name: string, text: string): Promise<Sample[]> {
  return (await openDataset(await write(name, text))).samples;
}

/** The message of the refusal, with the folder left out. */
async function refusal(name: string, text: string | Uint8Array): Promise<string> {
  const error = await openDataset(await write(name, text)).then(
    () => undefined,
    (e: Error) => e,
  );
  expect(error?.name).toBe("InputError");
  return error!.message.replaceAll(`${folder}/`, "");
}

const dog = '{"image": "a.png", "question": "What is it?", "answer": "a dog"}\n';

describe("short JSONL", () => {
  test("three fields are enough; blank lines, a BOM and Windows line ends are fine", async () => {
    expect(await read("a.jsonl", `\uFEFF${dog.trim()}\r\n\r\n${dog}`)).toEqual([
      {
        id: "1",
        group: "a.png",
        instruction: "What is it?",
        input: [{ type: "image", source: "a.png" }],
        response: "a dog",
        answerType: "short",
      },
      expect.objectContaining({ id: "2" }),
    ]);
  });

  test("all fields have a place, and strangers go to extra", async () => {
    const row = {
      id: 7,
      images: ["a.png", "https://example.org/b.png"],
      question: "Which is it?",
      answer: "B",
      choices: ["cat", "dog"],
      type: "naming",
      source: "mine",
    };
    expect(await read("b.jsonl", JSON.stringify(row))).toEqual([
      {
        id: "7",
        group: "a.png https://example.org/b.png",
        instruction: "Which is it?",
        input: [
          { type: "image", source: "a.png" },
          { type: "image", source: "https://example.org/b.png" },
        ],
        response: "dog",
        choices: ["cat", "dog"],
        answerType: "choice",
        type: "naming",
        extra: { source: "mine" },
      },
    ]);
    const several = '{"image": "a.png", "question": "How many?", "answers": ["two", 2]}';
    expect(await read("c.jsonl", several)).toMatchObject([{ response: "two", answers: ["two", "2"] }]);
    const long = '{"image": "a.png", "question": "Why?", "answer": "because the dog is tired"}';
    expect(await read("long.jsonl", long)).toMatchObject([{ answerType: "free" }]);
    const caption = '{"image": "a.png", "question": "Describe.", "answer": "a dog", "type": "caption"}';
    expect(await read("caption.jsonl", caption)).toMatchObject([{ answerType: "caption" }]);
  });

  test("bad lines are shown with their numbers, all in one line", async () => {
    expect(await refusal("d.jsonl", `${dog}{"image": "a.png", "question": "Is it?"}\n`)).toBe(
      "d.jsonl:2: answer: missing, must be the reference answer.",
    );
    expect(await refusal("e.jsonl", `${dog}not json\n`)).toMatch(
      /^e\.jsonl:2: must be JSON, but Unexpected token .*is not valid JSON\.$/,
    );
    expect(
      await refusal("f.jsonl", `[1]\n${dog}{"question": "q"}\n{"image": 5, "question": "q"}\n7\n8\n`),
    ).toBe(
      "f.jsonl:1: must be a JSON object, got an array; line 3: image: missing, must be a path or URL; line 4: image: must be a path or URL; and 2 more bad lines.",
    );
  });

  test("a slip in a field's name is named", async () => {
    expect(await refusal("g.jsonl", '{"image": "a.png", "question": "q", "anwser": "x"}')).toBe(
      'g.jsonl:1: answer: missing, must be the reference answer (there is a field "anwser").',
    );
  });

  test("an answer must be one of the choices, and ids must differ", async () => {
    expect(
      await refusal("h.jsonl", '{"image": "a", "question": "q", "answer": "fox", "choices": ["cat", "dog"]}'),
    ).toBe('h.jsonl:1: answer: must be one of the choices or its letter, got "fox".');
    const twice = '{"id": "x", "image": "a", "question": "q", "answer": "y"}\n';
    expect(await refusal("i.jsonl", twice + twice)).toBe(
      'i.jsonl:2: id: must be unique, but "x" is also on line 1.',
    );
  });
});

describe("JSONL of Samples", () => {
  const sample: Sample = {
    id: "q1",
    instruction: "Is there a dog?",
    input: [{ type: "image", source: "a.png" }],
    response: "yes",
    regions: [{ label: "dog", box: [0, 0, 5, 5] }],
  };

  test("what was written is read back equal", async () => {
    const samples = [sample, { ...sample, id: "q2" }];
    expect(await read("s.jsonl", formatSampleJsonl(samples))).toEqual(samples);
  });

  test("a line that breaks the schema is refused", async () => {
    const text = `${formatSampleJsonl([sample])}{"id": "q2", "instruction": "Is there?", "input": [{"type": "image"}]}\n`;
    expect(await refusal("t.jsonl", text)).toBe("t.jsonl:2: input[0].source: missing, must be a string.");
  });
});

describe("CSV", () => {
  test("columns in any order, lists by |, quotes and line breaks", async () => {
    const text =
      'Question,image,answer,choices,id\n"Which, exactly?",a.png,dog,cat | dog,q1\n"Two\nlines",b.png,no,,q2\n';
    expect(await read("a.csv", text)).toMatchObject([
      { id: "q1", instruction: "Which, exactly?", choices: ["cat", "dog"], response: "dog" },
      { id: "q2", instruction: "Two\nlines", response: "no", input: [{ type: "image", source: "b.png" }] },
    ]);
  });

  test("problems name the line, also after a quoted line break", async () => {
    expect(await refusal("b.csv", 'image,question,answer\na.png,"Two\nlines",yes\nb.png,what,\n')).toBe(
      "b.csv:4: answer: missing, must be the reference answer.",
    );
    expect(await refusal("c.csv", "image,question,answer\na.png,what\n")).toBe(
      "c.csv:2: must have as many cells as the header, 3, got 2.",
    );
    expect(await refusal("d.csv", "image,questoin,answer\na.png,what,yes\n")).toBe(
      'd.csv:1: must have a column "question", got "image", "questoin", "answer". Rename "questoin"?',
    );
  });
});

describe("what is opened", () => {
  test("a folder of pictures is its questions file; none or two are refused", async () => {
    const pictures = await mkdtemp(path.join(folder, "pictures-"));
    await expect(openDataset(pictures)).rejects.toThrow(
      `"${pictures}": must hold one of samples.jsonl, questions.jsonl, questions.csv, got none of them. A line is {"image": "cat.png", "question": "…", "answer": "…"}.`,
    );
    await writeFile(path.join(pictures, "questions.jsonl"), dog);
    const opened = await openDataset(pictures);
    expect(opened).toMatchObject({ name: pictures, baseDir: pictures });
    expect(opened.hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    await writeFile(path.join(pictures, "questions.csv"), "image,question,answer\na.png,q,a\n");
    await expect(openDataset(pictures)).rejects.toThrow(
      "got questions.csv and questions.jsonl. Name the file.",
    );
  });

  test("unknown names are answered with the known ones", async () => {
    await expect(openDataset("scenes:tset")).rejects.toThrow(
      'dataset: must be a file, a folder or one of scenes:demo, scenes:val, scenes:test, scenes:test-style, scenes:val-steps, scenes:test-steps, scenes:val-names, scenes:test-names, scenes:SPLIT-FAMILY (train, val, test; groups, dialogue, where, place, crowded, small, words, charts), got "scenes:tset". Did you mean scenes:test?',
    );
    await expect(openDataset("./nowhere.jsonl")).rejects.toThrow(
      'dataset: "./nowhere.jsonl" does not exist. Bundled: scenes:demo, scenes:val, scenes:test, scenes:test-style, scenes:val-steps, scenes:test-steps, scenes:val-names, scenes:test-names, scenes:SPLIT-FAMILY (train, val, test; groups, dialogue, where, place, crowded, small, words, charts).',
    );
  });

  test("other files, empty files and other encodings are refused", async () => {
    expect(await refusal("a.txt", "hello")).toBe(
      '"a.txt": must be a .jsonl, .csv or .tsv file, got a .txt file.',
    );
    expect(await refusal("empty.jsonl", "\n")).toBe(
      "empty.jsonl: must hold at least one question, got none.",
    );
    expect(await refusal("latin.jsonl", new Uint8Array([0x7b, 0xe9, 0x7d]))).toBe(
      "latin.jsonl: must be UTF-8 text, got other bytes. Save it as UTF-8 text.",
    );
  });
});

describe("limitSamples", () => {
  const samples = Array.from({ length: 50 }, (_, i) => ({ id: `q${i}`, instruction: "q", input: [] }));
  const ids = (limit: number, seed?: number) => limitSamples(samples, limit, seed).map(({ id }) => id);

  test("chooses the same questions every time, keeps the order, and grows", () => {
    expect(ids(50)).toEqual(samples.map(({ id }) => id));
    expect(ids(5)).toEqual(ids(5));
    expect(ids(5, 1)).not.toEqual(ids(5));
    expect(ids(20)).toEqual(expect.arrayContaining(ids(5)));
    expect([...ids(20)].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))).toEqual(ids(20));
  });
});
