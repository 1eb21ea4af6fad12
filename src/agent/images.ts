// The pictures of one conversation, each with a handle: `image_1` is the first that the user sent, `image_1/crop_2` the
// second crop made of it. A handle is all that a model can say about a picture: there are no paths and no addresses in it,
// and one that is not in the list names nothing, also when another conversation has such a picture.
import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { imageSize } from "../media/index.ts";
import { contentAddress, inlineBytes } from "../model/content-address.ts";
import type { ToolImage } from "../spec/index.ts";

/** A picture of a conversation. */
export interface Picture extends ToolImage {
  /** Content address, by which traces name it. */
  hash: string;
  /** Pixels. */
  width: number;
  height: number;
}

/** The pictures of one conversation. */
export interface Images {
  get(handle: string): Picture | undefined;
  handles(): string[];
  /**
   * Takes in a picture that a tool gave. Its handle is kept when it is well-formed and free; else it gets the next free
   * number below the same name, or below `madeBy`. Bytes that are no picture are an InputError.
   */
  add(image: ToolImage, madeBy: string): Promise<Picture>;
}

const wellFormed = /^image_\d+(?:\/[a-z][a-z0-9-]*_\d+)*$/;

/** Names the pictures that the user sent, in order, and writes each name before its picture. */
export async function nameImages(
  prompt: LanguageModelV4Prompt,
): Promise<{ images: Images; prompt: LanguageModelV4Prompt }> {
  const images = createImages();
  const named: LanguageModelV4Prompt = [];
  let count = 0;
  for (const message of prompt) {
    if (message.role !== "user") {
      named.push(message);
      continue;
    }
    const content: typeof message.content = [];
    for (const part of message.content) {
      const bytes =
        part.type === "file" && part.mediaType.startsWith("image") ? inlineBytes(part.data) : undefined;
      if (bytes && part.type === "file") {
        const handle = `image_${++count}`;
        await images.add({ handle, bytes, mediaType: part.mediaType }, "image");
        content.push({ type: "text", text: `${handle}:` });
      }
      content.push(part);
    }
    named.push({ ...message, content } as LanguageModelV4Message);
  }
  return { images, prompt: named };
}

/** Creates an empty list of pictures. */
export function createImages(): Images {
  const byHandle = new Map<string, Picture>();
  const free = (wanted: string, madeBy: string) => {
    if (wellFormed.test(wanted) && !byHandle.has(wanted)) return wanted;
    const [first = ""] = wanted.split("/");
    const owner = byHandle.has(first) ? first : "image_1";
    const last = wanted.includes("/") ? wanted.slice(wanted.lastIndexOf("/") + 1) : madeBy;
    const stem =
      wellFormed.test(wanted) && wanted.includes("/") ? wanted.slice(0, wanted.lastIndexOf("/")) : owner;
    const name =
      last
        .toLowerCase()
        .replace(/_\d+$/, "")
        .replace(/[^a-z0-9-]/g, "")
        .replace(/^[^a-z]+/, "") || "picture";
    for (let n = 1; ; n++) if (!byHandle.has(`${stem}/${name}_${n}`)) return `${stem}/${name}_${n}`;
  };
  return {
    get: (handle) => byHandle.get(handle),
    handles: () => [...byHandle.keys()],
    async add({ handle: wanted, bytes, mediaType }, madeBy) {
      const [hash, size] = await Promise.all([contentAddress(bytes), imageSize(bytes, { where: madeBy })]);
      const picture = { handle: free(wanted, madeBy), bytes, mediaType, hash, ...size };
      byHandle.set(picture.handle, picture);
      return picture;
    },
  };
}
