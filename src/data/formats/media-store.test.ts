// A picture is kept once, whatever it is called and however many datasets have it.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mixCommand } from "../../cli/data-mix.ts";
import { encodePng, toDataUrl } from "../../media/index.ts";
import { contentHash } from "../../util/hash.ts";
import { adapt } from "./adapt.ts";
import { openDataset } from "./open-dataset.ts";

let folder: string;
let red: Uint8Array;
let blue: Uint8Array;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-media-"));
  red = await encodePng(new Uint8Array(12).fill(200), 2, 2);
  blue = await encodePng(new Uint8Array(12).fill(9), 2, 2);
  for (const [name, bytes] of [
    ["one/a.png", red],
    ["one/b.png", blue],
    ["two/photos/x.png", red],
  ] as const) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
  }
  const rows = (...images: string[]) =>
    images
      .map((image, i) => `${JSON.stringify({ id: i, image, question: "What?", answer: "a dog" })}\n`)
      .join("");
  await writeFile(path.join(folder, "one/data.jsonl"), rows("a.png", "b.png", "a.png"));
  await writeFile(path.join(folder, "two/data.jsonl"), rows("photos/x.png", toDataUrl(blue, "image/png")));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Names of the files in the store, with their bytes. */
async function stored(): Promise<string[]> {
  const names = await readdir(path.join(folder, "store"), { recursive: true });
  return names.filter((name) => name.endsWith(".png")).sort();
}

const nameOf = (bytes: Uint8Array) => {
  const digest = contentHash(bytes).slice("sha256:".length);
  return `${digest.slice(0, 2)}/${digest}.png`;
};

test("two datasets are adapted into one store: a file for each picture, which both name", async () => {
  const mediaDir = path.join(folder, "store");
  for (const name of ["one", "two"]) {
    const out = path.join(folder, "new", `${name}.jsonl`);
    await adapt(path.join(folder, name, "data.jsonl"), { format: "samples", out, mediaDir });
  }
  expect(await stored()).toEqual([nameOf(red), nameOf(blue)].sort());
  const sources = async (name: string) =>
    (await openDataset(path.join(folder, "new", `${name}.jsonl`))).samples.map(({ input }) =>
      input[0]!.type === "image" ? input[0]!.source : "",
    );
  const [a, b] = [`../store/${nameOf(red)}`, `../store/${nameOf(blue)}`];
  expect(await sources("one")).toEqual([a, b, a]);
  expect(await sources("two")).toEqual([a, b]);
  expect(await readFile(path.join(folder, "store", nameOf(red)))).toEqual(Buffer.from(red));
});

test("a mix with --media gathers the pictures of all its datasets; a path out of a dataset is refused", async () => {
  const out = path.join(folder, "mixed.jsonl");
  const files = ["one", "two"].map((name) => path.join(folder, name, "data.jsonl"));
  const mix = (...specs: string[]) => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    return mixCommand()
      .exitOverride()
      .parseAsync([...specs, "--out", out, "--media", path.join(folder, "store"), "--sequential"], {
        from: "user",
      })
      .finally(() => log.mockRestore());
  };
  await mix(...files);
  expect(await stored()).toEqual([nameOf(red), nameOf(blue)].sort());
  const { samples } = await openDataset(out);
  const sources = samples.map(({ input }) => (input[0]!.type === "image" ? input[0]!.source : ""));
  expect(sources).toEqual([red, blue, red, red, blue].map((bytes) => `store/${nameOf(bytes)}`));
  const bad = path.join(folder, "one", "bad.jsonl");
  await writeFile(
    bad,
    `${JSON.stringify({ image: "../two/photos/x.png", question: "What?", answer: "a dog" })}\n`,
  );
  await expect(mix(bad)).rejects.toThrow("bad: must hold Samples, got none.");
  const [reject] = (await readFile(path.join(folder, "rejects.jsonl"), "utf8")).trim().split("\n");
  expect(JSON.parse(reject!)).toMatchObject({
    ...{ file: bad, line: 1, field: "input", problem: expect.stringContaining("must stay inside") },
  });
});

test("Parquet has its pictures inside", async () => {
  const options = { format: "hf", out: path.join(folder, "hf", "train"), mediaDir: folder } as const;
  await expect(adapt(path.join(folder, "one/data.jsonl"), options)).rejects.toThrow(
    "--media: is for formats that name their pictures; Parquet has them inside. Leave it out.",
  );
});
