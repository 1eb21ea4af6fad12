// How questions are put. X is "a dog", Xs is "dogs", N is "dog", M and Ms the other thing's; D is a direction.

/** The nine types of question about a scene. */
export const questionTypes = [
  "existence",
  "naming",
  "counting",
  "position",
  "category",
  "reading",
  "comparison",
  "caption",
  "absent",
] as const;
export type QuestionType = (typeof questionTypes)[number];

/** Questions that take several steps; they are asked in sets of their own (`scenes:steps`). */
export type StepsForm = "difference" | "total" | "all" | "kind" | "farther";

/** The form of a question: absent questions borrow the forms of counting and position. */
export type QuestionForm = Exclude<QuestionType, "absent" | "comparison"> | "more" | "bigger";

/** Wordings of each form. */
export const wordings: Record<QuestionForm, readonly string[]> = {
  existence: [
    "Is there X in the picture?",
    "Is there X here?",
    "Can you see X?",
    "Does the picture show X?",
    "Do you see X in this image?",
    "Is X in the picture?",
  ],
  naming: [
    "What is in the picture?",
    "What is this?",
    "What does the picture show?",
    "What can you see here?",
    "Name the object in the picture.",
    "What object is this?",
  ],
  counting: [
    "How many Xs are there?",
    "How many Xs are in the picture?",
    "How many Xs can you see?",
    "Count the Xs.",
    "What is the number of Xs?",
  ],
  position: [
    "What is D the N?",
    "What do you see D the N?",
    "Which object is D the N?",
    "Name the object D the N.",
    "What can be seen D the N?",
  ],
  category: [
    "What kind of thing is this?",
    "What type of thing is in the picture?",
    "What category does this belong to?",
    "What sort of thing do you see?",
  ],
  reading: [
    "What does the sign say?",
    "What is written here?",
    "Which word is in the picture?",
    "Read the word.",
    "What word do you see?",
    "What does the text say?",
  ],
  more: [
    "Are there more Xs or Ms?",
    "Which are there more of, Xs or Ms?",
    "What do you see more of, Xs or Ms?",
    "Do you see more Xs or more Ms?",
  ],
  bigger: [
    "Which is bigger, the N or the M?",
    "What is larger, the N or the M?",
    "Which one is bigger: the N or the M?",
    "Is the N or the M bigger?",
  ],
  caption: [
    "Describe the picture.",
    "What objects are in the picture?",
    "Write a caption for this picture.",
    "List what you see.",
    "Tell me what the picture shows.",
  ],
};

/** Wordings of questions of several steps; K is "animals", F is "farther left than". */
export const stepsWordings: Record<StepsForm, readonly string[]> = {
  difference: [
    "How many more Xs than Ms are there?",
    "By how many are there more Xs than Ms?",
    "How many Xs are there beyond the number of Ms?",
  ],
  total: [
    "How many Xs and Ms are there together?",
    "What is the number of Xs plus Ms?",
    "Count the Xs and the Ms together.",
  ],
  all: ["How many things are in the picture?", "How many objects are there in all?", "Count all the things."],
  kind: ["How many K are there?", "Count the K.", "What is the number of K in the picture?"],
  farther: ["How many things are F the N?", "How many objects are F the N?", "Count the things F the N."],
};

/** What kind of thing stands somewhere; asked about crowds. */
export const kindBesideWordings: readonly string[] = [
  "What kind of thing is D the N?",
  "What type of thing do you see D the N?",
  "What category does the thing D the N belong to?",
];

/** Where something can be, as it is said in a question. */
export const directions = {
  left: "to the left of",
  right: "to the right of",
  above: "above",
  below: "below",
} as const;
export type Direction = keyof typeof directions;

/** The same, for everything beyond a line through the thing. */
export const fartherThan: Record<Direction, string> = {
  left: "farther left than",
  right: "farther right than",
  above: "higher than",
  below: "lower than",
};

/** The digits and words of small numbers. */
export const numberWords = ["zero", "one", "two", "three", "four", "five", "six"] as const;
