import { InputError } from "../errors/index.ts";

/** Decodes a data URL, base64 or percent-encoded. */
export function parseDataUrl(
  url: string,
  { maxBytes = 25e6 }: { maxBytes?: number } = {},
): { bytes: Uint8Array; mediaType: string | undefined } {
  const where = `${url.slice(0, 32)}…`;
  const match = /^data:([^,;]*)((?:;[^,;]*)*),/i.exec(url);
  if (!match) throw new InputError({ where, rule: "must be a data URL with a comma before the data" });
  const data = url.slice(match[0].length);
  if (data.length > maxBytes * 3)
    throw new InputError({ where, rule: `must be at most ${maxBytes / 1e6} MB` });
  const mediaType = match[1] || undefined;
  if (/;base64$/i.test(match[2]!)) {
    const compact = data.replace(/\s+/g, "");
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) {
      throw new InputError({ where, rule: "must hold base64 data", got: "other characters" });
    }
    return { bytes: new Uint8Array(Buffer.from(compact, "base64")), mediaType };
  }
  // Percent-encoding stands for bytes, not characters: latin1 keeps them one to one.
  const text = data.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { bytes: new Uint8Array(Buffer.from(text, "latin1")), mediaType };
}

/** Writes bytes as a base64 data URL. */
export function toDataUrl(bytes: Uint8Array, mediaType: string): string {
  return `data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}`;
}
