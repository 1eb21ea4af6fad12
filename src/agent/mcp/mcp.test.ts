// The server against the official SDK's client: over streamable HTTP in this process, over stdio as the installed command.
import { request } from "node:http";
import path from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterEach, describe, expect, test } from "vitest";
import { decodeImage, encodePng, toDataUrl } from "../../media/index.ts";
import type { Tool } from "../../spec/index.ts";
import { visionTools } from "../tools/index.ts";
import { type McpHttpOptions, type McpHttpServer, startMcpHttp } from "./index.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: Partial<McpHttpOptions> = {}): Promise<McpHttpServer> {
  const server = await startMcpHttp({ tools: visionTools(), version: "1.2.3", ...options });
  closing.push(() => server.close());
  return server;
}
async function connect(transport: Transport): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  closing.push(() => client.close());
  return client;
}
const connectHttp = ({ url }: McpHttpServer) =>
  connect(new StreamableHTTPClientTransport(new URL(url)) as Transport);

interface Result {
  isError?: boolean;
  content: { type: string; text?: string; data?: string; mimeType?: string }[];
}
const call = async (client: Client, name: string, input: Record<string, unknown> = {}) =>
  (await client.callTool({ name, arguments: input })) as Result;
const textOf = ({ content }: Result) => content[0]!.text!;

const red = () =>
  encodePng(
    new Uint8Array(20 * 10 * 3).map((_, i) => (i % 3 === 0 ? 255 : 0)),
    20,
    10,
  );
const redUrl = async () => toDataUrl(await red(), "image/png");

describe.each(["http", "stdio"] as const)("over %s", (kind) => {
  const open = async () =>
    kind === "http"
      ? connectHttp(await start())
      : connect(
          new StdioClientTransport({
            command: path.join(root, "node_modules/.bin/node"),
            args: ["bin/sightline.js", "mcp"],
            cwd: root,
            stderr: "ignore",
          }),
        );

  test("a client lists the tools, opens a picture, and gets pictures back as image content", async () => {
    const client = await open();
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["open_image", "detect", "count", "ocr", "crop", "colors"]));
    expect(tools.find(({ name }) => name === "crop")!.inputSchema.required).toEqual(["image", "box"]);

    const opened = await call(client, "open_image", { source: await redUrl() });
    expect(JSON.parse(textOf(opened))).toEqual({ result: { handle: "image_1", width: 20, height: 10 } });
    const cut = await call(client, "crop", { image: "image_1", box: [5, 0, 10, 10] });
    expect(cut.content.map(({ type }) => type)).toEqual(["text", "text", "image"]);
    expect(cut.content[1]!.text).toBe("picture: image_1/crop_1");
    const picture = await decodeImage(Buffer.from(cut.content[2]!.data!, "base64"));
    expect([picture.width, picture.height, cut.content[2]!.mimeType]).toEqual([5, 10, "image/png"]);
    const again = await call(client, "crop", { image: "image_1", box: [0, 0, 9, 9] });
    expect(again.content[1]!.text).toBe("picture: image_1/crop_2");
    expect(JSON.parse(textOf(again)).result).toEqual({ image: "image_1/crop_2", box: [0, 0, 9, 9] });
    const colors = await call(client, "colors", { image: "image_1/crop_1" });
    expect(JSON.parse(textOf(colors))).toMatchObject({
      result: { colors: [{ name: "red", share: 1 }] },
      backend: "pixels",
    });
    const listed = await call(client, "list_images");
    expect(JSON.parse(textOf(listed)).result).toMatchObject([
      { handle: "image_1" },
      { handle: "image_1/crop_1", width: 5 },
      { handle: "image_1/crop_2", width: 9 },
    ]);
  });
});

test("wrong calls are results that say what would be right; the session goes on", async () => {
  const client = await connectHttp(await start());
  const wrong = async (name: string, input: Record<string, unknown>, says: string | RegExp) => {
    const result = await call(client, name, input);
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(says);
  };
  await wrong("crops", {}, /There is no tool "crops"\. Did you mean crop\?/);
  await wrong("crop", { image: "image_1" }, /^crop takes image, box/);
  await wrong("crop", { image: "image_9", box: [0, 0, 1, 1] }, /handle of a picture, got "image_9"/);
  await wrong("open_image", { source: "/etc/passwd" }, /no|must/);
  await wrong("open_image", { source: "../../package.json" }, /must be a data URL, base64 or an http/);
  await wrong("open_image", { source: "file:///etc/passwd" }, /must be a data, http or https address/);
  await wrong("open_image", { source: "http://127.0.0.1:1/a.png" }, /private|public|address/);
  await wrong("open_image", { source: "data:image/png;base64,aGVsbG8=" }, /must be a picture/);
  await wrong("calculate", { expression: "process.exit(1)" }, /cannot read this/);
  expect(textOf(await call(client, "calculate", { expression: "2 * 21" }))).toContain("42");
});

test("one client cannot see the pictures of another; pictures from the start are everybody's", async () => {
  const server = await start({ pictures: [{ bytes: await red(), mediaType: "image/png" }] });
  const [one, other] = [await connectHttp(server), await connectHttp(server)];
  const opened = await call(one, "open_image", { source: await redUrl() });
  const { handle } = JSON.parse(textOf(opened)).result;
  expect((await call(other, "colors", { image: handle })).isError).toBe(true);
  expect((await call(other, "colors", { image: "image_1" })).isError).toBeUndefined();
  expect((await call(one, "colors", { image: handle })).isError).toBeUndefined();
});

test("limits hold: pictures of a session, time of a call, calls at once, sessions, length of a request", async () => {
  const hang: Tool = {
    name: "hang",
    description: "Never comes back.",
    inputSchema: { type: "object", properties: {}, additionalProperties: false },
    sideEffects: false,
    run: () => new Promise(() => undefined),
  };
  const server = await start({
    tools: [hang],
    maxPictures: 1,
    timeoutMs: 300,
    maxRunning: 1,
    maxSessions: 1,
    maxBodyBytes: 5000,
  });
  const client = await connectHttp(server);
  expect((await call(client, "open_image", { source: await redUrl() })).isError).toBeUndefined();
  expect(textOf(await call(client, "open_image", { source: await redUrl() }))).toMatch(/may have 1 pictures/);
  const [first, second] = await Promise.all([call(client, "hang"), call(client, "hang")]);
  const texts = [textOf(first), textOf(second)].sort();
  expect(texts).toEqual([
    "At most 1 calls may run at once. Try again.",
    "hang did not come back within 0.3 seconds.",
  ]);
  await expect(connectHttp(server)).rejects.toThrow("Too many sessions");
  await expect(call(client, "open_image", { source: "A".repeat(9000) })).rejects.toThrow(/0\.005 MB/);
});

test("a tool that breaks tells the client nothing of this machine", async () => {
  const broken: Tool = {
    name: "broken",
    description: "Breaks.",
    inputSchema: { type: "object", properties: {} },
    sideEffects: false,
    run: async () => {
      throw new Error("ENOENT: /home/someone/secret");
    },
  };
  const client = await connectHttp(await start({ tools: [broken] }));
  expect(textOf(await call(client, "broken"))).toBe("broken failed.");
});

test("a page of another origin, and a name that was pointed at this machine, are refused", async () => {
  const { url } = await start();
  const status = (headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const sent = request(url, { method: "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      sent.on("error", reject);
      sent.end("{}");
    });
  expect(await status({ origin: "https://evil.example" })).toBe(403);
  expect(await status({ host: "evil.example" })).toBe(403);
  expect(await status({ origin: "http://localhost:3000" })).toBe(400);
  expect(await status({ "mcp-session-id": "guessed" })).toBe(404);
});
