import { expect, test } from "vitest";
import { mockModel } from "../testing/mock-model.ts";
import { collectStream, textOf } from "./collect-stream.ts";
import { withTimeout } from "./with-timeout.ts";

const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "?" }] }];
const where = "http://127.0.0.1/v1";

test("the clock starts anew with every part of a stream", async () => {
  // 13 parts of 20 ms are longer than the limit; no single one is.
  const model = withTimeout(mockModel("one two!", { pieceLength: 1, delayMs: 15 }), {
    timeoutMs: 100,
    where,
  });
  const result = await collectStream((await model.doStream({ prompt })).stream);
  expect(textOf(result.content)).toBe("one two!");
});

test("a stream that falls silent half-way ends with an error", async () => {
  const inner = mockModel("");
  inner.doStream = async ({ abortSignal }) => ({
    stream: new ReadableStream({
      start(controller) {
        controller.enqueue({ type: "stream-start", warnings: [] });
        abortSignal?.addEventListener("abort", () => controller.error(abortSignal.reason));
      },
    }),
  });
  const { stream } = await withTimeout(inner, { timeoutMs: 20, where }).doStream({ prompt });
  await expect(collectStream(stream)).rejects.toThrow(
    expect.objectContaining({
      message: `${where}: must answer within 0.02 s, got silence. Check the server's load.`,
    }),
  );
});
