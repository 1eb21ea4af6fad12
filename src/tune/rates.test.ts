import { expect, test } from "vitest";
import { fitsPattern } from "./name-pattern.ts";
import { rateOf } from "./rates.ts";

const names = {
  vision: "vision.layers.0.attention.qkv",
  bridge: "bridge.up",
  language: "decoder.layers.2.attention.qkv",
  embedding: "embedding",
  adapter: "decoder.layers.2.attention.qkv.lora_A",
};
const ratesOf = (options: Parameters<typeof rateOf>[1], lora = false) =>
  Object.fromEntries(Object.entries(names).map(([key, name]) => [key, rateOf(name, options, { lora })]));

test("everything learns unless a part is slowed or frozen", () => {
  expect(ratesOf({})).toEqual({ vision: 1, bridge: 1, language: 1, embedding: 1, adapter: 1 });
  expect(ratesOf({ parts: { vision: 0, language: 0.1 } })).toMatchObject({
    ...{ vision: 0, bridge: 1, language: 0.1, embedding: 0.1 },
  });
});

test("with adapters everything else is frozen unless a part is named", () => {
  expect(ratesOf({}, true)).toEqual({ vision: 0, bridge: 0, language: 0, embedding: 0, adapter: 1 });
  expect(ratesOf({ parts: { bridge: 1 } }, true)).toMatchObject({ bridge: 1, language: 0 });
});

test("a name comes before its part, and the last that fits counts", () => {
  const rates = [
    { names: "decoder.*", factor: 0.5 },
    { names: "decoder.layers.2.*", factor: 0.25 },
    { names: "*.lora_A", factor: 2 },
  ];
  expect(ratesOf({ parts: { language: 0 }, rates })).toMatchObject({
    ...{ language: 0.25, embedding: 0, adapter: 2 },
  });
});

test("a pattern fits whole names, and nothing but * is special in it", () => {
  expect(fitsPattern("decoder.layers.12.attention.qkv", "decoder.layers.*.qkv")).toBe(true);
  expect(fitsPattern("decoder.layers.1.attention.qkv.lora_A", "decoder.*.qkv")).toBe(false);
  expect(fitsPattern("bridge.up", "bridge.u.")).toBe(false);
  expect(fitsPattern("bridge.up", "bridge.up")).toBe(true);
});
