// The real command line in its own process: what it prints, where, and how it exits. Every refusal is one line on
// standard error that says what, where and what to do, without a stack.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { CompareJson } from "../src/eval/index.ts";
import { encodePng } from "../src/media/index.ts";
import { type OpenAiServer, type ServerReply, startOpenAiServer } from "../src/testing/openai-server.ts";

const root = path.resolve(import.meta.dirname, "..");
// A test starts up to seven processes, on a machine that may have other work.
vi.setConfig({ testTimeout: 180_000 });

const program = path.join(root, "bin/sightline.js");

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command line with no keys in its environment. @param input what a person types */
function sightline(
  args: string[],
  { onStart, input }: { onStart?: (kill: () => void) => void; input?: string } = {},
): Promise<Result> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/API_KEY|NODE_OPTIONS|VITEST|NODE_ENV/.test(name)),
  );
  const child = spawn(process.execPath, [program, ...args], { env, cwd: folder });
  const result: Result = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    result.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    result.stderr += text;
  });
  if (input !== undefined) child.stdin.end(input);
  onStart?.(() => child.kill("SIGINT"));
  return new Promise((resolve) => child.on("close", (code) => resolve({ ...result, code })));
}

/** Runs and expects a refusal: exit code 2, nothing on stdout, and exactly this line on stderr. */
async function expectRefusal(args: string[], line: string): Promise<void> {
  const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*");
  const { code, stdout, stderr } = await sightline(args);
  expect(stderr).toMatch(new RegExp(`^sightline: ${escaped}\\n$`));
  expect([code, stdout]).toEqual([2, ""]);
}

let folder: string;
let server: OpenAiServer;
let reply: (question: string, index: number) => ServerReply;
let model: string;

async function dataset(name: string, rows: object[]): Promise<string> {
  await writeFile(path.join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return name;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-cli-"));
  server = await startOpenAiServer(({ body }, index) => reply(JSON.stringify(body.messages), index));
  model = `${server.url}#demo`;
  const png = await encodePng(
    new Uint8Array(48 * 48 * 3).map((_, i) => (i * i) % 255),
    48,
    48,
  );
  await writeFile(path.join(folder, "good.png"), png);
  await writeFile(path.join(folder, "cut.png"), png.subarray(0, png.length / 2));
  await writeFile(path.join(folder, "letter.png"), "Dear reader,\n");
  await writeFile(path.join(folder, "empty.png"), "");
  await mkdir(path.join(folder, "folder.png"));
  await writeFile(path.join(folder, "huge.png"), withSize(png, 9000, 5000));
  reply = () => "yes";
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const good = { image: "good.png", question: "Is there a dog?", answer: "yes", type: "existence" };

describe("ask refuses", () => {
  test.each([
    [
      "letter.png",
      '"letter.png": must be a picture, got text that starts with "Dear reader,\\n". Use a PNG, JPEG, WebP, GIF, AVIF or TIFF file.',
    ],
    [
      "empty.png",
      '"empty.png": must be a picture, got 0 bytes. Use a PNG, JPEG, WebP, GIF, AVIF or TIFF file.',
    ],
    [
      "cut.png",
      '"cut.png": must be a whole, undamaged picture, got … bytes of image/png that cannot be decoded (…). Copy or download the file again.',
    ],
    [
      "huge.png",
      '"huge.png": must have at most 40,000,000 pixels, got 9000 x 5000 = 45,000,000. Make the picture smaller.',
    ],
    ["none.png", '"none.png": must exist, got no file at "….'],
    ["folder.png", '"folder.png": must be a file, got a folder. Give the path of a picture.'],
  ])("%s", (image, line) => expectRefusal(["ask", image, "What is it?", "--model", model], line));

  test("a picture without a question", () =>
    expectRefusal(
      ["ask", "good.png"],
      'ask: needs pictures and then a question, got only "good.png". Write: sightline ask cat.png "What is this?"',
    ));

  test("an unknown model and technique, a missing key, a dead server", async () => {
    await expectRefusal(
      ["ask", "good.png", "What is it?", "--model", "tinny"],
      'model: must be one of tiny, …, got "tinny". Did you mean tiny?',
    );
    await expectRefusal(
      ["ask", "good.png", "What is it?", "--technique", "dierct", "--model", model],
      'technique "dierct": unknown technique "dierct". Did you mean direct? Known: direct, blind, caption-only, contrast, show, reason, chain, decompose, infill, expert, vote, best-of, check, probe, look, woodpecker, lure, refine, point, equip, majority.',
    );
    await expectRefusal(
      ["compare", "scenes:demo", "--technique", "vote(n=2)", "--faithfulness", "--store", ":memory:"],
      '--faithfulness: needs techniques that write a rationale, got "vote(n=2)". Name one that does, such as reason, or leave --technique away.',
    );
    await expectRefusal(
      ["ask", "good.png", "What is it?", "--model", "openai:gpt"],
      "openai:gpt: needs an API key. Set the variable OPENAI_API_KEY.",
    );
    const dead = `http://127.0.0.1:${await freePort()}/v1`;
    await expectRefusal(
      ["ask", "good.png", "What is it?", "--model", `${dead}#m`],
      `${dead}: cannot connect, got ECONNREFUSED. Is the server running?`,
    );
    const rows = Array.from({ length: 20 }, () => good);
    await expectRefusal(
      ["compare", await dataset("dead.jsonl", rows), "--model", `${dead}#m`],
      `${dead}: cannot connect, got ECONNREFUSED. Is the server running?`,
    );
  });
});

describe("ask answers", () => {
  test("with the text alone, streamed or not, or as JSON", async () => {
    reply = () => ({ text: "A red dog.", reasoning: "I look." });
    const args = ["ask", "good.png", "What is it?", "--model", model];
    expect(await sightline(args)).toEqual({ code: 0, stdout: "A red dog.\n", stderr: "" });
    expect(await sightline([...args, "--stream"])).toEqual({ code: 0, stdout: "A red dog.\n", stderr: "" });
    const json = JSON.parse((await sightline([...args, "--json"])).stdout) as object;
    expect(json).toMatchObject({ answer: "A red dog.", reasoning: "I look.", model, technique: "direct" });
    expect(server.requests.at(-1)!.images[0]).toEqual(
      new Uint8Array(await readFile(path.join(folder, "good.png"))),
    );
  });

  test("with a line on standard error when there is none", async () => {
    reply = () => ({ text: "" });
    const args = ["ask", "good.png", "What is it?", "--model", model];
    const none = await sightline(args);
    expect([none.code, none.stdout]).toEqual([0, "\n"]);
    expect(none.stderr).toBe("sightline: no answer (stop)\n");
    const thought = await sightline([...args, "--technique", "reason(retries=0)", "--json"]);
    expect(thought.stderr).toBe("sightline: no answer (no-answer)\n");
    expect(JSON.parse(thought.stdout)).toMatchObject({ answer: "", problem: "no-answer" });
  });
});

test("ask about what is pointed at: the model sees it enlarged, and is told where it is", async () => {
  reply = (messages) => ({
    text: messages.includes("region [8, 8, 24, 40] of picture 1") ? "A stripe." : "?",
  });
  const args = ["ask", "good.png", "What is this?", "--model", model];
  expect((await sightline([...args, "--box", "8,8,24,40"])).stdout).toBe("A stripe.\n");
  expect(server.requests.at(-1)!.images).toHaveLength(2);
  await expectRefusal([...args, "--point", "8;8"], '--point: must be pixels such as 40,60, got "8;8".');
  await expectRefusal(
    [...args, "--point", "80,8"],
    "point: must be inside the picture of 48 x 48 pixels, got [80, 8].",
  );
});

test("ask --interactive: an agent asks back on standard error, and hears what is typed; or that nobody answers", async () => {
  reply = (messages) => {
    if (!messages.includes('"tool"'))
      return { toolCalls: [{ toolName: "ask_person", input: { question: "Left or\u001b[31m right?" } }] };
    return { text: messages.includes("the left one") ? "Answer: blue" : "Answer: nobody said" };
  };
  const args = [
    "ask",
    "good.png",
    "What colour is it?",
    "--model",
    model,
    "--technique",
    "equip",
    "--interactive",
  ];
  const { code, stdout, stderr } = await sightline(args, { input: "the left one\n" });
  expect([code, stdout]).toEqual([0, "blue\n"]);
  expect(stderr).toContain("Left or [31m right?\n> ");
  expect(stderr).not.toContain("\u001b[31m");
  expect((await sightline(args, { input: "" })).stdout).toBe("nobody said\n");
});

describe("compare refuses", () => {
  test("lines that break the schema, unknown datasets, wrong options", async () => {
    await writeFile(
      path.join(folder, "bad.jsonl"),
      `${JSON.stringify(good)}\n{"image": "good.png", "question": "?"}\n{oops\n`,
    );
    await expectRefusal(
      ["compare", "bad.jsonl", "--model", model],
      "bad.jsonl:2: answer: missing, must be the reference answer; line 3: must be JSON, but …",
    );
    await expectRefusal(
      ["compare", "scenes:tset"],
      'dataset: must be a file, a folder or one of scenes:demo, scenes:val, scenes:test, scenes:test-style, scenes:val-steps, scenes:test-steps, scenes:val-names, scenes:test-names, scenes:SPLIT-FAMILY (train, val, test; groups, dialogue, where, place, crowded, small, words, charts), got "scenes:tset". Did you mean scenes:test?',
    );
    await expectRefusal(
      ["compare", "scenes:demo", "--modle", "tiny"],
      "unknown option '--modle' (Did you mean --model?). Try --help.",
    );
    await expectRefusal(
      ["compare", "scenes:demo", "--limit", "few"],
      "option '-n, --limit <n>' argument 'few' is invalid. It must be a whole number from 1 up. Try --help.",
    );
    await expectRefusal(["compare"], "missing required argument 'dataset'. Try --help.");
    await expectRefusal(["comprae"], 'unknown command "comprae" (did you mean compare?). Try --help.');
  });

  test("a report that cannot be written, before anything is asked", async () => {
    const args = ["compare", "scenes:demo", "--model", model, "--report"];
    await expectRefusal([...args, "folder.png"], '"folder.png": must be a file, got a folder.');
    await expectRefusal(
      [...args, "good.png/report.html"],
      '"good.png/report.html": must be in a folder that can be written, got "…good.png", which is a file.',
    );
  });

  test("a sample without a reference, before anything is asked", async () => {
    const before = server.requests.length;
    const file = await dataset("open.jsonl", [{ id: "q1", instruction: "?", input: [] }]);
    await expectRefusal(
      ["compare", file, "--model", model],
      'sample "q1": must have a reference answer to be scored, got neither response nor answers.',
    );
    expect(server.requests).toHaveLength(before);
  });
});

describe("compare", () => {
  const mixed = [
    { ...good, id: "a" },
    { ...good, id: "b", answer: "no" },
    { ...good, id: "c", image: "cut.png" },
    { ...good, id: "d", question: "How many dogs are there?", answer: "two", type: "counting" },
  ];

  test("prints JSON alone, counts broken pictures as failed, and writes the report", async () => {
    reply = (question) => (question.includes("How many") ? "2." : "Yes");
    const args = ["compare", await dataset("mixed.jsonl", mixed), "--model", model, "--json"];
    const { code, stdout, stderr } = await sightline([...args, "--report", "out/report.html"]);
    expect([code, stderr]).toEqual([0, ""]);
    const { dataset: name, columns, comparisons } = JSON.parse(stdout) as CompareJson;
    expect(name).toBe("mixed.jsonl");
    expect(columns.map((c) => [c.name, c.model, c.technique, c.n, c.accuracy, c.failed])).toEqual([
      ["direct", model, "direct", 4, 0.5, 1],
      ["blind", model, "blind", 4, 0.5, 1],
      ["majority", null, "majority", 4, 0.75, 0],
    ]);
    expect(columns[0]!.byType).toMatchObject({ counting: { n: 1, accuracy: 1 }, existence: { n: 3 } });
    expect(columns[0]!.tokens.output).toBe(3);
    expect(comparisons.map(({ column, against, n, p }) => [column, against, n, p])).toEqual([
      ["blind", "direct", 4, 1],
      ["majority", "direct", 4, 1],
    ]);
    expect(await readdir(path.join(folder, "out"))).toEqual(["report.html"]);
    const asked = server.requests.slice(-6).map(({ images }) => images[0]!);
    expect(asked[0]).not.toEqual(asked[5]);
    expect(JSON.stringify(server.requests.map(({ body }) => body))).not.toContain('"two"');
  });

  test("prefixes columns with the model when there are several, and prices their tokens", async () => {
    reply = () => "yes";
    const other = `${server.url}#other`;
    const prices = JSON.stringify({ [model]: { inputPerMillion: 1e6, outputPerMillion: 0 } });
    await writeFile(path.join(folder, "prices.json"), prices);
    const file = await dataset("two.jsonl", [good]);
    const args = ["compare", file, "--model", model, "--model", other, "--technique", "direct"];
    const { stdout } = await sightline([...args, "--prices", "prices.json"]);
    const lines = stdout.split("\n").filter((line) => /\/direct {2}/.test(line));
    expect(lines.map((line) => line.split(/\s+/)[0])).toEqual([`${model}/direct`, `${other}/direct`]);
    expect(lines.map((line) => line.split(/\s+/).at(-1))).toEqual(["13.00", "–"]);
  });

  test("exits with 1 below --min-accuracy and when every question failed", async () => {
    reply = () => "no";
    const file = await dataset("one.jsonl", [good]);
    const low = await sightline(["compare", file, "--model", model, "--min-accuracy", "0.5"]);
    expect([low.code, low.stderr]).toEqual([
      1,
      "sightline: direct: accuracy is 0.0%, below 50.0% (--min-accuracy).\n",
    ]);
    const broken = await dataset("broken.jsonl", [{ ...good, image: "letter.png" }]);
    const dead = await sightline(["compare", broken, "--model", model, "--technique", "direct"]);
    expect(dead.code).toBe(1);
    expect(dead.stderr).toBe(
      'sightline: direct: every question failed, most often: "letter.png": must be a picture, got text that starts with "Dear reader,\\n". Use a PNG, JPEG, WebP, GIF, AVIF or TIFF file.\n',
    );
    expect(dead.stdout).toContain("1 failed and counted as wrong");
  });

  test("Ctrl-C keeps what was answered and exits with 130", async () => {
    let kill = () => {};
    reply = (_, index) => {
      if (index === start + 2) kill();
      return index < start + 2 ? "yes" : { silent: true };
    };
    const start = server.requests.length;
    const rows = Array.from({ length: 12 }, () => good);
    const args = ["compare", await dataset("many.jsonl", rows), "--model", model, "--concurrency", "1"];
    const { code, stdout, stderr } = await sightline(args, {
      onStart: (k) => {
        kill = k;
      },
    });
    expect([code, stderr]).toEqual([130, ""]);
    expect(stdout).toContain("Stopped early: direct 2 of 12.");
  });
});

test("help is printed for the program and for a command, and a wrong command does not load the others", async () => {
  const help = await sightline(["--help"]);
  expect(help.code).toBe(0);
  expect(help.stdout).toMatch(/ask {2,}ask a model.*\n {2}compare {2,}compare models/);
  const compare = await sightline(["compare", "--help"]);
  expect(compare.code).toBe(0);
  expect(compare.stdout).toMatch(/chosen by a seeded hash of their\s+ids/);
});

/** A PNG whose header claims another size, as a decompression bomb does. */
function withSize(png: Uint8Array, width: number, height: number): Buffer {
  const file = Buffer.from(png);
  file.writeUInt32BE(width, 16);
  file.writeUInt32BE(height, 20);
  file.writeUInt32BE(crc32(file.subarray(12, 29)), 29);
  return file;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}
