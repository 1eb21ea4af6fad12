// The inside of the sandbox, run in a process of its own. QuickJS, compiled to WebAssembly, runs the program: it has a heap
// that cannot grow past its limit, no clock, no randomness, no modules, and as its only way out one function per tool.
// The process around it has an empty environment and may by Node's permission model neither read other files, nor write,
// nor start processes; that is a second wall, for the case that the first one breaks.
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSDeferredPromise,
  type QuickJSHandle,
  RELEASE_SYNC,
} from "quickjs-emscripten";
import { type FromChild, maxJson, type ToChild } from "./messages.ts";

const log: string[] = [];
const pending = new Map<number, QuickJSDeferredPromise>();
const send = (message: FromChild) => process.send!(message);
let resume: (message: Extract<ToChild, { type: "returned" }>) => void = () => {};

process.on("disconnect", () => process.exit());
process.on("message", (message: ToChild) => {
  if (message.type === "returned") resume(message);
  else
    start(message).catch((error: unknown) => {
      end({
        error: `The program broke the engine: ${error instanceof Error ? error.message : String(error)}`,
      });
    });
});
send({ type: "ready" });

async function start({ code, tools, images, limits }: Extract<ToChild, { type: "start" }>): Promise<void> {
  const pages = limits.memoryMiB * 16;
  // The engine's own memory limit leaks; the memory's maximum is kept by the WebAssembly machine.
  const wasmMemory = new WebAssembly.Memory({ initial: Math.min(256, pages), maximum: pages });
  const engine = await newQuickJSWASMModuleFromVariant(newVariant(RELEASE_SYNC, { wasmMemory }));
  const runtime = engine.newRuntime();
  runtime.setMaxStackSize(256 * 1024);
  const deadline = Date.now() + limits.seconds * 1000;
  let polls = 0;
  // The engine asks once in 10,000 steps.
  runtime.setInterruptHandler(() => ++polls > limits.megaSteps * 100 || Date.now() > deadline);
  const context = runtime.newContext({
    intrinsics: { BaseObjects: true, Eval: true, RegExp: true, JSON: true, MapSet: true, Promise: true },
  });
  // Taken before the program can put functions of its own in their place.
  const parse = context.unwrapResult(context.evalCode("JSON.parse"));
  const stringify = context.unwrapResult(context.evalCode("JSON.stringify"));
  offer(context, { tools, maxCalls: limits.calls, stringify });
  const opened = context.evalCode(
    `delete Math.random; const images = Object.freeze(${JSON.stringify(images)}); ${images
      .filter((handle) => /^\w+$/.test(handle))
      .map((handle) => `const ${handle} = ${JSON.stringify(handle)};`)
      .join(" ")}`,
  );
  if (opened.error) return end({ error: describe(context, opened.error) });

  const result = context.evalCode(`(async () => {"use strict";\n${code}\n})()`, "program.js");
  if (result.error) return end({ error: describe(context, result.error) });
  const promise = result.value;
  const step = () => {
    const jobs = runtime.executePendingJobs();
    if (jobs.error) return end({ error: describe(context, jobs.error) });
    const state = context.getPromiseState(promise);
    if (state.type === "fulfilled") return end(resultOf(context, stringify, state.value));
    if (state.type === "rejected") return end({ error: describe(context, state.error) });
    if (pending.size === 0) end({ error: "The program waits for something that never comes." });
  };
  resume = ({ id, json, error }) => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (!waiting) return;
    if (json !== undefined) {
      waiting.resolve(
        context.unwrapResult(context.callFunction(parse, context.undefined, context.newString(json))),
      );
    } else waiting.reject(context.newError(error ?? "The tool failed."));
    step();
  };
  step();
}

/** Gives the program one function per tool, and `console.log`. */
function offer(
  context: QuickJSContext,
  { tools, maxCalls, stringify }: { tools: string[]; maxCalls: number; stringify: QuickJSHandle },
): void {
  const toJson = (handle: QuickJSHandle | undefined) => {
    if (!handle) return "{}";
    const text = context.unwrapResult(context.callFunction(stringify, context.undefined, handle));
    return context.typeof(text) === "string" ? context.getString(text) : "null";
  };
  let calls = 0;
  for (const tool of tools) {
    const call = context.newFunction(tool, (input) => {
      if (++calls > maxCalls) throw new Error(`No more calls: all ${maxCalls} are used.`);
      const json = toJson(input);
      if (json.length > maxJson) throw new Error(`The input of ${tool} is too long.`);
      const deferred = context.newPromise();
      pending.set(calls, deferred);
      send({ type: "call", id: calls, tool, json });
      return deferred.handle;
    });
    context.setProp(context.global, tool, call);
  }
  const console = context.newObject();
  const write = context.newFunction("log", (...values) => {
    if (log.length < 20) log.push(values.map((value) => String(toJson(value)).slice(0, 400)).join(" "));
  });
  context.setProp(console, "log", write);
  context.setProp(context.global, "console", console);
}

function resultOf(
  context: QuickJSContext,
  stringify: QuickJSHandle,
  value: QuickJSHandle,
): { json?: string; error?: string } {
  const result = context.callFunction(stringify, context.undefined, value);
  if (result.error) return { error: describe(context, result.error) };
  if (context.typeof(result.value) !== "string") return { error: "The program must return its answer." };
  const json = context.getString(result.value);
  return json.length > maxJson ? { error: "What the program returned is too long." } : { json };
}

/** An error of the program as one line, with the line of the program when the engine tells it. */
function describe(context: QuickJSContext, error: QuickJSHandle): string {
  const text = (name: string) => {
    const property = context.getProp(error, name);
    return context.typeof(property) === "string" ? context.getString(property) : "";
  };
  if (context.typeof(error) !== "object") return String(context.dump(error)).slice(0, 400);
  const line = /program\.js:(\d+)/.exec(text("stack"))?.[1];
  const message = text("message");
  const said = message === "interrupted" ? "the program took too many steps" : message;
  return `${text("name") || "Error"}: ${said}${line ? ` (line ${Math.max(1, Number(line) - 1)})` : ""}`.slice(
    0,
    400,
  );
}

let ended = false;
function end(outcome: { json?: string; error?: string }): void {
  if (ended) return;
  ended = true;
  process.send!({ type: "ended", ...outcome, log } satisfies FromChild, () => process.exit());
}
