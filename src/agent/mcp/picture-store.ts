// The pictures of one MCP client. A client hands in bytes or an address; from then on a picture has a handle and nothing
// else, so no tool can be made to read a file of this machine. Addresses go through the guarded fetch: public internet only.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { imageSize, loadMedia } from "../../media/index.ts";
import { createImages, type Images } from "../images.ts";

export interface PictureStoreOptions {
  /** Most pictures, those that tools make included. @default 200 */
  maxPictures?: number;
  /** Most bytes of all pictures. @default 200e6 */
  maxBytes?: number;
  /** Most pixels of a picture. @default 40e6 */
  maxPixels?: number;
  /** Permits http(s) addresses. @default true */
  allowUrls?: boolean;
}

/** The pictures of a client, within limits. */
export interface PictureStore extends Images {
  /** Takes in what a client sends: a data URL, base64 or an http(s) address. */
  open(source: string, signal?: AbortSignal): Promise<{ handle: string; width: number; height: number }>;
}

export const openInput = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(35_000_000)
    .describe("a data URL (data:image/png;base64,...), plain base64, or an http(s) address of a picture"),
});

/** Creates the pictures of one client. */
export function createPictureStore({
  maxPictures = 200,
  maxBytes = 200e6,
  maxPixels = 40e6,
  allowUrls = true,
}: PictureStoreOptions = {}): PictureStore {
  const images = createImages();
  let bytes = 0;
  const add: Images["add"] = async (image, madeBy) => {
    if (images.handles().length >= maxPictures || bytes + image.bytes.length > maxBytes) {
      throw new InputError({
        where: "pictures",
        rule: `one client may have ${maxPictures} pictures of ${maxBytes / 1e6} MB in all`,
        hint: "Start a new session.",
      });
    }
    const { width, height } = await imageSize(image.bytes, { where: "picture" });
    if (width * height > maxPixels) {
      const rule = `must have at most ${maxPixels.toLocaleString("en-US")} pixels`;
      throw new InputError({ where: "picture", rule, got: `${width} x ${height}` });
    }
    bytes += image.bytes.length;
    return images.add(image, madeBy);
  };
  let opened = 0;
  return {
    get: images.get,
    handles: images.handles,
    add,
    async open(source, signal) {
      const isAddress = /^[a-z][a-z0-9+.-]*:/i.test(source);
      if (!isAddress && !/^[A-Za-z0-9+/=\s]+$/.test(source)) {
        throw new InputError({
          where: "open_image",
          rule: "source must be a data URL, base64 or an http(s) address",
          got: JSON.stringify(source.slice(0, 40)),
        });
      }
      if (isAddress && !/^(data|https?):/i.test(source)) {
        const got = JSON.stringify(source.slice(0, 40));
        throw new InputError({ where: "open_image", rule: "must be a data, http or https address", got });
      }
      // Plain base64 becomes a data URL, so that nothing here is ever read as a path.
      const url = isAddress ? source : `data:application/octet-stream;base64,${source}`;
      const options = { baseDir: "/", allowUrls, allowOutside: false, ...(signal && { signal }) };
      const { bytes: data, mediaType } = await loadMedia(url, options);
      const picture = await add({ handle: `image_${++opened}`, bytes: data, mediaType }, "image");
      return { handle: picture.handle, width: picture.width, height: picture.height };
    },
  };
}
