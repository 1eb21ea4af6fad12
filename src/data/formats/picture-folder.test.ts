import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Part } from "../../spec/index.ts";
import { openInstructions } from "./read-instructions.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-pictures-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const picture = (source: string): Part => ({ type: "image", source });

test("a folder of pictures, with captions in text files beside them", async () => {
  const home = path.join(folder, "pictures");
  await mkdir(path.join(home, "more"), { recursive: true });
  for (const name of ["b.JPG", "a.png", "more/c.webp", ".hidden.png", "notes.md"])
    await writeFile(path.join(home, name), "");
  await writeFile(path.join(home, "a.txt"), "A dog.\n");
  await writeFile(path.join(home, "b.txt"), "\n");
  const { baseDir, rows } = await openInstructions(home);
  expect(baseDir).toBe(home);
  const common = { instruction: "Describe the picture.", answerType: "caption", type: "caption" };
  expect(await Array.fromAsync(rows())).toEqual([
    {
      ...{ file: path.join(home, "a.png"), line: 1 },
      sample: {
        ...{ ...common, id: "a.png", input: [picture("a.png")] },
        ...{ response: "A dog.", answers: ["A dog."] },
      },
    },
    {
      ...{ file: path.join(home, "b.txt"), line: 1 },
      problem: { path: "", rule: "must hold a caption, got no text" },
    },
    {
      ...{ file: path.join(home, "more/c.webp"), line: 1 },
      sample: { ...common, id: "more/c.webp", input: [picture("more/c.webp")] },
    },
  ]);
});
