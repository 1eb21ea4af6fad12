// Small folders of a benchmark's official shape, for tests of readers and tasks.
import { mkdir, mkdtemp, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openDataset } from "../data/formats/open-dataset.ts";
import { encodePng } from "../media/index.ts";

/** Content of a file by its path in the folder: text, "png" for a picture of 4 x 2 pixels, or a value written as JSON. */
export type FixtureFiles = Record<string, unknown>;

export interface BenchmarkFixture {
  root: string;
  png: Uint8Array;
  /** Makes a new folder with these files; returns its path. */
  folder(files: FixtureFiles): Promise<string>;
  /** The message with which a benchmark in such a folder is refused, the folder written as DIR. */
  refusal(benchmark: string, files: FixtureFiles): Promise<string>;
}

/** Makes a temporary folder for benchmarks; whoever made it removes `root`. */
export async function createBenchmarkFixture(): Promise<BenchmarkFixture> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), "sightline-benchmark-")));
  const png = await encodePng(new Uint8Array(4 * 2 * 3).fill(120), 4, 2);
  const folder = async (files: FixtureFiles) => {
    const made = await mkdtemp(path.join(root, "folder-"));
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(made, name);
      await mkdir(path.dirname(file), { recursive: true });
      const text = typeof content === "string" ? content : JSON.stringify(content);
      await writeFile(file, content === "png" ? png : text);
    }
    return made;
  };
  return {
    ...{ root, png, folder },
    async refusal(benchmark, files) {
      const made = await folder(files);
      const error = await openDataset(`${benchmark}:${made}`).then(
        () => new Error("was not refused"),
        (e: Error) => e,
      );
      return `${error.name === "InputError" ? "" : `${error.name}: `}${error.message.replaceAll(made, "DIR")}`;
    },
  };
}
