import sharp from "sharp";
import { expect, test } from "vitest";
import { decodeImage } from "./decode.ts";
import { encodePng } from "./png.ts";
import { thumbnail } from "./thumbnail.ts";

test("a small file stays byte for byte, a large one shrinks and keeps its shape", async () => {
  const small = await encodePng(new Uint8Array(12), 2, 2, 3);
  expect(await thumbnail(small)).toEqual({ bytes: small, mediaType: "image/png" });
  const noise = new Uint8Array(1000 * 500 * 3).map((_, i) => (i * i * 31) % 251);
  const large = await thumbnail(await encodePng(noise, 1000, 500, 3), { maxSide: 100, maxBytes: 1000 });
  expect(large.mediaType).toBe("image/webp");
  const { width, height } = await decodeImage(large.bytes);
  expect([width, height]).toEqual([100, 50]);
});

test("a TIFF, which browsers do not show, is always converted", async () => {
  const raw = { width: 2, height: 2, channels: 3 } as const;
  const tiff = await sharp(new Uint8Array(12), { raw }).tiff().toBuffer();
  expect((await thumbnail(tiff)).mediaType).toBe("image/webp");
});
