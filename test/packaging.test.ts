// The published package: what `npm pack` would ship, built from the sources and run without them.

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
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

test("a program of a model runs in the sandbox of the built files, and cannot read files", async () => {
  const program = `
    const { runScript } = await import(${JSON.stringify(path.join(root, "dist/agent/index.js"))});
    const call = async (tool, input) => ({ twice: 2 * input.n });
    const good = await runScript("return (await double({ n: 21 })).twice;", { tools: ["double"], call });
    const bad = await runScript("return require('fs').readFileSync('package.json', 'utf8');", { tools: [], call });
    console.log(JSON.stringify({ good: good.value, bad: typeof bad.error }));`;
  const { stdout } = await run(node, ["--input-type=module", "-e", program], { cwd: dir });
  expect(JSON.parse(stdout)).toEqual({ good: 42, bad: "string" });
}, 120_000);
