// Demonstration sets: Samples with the vectors that they are found by. A set is written whole, in one transaction, so
// that a search never sees half of one. Vectors are little-endian floats in base64, the same on both databases.
import { asStoreError, type Store } from "./open-store.ts";

/** What is known of a set as a whole. */
export interface DemonstrationSet {
  name: string;
  /** Content address of the Samples that the set was made from. */
  hash: string;
  /** Folder that the pictures' relative paths start from. */
  baseDir: string;
  /** Id of the encoder that made the vectors. */
  encoder: string;
  dimensions: number;
  count: number;
}

/** One demonstration as it is kept. */
export interface StoredDemonstration {
  id: string;
  sample: unknown;
  /** Of each picture: content address, and difference hash of 8 bytes. */
  pictures: { hash: string; differenceHash: Uint8Array }[];
  /** null for a demonstration without pictures. */
  imageVector: Float32Array | null;
  textVector: Float32Array;
}

/** Rows of one statement. */
const pieceLength = 200;

/** Writes a set in the place of any other of its name. */
export async function writeDemonstrations(
  store: Store,
  { name, count: _, ...set }: DemonstrationSet,
  rows: readonly StoredDemonstration[],
): Promise<void> {
  const values = rows.map(({ id, sample, pictures, imageVector, textVector }, seq) => ({
    set_name: name,
    seq,
    id,
    data: JSON.stringify({
      sample,
      pictures: pictures.map(({ hash, differenceHash }) => ({
        hash,
        differenceHash: Buffer.from(differenceHash).toString("hex"),
      })),
    }),
    image_vector: imageVector && toBase64(imageVector),
    text_vector: toBase64(textVector),
  }));
  const info = { name, hash: set.hash, data: JSON.stringify({ ...set, count: rows.length }) };
  try {
    await store.db.transaction().execute(async (tx) => {
      await tx.deleteFrom("demonstrations").where("set_name", "=", name).execute();
      await tx.deleteFrom("demonstration_sets").where("name", "=", name).execute();
      await tx.insertInto("demonstration_sets").values(info).execute();
      for (let at = 0; at < values.length; at += pieceLength)
        await tx
          .insertInto("demonstrations")
          .values(values.slice(at, at + pieceLength))
          .execute();
    });
  } catch (error) {
    throw asStoreError(error, store.address);
  }
}

/** What is known of the set of this name; undefined when there is none. */
export async function findDemonstrationSet(
  store: Store,
  name: string,
): Promise<DemonstrationSet | undefined> {
  const row = await store.db
    .selectFrom("demonstration_sets")
    .selectAll()
    .where("name", "=", name)
    .executeTakeFirst();
  if (!row) return undefined;
  return { name, hash: row.hash, ...(JSON.parse(row.data) as Omit<DemonstrationSet, "name" | "hash">) };
}

/** The demonstrations of a set, in the order in which they were written. */
export async function* readDemonstrations(store: Store, name: string): AsyncGenerator<StoredDemonstration> {
  for (let next = 0; ; ) {
    const rows = await store.db
      .selectFrom("demonstrations")
      .selectAll()
      .where("set_name", "=", name)
      .where("seq", ">=", next)
      .orderBy("seq")
      .limit(1000)
      .execute();
    if (rows.length === 0) return;
    for (const { id, data, image_vector, text_vector } of rows) {
      const { sample, pictures } = JSON.parse(data) as {
        sample: unknown;
        pictures: { hash: string; differenceHash: string }[];
      };
      yield {
        id,
        sample,
        pictures: pictures.map(({ hash, differenceHash }) => ({
          hash,
          differenceHash: new Uint8Array(Buffer.from(differenceHash, "hex")),
        })),
        imageVector: image_vector === null ? null : fromBase64(image_vector),
        textVector: fromBase64(text_vector),
      };
    }
    next = rows.at(-1)!.seq + 1;
  }
}

function toBase64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

function fromBase64(text: string): Float32Array {
  // A copy of its own: a Buffer may start anywhere in its pool, floats need a multiple of 4.
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  return new Float32Array(bytes.buffer);
}
