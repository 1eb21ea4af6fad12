import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { costOf, loadPrices } from "./prices.ts";

test("a price file is read, and a wrong one says what it must be", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "sightline-prices-"));
  const file = path.join(folder, "prices.json");
  const read = async (text: string) => {
    await writeFile(file, text);
    return loadPrices(file);
  };
  const prices = await read('{"m": {"inputPerMillion": 1, "outputPerMillion": 4}}');
  expect(costOf(prices, "m", { input: 1_000_000, output: 500_000 })).toBe(3);
  expect(costOf(prices, "n", { input: 1, output: 1 })).toBeUndefined();
  expect(costOf(prices, "toString", { input: 1, output: 1 })).toBeUndefined();
  expect(costOf(prices, "m", { input: 1, output: undefined })).toBeUndefined();
  await expect(read('{"m": {"inputPerMillion": "1"}}')).rejects.toThrow(
    `"${file}": m.inputPerMillion: must be a number, got string (and 1 more). Write { "MODEL": { "inputPerMillion": 1, "outputPerMillion": 2 } }.`,
  );
  await expect(read("{")).rejects.toThrow(/^".*prices\.json": must be a readable JSON file, but .+/);
  await rm(folder, { recursive: true });
});
