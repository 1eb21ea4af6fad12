import { expect, test } from "vitest";
import type { Encoder } from "../spec/index.ts";
import { openStore, type Store } from "../store/index.ts";
import { openDemonstrations } from "./open-demonstrations.ts";
import { patternPicture, testSample } from "./testing.ts";

const encoder = (id: string): Encoder => ({
  id,
  dimensions: 2,
  embed: async ({ texts = [], images = [] }) => [
    ...texts.map((text) => Float32Array.of(text.length, 1)),
    ...images.map(({ length }) => Float32Array.of(1, length)),
  ],
});
const loadImage = async ({ source }: { source: string }) => ({
  bytes: await patternPicture(Number(source)),
  mediaType: "image/png",
});
const samples = [testSample(0), testSample(1)];

test("a store that is opened for the vectors is closed once they are read, and also when they are refused", async () => {
  const own = await openStore(":memory:");
  let opened = 0;
  let closed = 0;
  const store = async (): Promise<Store> => {
    opened++;
    return { ...own, close: async () => void closed++ };
  };
  const open = (id: string) =>
    openDemonstrations(
      { name: "two", baseDir: ".", samples },
      { store, loadImage, openEncoder: async () => encoder(id) },
    );
  const pool = open("by-length@1");
  await pool.pictures(0);
  expect(opened).toBe(0);
  const { texts } = await pool.index();
  expect(texts.size).toBe(2);
  await pool.index();
  expect([opened, closed]).toEqual([1, 1]);
  await expect(open("by-length@2").index()).rejects.toThrow("have vectors of the encoder by-length@1");
  expect([opened, closed]).toEqual([2, 2]);
  await own.close();
});
