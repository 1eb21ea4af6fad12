// The bundled model with the class names of dense grounding in its config.json, for tests of what finds things in pictures.
import { cp, readFile } from "node:fs/promises";
import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { concepts } from "../data/scenes/concepts.ts";
import { bundledModel } from "../model/index.ts";
import { writeFileAtomic } from "../util/files.ts";

/** A folder of the bundled model that grounds: the model itself, or a copy in `dir` with what its config.json lacks. */
export async function groundingFolder(dir: string): Promise<string> {
  const tiny = bundledModel("tiny");
  const json = async (name: string) => JSON.parse(await readFile(path.join(tiny, name), "utf8"));
  const config = await json("config.json");
  if (config.sightline.grounding) return tiny;
  await cp(tiny, dir, { recursive: true });
  const tokenizer = new Tokenizer(await json("tokenizer.json"), await json("tokenizer_config.json"));
  const token = (text: string, at: number) =>
    tokenizer.encode(` ${text}`, { add_special_tokens: false }).ids.at(at)!;
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
  const things = concepts.map(({ name }) => name);
  config.sightline.grounding = {
    names: [...things, ...letters, "nothing"],
    tokens: [
      ...things.map((name) => token(name, 0)),
      ...letters.map((letter) => token(letter, -1)),
      token("nothing", 0),
    ],
  };
  await writeFileAtomic(path.join(dir, "config.json"), JSON.stringify(config));
  return dir;
}
