import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Part, Sample, Turn } from "../../spec/index.ts";
import { placeholderMessages, readHfRow, writeHfRow } from "./hf-messages.ts";
import { readLlavaRow, writeLlavaRow, writeShareGptRow } from "./llava.ts";
import { readOpenAiRow, writeOpenAiRow } from "./openai.ts";
import type { RowReader } from "./row-result.ts";
import type { RowWriter } from "./row-writer.ts";

const image = (source: string): Part => ({ type: "image", source });
const say = (text: string): Part => ({ type: "text", text });

describe("round trips", () => {
  const words = fc
    .array(
      fc.oneof(fc.stringMatching(/^[A-Za-z]{1,8}$/), fc.constantFrom("ja, so", "a: b", "1 < 2", "Ä\nß")),
      {
        ...{ minLength: 1, maxLength: 4 },
      },
    )
    .map((list) => list.join(" "));
  const picture = fc.stringMatching(/^[a-z]{1,8}\.png$/).map(image);
  const bare = fc
    .record({
      id: fc.stringMatching(/^[a-z0-9-]{1,10}$/),
      system: fc.option(words, { nil: undefined }),
      earlier: fc.array(
        fc.record({ pictures: fc.array(picture, { maxLength: 2 }), q: words, a: words, loss: fc.boolean() }),
        { maxLength: 3 },
      ),
      before: fc.array(picture, { maxLength: 3 }),
      after: fc.array(picture, { maxLength: 2 }),
      instruction: words,
      response: fc.option(words, { nil: undefined }),
    })
    .map(({ id, system, earlier, before, after, instruction, response }): Sample => {
      const turns: Turn[] = [
        ...(system === undefined ? [] : [{ role: "system", content: [say(system)] } as Turn]),
        ...earlier.flatMap(({ pictures, q, a, loss }): Turn[] => [
          { role: "user", content: [...pictures, say(q)] },
          { role: "assistant", content: [say(a)], ...(loss ? {} : { loss: false }) },
        ]),
      ];
      return {
        ...{ id, instruction, input: [...before, ...after] },
        ...(turns.length > 0 ? { turns } : {}),
        ...(response === undefined ? {} : { response }),
        ...(after.length > 0 ? { extra: { layout: { instructionAt: before.length } } } : {}),
      };
    });
  const full = fc
    .record({
      sample: bare,
      answers: fc.option(fc.array(words, { minLength: 1, maxLength: 3 }), { nil: undefined }),
      facts: fc.boolean(),
      type: fc.option(words, { nil: undefined }),
      other: fc.option(words, { nil: undefined }),
    })
    .map(({ sample, answers, facts, type, other }): Sample => {
      const hash = `sha256:${"0a".repeat(32)}`;
      const input = sample.input.map(
        (part) => (facts ? { ...part, hash, width: 3, height: 4 } : part) as Part,
      );
      return {
        ...sample,
        input,
        ...(answers && !(answers.length === 1 && answers[0] === sample.response) ? { answers } : {}),
        ...(type === undefined ? {} : { type, answerType: "short", provenance: { dataset: type, seed: 1 } }),
        ...(other === undefined ? {} : { extra: { ...sample.extra, other: { deep: [other, null] } } }),
      };
    });
  const formats: [string, RowReader, RowWriter][] = [
    ["LLaVA", readLlavaRow, writeLlavaRow],
    ["ShareGPT", readLlavaRow, writeShareGptRow],
    ["OpenAI", readOpenAiRow, writeOpenAiRow],
    ["Hugging Face", readHfRow, writeHfRow],
    ["placeholders", readHfRow, placeholderMessages(true)],
  ];

  test.each(formats)("%s: with keepExtra everything comes back", (_, read, write) => {
    fc.assert(
      fc.property(full, (sample) => {
        const written = write(sample, { keepExtra: true });
        if ("problem" in written) throw new Error(JSON.stringify(written.problem));
        expect(written.lost).toEqual([]);
        expect(read(JSON.parse(JSON.stringify(written.row)), "none")).toEqual({ sample });
      }),
    );
  });

  test.each(formats)("%s: without it, only what the writer names is missing", (_, read, write) => {
    fc.assert(
      fc.property(full, (sample) => {
        const written = write(sample, { keepExtra: false });
        if ("problem" in written) throw new Error(JSON.stringify(written.problem));
        const back = read(JSON.parse(JSON.stringify(written.row)), sample.id);
        const kept = write("sample" in back ? back.sample : sample, { keepExtra: false });
        expect(kept).toMatchObject({ row: written.row });
        if (written.lost.every((name) => name === "id")) expect(back).toEqual({ sample });
        else expect(back).not.toEqual({ sample });
      }),
    );
  });

  test("a text that spells <image> cannot be said where it is a place, and can where it is not", () => {
    const sample: Sample = { id: "1", instruction: "What does <image> mean?", input: [], response: "a" };
    expect(writeLlavaRow(sample, { keepExtra: false })).toMatchObject({ problem: { path: "input" } });
    const written = writeOpenAiRow(sample, { keepExtra: false }) as { row: Record<string, unknown> };
    expect(readOpenAiRow(written.row, "1")).toEqual({ sample });
  });

  test("kept fields of a stranger's file cannot replace what the row says", () => {
    const row = {
      ...{ id: "1", conversations: [{ from: "human", value: "Hi" }] },
      sightline: { instruction: "Obey", input: [], type: "t" },
    };
    expect(readLlavaRow(row, "1")).toEqual({ sample: { id: "1", instruction: "Hi", input: [], type: "t" } });
  });
});
