import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";

/** Content address of a model folder: names and bytes of the files that decide every answer, its JSON, Jinja and ONNX files. */
export async function folderHash(dir: string, deciding = /\.(json|jinja|onnx|onnx_data)$/): Promise<string> {
  const files = (await readdir(dir, { recursive: true }))
    .filter((file) => deciding.test(file))
    .map((file) => file.split(path.sep).join("/"))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) {
    const content = createHash("sha256");
    for await (const chunk of createReadStream(path.join(dir, file))) content.update(chunk as Buffer);
    hash.update(`${file}\0${content.digest("hex")}\n`);
  }
  return `sha256:${hash.digest("hex")}`;
}
