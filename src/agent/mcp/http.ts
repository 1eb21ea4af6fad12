// MCP over streamable HTTP, on this machine only. A web page in a browser here could also reach a loopback port, so a
// request must name a loopback host, and one that a page of another origin sends is refused. Each session is a client of
// its own; one that is silent for long is closed.
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { InputError } from "../../errors/index.ts";
import { createMcpServer, type McpServerOptions } from "./server.ts";

export interface McpHttpOptions extends McpServerOptions {
  /** 0 takes a free one. @default 0 */
  port?: number;
  /** Most sessions at once. @default 20 */
  maxSessions?: number;
  /** Longest silence of a session. @default 1800000 */
  idleMs?: number;
  /** Longest request. @default 40e6 */
  maxBodyBytes?: number;
}

export interface McpHttpServer {
  /** Where clients connect: `http://127.0.0.1:<port>/mcp` */
  url: string;
  close(): Promise<void>;
}

interface Session {
  transport: StreamableHTTPServerTransport;
  idle: NodeJS.Timeout;
}

/** Starts the server on 127.0.0.1. */
export async function startMcpHttp({
  port = 0,
  maxSessions = 20,
  idleMs = 30 * 60_000,
  maxBodyBytes = 40e6,
  ...options
}: McpHttpOptions): Promise<McpHttpServer> {
  const sessions = new Map<string, Session>();
  let opening = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isLocal(request)) return refuse(response, 403, "Only this machine may connect.");
    if (new URL(request.url ?? "/", "http://localhost").pathname !== "/mcp")
      return refuse(response, 404, "The address is /mcp.");
    const body = request.method === "POST" ? await readBody(request, maxBodyBytes) : undefined;
    if (body === "too-long") return refuse(response, 413, `A request may have ${maxBodyBytes / 1e6} MB.`);
    if (body === "no-json") return refuse(response, 400, "The request must be JSON.");
    const id = request.headers["mcp-session-id"];
    const session = typeof id === "string" ? sessions.get(id) : undefined;
    if (session) {
      session.idle.refresh();
      return session.transport.handleRequest(request, response, body?.json);
    }
    if (id !== undefined) return refuse(response, 404, "There is no such session.");
    if (!isInitialize(body?.json)) return refuse(response, 400, "A session begins with initialize.");
    if (sessions.size + opening >= maxSessions) return refuse(response, 503, "Too many sessions.");
    opening++;
    try {
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized(started) {
          const idle = setTimeout(() => void transport.close(), idleMs);
          idle.unref();
          sessions.set(started, { transport, idle });
        },
      });
      const server = await createMcpServer(options);
      server.onclose = () => {
        const started = transport.sessionId;
        if (started === undefined) return;
        clearTimeout(sessions.get(started)?.idle);
        sessions.delete(started);
      };
      // The SDK's own types disagree under exactOptionalPropertyTypes.
      await server.connect(transport as Transport);
      await transport.handleRequest(request, response, body?.json);
    } finally {
      opening--;
    }
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500, "The request could not be served.");
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const got = `${port} (${cause.code})`;
      reject(
        new InputError({
          where: "mcp",
          rule: "port must be free",
          got,
          hint: "Choose another with --port.",
          cause,
        }),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      await Promise.all([...sessions.values()].map(({ transport }) => transport.close()));
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** Guards against pages that point a name of theirs at this machine (DNS rebinding) and against other origins. */
function isLocal({ headers }: IncomingMessage): boolean {
  const local = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;
  if (!local.test(headers.host ?? "")) return false;
  const { origin } = headers;
  return origin === undefined || local.test(origin.replace(/^https?:\/\//i, ""));
}

async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ json: unknown } | "too-long" | "no-json"> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return "too-long";
    chunks.push(chunk);
  }
  try {
    return { json: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
  } catch {
    return "no-json";
  }
}

function isInitialize(json: unknown): boolean {
  const messages = Array.isArray(json) ? json : [json];
  return messages.some((message) => (message as { method?: unknown } | null)?.method === "initialize");
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ jsonrpc: "2.0", error: { code: -32000, message }, id: null }));
}
