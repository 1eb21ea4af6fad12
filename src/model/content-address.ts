import type { SharedV4FileData } from "@ai-sdk/provider";

/** Content address of bytes: `sha256:` and 64 hex digits. Web Crypto, so that techniques also run in a browser. */
export async function contentAddress(bytes: Uint8Array | string): Promise<string> {
  const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data as Uint8Array<ArrayBuffer>));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The bytes of a file part, when the prompt holds them (as bytes, base64 or a data URL). */
export function inlineBytes(data: SharedV4FileData): Uint8Array | undefined {
  if (data.type === "data") return typeof data.data === "string" ? fromBase64(data.data) : data.data;
  if (data.type !== "url" || data.url.protocol !== "data:") return undefined;
  const [head = "", body = ""] = split(data.url.href.slice("data:".length), ",");
  return head.endsWith(";base64") ? fromBase64(body) : new TextEncoder().encode(decodeURIComponent(body));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
