// Tokens become text that may be shown: whole characters only (a character can span several tokens), without white
// space at either end of the answer, and never past a stop sequence. Text that could still turn out to be trailing
// white space or the beginning of a stop sequence is held back until the next token decides.

export interface TextStreamOptions {
  decode(ids: readonly number[]): string;
  stopSequences?: readonly string[] | undefined;
}

export interface TextStream {
  /** Takes one token. Returns the text that is now certain, and whether a stop sequence ended the answer. */
  push(id: number): { text: string; stopped: boolean };
  /** Returns the rest when the answer is over. */
  end(): string;
}

/** Creates the stream of one answer. */
export function createTextStream({ decode, stopSequences = [] }: TextStreamOptions): TextStream {
  const stops = stopSequences.filter((stop) => stop.length > 0);
  const ids: number[] = [];
  // Tokens [start, read) have given whole characters; they are decoded again with the next ones, because some
  // tokenizers drop the space of the first token they decode.
  let start = 0;
  let read = 0;
  let held = "";
  let begun = false;
  let stopped = false;

  const take = (final: boolean): string => {
    const before = decode(ids.slice(start, read));
    const now = decode(ids.slice(start));
    if (!final && now.endsWith("\uFFFD")) return "";
    start = read;
    read = ids.length;
    return now.slice(before.length);
  };
  const release = (length: number): string => {
    let text = held.slice(0, length);
    held = held.slice(length);
    if (!begun) text = text.trimStart();
    if (text !== "") begun = true;
    return text;
  };
  const grow = (added: string): string => {
    held += added;
    const ends = stops.map((stop) => held.indexOf(stop)).filter((at) => at >= 0);
    if (ends.length > 0) {
      held = held.slice(0, Math.min(...ends)).trimEnd();
      stopped = true;
      return release(held.length);
    }
    let safe = held.trimEnd().length;
    for (const stop of stops) {
      for (let length = Math.min(stop.length - 1, held.length); length > 0; length--) {
        if (!held.endsWith(stop.slice(0, length))) continue;
        safe = Math.min(safe, held.slice(0, held.length - length).trimEnd().length);
        break;
      }
    }
    return release(safe);
  };
  return {
    push(id) {
      ids.push(id);
      const text = grow(take(false));
      return { text, stopped };
    },
    end() {
      if (stopped) return "";
      const text = grow(take(true));
      return stopped ? text : text + release(held.trimEnd().length);
    },
  };
}
