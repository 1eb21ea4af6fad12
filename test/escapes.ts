// Programs that try to get out of the sandbox of generated scripts, or to make its host suffer. One that gets hold of
// something forbidden returns ESCAPED; the rest try to use up time, memory or the host's patience.

export interface Escape {
  name: string;
  code: string;
  /** How the program must end: by saying "held", with an error, or in any way but ESCAPED. */
  ends: "held" | "error" | "any";
}

/** Returns ESCAPED when an expression gives anything at all. */
const grab = (name: string, expression: string): Escape => ({
  name,
  ends: "held",
  code: `const got = (() => { try { return ${expression}; } catch (error) { return undefined; } })();
if (got !== undefined && got !== null) return "ESCAPED " + String(got);
return "held";`,
});
const body = (name: string, code: string, ends: Escape["ends"] = "any"): Escape => ({ name, code, ends });

const reach: Escape[] = [
  grab("process", "process"),
  grab("process through globalThis", "globalThis.process"),
  grab("process through Function", 'Function("return process")()'),
  grab("process through an indirect eval", '(0, eval)("process")'),
  grab("process through the constructor of a tool", 'detect.constructor("return process")()'),
  grab("process through the constructor of console.log", 'console.log.constructor("return process")()'),
  grab("process through the constructor of a literal", '({}).constructor.constructor("return process")()'),
  grab(
    "process through an async function's constructor",
    '(async () => {}).constructor("return process.env")() && process',
  ),
  grab(
    "process through a generator's constructor",
    '(function* () {}).constructor("yield process")().next().value',
  ),
  grab("process through a strict this", "(function () { return this; })()"),
  grab("process through a sloppy this", 'Function("return this.process")()'),
  grab("require", 'require("node:fs")'),
  grab("require through module", 'module.require("fs")'),
  grab("mainModule", "process.mainModule.require"),
  grab("process.binding", 'process.binding("fs")'),
  grab("global", "global"),
  grab("Buffer", "Buffer"),
  grab("fetch", 'fetch("SERVER")'),
  grab("XMLHttpRequest", "XMLHttpRequest"),
  grab("WebSocket", "WebSocket"),
  grab("WebAssembly", "WebAssembly"),
  grab("Worker", "Worker"),
  grab("SharedArrayBuffer and Atomics", "Atomics"),
  grab("setTimeout", "setTimeout"),
  grab("setInterval", "setInterval"),
  grab("queueMicrotask", "queueMicrotask"),
  grab("structuredClone", "structuredClone"),
  grab("performance", "performance"),
  grab("Date", "Date.now()"),
  grab("randomness", "Math.random()"),
  grab("crypto", "crypto"),
  grab("navigator", "navigator"),
  grab("localStorage", "localStorage"),
  grab("Deno", "Deno"),
  grab("Bun", "Bun"),
  grab("QuickJS's std", "std"),
  grab("QuickJS's os", "os"),
  grab("QuickJS's scriptArgs", "scriptArgs"),
  grab("QuickJS's print", "print"),
  grab("import.meta through eval", 'eval("import.meta.url")'),
  grab(
    "Error.prepareStackTrace",
    "Error.prepareStackTrace ?? new Error().stack.match(/node:|file:|\\/src\\//)",
  ),
  grab("the caller of a function", "arguments.callee.caller"),
  grab("Proxy", "new Proxy({}, {})"),
  grab("FinalizationRegistry", "new FinalizationRegistry(() => {})"),
  grab("the environment through a tool's properties", "detect.env ?? detect.handle ?? detect.host"),
];

const imports: Escape[] = [
  ["node:fs", "readFileSync('/etc/passwd')"],
  ["fs", "readdirSync('/')"],
  ["node:child_process", "execSync('id')"],
  ["node:net", "connect(80)"],
  ["node:http", "get('SERVER')"],
  ["node:vm", "runInThisContext('process')"],
  ["node:worker_threads", "isMainThread"],
  ["std", "open('/etc/passwd', 'r')"],
  ["os", "exec(['id'])"],
  ["file:///etc/passwd", "default"],
  ["data:text/javascript,export default 1", "default"],
  ["/etc/hostname", "default"],
].map(([specifier, use]) =>
  body(
    `import ${specifier}`,
    `try { const got = await import(${JSON.stringify(specifier)}); return "ESCAPED " + String(got.${use}); } catch (error) { return "held"; }`,
    "held",
  ),
);

const host: Escape[] = [
  body(
    "closing the wrapper to run outside of it",
    '})(); globalThis.leak = typeof process; (async () => { return typeof process === "undefined" ? "held" : "ESCAPED"; ',
  ),
  body(
    "polluting prototypes",
    'Object.prototype.polluted = "ESCAPED"; Array.prototype.polluted = "ESCAPED"; return { a: 1 };',
  ),
  body("a result with __proto__", 'return JSON.parse(\'{"__proto__": {"polluted": "yes"}, "a": 1}\');'),
  body(
    "arguments with __proto__",
    'const { input } = await detect(JSON.parse(\'{"__proto__": {"polluted": "yes"}}\')); return input.polluted ? "ESCAPED" : "held";',
  ),
  body("a result whose toJSON lies", 'return { toJSON() { return { type: "ended", json: "\\"x\\"" }; } };'),
  body("a result whose getter throws", 'return { get a() { throw new Error("no"); } };'),
  body("a circular result", "const a = {}; a.a = a; return a;"),
  body("JSON.stringify replaced", 'JSON.stringify = () => "ESCAPED"; return "held";'),
  body(
    "JSON.parse replaced",
    'JSON.parse = () => ({ input: "ESCAPED" }); const { input } = await detect({ a: 1 }); return input === "ESCAPED" ? "ESCAPED" : "held";',
  ),
  body(
    "Promise replaced",
    'globalThis.Promise = function () { return { then(f) { f("ESCAPED"); } }; }; const { input } = await detect({ a: 1 }); return input.a === 1 ? "held" : "ESCAPED";',
  ),
  body(
    "a thenable that calls the engine back",
    "return { then(resolve) { resolve({ then(r) { r('held'); } }); } };",
  ),
  body(
    "a tool that is not there",
    'globalThis.shell ? "ESCAPED" : 0; try { return "ESCAPED " + (await shell({ command: "id" })); } catch (error) { return "held"; }',
  ),
  body(
    "a tool called with a huge input",
    'try { await detect({ text: "x".repeat(1e6) }); return "ESCAPED"; } catch (error) { return "held"; }',
  ),
  body("a huge result", 'return "x".repeat(1e6);'),
  body("a huge log", 'for (let i = 0; i < 1e4; i++) console.log("x".repeat(1e4)); return "held";'),
  body(
    "a flood of calls",
    "await Promise.all(Array.from({ length: 1000 }, () => detect({}))); return 'ESCAPED';",
  ),
  body(
    "the host's paths in an error",
    'try { null.x; } catch (error) { return /node_modules|sandbox|file:/.test(error.stack) ? "ESCAPED" : "held"; }',
  ),
  body(
    "the host's paths in a tool's error",
    'try { await detect({ fail: true }); } catch (error) { return /node_modules|sandbox|file:/.test(String(error.stack)) ? "ESCAPED" : "held"; }',
  ),
];

const burn: Escape[] = [
  body("an endless loop", "for (;;);"),
  body("an endless loop that catches everything", "for (;;) { try { for (;;); } catch (error) {} }"),
  body("an endless loop in finally", "try { for (;;); } finally { for (;;); }"),
  body(
    "endless microtasks",
    "await new Promise((resolve) => { (function again() { Promise.resolve().then(again); })(); });",
  ),
  body("a promise that never settles", "await new Promise(() => {});"),
  body("endless recursion", "return (function f() { return 1 + f(); })();"),
  body("endless recursion through getters", "const a = { get b() { return this.b; } }; return a.b;"),
  body(
    "endless recursion through toString",
    'const a = { toString() { return "" + this; } }; return "" + a;',
  ),
  body("deeply nested JSON", 'return JSON.parse("[".repeat(1e6));'),
  body("memory: arrays", "const a = []; for (;;) a.push(new Array(1000).fill(1));"),
  body("memory: a doubling text", 'let s = "x"; for (;;) s += s;'),
  body("memory: many texts", "const a = []; for (let i = 0; ; i++) a.push(String(i).repeat(1000));"),
  body("memory: repeat", 'const a = []; for (;;) a.push("x".repeat(2 ** 28));'),
  body("memory: a huge array", "return new Array(2 ** 31).fill(0).length;"),
  body("memory: maps", "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });"),
  body("memory: closures", "let f = () => 0; for (;;) { const g = f; f = () => g() + 1; }"),
  body(
    "memory that is caught",
    "for (;;) { try { const a = []; for (;;) a.push(new Array(1000).fill(1)); } catch (error) {} }",
  ),
  body("a catastrophic regular expression", 'return /^(a+)+$/.test("a".repeat(40) + "b");'),
  body("sorting with a comparison that never ends", "return [1, 2, 3].sort(() => { for (;;); });"),
  body("a number with too many digits", "return (2n ** 10000000n).toString().length;"),
  body("an endless generator", "const all = [...(function* () { for (;;) yield 1; })()]; return all.length;"),
].map((program) => ({ ...program, ends: "error" as const }));

/** All programs. */
export const escapes: Escape[] = [...reach, ...imports, ...host, ...burn];
