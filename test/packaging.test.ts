// The published package: what `npm pack` would ship, built from the sources and run without them.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..");
const node = path.join(root, "node_modules/node/bin/node");
let dir: string;
let manifest: { exports: Record<string, string | { types: string; default: string }>; files: string[] };

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-package-"));
  manifest = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  await run(node, ["scripts/build.ts"], { cwd: root });
  for (const name of [...manifest.files, "package.json"]) {
    await cp(path.join(root, name), path.join(dir, name), { recursive: true });
  }
  await symlink(path.join(root, "node_modules"), path.join(dir, "node_modules"));
}, 240_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

test("every export loads from the built files and has types", async () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const program = `const all = await import(${JSON.stringify(path.join(dir, target.default))}); console.log(Object.keys(all).length)`;
    const { stdout } = await run(node, ["--input-type=module", "-e", program]);
    expect(Number(stdout), name).toBeGreaterThan(0);
    expect((await readFile(path.join(dir, target.types), "utf8")).length, name).toBeGreaterThan(0);
  }
}, 120_000);

test("the command line answers with the bundled model, and comparing writes a report", async () => {
  const sightline = (...args: string[]) =>
    run(node, [path.join(dir, "bin/sightline.js"), ...args], { cwd: dir });
  const { stdout } = await sightline("ask", path.join(root, "examples/sign.png"), "What does the sign say?");
  expect(stdout).toBe("BREAD\n");
  const compared = await sightline(
    "compare",
    "scenes:demo",
    "--limit",
    "5",
    "--technique",
    "direct",
    "--report",
    "report.html",
    "--json",
  );
  expect(JSON.parse(compared.stdout).columns[0]).toMatchObject({
    name: "direct",
    model: "tiny",
    n: 5,
    failed: 0,
  });
  expect(await readFile(path.join(dir, "report.html"), "utf8")).toContain("scenes:demo");
}, 120_000);

test.each([
  ["whose node_modules is a link", () => dir],
  ["whose packages are links, as pnpm lays them out", linkedPackages],
])(
  "a program of a model runs in the sandbox of an installation %s, and cannot read files",
  async (_, install) => {
    const program = `
    const { runScript } = await import(${JSON.stringify(path.join(await install(), "dist/agent/sandbox/run-script.js"))});
    const call = async (tool, input) => ({ twice: 2 * input.n });
    const good = await runScript("return (await double({ n: 21 })).twice;", { tools: ["double"], call });
    const bad = await runScript("return require('fs').readFileSync('package.json', 'utf8');", { tools: [], call });
    console.log(JSON.stringify({ good: good.value ?? good.error, bad: typeof bad.error }));`;
    const { stdout } = await run(node, ["--input-type=module", "-e", program], { cwd: dir });
    expect(JSON.parse(stdout)).toEqual({ good: 42, bad: "string" });
  },
  120_000,
);

/** The built files with the engine in a store of its own, where a package finds what it depends on beside itself, as links. */
async function linkedPackages(): Promise<string> {
  const home = path.join(dir, "linked");
  const store = path.join(dir, "store");
  const link = async (target: string, at: string) => {
    await mkdir(path.dirname(at), { recursive: true });
    await symlink(target, at);
  };
  const engine = path.join(store, "engine/node_modules/quickjs-emscripten");
  await cp(path.join(dir, "dist"), path.join(home, "dist"), { recursive: true });
  await cp(path.join(dir, "package.json"), path.join(home, "package.json"));
  await cp(path.join(root, "node_modules/quickjs-emscripten"), engine, { recursive: true });
  const core = path.join(store, "core/node_modules/quickjs-emscripten-core");
  await cp(path.join(root, "node_modules/quickjs-emscripten-core"), core, { recursive: true });
  await link(engine, path.join(home, "node_modules/quickjs-emscripten"));
  await link(core, path.join(store, "engine/node_modules/quickjs-emscripten-core"));
  for (const part of ["engine", "core"])
    await link(path.join(root, "node_modules/@jitl"), path.join(store, part, "node_modules/@jitl"));
  await link(path.join(root, "node_modules/@ai-sdk"), path.join(home, "node_modules/@ai-sdk"));
  return home;
}
