// Every program of the corpus runs in a child process of its own, as a program of a model does, beside a secret in a file,
// a secret in the environment and a server that nobody may reach.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childFlags, runScript } from "../src/agent/sandbox/run-script.ts";
import { escapes } from "./escapes.ts";

const secret = "canary-5b1f";
const folder = mkdtempSync(path.join(tmpdir(), "escapes-"));
const secretFile = path.join(folder, "secret.txt");
let hits = 0;
const server = createServer((_, response) => {
  hits++;
  response.end(secret);
});

beforeAll(async () => {
  writeFileSync(secretFile, secret);
  process.env.SIGHTLINE_CANARY = secret;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  delete process.env.SIGHTLINE_CANARY;
  rmSync(folder, { recursive: true, force: true });
  server.close();
});

const limits = { seconds: 8, megaSteps: 20, memoryMiB: 32, calls: 10 };

test("the corpus holds at least 60 programs, each with a name of its own", () => {
  expect(escapes.length).toBeGreaterThanOrEqual(60);
  expect(new Set(escapes.map(({ name }) => name)).size).toBe(escapes.length);
});

test.each(escapes)("held: $name", async ({ code, ends }) => {
  const { port } = server.address() as AddressInfo;
  const outcome = await runScript(code.replaceAll("SERVER", `http://127.0.0.1:${port}`), {
    tools: ["detect"],
    images: ["image_1"],
    limits,
    async call(_, input) {
      if ((input as { fail?: boolean }).fail) throw new Error("no such picture");
      return { input };
    },
  });
  const said = JSON.stringify(outcome);
  expect(said).not.toContain("ESCAPED");
  expect(said).not.toContain(secret);
  if (ends === "held") expect(outcome).toMatchObject({ value: "held" });
  if (ends === "error") expect(outcome).toMatchObject({ error: expect.any(String) });
  expect(said.length).toBeLessThan(250_000);
  expect(({} as { polluted?: string }).polluted).toBeUndefined();
  expect(hits).toBe(0);
});

// The second wall, for the case that a program gets out of the engine: what the process around it may do.
test.each([
  ["read a file", `require("node:fs").readFileSync(${JSON.stringify(secretFile)}, "utf8")`],
  ["write a file", `require("node:fs").writeFileSync(${JSON.stringify(path.join(folder, "new.txt"))}, "x")`],
  ["list a folder", `require("node:fs").readdirSync(${JSON.stringify(folder)})`],
  ["start a process", 'require("node:child_process").execSync("id")'],
  ["start a worker", 'new (require("node:worker_threads").Worker)("1", { eval: true })'],
])("the child's process may not %s", async (_, expression) => {
  const code = `try { console.log("DONE", ${expression}); } catch (error) { console.log(error.code); }`;
  const { stdout } = await promisify(execFile)(process.execPath, [...childFlags(), "-e", code], { env: {} });
  expect(stdout.trim()).toBe("ERR_ACCESS_DENIED");
});

test("an abort kills the child at once, also one that is busy", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const running = runScript("await detect({}); for (;;);", {
    tools: ["detect"],
    signal: controller.signal,
    async call() {
      setTimeout(() => controller.abort(reason), 20);
      return 1;
    },
  });
  await expect(running).rejects.toBe(reason);
});
