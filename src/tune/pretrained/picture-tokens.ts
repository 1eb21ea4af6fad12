// What stands for a picture in a conversation: its image tokens, and for Idefics3 and SmolVLM the marks around each part of it.
import path from "node:path";
import type { PartGrid } from "../../data/picture-parts.ts";
import type { Segment } from "../../data/templates/index.ts";
import { InputError } from "../../errors/index.ts";
import type { Checkpoint } from "./read-checkpoint.ts";
import type { Json } from "./tokenizer-files.ts";

/** Whether a checkpoint's processor can cut pictures into parts. */
export function takesParts({ architecture }: Pick<Checkpoint, "architecture">): boolean {
  return /^(Idefics3|SmolVLM)/.test(architecture);
}

/**
 * Gives the function that says what stands for a picture cut into parts. A mark that is no token of the tokenizer is spelled out, as
 * transformers does: SmolVLM-Instruct has none for the whole picture. Throws InputError where the image token is missing, or the one
 * that stands in front of every square and behind the last.
 */
export function pictureSpeller(
  { architecture, blueprint, dir }: Pick<Checkpoint, "architecture" | "blueprint" | "dir">,
  specials: ReadonlyMap<string, number>,
  config: Json,
): (grid: PartGrid) => Segment[] {
  const { image } = blueprint;
  if (image?.token === undefined) return () => [];
  const where = path.join(dir, "tokenizer.json");
  const found = [...specials].find(([, id]) => id === image.token);
  if (!found) {
    const rule = `added_tokens must have the image token ${image.token} that config.json names`;
    throw new InputError({ where, rule });
  }
  const token = (id: number, name: string): Segment => ({ type: "token", id, text: name });
  const text = (words: string): Segment => ({ type: "text", text: words });
  const seen = Array.from({ length: image.tokens }, () => token(image.token!, found[0]));
  if (!takesParts({ architecture })) return () => seen;
  const mark = (name: string): Segment => {
    const id = specials.get(name);
    return id === undefined ? text(name) : token(id, name);
  };
  const named = (key: string, usual: string) => mark(typeof config[key] === "string" ? config[key] : usual);
  const fake = named("fake_image_token", "<fake_token_around_image>");
  if (fake.type === "text") {
    const rule = `added_tokens must have "${fake.text}", which ${architecture} puts around pictures`;
    throw new InputError({ where, rule });
  }
  const whole = [fake, named("global_image_token", "<global-img>"), ...seen, fake];
  return ({ rows, columns }) => {
    const parts: Segment[] = [];
    for (let row = 1; row <= rows; row++) {
      for (let column = 1; column <= columns; column++)
        parts.push(fake, mark(`<row_${row}_col_${column}>`), ...seen);
      // A line ends with its row, and there is an empty one in front of the whole.
      parts.push(text(row === rows ? "\n\n" : "\n"));
    }
    return [...parts, ...whole];
  };
}
