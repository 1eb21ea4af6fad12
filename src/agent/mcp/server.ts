// The tools as a server of the Model Context Protocol. One server is one client's conversation: it has its own pictures.
// What a client sends is checked against the tool's own schema; whatever goes wrong is a result that says so, and only a
// request that is no tool call at all is a protocol error.
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { SightlineError } from "../../errors/index.ts";
import type { Tool, ToolImage } from "../../spec/index.ts";
import { linkedController } from "../../util/linked-controller.ts";
import { nearest } from "../../util/text.ts";
import { checkInput } from "../check-input.ts";
import { renameHandle } from "../rename-handle.ts";
import { createPictureStore, openInput, type PictureStoreOptions } from "./picture-store.ts";

export interface McpServerOptions extends PictureStoreOptions {
  tools: readonly Tool[];
  version: string;
  /** Pictures that the client has from the start: `image_1`, `image_2` and so on. */
  pictures?: readonly Omit<ToolImage, "handle">[];
  /** Longest time of one tool call. @default 120000 */
  timeoutMs?: number;
  /** Tool calls of one client that may run at once. @default 4 */
  maxRunning?: number;
}

/** Longest text of a result; what a picture says can be long. */
const maxText = 50_000;

/** Creates the server for one client; connect it to a transport. */
export async function createMcpServer({
  tools,
  version,
  pictures = [],
  timeoutMs = 120_000,
  maxRunning = 4,
  ...limits
}: McpServerOptions): Promise<Server> {
  const store = createPictureStore(limits);
  for (const { bytes, mediaType } of pictures) {
    await store.add({ handle: `image_${store.handles().length + 1}`, bytes, mediaType }, "image");
  }
  const openImage: Tool = {
    name: "open_image",
    description:
      "Takes in a picture and gives its handle, by which all other tools name it. It reads data URLs, base64 and public http(s) addresses, and no files.",
    inputSchema: schemaOf(openInput),
    sideEffects: false,
    async run(input, { signal }) {
      const { source } = openInput.parse(input);
      return { value: await store.open(source, signal) };
    },
  };
  const listImages: Tool = {
    name: "list_images",
    description: "Lists the handles and sizes of the pictures of this session.",
    inputSchema: schemaOf(z.strictObject({})),
    sideEffects: false,
    run: async () => ({
      value: store.handles().map((handle) => {
        const { width, height } = store.get(handle)!;
        return { handle, width, height };
      }),
    }),
  };
  const served = new Map([openImage, listImages, ...tools].map((tool) => [tool.name, tool]));
  let running = 0;

  const call = async (name: string, input: unknown, signal: AbortSignal): Promise<CallToolResult> => {
    const tool = served.get(name);
    if (!tool) {
      const names = [...served.keys()];
      const slip = nearest(name, names);
      return failure(
        `There is no tool ${JSON.stringify(name.slice(0, 60))}.${slip ? ` Did you mean ${slip}?` : ""} Tools: ${names.join(", ")}.`,
      );
    }
    const argument = (input ?? {}) as Parameters<Tool["run"]>[0];
    const misfit = checkInput(tool, argument);
    if (misfit) return failure(misfit);
    if (running >= maxRunning) return failure(`At most ${maxRunning} calls may run at once. Try again.`);
    running++;
    const own = linkedController(signal, timeoutMs);
    try {
      const stopped = new Promise<never>((_, reject) => {
        own.signal.addEventListener("abort", () => reject(own.signal.reason), { once: true });
      });
      const work = tool.run(argument, { image: (handle) => store.get(handle), signal: own.signal });
      const { value: given, images = [], backend } = await Promise.race([work, stopped]);
      let value = given;
      const content: CallToolResult["content"] = [];
      for (const image of images) {
        const { bytes, mediaType, handle } = await store.add(image, name);
        value = renameHandle(value, image.handle, handle);
        content.push({ type: "text", text: `picture: ${handle}` });
        content.push({ type: "image", data: Buffer.from(bytes).toString("base64"), mimeType: mediaType });
      }
      const text = JSON.stringify(backend === undefined ? { result: value } : { result: value, backend });
      const cut = text.length > maxText ? `${text.slice(0, maxText)} (cut)` : text;
      return { content: [{ type: "text", text: cut }, ...content] };
    } catch (error) {
      if (signal.aborted) throw error;
      if (own.signal.aborted) return failure(`${name} did not come back within ${timeoutMs / 1000} seconds.`);
      // Errors of our own say what to do; what else broke stays inside.
      return failure(SightlineError.isInstance(error) ? error.message : `${name} failed.`);
    } finally {
      running--;
      own.abort();
      own.release();
    }
  };

  const server = new Server({ name: "sightline", version }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: [...served.values()].map(({ name, description, inputSchema, sideEffects }) => ({
      name,
      description,
      inputSchema: inputSchema as { type: "object" },
      annotations: { readOnlyHint: !sideEffects },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) =>
    call(params.name, params.arguments, signal),
  );
  return server;
}

function schemaOf(schema: z.ZodObject): Tool["inputSchema"] {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: "draft-7" });
  return json as Tool["inputSchema"];
}

function failure(text: string): CallToolResult {
  return { isError: true, content: [{ type: "text", text }] };
}
