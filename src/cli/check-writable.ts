import { access, constants, stat } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../errors/index.ts";

/** Throws unless a file can be written at this path, before the work that it is to hold is done. */
export async function checkWritable(file: string): Promise<void> {
  const where = `"${file}"`;
  const existing = await stat(file).catch(() => undefined);
  if (existing?.isDirectory()) throw new InputError({ where, rule: "must be a file", got: "a folder" });
  let folder = path.dirname(path.resolve(file));
  while (!(await stat(folder).catch(() => undefined))) {
    const above = path.dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  const isFolder = (await stat(folder)).isDirectory();
  const isOpen = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isFolder && isOpen) return;
  const got = isFolder ? `no permission for "${folder}"` : `"${folder}", which is a file`;
  throw new InputError({ where, rule: "must be in a folder that can be written", got });
}
