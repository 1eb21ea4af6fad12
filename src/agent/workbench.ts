// Where tools are used. Whatever a model asks for goes through `use`, which never throws for anything that the model or a
// tool did wrong: it checks that the tool exists, that the arguments fit, that somebody has approved what needs approval
// and that the budget lasts; it stops a tool that hangs, and turns whatever comes back into an observation.
import { isJSONValue, type JSONValue, type LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { markOwn, type TechniqueContext } from "../model/index.ts";
import type { Tool, ToolResult } from "../spec/index.ts";
import { linkedController } from "../util/linked-controller.ts";
import { nearest } from "../util/text.ts";
import type { Budget } from "./budget.ts";
import { checkInput } from "./check-input.ts";
import type { Images, Picture } from "./images.ts";
import type { Observation, Problem } from "./observation.ts";
import { renameHandle } from "./rename-handle.ts";
import { markData } from "./untrusted.ts";

/** Decides whether a tool that changes something outside may run. */
export type Approve = (
  call: { tool: string; input: JSONValue },
  signal: AbortSignal,
) => boolean | Promise<boolean>;

export interface WorkbenchOptions {
  tools: readonly Tool[];
  images: Images;
  budget: Budget;
  approve?: Approve;
  /** Pictures of tools that the model can take in beside those of the question. @default no limit */
  maxShown?: number;
  /** Ends every tool that is running. */
  signal: AbortSignal;
  emit: TechniqueContext["emit"];
}

export interface Workbench {
  /** Uses a tool. Rejects only when `signal` is aborted. */
  use(tool: string, input: JSONValue): Promise<Observation>;
  /** Calls made so far. */
  calls(): number;
  /** Calls, results and pictures since the last time, as parts of the technique's output. */
  takeParts(): LanguageModelV4StreamPart[];
}

/** Creates the workbench of one answer. */
export function createWorkbench({
  tools,
  images,
  budget,
  approve,
  maxShown = Number.POSITIVE_INFINITY,
  signal,
  emit,
}: WorkbenchOptions): Workbench {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  let calls = 0;
  let pixels = 0;
  let shownCount = 0;
  let parts: LanguageModelV4StreamPart[] = [];

  const use: Workbench["use"] = async (name, input) => {
    signal.throwIfAborted();
    const id = `equip-${++calls}`;
    const called = emit("tool-called", { tool: name, input });
    parts.push(
      markOwn(
        {
          type: "tool-call",
          toolCallId: id,
          toolName: name,
          input: JSON.stringify(input),
          providerExecuted: true,
          dynamic: true,
        },
        "equip",
      ),
    );
    const outcome = await attempt(name, input);
    const { problem, value, pictures, backend, ...seenByModel } = outcome;
    const { text } = seenByModel;
    const seen = pictures.map(({ handle, hash, width, height }) => ({ handle, hash, width, height }));
    emit(
      "tool-returned",
      {
        tool: name,
        ...(problem ? { problem, text } : { value }),
        ...(seen.length > 0 ? { pictures: seen } : {}),
        backend,
      },
      called,
    );
    const result = problem
      ? { problem, text }
      : { value: value ?? null, ...(seen.length > 0 ? { pictures: seen } : {}) };
    parts.push(
      markOwn(
        {
          type: "tool-result",
          toolCallId: id,
          toolName: name,
          result,
          dynamic: true,
          ...(problem ? { isError: true } : {}),
        },
        "equip",
      ),
    );
    for (const { bytes, mediaType } of pictures)
      parts.push(
        markOwn({ type: "reasoning-file", mediaType, data: { type: "data", data: bytes } }, "equip"),
      );
    return {
      tool: name,
      input,
      ...seenByModel,
      pictures,
      ...(value === undefined ? {} : { value }),
      ...(problem ? { problem } : {}),
    };
  };

  const attempt = async (name: string, input: JSONValue): Promise<Outcome> => {
    const tool = byName.get(name);
    if (!tool) {
      const slip = nearest(name, [...byName.keys()]);
      return wrong(
        "unknown-tool",
        `There is no tool ${JSON.stringify(name.slice(0, 60))}.${slip ? ` Did you mean ${slip}?` : ""} Tools: ${[...byName.keys()].join(", ")}.`,
      );
    }
    const misfit = checkInput(tool, input);
    if (misfit) return wrong("bad-input", misfit);
    if (calls > budget.calls)
      return wrong(
        "no-calls-left",
        `No more calls: all ${budget.calls} are used. Answer with what you know.`,
      );
    if (tool.sideEffects && !(await approve?.({ tool: name, input }, signal)))
      return wrong("not-approved", `${name} changes something outside, and nobody has approved this call.`);

    const missing: string[] = [];
    const own = linkedController(signal, budget.toolSeconds * 1000);
    const ended = new Promise<never>((_, reject) => {
      own.signal.addEventListener("abort", () => reject(own.signal.reason), { once: true });
      if (own.signal.aborted) reject(own.signal.reason);
    });
    ended.catch(() => undefined);
    try {
      const running = tool.run(input, {
        signal: own.signal,
        image(handle) {
          const picture = images.get(handle);
          if (!picture) missing.push(handle);
          return picture;
        },
      });
      const result = await Promise.race([running, ended]);
      if (missing.length > 0) return noSuchImage(missing[0]!);
      return await accept(tool, result);
    } catch (error) {
      signal.throwIfAborted();
      if (own.signal.aborted)
        return wrong("tool-timeout", `${name} did not come back within ${budget.toolSeconds} seconds.`);
      if (missing.length > 0) return noSuchImage(missing[0]!);
      const message = error instanceof Error ? error.message : String(error);
      return wrong("tool-failed", `${name} failed: ${markData(message, 400)}`);
    } finally {
      // A tool that does not listen to its signal goes on unheard.
      own.abort();
      own.release();
    }
  };

  const noSuchImage = (handle: string) =>
    wrong(
      "unknown-image",
      `There is no picture ${JSON.stringify(handle.slice(0, 60))}. Pictures: ${images.handles().join(", ") || "none"}.`,
    );

  const accept = async ({ name }: Tool, result: ToolResult): Promise<Outcome> => {
    if (typeof result !== "object" || result === null || !isJSONValue(result.value))
      return wrong("bad-result", `${name} returned nothing that can be read.`);
    const { images: given = [], backend } = result;
    let { value } = result;
    const pictures: Picture[] = [];
    for (const image of given) {
      let picture: Picture;
      try {
        picture = await images.add(image, name);
      } catch {
        return wrong("bad-result", `${name} returned a picture that cannot be read.`);
      }
      if (picture.handle !== image.handle) value = renameHandle(value, image.handle, picture.handle);
      pictures.push(picture);
    }
    const lines = [markData(value, budget.resultCharacters)];
    const shown = pictures.filter(({ width, height }) => {
      if (shownCount >= maxShown || pixels + width * height > budget.pixels) return false;
      shownCount++;
      pixels += width * height;
      return true;
    });
    for (const picture of pictures) {
      const { handle, width, height } = picture;
      lines.push(
        `New picture: ${handle}, ${width} x ${height} pixels${shown.includes(picture) ? "" : " (you cannot be shown any more pictures)"}.`,
      );
    }
    return { text: lines.join("\n"), value, pictures, shown, ...(backend ? { backend } : {}) };
  };

  return {
    use,
    calls: () => calls,
    takeParts() {
      const taken = parts;
      parts = [];
      return taken;
    },
  };
}

interface Outcome {
  text: string;
  value?: JSONValue;
  pictures: Picture[];
  shown: Picture[];
  problem?: Problem;
  backend?: string;
}

function wrong(problem: Problem, text: string): Outcome {
  return { problem, text, pictures: [], shown: [] };
}
