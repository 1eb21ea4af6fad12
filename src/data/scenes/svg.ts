// Turns SVG documents into pixels, with typefaces from packages. resvg and the packages with art are development packages,
// so they are looked up only when needed.
import { createRequire } from "node:module";
import path from "node:path";
import { SetupError } from "../../errors/index.ts";
import type { Bitmap } from "./world.ts";

const require = createRequire(import.meta.url);

const dejavu = "dejavu-fonts-ttf/ttf/";
/** Typefaces by name, and where their files are. */
export const typefaces: Record<string, string> = {
  "DejaVu Sans": `${dejavu}DejaVuSans.ttf`,
  "DejaVu Sans Bold": `${dejavu}DejaVuSans-Bold.ttf`,
  "DejaVu Sans Bold Oblique": `${dejavu}DejaVuSans-BoldOblique.ttf`,
  "DejaVu Sans Condensed Bold": `${dejavu}DejaVuSansCondensed-Bold.ttf`,
  "DejaVu Serif Bold": `${dejavu}DejaVuSerif-Bold.ttf`,
  "DejaVu Sans Mono Bold": `${dejavu}DejaVuSansMono-Bold.ttf`,
  "Nunito ExtraBold": "@expo-google-fonts/nunito/800ExtraBold/Nunito_800ExtraBold.ttf",
  "Roboto Slab Bold": "@expo-google-fonts/roboto-slab/700Bold/RobotoSlab_700Bold.ttf",
};

/** Path of a typeface's file. */
export function typefaceFile(name: string): string {
  const file = typefaces[name]!;
  const parts = file.split("/");
  return findPackageFile(file, parts.slice(0, file.startsWith("@") ? 2 : 1).join("/"));
}

/** Draws an SVG document as RGBA, premultiplied; text in the one font of the file. */
export function renderSvg(svg: string, fontFile?: string): Bitmap {
  let resvg: typeof import("@resvg/resvg-js");
  try {
    resvg = require("@resvg/resvg-js") as typeof import("@resvg/resvg-js");
  } catch (cause) {
    throw missingPackage("@resvg/resvg-js", cause);
  }
  const font = { loadSystemFonts: false, fontFiles: fontFile ? [fontFile] : [] };
  const image = new resvg.Resvg(svg, { font }).render();
  return { data: image.pixels, width: image.width, height: image.height };
}

/** Path of a file in an installed package. */
export function findPackageFile(file: string, packageName: string): string {
  try {
    return require.resolve(file);
  } catch {
    try {
      return path.join(
        path.dirname(require.resolve(`${packageName}/package.json`)),
        file.slice(packageName.length),
      );
    } catch (cause) {
      throw missingPackage(packageName, cause);
    }
  }
}

function missingPackage(packageName: string, cause: unknown): SetupError {
  return new SetupError({
    where: "scenes",
    rule: `drawing the generated world needs the package ${packageName}, which is not installed`,
    hint: "Run: npm install --save-dev @resvg/resvg-js@2.6.2 @iconify-json/noto@1.2.9 @iconify-json/twemoji@1.2.5 @iconify-json/fluent-emoji-flat@1.2.6 @iconify-json/openmoji@1.2.29 @iconify-json/noto-v1@1.2.5 @iconify-json/emojione@1.2.3 @iconify-json/fxemoji@1.2.2 @iconify-json/streamline-emojis@1.2.4 @iconify-json/fluent-emoji-high-contrast@1.2.6 @iconify-json/emojione-monotone@1.2.1 dejavu-fonts-ttf@2.37.3 @expo-google-fonts/nunito@0.4.2 @expo-google-fonts/roboto-slab@0.4.2",
    cause,
  });
}
