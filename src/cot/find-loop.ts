// A model that has lost its way repeats itself until the token limit ends it. Such a text ends in the same words over and
// over; an honest list ("apple, apple, apple") is shorter than the bounds below.

const minRepeats = 4;
const minWords = 24;
/** Longest repeated passage, in words. */
const maxPeriod = 200;

/** The words that a text ends by repeating (at least 4 times, over at least 24 words); undefined without a loop. */
export function findLoop(text: string): string | undefined {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (let period = 1; period <= Math.min(maxPeriod, words.length / minRepeats); period++) {
    let run = period;
    while (run < words.length && words[words.length - 1 - run] === words[words.length - 1 - run + period])
      run++;
    if (run >= Math.max(minWords, minRepeats * period)) return words.slice(-period).join(" ");
  }
  return undefined;
}
