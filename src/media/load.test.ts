import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentHash } from "../util/hash.ts";
import { isPrivateAddress } from "./address.ts";
import { toDataUrl } from "./data-url.ts";
import { type LoadMediaOptions, loadMedia } from "./load.ts";
import { encodePng } from "./png.ts";

let folder: string;
let dataset: string;
let png: Uint8Array;
let server: Server;
let origin: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-load-"));
  dataset = path.join(folder, "dataset");
  png = await encodePng(new Uint8Array(12).fill(7), 2, 2, 3);
  await mkdir(path.join(dataset, "pictures"), { recursive: true });
  await writeFile(path.join(dataset, "pictures/one.jpg"), png);
  await writeFile(path.join(folder, "secret.png"), png);
  await symlink("../secret.png", path.join(dataset, "link.png"));
  server = createServer((request, response) => {
    const url = request.url!;
    if (url === "/one.png") response.end(png);
    else if (url === "/page") response.end("<!doctype html><p>Sign in</p>");
    else if (url === "/loop") response.writeHead(302, { location: "/loop" }).end();
    else if (url === "/moved") response.writeHead(302, { location: "/one.png" }).end();
    else if (url === "/elsewhere") response.writeHead(302, { location: "file:///etc/passwd" }).end();
    else if (url === "/long") response.end(Buffer.alloc(200_000));
    else if (url === "/slow") setTimeout(() => response.end(png), 5000).unref();
    else if (url === "/cut") {
      response.writeHead(200, { "content-length": "1000" });
      response.write(png.subarray(0, 20));
      setTimeout(() => response.destroy(), 20);
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const load = (source: string, options: Partial<LoadMediaOptions> = {}) =>
  loadMedia(source, { baseDir: dataset, ...options });

async function refusal(source: string, options: Partial<LoadMediaOptions> = {}): Promise<string> {
  const error = await load(source, options).then(
    () => undefined,
    (e: Error) => e,
  );
  expect(error?.name).toBe("InputError");
  return error!.message;
}

describe("paths", () => {
  test("a relative path gives the bytes, their hash, and the format that they really have", async () => {
    expect(await load("pictures/one.jpg")).toEqual({
      bytes: png,
      mediaType: "image/png",
      hash: contentHash(png),
    });
  });

  test("a missing file, a folder and an empty source are told apart", async () => {
    expect(await refusal("pictures/two.png")).toBe(
      `"pictures/two.png": must exist, got no file at "${path.join(dataset, "pictures/two.png")}".`,
    );
    expect(await refusal("pictures")).toBe(
      '"pictures": must be a file, got a folder. Give the path of a picture.',
    );
    expect(await refusal("")).toBe('picture: must have a source, got "".');
  });

  test("neither dots, an absolute path nor a link leaves the dataset's folder unless it is trusted", async () => {
    const secret = path.join(folder, "secret.png");
    for (const source of ["../secret.png", secret, "link.png", "pictures/../../secret.png"]) {
      expect(await refusal(source)).toBe(
        `"${source}": must stay inside the folder of its dataset, got "${secret}". Move the picture there, or trust the dataset (--trust-dataset).`,
      );
      expect((await load(source, { allowOutside: true })).bytes).toEqual(png);
    }
  });

  test("a device is not read", async () => {
    expect(await refusal("/dev/zero", { allowOutside: true })).toBe(
      '"/dev/zero": must be a plain file, got a device or pipe. Give the path of a picture.',
    );
  });

  test("size and hash are checked", async () => {
    expect(await refusal("pictures/one.jpg", { maxBytes: 10 })).toBe(
      '"pictures/one.jpg": must be at most 0.00001 MB, got 0.0 MB.',
    );
    const wrong = `sha256:${"0".repeat(64)}`;
    const media = { source: "pictures/one.jpg", hash: wrong };
    await expect(loadMedia(media, { baseDir: dataset })).rejects.toThrow(
      `"pictures/one.jpg": must have the hash ${wrong}, got ${contentHash(png)}. The file changed after the dataset was written.`,
    );
  });
});

describe("data URLs", () => {
  test("base64 and percent-encoded data are read", async () => {
    expect((await load(toDataUrl(png, "image/webp"))).mediaType).toBe("image/png");
    const percent = [...png].map((b) => `%${b.toString(16).padStart(2, "0")}`).join("");
    expect((await load(`data:image/png,${percent}`)).bytes).toEqual(png);
  });

  test("text in a data URL and broken base64 are refused", async () => {
    expect(await refusal("data:text/plain,hello")).toMatch(
      /^data:text\/plain,hello…: must be a picture, got text/,
    );
    expect(await refusal("data:image/png;base64,@@@@")).toBe(
      "data:image/png;base64,@@@@…: must hold base64 data, got other characters.",
    );
  });
});

describe("URLs", () => {
  test("a private address is refused, also behind a name, and read when allowed", async () => {
    expect(await refusal(`${origin}/one.png`)).toBe(
      `${origin}/one.png: must not point into a private network, got 127.0.0.1. Only trust that with a dataset of your own (--trust-dataset).`,
    );
    expect(await refusal(origin.replace("127.0.0.1", "localhost"))).toContain(
      "must not point into a private network",
    );
    expect((await load(`${origin}/one.png`, { allowPrivate: true })).hash).toBe(contentHash(png));
    expect((await load(`${origin}/moved`, { allowPrivate: true })).hash).toBe(contentHash(png));
  });

  test.each([
    ["/page", "must be a picture, got an HTML page. Use a PNG, JPEG, WebP, GIF, AVIF or TIFF file."],
    ["/none", "must answer with status 200, got 404."],
    ["/elsewhere", 'must be an http or https URL, got "file:///etc/passwd".'],
    ["/long", "must be at most 0.1 MB, got a longer answer."],
    ["/slow", "must answer within 0.3 s. Try again later."],
    ["/cut", "must be readable, but the request failed (ECONNRESET). Check the address and the network."],
  ])("%s is refused", async (where, rest) => {
    const options = { allowPrivate: true, maxBytes: 100_000, timeoutMs: 300 };
    expect(await refusal(origin + where, options)).toBe(`${origin}${where}: ${rest}`);
  });

  test("redirects end", async () => {
    expect(await refusal(`${origin}/loop`, { allowPrivate: true })).toBe(
      `${origin}/loop: must redirect at most 3 times, got ${origin}/loop.`,
    );
  });

  test("other schemes and forbidden URLs are refused", async () => {
    expect(await refusal("ftp://example.org/a.png")).toBe(
      'ftp://example.org/a.png: must be an http or https URL, got "ftp://example.org/a.png".',
    );
    expect(await refusal("https://example.org/a.png", { allowUrls: false })).toBe(
      "https://example.org/a.png: must be a path or a data URL here, got a URL.",
    );
  });

  test("private addresses are known in every notation", () => {
    const inside = ["10.1.2.3", "172.31.0.1", "169.254.169.254", "::1", "[::1]", "fd00::1", "fe80::1%eth0"];
    const mapped = ["::ffff:127.0.0.1", "::ffff:7f00:1", "0.0.0.0", "::", "64:ff9b::7f00:1", "2002:7f00:1::"];
    for (const address of [...inside, ...mapped])
      expect([address, isPrivateAddress(address)]).toEqual([address, true]);
    for (const address of ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"]) {
      expect([address, isPrivateAddress(address)]).toEqual([address, false]);
    }
  });
});
