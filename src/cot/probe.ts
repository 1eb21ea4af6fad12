// Does the answer follow from the picture and from the rationale? The inner technique answers; then the answer is asked for
// again with one thing changed: the picture blank or another one (the rationale kept), or the rationale truncated, corrupted,
// paraphrased or emptied (the picture kept). "same" changes nothing and shows what the second asking alone does. The answer
// given is the first one; what the others were is in the trace, for the figures of many questions.
import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
} from "@ai-sdk/provider";
import { hidePictures, technique } from "../model/index.ts";
import { splitReasoning } from "../model/split-reasoning.ts";
import type { Query, Technique } from "../spec/index.ts";
import { answerKey } from "./answer-key.ts";
import { isPicture } from "./ask-for.ts";
import { type Disturbance, disturbances } from "./disturb.ts";
import { endOf, withRationale } from "./parts.ts";
import { problemOf } from "./problem.ts";
import { replay } from "./replay.ts";

/** What is changed. */
export const probeNames = [
  "same",
  "blank",
  "swapped",
  "truncated",
  "corrupted",
  "paraphrased",
  "filler",
] as const;
export type ProbeName = (typeof probeNames)[number];

export interface ProbeOptions {
  /** Gives pictures of another question. Without it nothing is swapped. */
  otherPictures?: (query: Query) => Promise<LanguageModelV4FilePart[] | undefined>;
}

/** Makes the technique that probes an answer; it goes around `reason()` or around a model that writes rationales. */
export function probe({ otherPictures }: ProbeOptions = {}): Technique {
  return technique(
    "probe",
    {},
    async function* ({ options, query, capabilities, call, emit }) {
      const asked = capabilities.rationales
        ? { providerOptions: withRationale(options.providerOptions, true) }
        : {};
      const result = await call(asked, "answer");
      yield* replay(result.content, "probe");
      const { reasoning, text } = splitReasoning(result.content);
      const problem = problemOf(result);
      const end = endOf({ result, ...(problem ? { problem } : {}) });
      if (problem || reasoning === "" || text === "") {
        emit("probe-skipped", { why: problem ?? (text === "" ? "no answer" : "no rationale") });
        return end;
      }
      const first = answerKey(text, query);
      for (const name of probeNames) {
        const changed = await change(name, {
          prompt: options.prompt,
          rationale: reasoning,
          query,
          otherPictures,
        });
        if (!changed) continue;
        const { rationale, prompt } = changed;
        const again = await call(
          { prompt, providerOptions: withRationale(options.providerOptions, rationale) },
          name,
        );
        const answer = splitReasoning(again.content).text;
        emit("answer-probed", { probe: name, answer, changed: answerKey(answer, query) !== first });
      }
      return end;
    },
    { imageBytes: true },
  );
}

interface Changing extends ProbeOptions {
  prompt: LanguageModelV4Prompt;
  rationale: string;
  query: Query;
}

/** The prompt and rationale of a probe; undefined where it does not apply. */
async function change(
  name: ProbeName,
  { prompt, rationale, query, otherPictures }: Changing,
): Promise<{ prompt: LanguageModelV4Prompt; rationale: string } | undefined> {
  const hasPicture = prompt.some((message) => message.role === "user" && message.content.some(isPicture));
  switch (name) {
    case "same":
      return { prompt, rationale };
    case "blank":
      return hasPicture ? { prompt: await hidePictures(prompt), rationale } : undefined;
    case "swapped": {
      const pictures = hasPicture ? await otherPictures?.(query) : undefined;
      return pictures && pictures.length > 0
        ? { prompt: swapPictures(prompt, pictures), rationale }
        : undefined;
    }
    default: {
      const disturbed = disturbances[name satisfies Disturbance](rationale);
      return disturbed === undefined || disturbed === "" ? undefined : { prompt, rationale: disturbed };
    }
  }
}

/** Other pictures in the places of a prompt's own, in turn. */
function swapPictures(
  prompt: LanguageModelV4Prompt,
  pictures: readonly LanguageModelV4FilePart[],
): LanguageModelV4Prompt {
  let next = 0;
  return prompt.map((message): LanguageModelV4Message => {
    if (message.role !== "user") return message;
    const content = message.content.map((part) =>
      isPicture(part) ? pictures[next++ % pictures.length]! : part,
    );
    return { ...message, content };
  });
}
