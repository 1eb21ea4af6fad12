// The switch of modality bridging: without it a vision model sees the pictures; with it a language model reads what an
// expert says of them, in their places (the captions of ScienceQA's language models, arXiv 2209.09513). What the expert
// leaves out is lost. Outermost, it describes once for everything inside; innermost, also pictures of demonstrations.
import type { LanguageModelV4FilePart, LanguageModelV4Message } from "@ai-sdk/provider";
import { type TechniqueContext, technique } from "../model/index.ts";
import { splitReasoning } from "../model/split-reasoning.ts";
import type { Technique } from "../spec/index.ts";
import { isPicture } from "./ask-for.ts";
import { askOther, type OtherModel } from "./other-model.ts";

/** Says what a picture shows: a captioner, a reader of text, a detector, or several of them in one text. */
export type Describe = (
  picture: LanguageModelV4FilePart,
  context: Pick<TechniqueContext, "emit" | "signal" | "options" | "query">,
) => Promise<string>;

export interface ExpertOptions {
  /** @default the wrapped model itself describes */
  describe?: Describe;
  /** What the wrapped model is asked when it describes. @default "Describe the picture." */
  request?: string;
}

const defaultRequest = "Describe the picture.";

/** Makes a Describe of a model, with any technique around it. */
export function describeBy(
  model: OtherModel,
  { request = defaultRequest }: { request?: string } = {},
): Describe {
  return async (picture, { emit, signal, options }) => {
    const prompt: LanguageModelV4Message[] = [
      { role: "user", content: [picture, { type: "text", text: request }] },
    ];
    return (await askOther(model, { prompt }, { label: "describe", emit, signal, options })).text;
  };
}

/** Makes the technique that puts an expert's words in the place of pictures. */
export function expert({ describe, request = defaultRequest }: ExpertOptions = {}): Technique {
  const settings = describe ? {} : { request };
  return technique("expert", settings, async function* (context) {
    const { options, call, forward, emit } = context;
    const ask = async (picture: LanguageModelV4FilePart) => {
      if (describe) return describe(picture, context);
      const prompt: LanguageModelV4Message[] = [
        { role: "user", content: [picture, { type: "text", text: request }] },
      ];
      const asked = { prompt, responseFormat: undefined, stopSequences: undefined };
      return splitReasoning((await call(asked, "describe")).content).text;
    };
    const total = options.prompt.flatMap((message) =>
      message.role === "user" ? message.content.filter(isPicture) : [],
    );
    let n = 0;
    const prompt: LanguageModelV4Message[] = [];
    for (const message of options.prompt) {
      if (message.role !== "user") {
        prompt.push(message);
        continue;
      }
      const content: typeof message.content = [];
      for (const part of message.content) {
        if (part.type !== "file" || !isPicture(part)) {
          content.push(part);
          continue;
        }
        const said = (await ask(part)).trim();
        const name = total.length > 1 ? `Picture ${++n}` : "The picture";
        emit("picture-described", { picture: name, text: said });
        content.push({ type: "text", text: `${name} shows: ${said}` });
      }
      prompt.push({ ...message, content });
    }
    yield* forward({ prompt });
  });
}
