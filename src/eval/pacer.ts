// How many questions a hosted model is asked at once, found out while asking. Slow start: the limit doubles with every
// round of answers while all goes well, until the server says that it is busy (429).
//
// A server may limit the calls at once or the calls in a window of time, and does not say which. What tells them apart is
// the number of calls under way. Busy right after a raise: the raise was too much. The limit goes back to what went well
// (to the half, when nothing did yet), and only the refused calls wait (each holds its place meanwhile, so that even a used-up window is not asked on and on).
// Busy at a number that went well: no lower number would have helped now, so everything new waits as long as the server
// asked for, and the limit falls by a tenth, in case the server has grown slower. From then on the limit rises by one a
// round; just below the number that was too many it stays, and tries that one again only now and then, more seldom each
// time that it fails.

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
/** Busy answers that come closer together than this, with no raise between them, have one cause. */
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
  /** The last cause of busy answers: when it came, whether it was a raise, and whether there was a raise since. */
  let cause = { at: Number.NEGATIVE_INFINITY, isRaise: false, isOver: true };
  return {
    limit: () => limit,
    waitMs: () => Math.max(0, pausedUntil - now()),
    answered() {
      sinceChange++;
      const rounds = limit + 1 === tooMany ? patience : 1;
      if (sinceChange < limit * rounds) return;
      sinceChange = 0;
      // A whole round went well where it once did not: the server has more room now.
      if (limit >= tooMany) {
        tooMany = Number.POSITIVE_INFINITY;
        patience = probeRounds.first;
      }
      good = limit;
      limit = Math.min(most, isSlowStart ? limit * 2 : limit + 1);
      cause.isOver ||= limit > good;
    },
    busy(retryAfterMs = 0) {
      const at = now();
      const isNew = cause.isOver || at - cause.at >= sameCauseMs;
      if (isNew) cause = { at, isRaise: limit > good, isOver: false };
      if (!cause.isRaise) pausedUntil = Math.max(pausedUntil, at + retryAfterMs);
      if (!isNew) return;
      isSlowStart = false;
      sinceChange = 0;
      if (cause.isRaise) {
        if (limit === tooMany) patience = Math.min(probeRounds.most, patience * 2);
        tooMany = limit;
        limit = Math.max(good, limit >> 1);
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
