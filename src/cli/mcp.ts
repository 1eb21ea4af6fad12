import { Command } from "commander";
import { createMcpServer, startMcpHttp } from "../agent/mcp/index.ts";
import { centerNet, visionTools } from "../agent/tools/index.ts";
import { loadMedia } from "../media/index.ts";
import { numberBetween, oneOf, wholeNumber } from "./option-values.ts";
import { packageVersion } from "./package-version.ts";
import { withStopSignal } from "./stop-signal.ts";

interface McpOptions {
  model: string;
  detector: "scenes" | "centernet";
  ocr: "scenes" | "pp-ocr";
  http?: boolean;
  port: number;
  urls: boolean;
  timeout: number;
}

/** Defines `sightline mcp`. */
export function mcpCommand(): Command {
  return new Command("mcp")
    .summary("serve the vision tools to any MCP client")
    .description(
      "Serves the vision tools over the Model Context Protocol: on standard input and output, or over HTTP on this machine. Pictures named here are image_1, image_2 and so on; a client opens more by data URL or address, never by path.",
    )
    .argument("[image...]", "picture files that every client has from the start")
    .option("-m, --model <name>", "vision model behind the tools ask and caption", "tiny")
    .option(
      "--ocr <reader>",
      "scenes (drawn words) or pp-ocr (pages and photos)",
      oneOf(["scenes", "pp-ocr"]),
      "scenes",
    )
    .option(
      "--detector <name>",
      "scenes (drawn things) or centernet (photos)",
      oneOf(["scenes", "centernet"]),
      "scenes",
    )
    .option("--http", "serve over streamable HTTP on 127.0.0.1 instead")
    .option("--port <n>", "port of --http; 0 takes a free one", wholeNumber(0), 8765)
    .option("--no-urls", "refuse http(s) addresses of pictures")
    .option("--timeout <seconds>", "longest time of one tool call", numberBetween(0.001, 86_400), 120)
    .action((files: string[], options: McpOptions) =>
      withStopSignal((signal) => serve(files, options, signal)),
    );
}

async function serve(files: string[], options: McpOptions, signal: AbortSignal): Promise<void> {
  const pictures = await Promise.all(files.map(loadPicture));
  await using tools = visionTools({
    model: options.model,
    reader: options.ocr,
    ...(options.detector === "centernet" ? { detector: centerNet() } : {}),
  });
  const settings = {
    tools,
    pictures,
    version: packageVersion(),
    allowUrls: options.urls,
    timeoutMs: options.timeout * 1000,
  };
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  if (options.http) {
    const server = await startMcpHttp({ ...settings, port: options.port });
    process.stderr.write(`MCP server at ${server.url}; stop it with Ctrl-C.\n`);
    await stopped;
    await server.close();
    return;
  }
  const { StdioServerTransport } = await import("@modelcontextprotocol/sdk/server/stdio.js");
  const server = await createMcpServer(settings);
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
    // A client that goes away closes our input.
    process.stdin.once("end", resolve);
  });
  await server.connect(new StdioServerTransport());
  await Promise.race([closed, stopped]);
  await server.close();
}

function loadPicture(file: string) {
  return loadMedia(file, { baseDir: process.cwd(), allowOutside: true });
}
