import { createHash } from "node:crypto";

/** Content address of bytes: `sha256:` and 64 hex digits. */
export function contentHash(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
