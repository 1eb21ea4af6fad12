// The resolver, the retries and the error lines, against a real HTTP server on the loopback address.
import { generateText, streamText } from "ai";
import { expect, test } from "vitest";
import { InputError, SetupError } from "../errors/index.ts";
import { type ServerReply, type ServerRequest, startOpenAiServer } from "../testing/openai-server.ts";
import { capabilities } from "./capabilities.ts";
import { collectStream } from "./collect-stream.ts";
import { type ResolveOptions, resolveModel } from "./resolve.ts";

const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "What is it?" }] }];

async function serve(
  reply: ServerReply | ((request: ServerRequest, index: number) => ServerReply),
  options: ResolveOptions = {},
) {
  const server = await startOpenAiServer(typeof reply === "function" ? reply : () => reply);
  const waits: number[] = [];
  const model = await resolveModel(`${server.url}#vlm-1`, {
    env: {},
    retry: { sleep: async (ms) => void waits.push(ms), now: () => Date.parse("2026-01-01T00:00:00Z") },
    ...options,
  });
  return { server, model, waits, [Symbol.asyncDispose]: () => server.close() };
}

/** Runs a call both ways and returns the two error lines, with the port taken out. */
async function failures(model: Awaited<ReturnType<typeof serve>>["model"]): Promise<(string | undefined)[]> {
  const line = (error: unknown) =>
    `${(error as Error).name}: ${(error as Error).message.replace(/:\d+\//, ":PORT/")}`;
  const attempts = [
    async () => model.doGenerate({ prompt }),
    async () => collectStream((await model.doStream({ prompt })).stream),
  ];
  const lines: (string | undefined)[] = [];
  for (const attempt of attempts) lines.push(await attempt().then(() => undefined, line));
  return lines;
}

test("thoughts between tags are reasoning and no part of the answer, in one piece or streamed", async () => {
  await using world = await serve("<think>It is round and red.</think>a ball");
  const { content } = await world.model.doGenerate({ prompt });
  const streamed = await collectStream((await world.model.doStream({ prompt })).stream);
  for (const parts of [content, streamed.content]) {
    const text = (kind: string) =>
      parts
        .map((part) => (part.type === kind && "text" in part ? part.text : ""))
        .join("")
        .trim();
    expect(text("reasoning")).toBe("It is round and red.");
    expect(text("text")).toBe("a ball");
  }
});

test("answers, streams, counts tokens, and sends model name, text and picture bytes in order", async () => {
  await using world = await serve("a red ball");
  const bytes = [new Uint8Array([0x89, 0x50, 1]), new Uint8Array([0x89, 0x50, 2])];
  const messages = [
    {
      role: "user" as const,
      content: [
        { type: "file" as const, data: bytes[0]!, mediaType: "image/png" },
        { type: "file" as const, data: bytes[1]!, mediaType: "image/png" },
        { type: "text" as const, text: "What is it?" },
      ],
    },
  ];
  const generated = await generateText({ model: world.model, messages });
  expect(generated.text).toBe("a red ball");
  expect(generated.usage).toMatchObject({ inputTokens: 3, outputTokens: 3 });
  const streamed = streamText({ model: world.model, messages });
  expect(await Array.fromAsync(streamed.textStream)).toEqual(["a", " red", " ball"]);
  expect(await streamed.usage).toMatchObject({ inputTokens: 3, outputTokens: 3 });
  for (const request of world.server.requests) {
    expect(request.path).toBe("/v1/chat/completions");
    expect(request.body.model).toBe("vlm-1");
    expect(request.images).toEqual(bytes);
    expect(request.headers.authorization).toBeUndefined();
  }
  expect(world.server.requests.map((request) => request.body.stream ?? false)).toEqual([false, true]);
  expect(capabilities(world.model).toolCalls).toBe(true);
});

test("sends SIGHTLINE_API_KEY as the key", async () => {
  await using world = await serve("yes", { env: { SIGHTLINE_API_KEY: "secret-1" } });
  await world.model.doGenerate({ prompt });
  expect(world.server.requests[0]?.headers.authorization).toBe("Bearer secret-1");
});

test("429 with Retry-After is waited for as asked, in seconds and as a date", async () => {
  const replies: ServerReply[] = [
    { status: 429, headers: { "retry-after": "7" } },
    { status: 429, headers: { "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" } },
    "yes",
  ];
  await using world = await serve((_, i) => replies[i]!);
  const result = await world.model.doGenerate({ prompt });
  expect(result.content).toEqual([{ type: "text", text: "yes" }]);
  expect(world.waits).toEqual([7000, 9000]);
});

test("500 and a broken connection are tried again with growing waits, streaming too", async () => {
  const replies: ServerReply[] = [{ status: 500 }, { reset: true }, { text: "no", cutAfter: 0 }, "yes"];
  await using world = await serve((_, i) => replies[i]!);
  const result = await collectStream((await world.model.doStream({ prompt })).stream);
  expect(result.content).toEqual([{ type: "text", text: "yes" }]);
  expect(world.waits).toEqual([500, 1000, 2000]);
});

test("a longer wait than a minute is not waited for", async () => {
  await using world = await serve({ status: 429, headers: { "retry-after": "120" } });
  expect(await failures(world.model)).toEqual(
    Array(2).fill(
      "SetupError: http://127.0.0.1:PORT/v1/chat/completions: the server has had too many requests, got status 429 (scripted 429). Try again in 120 s.",
    ),
  );
  expect(world.waits).toEqual([]);
});

test("a server that goes on failing is given up after four retries", async () => {
  await using world = await serve({ status: 503 });
  expect(await failures(world.model)).toEqual(
    Array(2).fill(
      "SetupError: http://127.0.0.1:PORT/v1/chat/completions: the server failed, got status 503 (scripted 503). Try again later, or read its log.",
    ),
  );
  expect(world.waits).toEqual([500, 1000, 2000, 4000, 500, 1000, 2000, 4000]);
});

test("a wrong key, an unknown model and a bad request are not retried", async () => {
  const cases: [status: number, line: string][] = [
    [
      401,
      "SetupError: http://127.0.0.1:PORT/v1/chat/completions: the server refused the key, got status 401 (scripted 401). Check SIGHTLINE_API_KEY.",
    ],
    [
      404,
      "InputError: http://127.0.0.1:PORT/v1/chat/completions: the server knows no such model or path, got status 404 (scripted 404). Check the model name and the address.",
    ],
    [
      400,
      "InputError: http://127.0.0.1:PORT/v1/chat/completions: the server did not accept the request, got status 400 (scripted 400).",
    ],
  ];
  for (const [status, line] of cases) {
    await using world = await serve({ status });
    expect(await failures(world.model)).toEqual([line, line]);
    expect(world.server.requests.length).toBe(2);
  }
});

test("an answer that is not the protocol says so", async () => {
  await using html = await serve({ status: 200, body: "<html>\n  Welcome</html>" });
  expect((await failures(html.model))[0]).toBe(
    "SetupError: http://127.0.0.1:PORT/v1: must answer in the OpenAI protocol, got <html> Welcome</html>. Check that the address is that of the API.",
  );
  await using other = await serve({ status: 200, body: '{"text":"hello"}' });
  expect((await failures(other.model))[0]).toBe(
    'SetupError: http://127.0.0.1:PORT/v1: must answer in the OpenAI protocol, got {"text":"hello"}. Check that the address is that of the API.',
  );
  await using stream = await serve({
    status: 200,
    headers: { "content-type": "text/event-stream" },
    body: 'data: {"choices": [{"delta": {"content": "a"}}]}\n\ndata: {broken\n\n',
  });
  expect((await failures(stream.model))[1]).toBe(
    "SetupError: http://127.0.0.1:PORT/v1: must answer in the OpenAI protocol, got {broken. Check that the address is that of the API.",
  );
});

test("a stream that ends half-way is an error, and is not mistaken for a short answer", async () => {
  await using stopped = await serve({ text: "a red ball", stopAfter: 2 });
  expect((await failures(stopped.model))[1]).toBe(
    "SetupError: http://127.0.0.1:PORT/v1: the answer broke off before its end. Try again.",
  );
  await using cut = await serve({ text: "a red ball", cutAfter: 2 });
  expect((await failures(cut.model))[1]).toBe(
    "SetupError: http://127.0.0.1:PORT/v1: the connection broke, got UND_ERR_SOCKET. Try again.",
  );
  expect(cut.server.requests.length).toBeGreaterThanOrEqual(2);
});

test("a silent server ends in a timeout, an unreachable one in one line without retries", async () => {
  await using silent = await serve({ silent: true }, { timeoutMs: 40 });
  expect(await failures(silent.model)).toEqual(
    Array(2).fill(
      "SetupError: http://127.0.0.1:PORT/v1: must answer within 0.04 s, got silence. Check the server's load.",
    ),
  );
  const gone = await serve("yes");
  await gone.server.close();
  expect(await failures(gone.model)).toEqual(
    Array(2).fill(
      "SetupError: http://127.0.0.1:PORT/v1: cannot connect, got ECONNREFUSED. Is the server running?",
    ),
  );
  expect(gone.waits).toEqual([]);
});

test("an abort passes through as the caller's own reason", async () => {
  await using world = await serve({ silent: true });
  const controller = new AbortController();
  const waiting = Promise.resolve(world.model.doGenerate({ prompt, abortSignal: controller.signal }));
  setTimeout(() => controller.abort(new Error("enough")), 20);
  await expect(waiting).rejects.toThrow("enough");
});

test("errors are of the right family", async () => {
  await using world = await serve({ status: 400 });
  await expect(world.model.doGenerate({ prompt })).rejects.toBeInstanceOf(InputError);
  await using denied = await serve({ status: 401 });
  await expect(denied.model.doGenerate({ prompt })).rejects.toBeInstanceOf(SetupError);
});
