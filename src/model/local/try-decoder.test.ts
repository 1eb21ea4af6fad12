import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { SPECIAL_TOKENS } from "../../data/chat-format.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { checkFolder } from "./check-folder.ts";
import { type Decoder, openDecoder } from "./decode.ts";
import { tryDecoder } from "./try-decoder.ts";

it("trusts a decoder that hides padding, and no decoder that shows it", async () => {
  const dir = await mkdtemp(path.join(tmpdir(), "sightline-batching-"));
  await writeTinyLlava(dir, { tokenizer: trainBpe([], { vocabSize: 400, specialTokens: SPECIAL_TOKENS }) });
  const decoder = await openDecoder(await checkFolder(dir), { threads: 1 });
  expect(await tryDecoder(decoder, 28)).toEqual({ tokensPerImage: 4, batches: true });
  // Every row is taken to be as long as the longest, as attention without a mask does.
  const blind: Decoder = {
    ...decoder,
    pass: (rows, keep) => {
      const { cache } = rows[0]!.past ?? {};
      const shared =
        rows.length > 1 && rows.map((row) => ({ ...row, past: { cache: cache!, row: 0, tokens: 5 } }));
      return decoder.pass(shared || rows, keep);
    },
  };
  expect(await tryDecoder(blind, 28)).toEqual({ tokensPerImage: 4, batches: false });
  await decoder.dispose();
  await rm(dir, { recursive: true });
});
