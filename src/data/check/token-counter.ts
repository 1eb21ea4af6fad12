import { readFile } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";

/** Reads the tokenizer of a model folder (tokenizer.json, tokenizer_config.json) as a counter of tokens. */
export async function readTokenCounter(folder: string): Promise<(text: string) => number> {
  const read = async (name: string): Promise<object> => {
    const file = path.join(folder, name);
    try {
      return JSON.parse(await readFile(file, "utf8"));
    } catch (cause) {
      const got = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
      const hint = "Give the folder of a model.";
      throw new InputError({ where: `"${file}"`, rule: "must be a readable JSON file", got, hint, cause });
    }
  };
  const [tokenizer, config] = [await read("tokenizer.json"), await read("tokenizer_config.json")];
  const { Tokenizer } = await import("@huggingface/tokenizers");
  const counter = new Tokenizer(tokenizer, config);
  return (text) => counter.encode(text, { add_special_tokens: false }).ids.length;
}
