// How many questions a hosted model is asked at once, found out while asking. Slow start: the limit doubles while all
// goes well. When the server says that it is busy (429), the limit falls a little below where that happened, new
// questions wait as long as the server asked for, and from then on the limit creeps: back up to just below that mark,
// and past it only now and then, to see whether the server has more room. (The shape of TCP CUBIC: a deep cut would
// leave a server idle whose limit is on calls at once.)

/** Says when the next question may be asked. */
export interface Pacer {
  /** Questions that may be under way now. */
  limit(): number;
  /** Milliseconds until the next question may start; 0 when it may now. */
  waitMs(): number;
  /** An answer came. */
  answered(): void;
  /** The server is busy, and may have said for how long. */
  busy(retryAfterMs?: number): void;
}

export interface PacerOptions {
  /** @default 4 */
  start?: number;
  /** @default 64 */
  most?: number;
  now?: () => number;
}

/** Rounds of answers (as many as the limit) below the mark before one more is tried above it. */
const roundsBeforeProbe = 8;
/** Busy answers that come closer together than this have one cause. */
const sameCauseMs = 250;

/** Creates an adaptive pacer. */
export function createPacer({ start = 4, most = 64, now = Date.now }: PacerOptions = {}): Pacer {
  let limit = Math.min(start, most);
  let mark = Number.POSITIVE_INFINITY;
  let sinceChange = 0;
  let pausedUntil = 0;
  let lastBusy = Number.NEGATIVE_INFINITY;
  return {
    limit: () => limit,
    waitMs: () => Math.max(0, pausedUntil - now()),
    answered() {
      sinceChange++;
      const isProbe = limit + 1 >= mark;
      const patience =
        mark === Number.POSITIVE_INFINITY ? limit : isProbe ? limit * roundsBeforeProbe : limit;
      if (sinceChange < patience || limit >= most) return;
      sinceChange = 0;
      limit = mark === Number.POSITIVE_INFINITY ? Math.min(most, limit * 2) : limit + 1;
    },
    busy(retryAfterMs) {
      const at = now();
      if (retryAfterMs !== undefined) pausedUntil = Math.max(pausedUntil, at + retryAfterMs);
      if (at - lastBusy < sameCauseMs) return;
      lastBusy = at;
      mark = limit;
      limit = Math.max(1, Math.min(limit - 1, Math.floor(limit * 0.9)));
      sinceChange = 0;
    },
  };
}

/** A pacer that always allows the same number. */
export function fixedPace(limit: number): Pacer {
  return { limit: () => limit, waitMs: () => 0, answered() {}, busy() {} };
}
