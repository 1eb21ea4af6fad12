// The text that the tokenizer is trained on: what the world asks and answers, and sentences of the kinds that later
// training adds (rationales, made-up names, tool calls, chart values), because a vocabulary cannot grow afterwards.

import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import { concepts, makeScene, questionTypes, trainQuestions, type World } from "../data/scenes/index.ts";
import { wordsOf } from "../data/scenes/words.ts";
import { createRng } from "../util/rng.ts";
import { type TokenizerJson, trainBpe } from "./bpe.ts";

const later = [
  "Let me look at the picture step by step.",
  "First I see a thing on the left, then two things on the right.",
  "There is one more at the top and none at the bottom, so there are three in all.",
  "One, two, three, four, five, six, seven, eight, nine, ten, zero.",
  "So the answer is yes. So the answer is no. The answer is four because there are more of them.",
  "I count the things in each row and add them up: 1 + 2 = 3, 4 - 1 = 3.",
  "It is not in the picture. I am not sure. I do not know. I cannot see it.",
  "The examples show that this kind of thing is called a different name here.",
  "Below are some examples and an instruction that describes a task. Write a response that completes the request.",
  "Answer the question using a single word or phrase. Answer with the option's letter from the given choices directly.",
  "A. B. C. D. E. F. Options: Question: Answer: Context: Image: Instruction: Input: Response: Rationale: Thought:",
  'Do I need to use a tool? {"name": "detect", "arguments": {"image": "image_1", "label": "dog"}}',
  '{"name": "crop", "arguments": {"image": "image_1", "box": [0, 0, 50, 50]}} {"name": "zoom"} {"name": "ocr"}',
  '{"name": "count", "arguments": {"labels": ["cat", "dog"]}} {"result": {"boxes": [], "count": 2, "score": 0.9}}',
  "The tool found two boxes. The detector says there is one. The text reads as follows.",
  "The bar for the value is higher than the other bars. What is the value of the tallest bar in the chart?",
  "The object on the left is bigger than the object on the right and smaller than the one in the middle.",
  "center corner upper lower large small color red green blue yellow white black brown gray orange pink purple",
  "This picture shows the same thing as before, but the second image is different from the first image.",
];

/** Trains the tokenizer of a model of this vocabulary on the world's text. Same world and seed, same tokenizer. */
export function trainTokenizer(
  world: World,
  { vocabulary, seed }: { vocabulary: number; seed: number },
): TokenizerJson {
  const counts = new Map<string, number>();
  const add = (text: string, count: number) => counts.set(` ${text}`, (counts.get(` ${text}`) ?? 0) + count);
  for (const { name, plural, category } of concepts)
    for (const word of [name, plural, category]) add(word, 40);
  for (const type of questionTypes) add(type, 2);
  for (const word of wordsOf("train")) add(word.toLowerCase(), 1);
  for (const sentence of later) add(sentence, 8);
  for (let index = 0; index < 3000; index++) {
    const scene = makeScene(world, { split: "train", seed, index });
    for (const { question, answer } of trainQuestions(scene, createRng("vocabulary", seed, index), 8)) {
      add(question, 1);
      add(answer, 1);
    }
  }
  return trainBpe(counts, { vocabSize: vocabulary, specialTokens: SPECIAL_TOKENS });
}
