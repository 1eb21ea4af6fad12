import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Runs code in a fresh process and returns the native libraries that it loaded, beside those of Node itself. */
async function nativeLibraries(code: string): Promise<string[]> {
  const script = `${code}
    const { sharedObjects } = process.report.getReport();
    console.log(JSON.stringify(sharedObjects.filter((name) => /\\.node$|onnxruntime|vips|resvg/.test(name))));`;
  const options = { cwd: new URL("..", import.meta.url) };
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], options);
  return JSON.parse(stdout);
}

test('import "sightline" loads no native code', async () => {
  expect(await nativeLibraries('await import("./src/index.ts");')).toEqual([]);
});

test("the same look finds native code that was loaded", async () => {
  expect(
    await nativeLibraries(
      'await (await import("sharp")).default(Buffer.alloc(3), { raw: { width: 1, height: 1, channels: 3 } }).png().toBuffer();',
    ),
  ).not.toEqual([]);
});

test("the door has the technique helper, the way to a model and the errors", async () => {
  const door = await import("./index.ts");
  const model = await door.resolveModel("http://127.0.0.1:1/v1#m", { env: {} });
  expect(door.techniqueSpec(door.blind()(door.direct()(model)))).toBe("blind direct");
  await expect(door.resolveModel("tinny")).rejects.toBeInstanceOf(door.InputError);
});
