import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTextStream } from "./text-stream.ts";

/** Tokens are bytes here. */
const decode = (ids: readonly number[]) =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(ids));

function run(text: string | number[], stopSequences?: string[]): { pieces: string[]; stopped: boolean } {
  const stream = createTextStream({ decode, stopSequences });
  const pieces: string[] = [];
  for (const id of typeof text === "string" ? new TextEncoder().encode(text) : text) {
    const { text: piece, stopped } = stream.push(id);
    if (piece !== "") pieces.push(piece);
    if (stopped) return { pieces, stopped };
  }
  const rest = stream.end();
  if (rest !== "") pieces.push(rest);
  return { pieces, stopped: false };
}

describe("createTextStream", () => {
  it("gives whole characters only", () => {
    expect(run("é日👍").pieces).toEqual(["é", "日", "👍"]);
  });

  it("drops white space at both ends and keeps it inside", () => {
    expect(run("  a b \n c  ").pieces).toEqual(["a", " b", " \n c"]);
    expect(run("   ").pieces).toEqual([]);
  });

  it("gives bytes that are no character only at the end or when others follow", () => {
    expect(run([0x61, 0xc3]).pieces).toEqual(["a", "\uFFFD"]);
    expect(run([0xc3, 0x61]).pieces).toEqual(["\uFFFDa"]);
  });

  it("stops before a stop sequence and never shows a part of it", () => {
    expect(run("one END two", ["END"])).toEqual({ pieces: ["o", "n", "e"], stopped: true });
    expect(run("a ENx", ["END"])).toEqual({ pieces: ["a", " ENx"], stopped: false });
    expect(run("a EN", ["END"])).toEqual({ pieces: ["a", " EN"], stopped: false });
    expect(run("xaab!", ["aab", "b!"])).toEqual({ pieces: ["x"], stopped: true });
    expect(run("aaab", ["aab"])).toEqual({ pieces: ["a"], stopped: true });
  });

  it("streams what decoding all at once gives, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(run(text).pieces.join("")).toBe(text.trim());
      }),
      { seed: 1 },
    );
  });

  it("cuts at the first stop sequence, for any text", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", " ") });
    fc.assert(
      fc.property(
        letters,
        fc.string({ unit: fc.constantFrom("a", "b", " "), minLength: 1, maxLength: 3 }),
        (text, stop) => {
          const at = text.indexOf(stop);
          const expected = (at < 0 ? text : text.slice(0, at)).trim();
          expect(run(text, [stop])).toMatchObject({ stopped: at >= 0 });
          expect(run(text, [stop]).pieces.join("")).toBe(expected);
        },
      ),
      { seed: 1, numRuns: 1000 },
    );
  });
});
