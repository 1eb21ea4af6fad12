// The models that techniques are checked against. A scripted one plays its part word by word, in memory or behind a real
// HTTP server; a live one answers what it likes, so that only the checks that do not need a script run on it.
import { InputError } from "../errors/index.ts";
import { resolveModel } from "../model/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { type MockAnswer, mockModel } from "./mock-model.ts";
import { type ServerReply, startOpenAiServer } from "./openai-server.ts";

/** What a scripted model does in one call: answers, fails, or says nothing for ever. */
export type Act = Pick<MockAnswer, "text" | "toolCalls"> | "fail" | "silent";

/** A model for the checks. `open` is called once per check. */
export type ConformanceModel =
  | { kind: "scripted"; name: string; open(act: (index: number) => Act): Promise<Opened> }
  | { kind: "live"; name: string; open(): Promise<Opened> };

export interface Opened {
  model: LanguageModel;
  close?(): Promise<void>;
}

/** The mock model. */
export const scriptedMock: ConformanceModel = {
  kind: "scripted",
  name: "mock",
  async open(act) {
    const model = mockModel(
      (call, index) => {
        const next = act(index);
        if (next === "silent") {
          return new Promise((_, reject) => {
            call.abortSignal?.addEventListener("abort", () => reject(call.abortSignal?.reason));
          });
        }
        return next === "fail" ? new InputError({ where: "mock", rule: "scripted failure" }) : next;
      },
      { pieceLength: 3 },
    );
    return { model };
  },
};

/** A local OpenAI-compatible server, found through the resolver. */
export const scriptedServer: ConformanceModel = {
  kind: "scripted",
  name: "server",
  async open(act) {
    const server = await startOpenAiServer((_, index): ServerReply => {
      const next = act(index);
      if (next === "fail") return { status: 400 };
      return next === "silent" ? { silent: true } : next;
    });
    const model = await resolveModel(`${server.url}#vlm`, { env: {} });
    return { model, close: server.close };
  },
};

/** A model that really answers, such as `tiny`. It is opened once. */
export function liveModel(name: string, open: () => Promise<LanguageModel>): ConformanceModel {
  let opened: Promise<LanguageModel> | undefined;
  return {
    kind: "live",
    name,
    async open() {
      opened ??= open();
      return { model: await opened };
    },
  };
}
