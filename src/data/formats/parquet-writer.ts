// Samples as Parquet shards of bounded size. A Parquet file cannot be appended to, so what is saved of a run is its
// finished shards, and the rows of the next one in a file of their own, from which that shard is filled on: a run that was
// stopped makes the shards of one that was not.
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { writeHfRow } from "./hf-messages.ts";
import { readPicture } from "./media-store.ts";
import { mediaOf, messagesOf } from "./messages.ts";
import { encodeParquet, type ParquetRow, readEncodedRows } from "./parquet.ts";
import { tally } from "./row-writer.ts";
import { tryMedia } from "./try-media.ts";
import type { InstructionWriter, InstructionWriterOptions } from "./write-instructions.ts";

/** Finished shards, and the rows of the next one. */
export interface ShardsState {
  shards: string[];
  /** Where the rows are, and their size as a shard's is counted. */
  pending?: { file: string; bytes: number };
}

/** Bytes of pictures and text of a shard; readers hold one in memory. */
const defaultShardBytes = 200e6;

/** Starts writing shards, or goes on from a state. */
export async function parquetWriter(
  {
    out,
    baseDir,
    keepExtra = false,
    trust = false,
    shardBytes = defaultShardBytes,
  }: InstructionWriterOptions,
  state?: ShardsState & { rows: number; lost: [field: string, count: number][] },
): Promise<InstructionWriter> {
  const folder = path.dirname(path.resolve(out));
  await mkdir(folder, { recursive: true });
  const name = path.basename(out);
  const shards = [...(state?.shards ?? [])];
  let pending = state?.pending;
  await clean(folder, name, [...shards, ...(pending ? [pending.file] : [])]);
  const lost = new Map(state?.lost);
  let total = state?.rows ?? 0;
  let rows: ParquetRow[] = pending ? await readEncodedRows(pending.file) : [];
  let bytes = pending?.bytes ?? 0;
  let isDue = false;
  /** Files of pending rows that no state needs once another one is saved. */
  let spent: string[] = [];
  const partial = (middle: string) => path.join(folder, `.${name}-${middle}.parquet.partial`);
  const flush = async () => {
    const shard = partial(String(shards.length).padStart(5, "0"));
    await writeFileAtomic(shard, await encodeParquet(rows, keepExtra));
    shards.push(shard);
    rows = [];
    bytes = 0;
    isDue = true;
  };
  const remove = async (files: readonly string[]) => {
    for (const file of files) await rm(file, { force: true });
  };
  return {
    lost,
    isDue: () => isDue,
    async write(sample) {
      const written = writeHfRow(sample, { keepExtra });
      if ("problem" in written) return written.problem;
      const pictures = mediaOf(messagesOf(sample)).filter((part) => part.type === "image");
      const loaded = await tryMedia(() =>
        Promise.all(pictures.map((image) => readPicture(image, { baseDir, trust }))),
      );
      if ("problem" in loaded) return loaded.problem;
      tally(lost, written.lost);
      const { id, messages, sightline } = written.row as {
        id: string;
        messages: unknown[];
        sightline?: object;
      };
      const images = loaded.value.map(({ bytes: picture }, i) => ({
        ...{ bytes: picture, path: fileName(pictures[i]!.source) },
      }));
      const kept = sightline ? JSON.stringify(sightline) : undefined;
      total++;
      rows.push({ id, messages, images, ...(kept === undefined ? {} : { sightline: kept }) });
      for (const image of images) bytes += image.bytes.length;
      bytes += JSON.stringify(messages).length + (kept?.length ?? 0);
      if (bytes >= shardBytes) await flush();
      return undefined;
    },
    async checkpoint() {
      isDue = false;
      await remove(spent);
      const file = partial(`rows-${total}`);
      spent = pending && pending.file !== file ? [pending.file] : [];
      // Rows that wait since the last time are there already.
      if (rows.length > 0 && pending?.file !== file)
        await writeFileAtomic(file, await encodeParquet(rows, keepExtra));
      pending = rows.length > 0 ? { file, bytes } : undefined;
      return { rows: total, lost: [...lost], shards: [...shards], ...(pending && { pending }) };
    },
    keep: async () => undefined,
    async finish() {
      if (rows.length > 0 || shards.length === 0) await flush();
    },
    async commit() {
      const shardCount = String(shards.length).padStart(5, "0");
      const files = shards.map((_, i) => `${out}-${String(i).padStart(5, "0")}-of-${shardCount}.parquet`);
      for (const [i, shard] of shards.entries()) await rename(shard, files[i]!);
      await clean(folder, name, [], { shards: true });
      return files;
    },
    discard: () => clean(folder, name, [], { shards: true }),
  };
}

/** Removes what earlier runs left unfinished, but for the files to go on with; refuses finished shards of theirs. */
async function clean(
  folder: string,
  name: string,
  keep: readonly string[],
  { shards = false }: { shards?: boolean } = {},
): Promise<void> {
  for (const each of await readdir(folder)) {
    if (!shards && each.startsWith(`${name}-`) && each.endsWith(".parquet")) {
      const hint = "Name a new folder.";
      throw new InputError({
        where: `"${folder}"`,
        rule: `must hold no ${name} shards yet`,
        got: each,
        hint,
      });
    }
    const isPartial = each.startsWith(`.${name}-`) && /\.parquet\.partial(\.[0-9a-f]+\.tmp)?$/.test(each);
    const file = path.join(folder, each);
    if (isPartial && !keep.includes(file)) await rm(file, { force: true });
  }
}

/** A picture that was inside its row or at a URL has no file name worth keeping. */
function fileName(source: string): string | null {
  return /^(data:|https?:)/i.test(source) ? null : path.basename(source);
}
