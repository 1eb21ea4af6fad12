// How many questions a hosted model is asked at once, found out while asking. Slow start: the limit doubles with every
// round of answers while all goes well. When the server says that it is busy (429), the limit goes back to what went
// well before, new questions wait as long as the server asked for, and from then on the limit rises by one a round.
// Just below the number that was too many it stays, and tries that number again only now and then, more seldom each time
// that it fails. A server that grows slower makes it busy without a rise before: then the limit falls by a tenth.

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
  /** @default 8 */
  start?: number;
  /** @default 64 */
  most?: number;
  now?: () => number;
}

/** Rounds of answers (as many as the limit) before the number that was too many is tried again; doubles up to `most`. */
const probeRounds = { first: 16, most: 256 };
/** Busy answers that come closer together than this have one cause. */
const sameCauseMs = 250;

/** Creates an adaptive pacer. */
export function createPacer({ start = 8, most = 64, now = Date.now }: PacerOptions = {}): Pacer {
  let limit = Math.min(start, most);
  /** The largest number with which a whole round went well. */
  let good = 1;
  /** The smallest number that was too many. */
  let tooMany = Number.POSITIVE_INFINITY;
  let patience = probeRounds.first;
  let isSlowStart = true;
  let sinceChange = 0;
  let pausedUntil = 0;
  let lastBusy = Number.NEGATIVE_INFINITY;
  return {
    limit: () => limit,
    waitMs: () => Math.max(0, pausedUntil - now()),
    answered() {
      sinceChange++;
      const rounds = limit + 1 === tooMany ? patience : 1;
      if (sinceChange < limit * rounds || limit >= most) return;
      sinceChange = 0;
      // A whole round went well where it once did not: the server has more room now.
      if (limit >= tooMany) {
        tooMany = Number.POSITIVE_INFINITY;
        patience = probeRounds.first;
      }
      good = limit;
      limit = isSlowStart ? Math.min(most, limit * 2) : limit + 1;
    },
    busy(retryAfterMs) {
      const at = now();
      if (retryAfterMs !== undefined) pausedUntil = Math.max(pausedUntil, at + retryAfterMs);
      if (at - lastBusy < sameCauseMs) return;
      lastBusy = at;
      isSlowStart = false;
      sinceChange = 0;
      if (limit > good) {
        if (limit === tooMany) patience = Math.min(probeRounds.most, patience * 2);
        tooMany = limit;
        limit = good;
      } else {
        tooMany = limit;
        limit = Math.max(1, Math.min(limit - 1, Math.floor(limit * 0.9)));
        good = limit;
      }
    },
  };
}

/** A pacer that always allows the same number. */
export function fixedPace(limit: number): Pacer {
  return { limit: () => limit, waitMs: () => 0, answered() {}, busy() {} };
}
