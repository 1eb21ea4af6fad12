// Runs a technique again on what models said and tools returned before: no model, no weights, no network. A technique
// that asks something new is told that nothing is known of it.
import type { JSONValue } from "@ai-sdk/provider";
import { InputError } from "../../errors/index.ts";
import { collectStream, declareCapabilities, withCache } from "../../model/index.ts";
import type { Capabilities, LanguageModel, Tool } from "../../spec/index.ts";
import { canonicalJson } from "../../util/canonical-json.ts";
import type { TraceFile } from "./trace-file.ts";

/** The model of this name, as far as the trace knows what it says. */
export function replayModel(trace: TraceFile, name: string): LanguageModel {
  const declared = trace.capabilities[name];
  if (!declared)
    throw new InputError({
      where: "trace",
      rule: `holds no answers of the model "${name}"`,
      got: Object.keys(trace.capabilities).join(", ") || "none",
    });
  const doStream: LanguageModel["doStream"] = async () => {
    throw new InputError({
      where: "trace",
      rule: `"${name}" was not asked this when the trace was written`,
      hint: "Replay with the technique of the trace, or ask the model itself.",
    });
  };
  const silent: LanguageModel = {
    specificationVersion: "v4",
    provider: "sightline.trace",
    modelId: name,
    supportedUrls: {},
    doStream,
    doGenerate: async (call) => collectStream((await doStream(call)).stream),
  };
  const cache = { get: async (key: string) => trace.answers[key], put: () => undefined };
  return withCache(declareCapabilities(silent, declared as unknown as Capabilities), {
    cache,
    modelKey: name,
  });
}

/** The tools, which return what they returned for the same input; equal inputs in their order. */
export function replayTools<T extends Tool>(trace: TraceFile, tools: readonly T[]): T[] {
  const key = (tool: string, input: JSONValue) => `${tool} ${canonicalJson(input)}`;
  const left = Map.groupBy(trace.tools, ({ tool, input }) => key(tool, input as JSONValue));
  return tools.map((tool) => ({
    ...tool,
    async run(input: JSONValue) {
      const uses = left.get(key(tool.name, input));
      const use = uses && uses.length > 1 ? uses.shift()! : uses?.[0];
      if (!use) throw new Error(`${tool.name} was not used so when the trace was written`);
      if (use.error !== undefined) throw new Error(use.error);
      const images = use.pictures.map(({ handle, hash }) => {
        const { data, mediaType } = trace.pictures[hash]!;
        return { handle, mediaType, bytes: new Uint8Array(Buffer.from(data, "base64")) };
      });
      return {
        value: (use.value ?? null) as JSONValue,
        images,
        ...(use.backend === undefined ? {} : { backend: use.backend }),
      };
    },
  }));
}
