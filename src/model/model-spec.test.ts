import { expect, test } from "vitest";
import { parseModelSpec } from "./model-spec.ts";

test("every form is parsed", () => {
  expect(parseModelSpec("tiny")).toEqual({ kind: "tiny" });
  expect(parseModelSpec("local:/models/a/../b")).toEqual({ kind: "folder", dir: "/models/b" });
  expect(parseModelSpec("local:owner/name-1.5")).toEqual({ kind: "hub", id: "owner/name-1.5" });
  expect(parseModelSpec("openai:gpt-4o")).toEqual({ kind: "openai", model: "gpt-4o" });
  expect(parseModelSpec("anthropic:claude")).toEqual({ kind: "anthropic", model: "claude" });
  expect(parseModelSpec("google:gemini")).toEqual({ kind: "google", model: "gemini" });
  expect(parseModelSpec("http://127.0.0.1:8000/v1#a/b:c")).toEqual({
    kind: "server",
    url: "http://127.0.0.1:8000/v1",
    model: "a/b:c",
  });
  expect(parseModelSpec("https://host/v1/?version=2#m%20n")).toEqual({
    kind: "server",
    url: "https://host/v1?version=2",
    model: "m n",
  });
});

const list =
  "tiny, local:/absolute/folder, local:owner/name, openai:MODEL, anthropic:MODEL, google:MODEL, http://host:port/v1#MODEL";
const wrong: [spec: string, message: string][] = [
  ["tinny", `model: must be one of ${list}, got "tinny". Did you mean tiny?`],
  ["opneai:gpt-4o", `model: must be one of ${list}, got "opneai:gpt-4o". Did you mean openai:?`],
  ["", `model: must be one of ${list}, got "".`],
  ["something-else:x", `model: must be one of ${list}, got "something-else:x".`],
  ["openai:", 'model: must name a model, as in openai:MODEL, got "openai:".'],
  [
    "http://127.0.0.1:8000/v1?key=secret",
    'model: the address must name a model, got "http://127.0.0.1:8000/v1?…". Write the model\'s name behind a #, as in http://host:port/v1#MODEL.',
  ],
  [
    "https://user:secret@host/v1#m",
    "model: an address may not hold a user name or password. Set SIGHTLINE_API_KEY instead.",
  ],
  ["http://#m", 'model: must be an address like http://host:port/v1#MODEL, got "http://#m".'],
];

test.each(wrong)("%s is refused in one line", (spec, message) => {
  expect(() => parseModelSpec(spec)).toThrow(expect.objectContaining({ message: message }));
});

test("a relative folder is refused with the absolute one", () => {
  expect(() => parseModelSpec("local:./models/x")).toThrow(
    `model: local: takes an absolute folder or a hub id owner/name, got "local:./models/x". For a folder, write local:${process.cwd()}/models/x.`,
  );
});
