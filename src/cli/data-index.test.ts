import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parseTechnique } from "../eval/techniques.ts";
import { openStore } from "../store/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { indexCommand } from "./data-index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-index-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("vectors are made once and used by show; those of other weights are refused with the command that mends it", async () => {
  const file = path.join(folder, "demos.db");
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await indexCommand().parseAsync(["scenes:demo", "--store", file], { from: "user" });
  expect(log.mock.calls.flat().join("\n")).toMatch(/^kept 200 vectors of pictures and questions, by tiny@/);
  log.mockRestore();
  const { mtimeMs } = await stat(file);

  const model = mockModel(() => "yes");
  const ask = () =>
    parseTechnique(`show(from=scenes:demo, k=2, select=text, store="${file}")`)
      .technique(model)
      .doGenerate({ prompt: [{ role: "user", content: [{ type: "text", text: "Is there a dog?" }] }] });
  await ask();
  expect(model.calls[0]!.prompt).toHaveLength(5);
  expect((await stat(file)).mtimeMs).toBe(mtimeMs);

  const store = await openStore(file);
  const set = await store.db.selectFrom("demonstration_sets").selectAll().executeTakeFirstOrThrow();
  const data = JSON.stringify({ ...JSON.parse(set.data), encoder: "tiny@other" });
  await store.db.updateTable("demonstration_sets").set({ data }).execute();
  await store.close();
  await expect(ask()).rejects.toThrow("Make them anew with sightline data index scenes:demo --store");
});
