import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bleu, bleuCounts, bleuOf, type CaptionPair } from "./bleu.ts";
import { ciderD } from "./cider.ts";
import { ptbTokens } from "./ptb-tokenizer.ts";
import { rougeL } from "./rouge-l.ts";

// Written by scripts/gold/captions.py with pycocoevalcap and Stanford's tokenizer.
const gold = JSON.parse(readFileSync("scripts/gold/captions.json", "utf8")) as {
  tokens: [caption: string, tokens: string][];
  corpora: {
    pairs: [prediction: string, references: string[]][];
    bleu: number[];
    bleuItems: number[];
    rougeL: number;
    rougeLItems: number[];
    cider: number;
    ciderItems: number[];
  }[];
};

const words = (text: string) => text.split(" ").filter((word) => word !== "");
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const pair = (prediction: string, ...references: string[]): CaptionPair => ({
  prediction: words(prediction),
  references: references.map(words),
});

const example = [
  pair(
    "a man riding a horse on the beach",
    "a man riding a horse on the beach",
    "a person rides a horse along the shore",
  ),
  pair(
    "two dogs chasing a ball",
    "two dogs play with a red ball in the park",
    "a pair of dogs chasing a ball on grass",
  ),
  pair("a plate of fruit on the table", "a bowl of fruit on a wooden table", "apples and bananas in a bowl"),
];

describe("three captions", () => {
  test("ROUGE-L", () => {
    expect(example.map(rougeL).map((score) => score.toFixed(6))).toEqual([
      "1.000000",
      "0.543430",
      "0.658747",
    ]);
    expect(mean(example.map(rougeL)).toFixed(6)).toBe("0.734059");
  });

  test("BLEU-1 to 4", () => {
    expect(bleu(example).map((score) => score.toFixed(6))).toEqual([
      "0.774637",
      "0.714043",
      "0.655853",
      "0.603265",
    ]);
  });

  test("CIDEr-D", () => {
    expect(ciderD(example).map((score) => score.toFixed(6))).toEqual(["5.486710", "2.557613", "1.321299"]);
    expect(mean(ciderD(example)).toFixed(6)).toBe("3.121874");
  });
});

describe("pycocoevalcap", () => {
  test.each(gold.corpora.map((corpus) => [corpus.pairs.length, corpus] as const))(
    "%i captions",
    (_, corpus) => {
      const pairs = corpus.pairs.map(([prediction, references]) => pair(prediction, ...references));
      const near = (given: number[], expected: number[]) => {
        expect(given).toHaveLength(expected.length);
        for (const [i, value] of given.entries()) expect(value).toBeCloseTo(expected[i]!, 9);
      };
      near(bleu(pairs), corpus.bleu);
      near(
        pairs.map((item) => bleuOf([bleuCounts(item)])[3]),
        corpus.bleuItems,
      );
      near(pairs.map(rougeL), corpus.rougeLItems);
      near([mean(pairs.map(rougeL))], [corpus.rougeL]);
      near(ciderD(pairs), corpus.ciderItems);
      near([mean(ciderD(pairs))], [corpus.cider]);
    },
  );
});

describe("any captions", () => {
  const caption = fc.array(fc.constantFrom("a", "dog", "cat", "on", "the", "red"), {
    minLength: 1,
    maxLength: 9,
  });
  const pairs = fc.array(
    fc.record({ prediction: caption, references: fc.array(caption, { minLength: 1, maxLength: 3 }) }),
    { minLength: 1, maxLength: 5 },
  );

  test("scores stay within bounds and do not depend on the order of captions or references", () => {
    fc.assert(
      fc.property(pairs, (corpus) => {
        const turned = corpus
          .map(({ prediction, references }) => ({ prediction, references: [...references].reverse() }))
          .reverse();
        const [one, , , four] = bleu(corpus);
        expect(bleu(turned)[3]).toBeCloseTo(four, 12);
        for (const value of bleu(corpus)) expect(value >= 0 && value <= 1 + 1e-9).toBe(true);
        expect(one).toBeGreaterThanOrEqual(0);
        for (const value of corpus.map(rougeL)) expect(value >= 0 && value <= 1).toBe(true);
        const cider = ciderD(corpus);
        for (const value of cider) expect(value >= 0 && value <= 10 + 1e-9).toBe(true);
        for (const [i, value] of ciderD(turned).reverse().entries()) expect(value).toBeCloseTo(cider[i]!, 9);
      }),
    );
  });

  test("a caption equal to its reference has ROUGE-L 1, and BLEU 1 of the orders that it is long enough for", () => {
    fc.assert(
      fc.property(caption, (tokens) => {
        const same = { prediction: tokens, references: [tokens] };
        expect(rougeL(same)).toBeCloseTo(1, 12);
        expect(bleu([same])[Math.min(tokens.length, 4) - 1]).toBeCloseTo(1, 6);
      }),
    );
  });

  test("a single image has no document frequency to weigh by, so CIDEr-D is 0", () => {
    expect(ciderD([pair("a dog", "a dog")])).toEqual([0]);
  });
});

describe("ptbTokens", () => {
  test("equals Stanford's tokenizer and the dropping of marks on texts that test the rules", () => {
    expect(gold.tokens.length).toBeGreaterThan(100);
    for (const [caption, tokens] of gold.tokens) {
      expect(ptbTokens(caption).join(" "), caption).toBe(tokens.split(/\s+/).join(" "));
    }
  });

  test.each([
    ["A man (left) isn't riding.", "a man -lrb- left -rrb- is n't riding"],
    ["The dog's ball, don't!", "the dog 's ball do n't"],
    ["cannot gonna", "can not gon na"],
    ["Stop!! Really?!", "stop !! really ?!"],
    ["It costs $5.00 - 50% off…", "it costs $ 5.00 50 % off"],
    ["", ""],
    [" . ", ""],
  ])("%s", (caption, tokens) => {
    expect(ptbTokens(caption).join(" ")).toBe(tokens);
  });

  test("is splitting at white space on lower-case text without marks", () => {
    const split = new Set(["cannot", "gonna", "wanna", "gotta", "gimme", "lemme"]);
    const text = fc
      .stringMatching(/^[a-z0-9 \t\n]{0,30}$/)
      .filter((t) => !t.split(/\s+/).some((w) => split.has(w)));
    fc.assert(
      fc.property(text, (caption) => {
        expect(ptbTokens(caption)).toEqual(caption.split(/\s+/).filter((word) => word !== ""));
      }),
    );
  });

  test("never throws, never loses a letter, and gives no token with a space or in upper case", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (caption) => {
        const tokens = ptbTokens(caption);
        for (const token of tokens) {
          expect(token).toMatch(/^\S+$/);
          expect(token).toBe(token.toLowerCase());
        }
        const letters = (t: string) => t.toLowerCase().replace(/[^\p{L}]/gu, "");
        expect(letters(tokens.join("").replace(/-[lr][rsc]b-/g, ""))).toBe(letters(caption));
      }),
    );
  });
});
