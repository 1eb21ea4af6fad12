// A small server that speaks the OpenAI chat protocol on the loopback address, scripted like the mock model. It is a
// real HTTP server, so that what breaks on a wire (status codes, cut streams, silence, nonsense) can break in a test.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { InputError } from "../errors/index.ts";
import type { MockAnswer } from "./mock-model.ts";

/** What the server got. */
export interface ServerRequest {
  path: string;
  headers: IncomingMessage["headers"];
  body: { model?: string; stream?: boolean; messages?: ChatMessage[]; [key: string]: unknown };
  /** Bytes of every picture that came as a data URL, in order. */
  images: Uint8Array[];
}

interface ChatMessage {
  role: string;
  content: string | null | { type: string; text?: string; image_url?: { url: string } }[];
}

/** What the server does with a request: answer like a mock, or misbehave. */
export type ServerReply =
  | string
  | Pick<MockAnswer, "text" | "reasoning" | "toolCalls">
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Breaks the connection after this many pieces of the answer. */
  | { text: string; cutAfter: number }
  /** Ends the stream cleanly after this many pieces, without the closing ones. */
  | { text: string; stopAfter: number }
  /** Never answers. */
  | { silent: true }
  /** Breaks the connection before answering. */
  | { reset: true };

export interface OpenAiServer {
  /** Base address, ending in `/v1`. */
  url: string;
  requests: ServerRequest[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a scripted server on a free loopback port. */
export async function startOpenAiServer(
  reply: (request: ServerRequest, index: number) => ServerReply,
): Promise<OpenAiServer> {
  const requests: ServerRequest[] = [];
  const server = createServer((incoming, response) => {
    readRequest(incoming).then(
      (request) => respond(response, reply(request, requests.push(request) - 1), request),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}/v1`, requests, close, [Symbol.asyncDispose]: close };
}

async function readRequest(incoming: IncomingMessage): Promise<ServerRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as ServerRequest["body"];
  const images: Uint8Array[] = [];
  for (const { content } of body.messages ?? []) {
    if (!Array.isArray(content)) continue;
    for (const part of content) if (part.image_url) images.push(decodeDataUrl(part.image_url.url));
  }
  return { path: incoming.url ?? "", headers: incoming.headers, body, images };
}

function decodeDataUrl(url: string): Uint8Array {
  const match = /^data:image\/[a-z]+;base64,([A-Za-z0-9+/=]+)$/.exec(url);
  if (match) return new Uint8Array(Buffer.from(match[1]!, "base64"));
  throw new InputError({ where: "image_url", rule: "must be a base64 data URL", got: url.slice(0, 40) });
}

function respond(response: ServerResponse, reply: ServerReply, request: ServerRequest): void {
  if (typeof reply === "object" && "silent" in reply) return;
  if (typeof reply === "object" && "reset" in reply) return void response.socket?.resetAndDestroy();
  if (typeof reply === "object" && "status" in reply) {
    const body =
      reply.body ?? JSON.stringify({ error: { message: `scripted ${reply.status}`, type: "test" } });
    response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers }).end(body);
    return;
  }
  const answer: Answer = typeof reply === "string" ? { text: reply } : reply;
  if (request.body.stream) streamAnswer(response, answer, request);
  else sendAnswer(response, answer, request);
}

type Answer = Pick<MockAnswer, "text" | "reasoning" | "toolCalls"> & {
  cutAfter?: number;
  stopAfter?: number;
};

function sendAnswer(response: ServerResponse, answer: Answer, request: ServerRequest): void {
  const message = {
    role: "assistant",
    content: answer.text ?? null,
    ...(answer.reasoning ? { reasoning_content: answer.reasoning } : {}),
    ...(answer.toolCalls ? { tool_calls: toolCallsOf(answer) } : {}),
  };
  const choice = { index: 0, message, finish_reason: finishOf(answer) };
  const body = JSON.stringify({ ...head(request), choices: [choice], usage: usageOf(answer, request) });
  if (answer.cutAfter === undefined)
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  else {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
  }
}

function streamAnswer(response: ServerResponse, answer: Answer, request: ServerRequest): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const deltas: object[] = [];
  if (answer.reasoning) deltas.push({ reasoning_content: answer.reasoning });
  for (const word of answer.text?.match(/\s*\S+/g) ?? []) deltas.push({ content: word });
  for (const [index, call] of toolCallsOf(answer).entries())
    deltas.push({ tool_calls: [{ index, ...call }] });
  const until = answer.cutAfter ?? answer.stopAfter ?? deltas.length;
  for (const delta of deltas.slice(0, until)) {
    send(response, { ...head(request), choices: [{ index: 0, delta, finish_reason: null }] });
  }
  if (answer.cutAfter !== undefined) {
    response.write(": cut\n\n", () => response.socket?.destroy());
    return;
  }
  if (answer.stopAfter === undefined) {
    send(response, { ...head(request), choices: [{ index: 0, delta: {}, finish_reason: finishOf(answer) }] });
    send(response, { ...head(request), choices: [], usage: usageOf(answer, request) });
    response.write("data: [DONE]\n\n");
  }
  response.end();
}

function send(response: ServerResponse, chunk: object): void {
  response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}

function head(request: ServerRequest): object {
  const object = request.body.stream ? "chat.completion.chunk" : "chat.completion";
  return { id: "chat-1", object, created: 1, model: request.body.model };
}

function finishOf(answer: Answer): string {
  return answer.toolCalls && answer.toolCalls.length > 0 ? "tool_calls" : "stop";
}

function toolCallsOf({ toolCalls = [] }: Answer) {
  return toolCalls.map(({ toolName, input, toolCallId }, i) => ({
    id: toolCallId ?? `call-${i + 1}`,
    type: "function",
    function: { name: toolName, arguments: JSON.stringify(input) },
  }));
}

/** One token per word, like the mock model. */
function usageOf({ text = "", reasoning = "" }: Answer, { body }: ServerRequest): object {
  const count = (value: string) => value.split(/\s+/).filter((word) => word !== "").length;
  let prompt = 0;
  for (const { content } of body.messages ?? []) {
    if (typeof content === "string") prompt += count(content);
    else for (const part of content ?? []) prompt += count(part.text ?? "");
  }
  const completion = count(text) + count(reasoning);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
