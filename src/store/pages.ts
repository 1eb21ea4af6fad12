// Reading a long table in pieces, so that no more than one of them is in memory.
import { setImmediate as turn } from "node:timers/promises";

/** Rows in a piece. */
export const rowsPerRead = 1000;

/** Yields the rows of all pieces. @param read the piece behind a row, of at most `rowsPerRead` rows; the first one without */
export async function* pages<R>(
  read: (last: R | undefined) => Promise<R[]>,
): AsyncGenerator<R, void, undefined> {
  for (let rows = await read(undefined); ; rows = await read(rows.at(-1))) {
    yield* rows;
    if (rows.length < rowsPerRead) return;
    // SQLite answers without a pause: leases, signals and the progress bar want their turn.
    await turn();
  }
}
