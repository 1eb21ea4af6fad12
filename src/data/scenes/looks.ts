// How large pictures are, and how large the things in them. The standard look is what `tiny` was trained on; the others are
// hard for a model that sees 112 pixels a side, each for one reason: much in the picture, things that are small in it, or
// words too long for its cells.

export const lookNames = ["standard", "crowded", "small", "words"] as const;
export type LookName = (typeof lookNames)[number];

/** Sizes are in pixels. */
export interface Look {
  /** Width and height of the picture. */
  size: number;
  /** Longest sides by number of objects, smallest and largest; beyond the list, the last. */
  objects: readonly (readonly [number, number])[];
  besideWord: readonly [number, number];
  /** An object is drawn at least this large, so that enough shows when others cover some of it. */
  sparePixels: number;
  /** At least so much of every object shows. */
  minVisiblePixels: number;
  letters: {
    /** Letters stand so far apart from left to right. */
    advance: readonly [number, number];
    height: readonly [number, number];
  };
}

export const looks: Record<LookName, Look> = {
  standard: {
    size: 112,
    objects: [
      [0, 0],
      [32, 90],
      [26, 58],
      [24, 52],
      [22, 46],
      [21, 40],
      [20, 37],
    ],
    besideWord: [20, 34],
    sparePixels: 175,
    minVisiblePixels: 120,
    // So far apart that no two letters share a column of grounding cells.
    letters: { advance: [16.05, 25], height: [14, 26] },
  },
  crowded: {
    size: 112,
    objects: [[17, 27]],
    besideWord: [17, 27],
    sparePixels: 130,
    minVisiblePixels: 90,
    letters: { advance: [16.05, 25], height: [14, 26] },
  },
  small: {
    size: 448,
    objects: [[14, 20]],
    besideWord: [14, 20],
    sparePixels: 90,
    minVisiblePixels: 60,
    letters: { advance: [9, 12], height: [10, 14] },
  },
  words: {
    size: 224,
    objects: [[40, 68]],
    besideWord: [40, 68],
    sparePixels: 600,
    minVisiblePixels: 400,
    letters: { advance: [16.05, 25], height: [14, 26] },
  },
};
