// Finds the pictures that a benchmark's file names. Releases put them in differently named folders, so several places
// are tried; folders are listed once, which is faster than asking for each of forty thousand files.
import { readdirSync } from "node:fs";
import path from "node:path";
import type { BenchmarkSource } from "./benchmark-reader.ts";

/** The pictures of a benchmark. */
export interface Pictures {
  /** Path relative to the dataset's base folder; undefined when there is no such picture. */
  find(name: string): string | undefined;
  /** What to say of a picture that is not there. */
  missing(name: string): string;
}

/** Looks for pictures in these folders of the benchmark's folder, in this order; "" is the folder itself. */
export function findPictures(source: BenchmarkSource, folders: readonly string[]): Pictures {
  const base = source.pictures ?? source.folder;
  const places = [...new Set(source.pictures === undefined ? folders : ["", ...folders])];
  const listings = new Map<string, Set<string>>();
  const holds = (file: string): boolean => {
    const folder = path.posix.dirname(file);
    let names = listings.get(folder);
    if (!names) {
      names = namesIn(path.join(base, folder));
      listings.set(folder, names);
    }
    return names.has(path.posix.basename(file));
  };
  return {
    find(name) {
      const plain = path.posix.normalize(name);
      if (plain.startsWith("/") || plain === ".." || plain.startsWith("../")) return undefined;
      return places.map((folder) => path.posix.join(folder, plain)).find(holds);
    },
    missing(name) {
      const where = places.map((folder) => `"${path.join(base, folder)}"`).join(", ");
      return `picture ${JSON.stringify(name)}: must be in ${places.length > 1 ? "one of " : ""}${where}`;
    },
  };
}

function namesIn(folder: string): Set<string> {
  try {
    return new Set(readdirSync(folder));
  } catch {
    return new Set();
  }
}
