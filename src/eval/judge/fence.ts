// Text that a judge is shown but must not obey. Every block opens and closes with a mark that carries a key; the key is a
// hash of all texts of the task, chosen so that none of them holds it. So no text can close its own block, whatever its
// author knew of this file, and the same task still makes the same prompt.
import { contentHash } from "../../util/hash.ts";

/** A named text, such as the question or an answer. */
export interface Block {
  name: string;
  text: string;
}

/** Puts texts between marks. */
export function fence(blocks: readonly Block[]): { key: string; text: string } {
  const key = freshKey(blocks.map(({ text }) => text));
  const parts = blocks.map(({ name, text }) => `<<${name} ${key}>>\n${text}\n<<end ${key}>>`);
  return { key, text: parts.join("\n\n") };
}

/** A key that is in none of the texts, in whatever case. */
function freshKey(texts: readonly string[]): string {
  const lower = texts.map((text) => text.toLowerCase());
  for (let round = 0; ; round++) {
    const key = contentHash(JSON.stringify([round, texts])).slice("sha256:".length, "sha256:".length + 16);
    if (!lower.some((text) => text.includes(key))) return key;
  }
}
