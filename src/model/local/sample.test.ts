import { describe, expect, it } from "vitest";
import { argmax, createSampler, logSoftmax, topTokens } from "./sample.ts";

const logits = Float32Array.from([0, Math.log(2), Math.log(5), Math.log(2)]); // probabilities 0.1, 0.2, 0.5, 0.2

function shares(options: Omit<Parameters<typeof createSampler>[0], "seed">): number[] {
  const sample = createSampler({ ...options, seed: 7 });
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 20_000; i++) counts[sample(logits)]!++;
  return counts.map((count) => count / 20_000);
}

describe("createSampler", () => {
  it("takes the most likely token, the first of equals, without a temperature", () => {
    expect(createSampler({ seed: 1 })(logits)).toBe(2);
    expect(argmax(Float32Array.from([1, 3, 3]))).toBe(1);
  });

  it("draws tokens in proportion to their probabilities", () => {
    const drawn = shares({ temperature: 1 });
    [0.1, 0.2, 0.5, 0.2].forEach((p, id) => {
      expect(drawn[id]).toBeCloseTo(p, 1.5);
    });
  });

  it("sharpens with a low temperature", () => {
    // Squared and normalised: 1, 4, 25, 4 of 34.
    expect(shares({ temperature: 0.5 })[2]).toBeCloseTo(25 / 34, 1.5);
  });

  it("cuts to topK and topP, the smaller id first among equals", () => {
    const top2 = shares({ temperature: 1, topK: 2 });
    expect(top2[0]).toBe(0);
    expect(top2[3]).toBe(0);
    expect(top2[2]).toBeCloseTo(5 / 7, 1.5);
    expect(shares({ temperature: 1, topP: 0.5 })).toEqual([0, 0, 1, 0]);
    const nucleus = shares({ temperature: 1, topP: 0.6 });
    expect(nucleus[3]).toBe(0);
    expect(nucleus[1]).toBeGreaterThan(0.2);
  });

  it("repeats itself with the same seed and differs with another", () => {
    const draw = (seed: number) => {
      const sample = createSampler({ temperature: 1, seed });
      return Array.from({ length: 20 }, () => sample(logits)).join("");
    };
    expect(draw(3)).toBe(draw(3));
    expect(draw(3)).not.toBe(draw(4));
  });
});

describe("log-probabilities", () => {
  it("are those of the softmax, also for large logits", () => {
    const shifted = logSoftmax(logits.map((x) => x + 1000));
    [0.1, 0.2, 0.5, 0.2].forEach((p, id) => {
      expect(Math.exp(shifted[id]!)).toBeCloseTo(p, 4);
    });
  });

  it("rank the most likely tokens, and never report an impossible one", () => {
    const all = Float64Array.from([-3, Number.NEGATIVE_INFINITY, -1, -2, -1]);
    expect(topTokens(all, 3)).toEqual([
      { id: 2, logprob: -1 },
      { id: 4, logprob: -1 },
      { id: 3, logprob: -2 },
    ]);
    expect(topTokens(all, 9).map(({ id }) => id)).toEqual([2, 4, 3, 0]);
    expect(topTokens(all, 0)).toEqual([]);
  });
});
