// Barcodes and QR codes by ZXing, compiled to WebAssembly; the module is loaded by the first picture, from the package and
// not from the network, as it would be by default. What a code says is
// as untrusted as any text in a picture.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { z } from "zod";
import { imageHandle, rasterOf, toJson, type VisionTool, visionTool } from "./vision-tool.ts";

/** Longest text that is given of one code. */
const maxText = 2000;

/** The tool that reads barcodes. */
export function barcodeTool(): VisionTool {
  let opened: ReturnType<typeof openZxing> | undefined;
  return visionTool({
    name: "barcode",
    description:
      "Reads barcodes and QR codes in a picture: format, text and place. It opens no address that a code holds.",
    input: z.strictObject({ image: imageHandle }),
    cost: "pixels",
    async run({ image }, context) {
      const { width, height, pixels } = await rasterOf(context, image);
      opened ??= openZxing();
      const { readBarcodes } = await opened;
      const data = new Uint8ClampedArray(width * height * 4).fill(255);
      for (let i = 0, j = 0; i < pixels.length; i += 3, j += 4) data.set(pixels.subarray(i, i + 3), j);
      const found = await readBarcodes({ data, width, height, colorSpace: "srgb" } as ImageData, {
        tryHarder: true,
        maxNumberOfSymbols: 20,
      });
      const codes = found
        .filter(({ isValid }) => isValid)
        .map(({ format, text, position }) => {
          const corners = [position.topLeft, position.topRight, position.bottomLeft, position.bottomRight];
          const xs = corners.map(({ x }) => x);
          const ys = corners.map(({ y }) => y);
          return {
            format,
            text: text.slice(0, maxText),
            box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
          };
        });
      return { value: toJson({ codes }), backend: "zxing" };
    },
  });
}

async function openZxing() {
  const zxing = await import("zxing-wasm/reader");
  const wasm = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
  const file = await readFile(wasm);
  const wasmBinary = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;
  await zxing.prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  return zxing;
}
