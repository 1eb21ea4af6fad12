// Opens every picture: is it there, inside its folder, whole, what its name and type say it is, upright, of a sane size,
// and large enough for the boxes in it.

import { SightlineError } from "../../errors/index.ts";
import { parseDataUrl } from "../../media/data-url.ts";
import { type ImageFacts, inspectImage } from "../../media/inspect-image.ts";
import { outsideText } from "./boxes.ts";
import type { Finding } from "./finding.ts";
import { type PictureOptions, pictureReader } from "./pictures.ts";
import { type Check, type CheckedRow, type Picture, rowPlace } from "./row-view.ts";

export interface MediaCheckOptions extends PictureOptions {
  /** Pictures with more pixels are not decoded. @default 40e6 */
  maxPixels?: number;
}

type Report = (finding: Finding) => void;

/** Checks the pictures of rows. */
export function mediaCheck(options: MediaCheckOptions = {}): Check {
  const { maxPixels = 40e6, signal } = options;
  const factsOf = pictureReader(
    async ({ bytes, hash }) => ({ ...(await inspectImage(bytes, { maxPixels })), hash }),
    options,
  );
  return {
    name: "media",
    async row(row, report) {
      for (const [index, picture] of row.view.pictures.entries()) {
        try {
          const facts = await factsOf(row, picture);
          if (!facts) continue;
          judge(row, picture, facts, report);
          judgeRegions(row, index, picture, facts, report);
        } catch (error) {
          if (signal?.aborted || !SightlineError.isInstance(error)) throw error;
          report({
            ...about(row, picture),
            check: kindOf(error),
            severity: "error",
            message: ruleText(error),
          });
        }
      }
    },
  };
}

function about(row: CheckedRow, { source, field }: Picture) {
  return { ...rowPlace(row), field, ...(source.length < 4096 ? { picture: source } : {}) };
}

function kindOf({ rule }: SightlineError): string {
  if (rule === "must exist") return "missing-media";
  if (rule.startsWith("must stay inside")) return "media-outside";
  if (/^must have at most .* pixels$/.test(rule)) return "decode-bomb";
  return "corrupt-media";
}

function ruleText({ rule, got }: SightlineError): string {
  return `picture ${rule}${got === undefined ? "" : `, got ${got}`}`;
}

function judge(
  row: CheckedRow,
  picture: Picture,
  facts: ImageFacts & { hash: string },
  report: Report,
): void {
  const place = about(row, picture);
  const { mediaType, width, height, orientation, hash } = facts;
  for (const claimed of claimedTypes(picture)) {
    if (claimed === mediaType) continue;
    const message = `is called ${claimed}, but its bytes are ${mediaType}`;
    report({ ...place, check: "media-type", severity: "warning", message });
  }
  if (orientation !== 1) {
    const message = `is stored turned (EXIF orientation ${orientation}): a loader that does not turn it shows it wrong`;
    report({ ...place, check: "exif-rotation", severity: "warning", message });
  }
  if (picture.hash !== undefined && picture.hash !== hash) {
    report({
      ...place,
      check: "media-hash",
      severity: "error",
      message: `must have the hash ${picture.hash}, got ${hash}`,
    });
  }
  const { width: w = width, height: h = height } = picture;
  if (w !== width || h !== height) {
    const message = `is said to be ${w} x ${h}, but is ${width} x ${height}`;
    report({ ...place, check: "media-size", severity: "error", message });
  }
}

function judgeRegions(
  row: CheckedRow,
  index: number,
  picture: Picture,
  facts: ImageFacts,
  report: Report,
): void {
  for (const [i, { box, image = 0 }] of (row.view.regions ?? []).entries()) {
    // Against a size that the row itself states, the structure pass has judged it.
    if (image !== index || (picture.width !== undefined && picture.height !== undefined)) continue;
    const message = outsideText(box, facts.width, facts.height);
    if (message)
      report({ ...about(row, picture), field: `regions[${i}]`, check: "box", severity: "error", message });
  }
}

const typeOfExtension: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  avif: "image/avif",
  tif: "image/tiff",
  tiff: "image/tiff",
};

/** Media types that a picture's name, data URL or declaration say it has. */
function claimedTypes({ source, mediaType }: Picture): string[] {
  const claims = mediaType ? [mediaType] : [];
  if (source.startsWith("data:")) {
    const { mediaType: declared } = parseDataUrl(source);
    if (declared) claims.push(declared);
  } else {
    const extension = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(source)?.[1]?.toLowerCase() ?? "";
    if (Object.hasOwn(typeOfExtension, extension)) claims.push(typeOfExtension[extension]!);
  }
  return claims.map((claim) => (claim === "image/jpg" ? "image/jpeg" : claim));
}
