// The outside of the sandbox: starts the child, serves its calls of tools, and kills it when its time is up, when it asks
// for more than it may, or when the caller has had enough. Nothing that the child sends is trusted: it is JSON text of
// limited length that is parsed here.
import { type ChildProcess, fork } from "node:child_process";
import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { isJSONValue, type JSONValue } from "@ai-sdk/provider";
import { assert } from "../../errors/index.ts";
import { type FromChild, maxJson, type ScriptLimits, type ToChild } from "./messages.ts";

export interface RunScriptOptions {
  /** Names of the tools that the program can call as functions, with one object each. */
  tools: readonly string[];
  /** Handles of pictures: the constant `images`, and a constant of its own for every plain name. */
  images?: readonly string[];
  /** Serves a call; a rejection is an error inside the program. */
  call(tool: string, input: JSONValue): Promise<JSONValue>;
  signal?: AbortSignal;
  limits?: Partial<ScriptLimits>;
}

/** How a program ended: with what it returned, or with what went wrong. */
export type ScriptOutcome = { log: string[] } & ({ value: JSONValue } | { error: string });

const defaults: ScriptLimits = { seconds: 60, megaSteps: 200, memoryMiB: 32, calls: 50 };

const startSeconds = 30;

/**
 * Runs a JavaScript program, the body of an async function, in the sandbox. Never throws for what the program does;
 * rejects with the signal's reason when aborted.
 */
export async function runScript(code: string, options: RunScriptOptions): Promise<ScriptOutcome> {
  const { tools, images = [], call, signal } = options;
  const limits = { ...defaults, ...options.limits };
  signal?.throwIfAborted();
  const child = startChild();
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  try {
    return await new Promise<ScriptOutcome>((resolve, reject) => {
      const fail = (error: string) => resolve({ error, log: [] });
      const wait = (seconds: number, error: string) => {
        clearTimeout(timer);
        timer = setTimeout(() => fail(error), seconds * 1000);
      };
      wait(startSeconds, `The sandbox did not start within ${startSeconds} seconds.`);
      onAbort = () => reject(signal!.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted) onAbort();
      const send = (message: ToChild) => {
        if (child.connected) child.send(message, () => undefined);
      };
      let calls = 0;
      const serve = async ({ id, tool, json }: Extract<FromChild, { type: "call" }>) => {
        try {
          const value = await call(tool, parse(json));
          send({ type: "returned", id, json: JSON.stringify(value) });
        } catch (error) {
          send({ type: "returned", id, error: error instanceof Error ? error.message : String(error) });
        }
      };
      child.on("message", (message: FromChild) => {
        switch (message.type) {
          case "ready":
            // The child keeps the time itself, to say in which line it was up; this is for a child that does not.
            wait(limits.seconds + 1, `The program took longer than ${limits.seconds} seconds.`);
            return send({ type: "start", code, tools: [...tools], images: [...images], limits });
          case "call":
            if (++calls > limits.calls || !tools.includes(message.tool))
              return fail("The program asked for more than it may.");
            return void serve(message);
          case "ended": {
            const { json, error = "The program ended without a result.", log } = message;
            if (json === undefined) return resolve({ error: String(error), log });
            return resolve({ value: parse(json), log });
          }
        }
      });
      child.on("error", (error) => fail(`The sandbox did not start: ${error.message}`));
      child.on("exit", () => fail("The program ended its process; it may have asked for too much memory."));
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    child.kill("SIGKILL");
  }
}

function startChild(): ChildProcess {
  const file = path.join(import.meta.dirname, `child${path.extname(import.meta.filename)}`);
  return fork(file, [], {
    execArgv: childFlags(),
    env: {},
    cwd: import.meta.dirname,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
}

/** Node's flags of the child: nothing but its own files and the engine's can be read, and nothing can be started. */
export function childFlags(): string[] {
  const folders = new Set([
    import.meta.dirname,
    ...packageFolders("quickjs-emscripten", import.meta.filename),
  ]);
  return [
    "--permission",
    ...[...folders].map((folder) => `--allow-fs-read=${folder}`),
    "--max-old-space-size=96",
    "--disable-warning=ExperimentalWarning",
  ];
}

/**
 * Folders of a package, as the file that imports it finds it, and of those it depends on. A link on the way there must be
 * allowed too: pnpm links every package, and a whole node_modules may be a link.
 */
function packageFolders(name: string, from: string): string[] {
  const lookups = createRequire(from).resolve.paths(name) ?? [];
  const modules = lookups.find((folder) => existsSync(path.join(folder, name)));
  assert(modules, "sandbox", "the packages of its engine are installed", name);
  const found = path.join(modules, name);
  const folder = realpathSync(found);
  const links = [modules, path.dirname(found), found].filter((at) => lstatSync(at).isSymbolicLink());
  const manifest = path.join(folder, "package.json");
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, "utf8")) as { dependencies?: object };
  const inner = Object.keys(dependencies).flatMap((dependency) => packageFolders(dependency, manifest));
  return [folder, ...links, ...inner];
}

function parse(json: string): JSONValue {
  if (typeof json !== "string" || json.length > maxJson) return null;
  const value: unknown = JSON.parse(json);
  return isJSONValue(value) ? value : null;
}
