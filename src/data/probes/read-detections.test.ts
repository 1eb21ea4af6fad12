import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDetections } from "./read-detections.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-detections-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, value: unknown): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, typeof value === "string" ? value : JSON.stringify(value));
  return file;
}

async function refusal(name: string, value: unknown): Promise<string> {
  const error = await readDetections(await write(name, value)).then(
    () => undefined,
    (e: Error) => e,
  );
  expect(error?.name).toBe("InputError");
  return error!.message.replaceAll(`${folder}/`, "");
}

const instances = {
  images: [
    { id: 7, file_name: "val/a.jpg", width: 640, height: 480 },
    { id: 8, file_name: "val/b.jpg" },
  ],
  annotations: [
    { id: 1, image_id: 7, category_id: 18, bbox: [10, 20, 30, 40], segmentation: [[1, 2]], iscrowd: 0 },
    { id: 2, image_id: 7, category_id: 18, bbox: [50, 20, 30, 40] },
    { id: 3, image_id: 7, category_id: 1, bbox: [1, 1, 0, 4] },
  ],
  categories: [
    { id: 1, name: "Person", supercategory: "person" },
    { id: 18, name: "dog" },
  ],
};

describe("COCO instances", () => {
  test("names are lower case and unique, boxes become corners, an empty picture is kept", async () => {
    const pictures = await readDetections(await write("instances.json", instances), { imagesDir: "/data" });
    expect(pictures).toEqual([
      {
        name: "val/a.jpg",
        source: "/data/val/a.jpg",
        width: 640,
        height: 480,
        objects: ["dog", "person"],
        regions: [
          { label: "dog", box: [10, 20, 40, 60] },
          { label: "dog", box: [50, 20, 80, 60] },
        ],
      },
      { name: "val/b.jpg", source: "/data/val/b.jpg", objects: [], regions: [] },
    ]);
  });

  test("annotations of unknown pictures and classes, and other JSON, are refused", async () => {
    const stranger = { ...instances, annotations: [{ image_id: 9, category_id: 1 }] };
    expect(await refusal("x.json", stranger)).toBe(
      'x.json, annotations[0].image_id: must be an id in "images", got 9.',
    );
    const unnamed = { ...instances, annotations: [{ image_id: 7, category_id: 2 }] };
    expect(await refusal("y.json", unnamed)).toBe(
      'y.json, annotations[0].category_id: must be an id in "categories", got 2.',
    );
    expect(await refusal("z.json", [{ image_id: 7, category_id: 1 }])).toBe(
      'z.json: must be an object, got array. COCO instances are an object with the lists "images", "annotations" and "categories".',
    );
    expect(await refusal("w.json", "{")).toMatch(/^w\.json: must be JSON, but /);
  });
});

describe("JSON Lines", () => {
  test("objects, or detections of at least a score; a picture that comes twice has the objects of both", async () => {
    const lines = [
      { image: "a.png", objects: ["Dog", "  fire   hydrant "] },
      { image: "https://example.org/b.png", detections: [{ label: "cat", score: 0.4 }, { label: "cup" }] },
      { image: "a.png", detections: [{ label: "cat", box: [0, 0, 5, 5], score: 0.9 }, { label: "dog" }] },
    ];
    const file = await write("plain.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
    const pictures = await readDetections(file, { minScore: 0.5 });
    expect(pictures).toEqual([
      {
        name: "a.png",
        source: path.join(folder, "a.png"),
        objects: ["dog", "fire hydrant", "cat"],
        regions: [{ label: "cat", box: [0, 0, 5, 5] }],
      },
      {
        name: "https://example.org/b.png",
        source: "https://example.org/b.png",
        objects: ["cup"],
        regions: [],
      },
    ]);
  });

  test("Samples give the regions of each of their pictures; one without regions says nothing", async () => {
    const line = (id: string, more: object) =>
      JSON.stringify({ id, instruction: "q", input: [{ type: "image", source: "a.png" }], ...more });
    const two = {
      input: [
        { type: "image", source: "a.png" },
        { type: "image", source: "b.png", hash: `sha256:${"0".repeat(64)}` },
      ],
      regions: [
        { label: "dog", box: [0, 0, 1, 1] },
        { label: "cat", box: [0, 0, 1, 1], image: 1 },
      ],
    };
    const unknown = { input: [{ type: "image", source: "c.png" }] };
    const file = await write("samples.jsonl", [line("1", two), line("2", unknown)].join("\n"));
    expect(await readDetections(file)).toMatchObject([
      { name: "a.png", objects: ["dog"] },
      { name: "b.png", objects: ["cat"], hash: `sha256:${"0".repeat(64)}` },
    ]);
  });

  test("bad lines are shown with their numbers", async () => {
    expect(await refusal("bad.jsonl", '{"image": "a.png"}\n{"image": "b.png", "objects": "dog"}')).toBe(
      "bad.jsonl:1: objects: missing, must be the names of what is in the picture (or detections); line 2: objects: must be a list of names.",
    );
    expect(await refusal("empty.jsonl", "\n")).toBe(
      "empty.jsonl: must hold at least one annotated picture, got none.",
    );
    expect(await refusal("a.txt", "")).toBe('"a.txt": must be a .json or .jsonl file, got a .txt file.');
    await expect(readDetections(path.join(folder, "gone.json"))).rejects.toThrow("does not exist");
  });
});
