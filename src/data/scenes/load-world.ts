// Renders the world: every concept in every asked-for style and the capital letters of eight typefaces, once.
import { readFile } from "node:fs/promises";
import { InputError } from "../../errors/index.ts";
import { type Concept, concepts } from "./concepts.ts";
import { redraw, redrawings } from "./practice-art.ts";
import { practiceNames } from "./practice-names.ts";
import { styles as allStyles, practiceSets, type Style, stylesOf } from "./splits.ts";
import { findPackageFile, renderSvg, typefaceFile, typefaces } from "./svg.ts";
import { AtlasBuilder, type Bitmap, type Drawing, type GlyphSet, type World } from "./world.ts";

/** Longest side of the largest stored size of an icon. */
const iconSize = 96;
/** The same of practice art: there is much of it, and it need not be sharp. */
const practiceSize = 64;

interface Icon {
  body: string;
  width?: number;
  height?: number;
  left?: number;
  top?: number;
}

interface IconSet {
  icons: Record<string, Icon>;
  aliases?: Record<string, { parent: string }>;
  width?: number;
  height?: number;
}

/** What to render. */
export interface LoadWorldOptions {
  /** @default all four */
  styles?: readonly Style[];
  /** Also the art that only training pictures use: adds seconds and about 100 MB. @default false */
  practice?: boolean;
}

/** Renders the sprites of the given styles and all letters. Takes seconds: load once, share with workers. */
export async function loadWorld({
  styles = allStyles,
  practice: withPractice = false,
}: LoadWorldOptions = {}): Promise<World> {
  const atlas = new AtlasBuilder();
  const sprites: World["sprites"] = {};
  for (const style of styles) {
    const set = await loadIconSet(style);
    sprites[style] = concepts.map((concept) => atlas.add(crop(renderSvg(iconSvg(set, style, concept)), 8)));
  }
  const practice = withPractice ? await drawPractice(atlas) : [];
  const fonts = Object.keys(typefaces).map((font): GlyphSet => {
    const glyphs = renderGlyphs(typefaceFile(font)).map((bitmap) => atlas.add(bitmap, 2));
    return { font, glyphs };
  });
  return { pixels: atlas.pack(), sprites, practice, fonts };
}

/** The practice art of every concept: icons of the practice sets as they are, and redrawings of all icons. */
async function drawPractice(atlas: AtlasBuilder): Promise<Drawing[][]> {
  const sets = await Promise.all(
    [...stylesOf("train"), ...practiceSets].map(async (style) => ({ style, set: await loadIconSet(style) })),
  );
  return concepts.map((concept) => {
    const icons = sets.flatMap(({ style, set }) => {
      const name = practiceNames(concept, style).find((other) => findIcon(set, other));
      return name === undefined ? [] : [{ style, svg: svgOf(set, findIcon(set, name)!, practiceSize) }];
    });
    return icons.flatMap(({ style, svg }) => {
      const bitmap = crop(renderSvg(svg), 8);
      const drawings = practiceSets.some((name) => name === style) ? [bitmap] : [];
      for (let n = 0; n < redrawings(icons.length); n++)
        drawings.push(crop(redraw(bitmap, style, concept.icon, n), 8));
      return drawings.map((drawing) => ({ style, sprite: atlas.add(drawing, 2) }));
    });
  });
}

async function loadIconSet(name: string): Promise<IconSet> {
  const file = findPackageFile(`@iconify-json/${name}/icons.json`, `@iconify-json/${name}`);
  return JSON.parse(await readFile(file, "utf8")) as IconSet;
}

/** The icon of a concept as an SVG document. */
export function iconSvg(set: IconSet, style: string, concept: Concept): string {
  const icon = findIcon(set, concept.icon);
  if (!icon)
    throw new InputError({
      where: `@iconify-json/${style}`,
      rule: "every concept needs an icon",
      got: `none named "${concept.icon}"`,
      hint: "Install the version that package.json names.",
    });
  return svgOf(set, icon, iconSize);
}

function findIcon(set: IconSet, name: string): Icon | undefined {
  return set.icons[set.aliases?.[name]?.parent ?? name];
}

function svgOf(set: IconSet, icon: Icon, size: number): string {
  const width = icon.width ?? set.width ?? 16;
  const height = icon.height ?? set.height ?? 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${Math.round((size * height) / width)}" viewBox="${icon.left ?? 0} ${icon.top ?? 0} ${width} ${height}">${icon.body}</svg>`;
}

function renderGlyphs(fontFile: string): Bitmap[] {
  const side = 120;
  const glyphs = Array.from({ length: 26 }, (_, i) =>
    renderSvg(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><text x="${side / 2}" y="84" font-size="66" text-anchor="middle" fill="#fff">${String.fromCharCode(65 + i)}</text></svg>`,
      fontFile,
    ),
  );
  // One band for all letters, so that they keep standing on one line.
  const boxes = glyphs.map((glyph) => bounds(glyph, 8));
  const top = Math.min(...boxes.map((b) => b[1]));
  const bottom = Math.max(...boxes.map((b) => b[3]));
  return glyphs.map((glyph, i) => cut(glyph, [boxes[i]![0], top, boxes[i]![2], bottom]));
}

function crop(bitmap: Bitmap, threshold: number): Bitmap {
  return cut(bitmap, bounds(bitmap, threshold));
}

function bounds({ data, width, height }: Bitmap, threshold: number): [number, number, number, number] {
  let [x1, y1, x2, y2] = [width, height, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (data[(y * width + x) * 4 + 3]! >= threshold) {
        x1 = Math.min(x1, x);
        y1 = Math.min(y1, y);
        x2 = Math.max(x2, x + 1);
        y2 = Math.max(y2, y + 1);
      }
  return [x1, y1, x2, y2];
}

function cut({ data, width }: Bitmap, [x1, y1, x2, y2]: [number, number, number, number]): Bitmap {
  const w = x2 - x1;
  const out = new Uint8Array(w * (y2 - y1) * 4);
  for (let y = y1; y < y2; y++)
    out.set(data.subarray((y * width + x1) * 4, (y * width + x2) * 4), (y - y1) * w * 4);
  return { data: out, width: w, height: y2 - y1 };
}
