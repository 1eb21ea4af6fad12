import { crc32 } from "node:zlib";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodeImage, imageSize } from "./decode.ts";
import { encodePng } from "./png.ts";

const ramp = new Uint8Array(6 * 4 * 3).map((_, i) => (i * 37) % 256);
const noise = new Uint8Array(64 * 64 * 3).map((_, i) => (i * i * 31 + i * 7) % 251);

async function refusal(bytes: Uint8Array, options = {}): Promise<string> {
  const error = await decodeImage(bytes, { where: '"cat.png"', ...options }).then(
    () => undefined,
    (e: Error) => e,
  );
  expect(error?.name).toBe("InputError");
  return error!.message;
}

describe("decodeImage", () => {
  test("gives back the pixels that a PNG was made from", async () => {
    const image = await decodeImage(await encodePng(ramp, 6, 4, 3));
    expect({ ...image, pixels: [...image.pixels] }).toEqual({
      width: 6,
      height: 4,
      channels: 3,
      mediaType: "image/png",
      pixels: [...ramp],
    });
  });

  test("turns grey into RGB and puts transparency on white", async () => {
    const grey = await decodeImage(await encodePng(new Uint8Array([0, 100, 255]), 3, 1, 1));
    expect([...grey.pixels]).toEqual([0, 0, 0, 100, 100, 100, 255, 255, 255]);
    const clear = await decodeImage(await encodePng(new Uint8Array([255, 0, 0, 0, 0, 0, 255, 255]), 2, 1, 4));
    expect([...clear.pixels]).toEqual([255, 255, 255, 0, 0, 255]);
  });

  test("reads 16-bit grey, palette and CMYK pictures as 8-bit RGB", async () => {
    const raw = { width: 64, height: 64, channels: 3 } as const;
    const files = [
      await sharp(noise, { raw }).toColourspace("grey16").png().toBuffer(),
      await sharp(noise, { raw }).png({ palette: true, colours: 8 }).toBuffer(),
      await sharp(noise, { raw }).toColourspace("cmyk").jpeg().toBuffer(),
    ];
    for (const file of files) {
      const { width, height, pixels } = await decodeImage(file);
      expect([width, height, pixels.length]).toEqual([64, 64, 64 * 64 * 3]);
      const mean = pixels.reduce((sum, p) => sum + p, 0) / pixels.length;
      expect(mean).toBeGreaterThan(90);
      expect(mean).toBeLessThan(160);
    }
  });

  test("applies the camera's rotation", async () => {
    const raw = { width: 6, height: 4, channels: 3 } as const;
    const turned = await sharp(ramp, { raw }).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await decodeImage(turned)).toMatchObject({ width: 4, height: 6, mediaType: "image/jpeg" });
    expect(await imageSize(turned)).toEqual({ width: 4, height: 6 });
  });

  test.each(["png", "jpeg", "webp", "gif", "tiff", "avif"] as const)(
    "names the format %s",
    async (format) => {
      const raw = { width: 64, height: 64, channels: 3 } as const;
      const file = await sharp(noise, { raw }).toFormat(format).toBuffer();
      expect((await decodeImage(file)).mediaType).toBe(`image/${format}`);
    },
  );

  test("refuses what is not a picture and says what it is", async () => {
    const text = new TextEncoder().encode("Dear reader, this is a letter");
    expect(await refusal(text)).toBe(
      '"cat.png": must be a picture, got text that starts with "Dear reader, this is a l". Use a PNG, JPEG, WebP, GIF, AVIF or TIFF file.',
    );
    expect(await refusal(new Uint8Array())).toBe(
      '"cat.png": must be a picture, got 0 bytes. Use a PNG, JPEG, WebP, GIF, AVIF or TIFF file.',
    );
    expect(await refusal(new TextEncoder().encode("<svg xmlns='…'></svg>"))).toContain("got an SVG drawing.");
  });

  test.each(["png", "jpeg", "webp", "tiff", "gif"] as const)("refuses a truncated %s", async (format) => {
    const raw = { width: 64, height: 64, channels: 3 } as const;
    const file = await sharp(noise, { raw }).toFormat(format).toBuffer();
    const message = await refusal(file.subarray(0, Math.floor(file.length * 0.6)));
    expect(message).toMatch(
      new RegExp(
        `^"cat.png": must be a whole, undamaged picture, got \\d+ bytes of image/${format} that cannot be decoded \\(.+\\)\\. Copy or download the file again\\.$`,
      ),
    );
    expect(message).not.toContain("\n");
  });

  test("refuses a picture over the pixel limit before decoding it", async () => {
    const file = await encodePng(noise, 64, 64, 3);
    expect(await refusal(file, { maxPixels: 4000 })).toBe(
      '"cat.png": must have at most 4,000 pixels, got 64 x 64 = 4,096. Make the picture smaller.',
    );
    const huge = Buffer.from(file);
    huge.writeUInt32BE(9000, 16);
    huge.writeUInt32BE(5000, 20);
    huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
    expect(await refusal(huge)).toBe(
      '"cat.png": must have at most 40,000,000 pixels, got 9000 x 5000 = 45,000,000. Make the picture smaller.',
    );
  });
});
