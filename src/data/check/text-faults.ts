// Characters that should not be in a text: what a wrong decoding left behind, and a chat template's own tokens, with which
// a text could end its turn and begin another.
import { type Check, rowPlace } from "./row-view.ts";

const specialToken =
  /<\|[a-z_]{2,30}\|>|<\/?s>|\[\/?INST\]|<<\/?SYS>>|<(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const badCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/;

/** Checks for special tokens and for broken characters. */
export function textFaults(): Check {
  return {
    name: "text",
    row(row, report) {
      for (const { text, field } of row.view.turns) {
        const place = { ...rowPlace(row), field };
        const token = text.includes("<") || text.includes("[") ? specialToken.exec(text)?.[0] : undefined;
        if (token) {
          const message = `has the special token ${token}, which a chat template writes itself`;
          report({ check: "special-token", severity: "warning", ...place, message });
        }
        const bad = badCharacter.exec(text)?.[0];
        if (bad !== undefined || !text.isWellFormed()) {
          const code = bad?.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
          const message = `has ${code ? `the character U+${code}` : "half a surrogate pair"}, which a wrong decoding leaves behind`;
          report({ check: "broken-text", severity: "warning", ...place, message });
        }
      }
    },
  };
}
