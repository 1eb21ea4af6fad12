import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SPECIAL_TOKENS, tokenizerConfig } from "../data/chat-format.ts";
import { trainBpe } from "./bpe.ts";

const texts = [
  " Is there a dog in the picture?",
  " How many dogs are there?",
  " There are three dogs and a red house.",
  " What does the sign say?",
  " HOUSE",
  " it's a dog, don't you see?",
  " Ångström ÅÄÖ 12 345",
];
const json = trainBpe(texts, { vocabSize: 2048, specialTokens: SPECIAL_TOKENS });
const tokenizer = new Tokenizer(json, tokenizerConfig({ contextTokens: 2048 }));

describe("trainBpe", () => {
  it("numbers special tokens, then bytes, then merges", () => {
    expect(tokenizer.token_to_id("<|pad|>")).toBe(0);
    expect(tokenizer.token_to_id("<image>")).toBe(3);
    expect(tokenizer.token_to_id("<|reserved_9|>")).toBe(23);
    expect(tokenizer.token_to_id("!")).toBe(24);
    expect(tokenizer.token_to_id("Ġ")).toBe(24 + 188 + 32);
    expect(tokenizer.id_to_token(24 + 255)).toBe("Ń");
    const [left, right] = json.model.merges[0]!.split(" ");
    expect(tokenizer.token_to_id(`${left}${right}`)).toBe(24 + 256);
    expect(Object.values(json.model.vocab).toSorted((a, b) => a - b)).toEqual(
      Object.keys(json.model.vocab).map((_, i) => i),
    );
  });

  it("finds the merges of the textbook example", () => {
    const counts = new Map([
      ["low", 5],
      ["lower", 2],
      ["newest", 6],
      ["widest", 3],
    ]);
    const { merges } = trainBpe(counts, { vocabSize: 256 + 4 }).model;
    // "es" and "st" both occur 9 times, the smaller id of the left letter wins; then "est" 9, "lo" 7, "low" 7.
    expect(merges).toEqual(["e s", "es t", "l o", "lo w"]);
  });

  it("makes every word one token when there is room, and stops there", () => {
    expect(tokenizer.encode(" dog").tokens).toEqual(["Ġdog"]);
    expect(tokenizer.encode(" How many dogs").tokens).toEqual(["ĠHow", "Ġmany", "Ġdogs"]);
    const size = Object.keys(json.model.vocab).length;
    expect(size).toBeLessThan(500);
    expect(Object.keys(trainBpe(texts, { vocabSize: 300 }).model.vocab)).toHaveLength(300);
  });

  it("spells upper-case words letter by letter unless told otherwise", () => {
    expect(tokenizer.encode(" HOUSE").tokens).toEqual(["Ġ", "H", "O", "U", "S", "E"]);
    const free = trainBpe(texts, { vocabSize: 2048, noMergeUpperCase: false });
    expect(new Tokenizer(free, {}).encode(" HOUSE").tokens).toEqual(["ĠHOUSE"]);
  });

  it("parses special tokens and never merges across them", () => {
    expect(tokenizer.encode("<|bos|><|user|><image> dog<|eos|>").tokens).toEqual([
      "<|bos|>",
      "<|user|>",
      "<image>",
      "Ġdog",
      "<|eos|>",
    ]);
    const trained = trainBpe(["ab<x>cd"], { vocabSize: 400, specialTokens: ["<x>"] });
    expect(trained.model.merges).toEqual(["a b", "c d"]);
  });

  it("rejects special tokens that are not special", () => {
    expect(() => trainBpe(texts, { vocabSize: 300, specialTokens: ["a"] })).toThrow(
      'bpe.specialTokens: special tokens must differ from each other and from single characters, got ["a"].',
    );
  });

  it("does not depend on the order of the texts", () => {
    expect(trainBpe(texts.toReversed(), { vocabSize: 2048, specialTokens: SPECIAL_TOKENS })).toEqual(json);
  });

  it("gives any text back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("loads in transformers.js with the same ids", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "sightline-bpe-"));
    try {
      await writeFile(path.join(folder, "tokenizer.json"), JSON.stringify(json));
      await writeFile(
        path.join(folder, "tokenizer_config.json"),
        JSON.stringify(tokenizerConfig({ contextTokens: 2048 })),
      );
      const { AutoTokenizer, env } = await import("@huggingface/transformers");
      env.allowRemoteModels = false;
      const theirs = await AutoTokenizer.from_pretrained(folder);
      const text = "<|bos|><|user|><image> How many dogs are there? 日本<|assistant|>";
      expect(theirs.encode(text, { add_special_tokens: false })).toEqual(tokenizer.encode(text).ids);
      const messages = [
        { role: "user", content: [{ type: "image" }, { type: "text", text: "How many dogs? " }] },
      ];
      expect(
        theirs.apply_chat_template(messages as never, { add_generation_prompt: true, tokenize: false }),
      ).toBe("<|bos|><|user|><image> How many dogs?<|assistant|>");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
