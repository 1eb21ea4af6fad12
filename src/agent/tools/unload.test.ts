import { expect, test } from "vitest";
import type { ToolContext } from "../../spec/index.ts";
import { unloadWhenShort } from "./unload.ts";
import type { VisionTool } from "./vision-tool.ts";

const context: ToolContext = { image: () => undefined };

function setUp({ gains = 0 } = {}) {
  const log: string[] = [];
  let free = 1000;
  const backend = (name: string) => ({
    dispose: async () => {
      log.push(name);
      free += gains;
    },
  });
  const [eye, pages] = [backend("eye"), backend("pages")];
  const running = Promise.withResolvers<void>();
  const tool = (name: string, run: () => Promise<void>) =>
    ({
      ...{ name, description: "", inputSchema: { type: "object" }, sideEffects: false, cost: "none" },
      run: async () => {
        await run();
        return { value: name };
      },
    }) as VisionTool;
  const tools = unloadWhenShort(
    [
      tool("detect", async () => undefined),
      tool("ocr", async () => undefined),
      tool("slow", () => running.promise),
      tool("crop", async () => undefined),
      tool("broken", () => Promise.reject(new Error("broken"))),
    ],
    { detect: [eye], slow: [eye], ocr: [pages], broken: [pages] },
    { keepFree: 500, available: () => free },
  );
  const setFree = (bytes: number) => {
    free = bytes;
  };
  const use = (name: string) => tools.find((one) => one.name === name)!.run({}, context);
  return { log, use, running, setFree };
}

test("while there is memory, weights stay; when it is short, what was unused for longest goes, and only as much as needed", async () => {
  const { log, use, setFree } = setUp({ gains: 200 });
  await use("detect");
  await use("ocr");
  await use("detect");
  expect(log).toEqual([]);
  setFree(400);
  await use("crop");
  expect(log).toEqual([]);
  await use("detect");
  expect(log).toEqual(["pages"]);
});

test("what is in use is never taken away", async () => {
  const { log, use, running, setFree } = setUp();
  const slow = use("slow");
  setFree(100);
  await use("ocr");
  expect(log).toEqual(["pages"]);
  running.resolve();
  expect(await slow).toEqual({ value: "slow" });
  expect(log).toEqual(["pages", "eye"]);
  await expect(use("broken")).rejects.toThrow("broken");
  expect(log).toEqual(["pages", "eye", "pages"]);
});
