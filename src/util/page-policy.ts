import { createHash } from "node:crypto";

/**
 * Content security policy of a page that holds everything itself: its one style and one script are admitted by their
 * hashes, pictures as data URLs, and nothing else, so that no text that gets into the page can run or load anything.
 */
export function pagePolicy({ style, script }: { style: string; script: string }): string {
  return [
    "default-src 'none'",
    "img-src data:",
    `style-src '${integrity(style)}'`,
    `script-src '${integrity(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The hash by which a policy admits an inline style or script. */
function integrity(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
