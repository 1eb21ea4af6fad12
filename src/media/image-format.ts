// Which picture format bytes are, by their first bytes. Names and HTTP headers lie; nothing else is believed.

/** Media types of pictures that Sightline decodes. */
export const imageMediaTypes = [
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/gif",
  "image/avif",
  "image/tiff",
] as const;

export type ImageMediaType = (typeof imageMediaTypes)[number];

/** Names the picture format of these bytes; undefined when they are not a picture that Sightline decodes. */
export function imageMediaType(bytes: Uint8Array): ImageMediaType | undefined {
  const starts = (...head: number[]) => head.every((byte, i) => bytes[i] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return "image/webp";
  if (ascii(0, 6) === "GIF87a" || ascii(0, 6) === "GIF89a") return "image/gif";
  if (ascii(4, 8) === "ftyp" && ["avif", "avis"].includes(ascii(8, 12))) return "image/avif";
  if (starts(0x49, 0x49, 0x2a, 0x00) || starts(0x4d, 0x4d, 0x00, 0x2a)) return "image/tiff";
  return undefined;
}

/** Describes bytes that are not a supported picture, for an error message. */
export function describeBytes(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 256));
  if (head.startsWith("%PDF")) return "a PDF";
  if (head.startsWith("BM")) return "a BMP picture";
  if (head.slice(4, 8) === "ftyp" && /^(hei|mif|msf)/.test(head.slice(8, 11))) return "a HEIC picture";
  if (head.startsWith("PK")) return "a ZIP archive";
  if (/<svg[\s>]/i.test(head)) return "an SVG drawing";
  if (/^\s*(<!doctype html|<html)/i.test(head)) return "an HTML page";
  if (head.startsWith("version https://git-lfs")) return "a Git LFS pointer (run git lfs pull)";
  const printable = [...bytes.subarray(0, 256)].every((b) => b >= 32 || b === 9 || b === 10 || b === 13);
  if (printable) return `text that starts with ${JSON.stringify(head.slice(0, 24))}`;
  const hex = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join(" ");
  return `bytes that start with ${hex}`;
}
