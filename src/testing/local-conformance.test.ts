// Techniques over models that run here: a random one in the LLaVA layout, and `tiny`.
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import { blind, captionOnly, contrast, direct, resolveModel } from "../model/index.ts";
import { trainBpe } from "../tune/bpe.ts";
import { liveModel } from "./conformance-models.ts";
import { describeTechnique } from "./technique-conformance.ts";
import { writeTinyLlava } from "./tiny-llava.ts";

const random = liveModel("random", async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), "sightline-"));
  const tokenizer = trainBpe(["what is in the picture"], { vocabSize: 400, specialTokens: SPECIAL_TOKENS });
  await writeTinyLlava(dir, { tokenizer });
  return resolveModel(`local:${dir}`);
});
const tiny = liveModel("tiny", () => resolveModel("tiny"));
const models = [random, tiny];

describeTechnique("direct", direct(), { models });
describeTechnique("blind", blind(), { models });
describeTechnique("caption-only", captionOnly(), { models });
describeTechnique("contrast", contrast(), { models });
