// A folder of pictures, with a caption for each in a text file of the same name or with none: `dog.jpg` and `dog.txt`.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { InstructionRow } from "./read-instructions.ts";

export const captionQuestion = "Describe the picture.";

const picture = /\.(png|jpe?g|webp|gif)$/i;

/** The pictures of a folder and the folders in it, by path; hidden ones are left out. */
export async function picturesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all
    .map((name) => name.split(path.sep).join("/"))
    .filter((name) => picture.test(name) && !/(^|\/)\./.test(name))
    .sort();
}

/** A row for each picture; without a caption it has no response. */
export async function* pictureRows(folder: string, names: readonly string[]): AsyncGenerator<InstructionRow> {
  for (const source of names) {
    const place = { file: path.join(folder, source), line: 1 };
    const text = `${place.file.slice(0, -path.extname(source).length)}.txt`;
    const caption = await readFile(text, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (caption?.trim() === "") {
      yield { file: text, line: 1, problem: { path: "", rule: "must hold a caption, got no text" } };
      continue;
    }
    const said = caption?.trim();
    yield {
      ...place,
      sample: {
        ...{ id: source, instruction: captionQuestion, input: [{ type: "image", source }] },
        ...(said === undefined ? {} : { response: said, answers: [said] }),
        ...{ answerType: "caption", type: "caption" },
      },
    };
  }
}
