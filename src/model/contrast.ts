// Visual contrastive decoding (Leng et al., arXiv 2311.16922) as a technique: the model answers with its pictures and,
// beside, with the same pictures under noise; what it would say without seeing them is taken from what it says. The
// model does the arithmetic (`sightline.contrast`); this file makes the noisy pictures. A picture always gets the same
// noise for the same seed, so calls repeat. Pictures larger than the 336 pixels of LLaVA-1.5 are reduced first: noise on
// the pixels of a large picture would be averaged away when the model resizes it.
import type { JSONValue, LanguageModelV4Prompt, SharedV4FileData } from "@ai-sdk/provider";
import { InputError, SetupError } from "../errors/index.ts";
import { decodeImage, diffuse, encodePng, resizeImage, toDataUrl } from "../media/index.ts";
import type { Capabilities, Technique } from "../spec/index.ts";
import { createRng } from "../util/rng.ts";
import { contentAddress, inlineBytes } from "./content-address.ts";
import { technique } from "./technique.ts";

const maxSide = 336;

export interface ContrastOptions {
  /** How much of the unseen answer is taken away. @default 1 */
  alpha?: number;
  /** Tokens less likely than this share of the most likely one are not written. @default 0.1 */
  beta?: number;
  /** Step of the diffusion process, from 0 to 999. @default 500 */
  noise?: number;
}

/** Makes the technique that contrasts the model's answer with its answer to noisy pictures. */
export function contrast({ alpha = 1, beta = 0.1, noise = 500 }: ContrastOptions = {}): Technique {
  return technique(
    "contrast",
    { alpha, beta, noise },
    async function* ({ options, emit, forward }) {
      const seed = options.seed ?? 0;
      const noisy: string[] = [];
      const hashes: string[] = [];
      for (const bytes of picturesOf(options.prompt)) {
        const png = await distort(bytes, { noise, seed });
        hashes.push(await contentAddress(png));
        noisy.push(toDataUrl(png, "image/png"));
      }
      // Without a picture there is nothing to contrast.
      if (noisy.length === 0) return yield* forward();
      emit("pictures-distorted", { images: hashes, noise, seed });
      const asked: JSONValue = { image: noisy, alpha, beta };
      const sightline = { ...options.providerOptions?.sightline, contrast: asked };
      return yield* forward({ providerOptions: { ...options.providerOptions, sightline } });
    },
    { imageBytes: true, check: checkContrast },
  );
}

function checkContrast({ contrast }: Capabilities): void {
  if (contrast) return;
  throw new SetupError({
    where: "contrast",
    rule: "needs a model whose token probabilities can be changed, which this one does not offer",
    hint: "Use tiny or local:<folder>.",
  });
}

async function distort(
  bytes: Uint8Array,
  { noise, seed }: { noise: number; seed: number },
): Promise<Uint8Array> {
  const picture = await decodeImage(bytes);
  const scale = Math.min(1, maxSide / Math.max(picture.width, picture.height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const small = await resizeImage(picture, side(picture.width), side(picture.height));
  const { pixels, width, height } = diffuse(
    small,
    noise,
    createRng("contrast", seed, await contentAddress(bytes)),
  );
  return encodePng(pixels, width, height);
}

/** The pictures of a prompt, in the order in which a model reads them. */
function picturesOf(prompt: LanguageModelV4Prompt): Uint8Array[] {
  const pictures: Uint8Array[] = [];
  const add = (file: { mediaType: string; data: SharedV4FileData }) => {
    if (!/^image(\/|$)/.test(file.mediaType)) return;
    const bytes = inlineBytes(file.data);
    if (bytes) pictures.push(bytes);
    else {
      throw new InputError({
        where: "contrast",
        rule: "pictures must be in the prompt as bytes",
        got: file.data.type === "url" ? file.data.url.href : `a ${file.data.type}`,
        hint: "Load the picture first.",
      });
    }
  };
  for (const message of prompt) {
    if (message.role === "system") continue;
    for (const part of message.content) {
      if (part.type === "file") add(part);
      else if (part.type === "tool-result" && part.output.type === "content") {
        for (const item of part.output.value) if (item.type === "file") add(item);
      }
    }
  }
  return pictures;
}
