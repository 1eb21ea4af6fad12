// Conversations about one picture in which later questions refer back: "it" is what the question before asked about, "that"
// what the answer before named, "those" everything of that name. Each turn is a question that could stand alone; the words
// that refer are its own.
import type { Rng } from "../../util/rng.ts";
import { conceptIndex, concepts } from "./concepts.ts";
import { askScene, countConcepts, fillIn, type QuestionTopic, type SceneQuestion } from "./questions.ts";
import type { Scene } from "./scene.ts";
import { type Direction, directions, stepsWordings, wordings } from "./wordings.ts";

/** What the last question of a conversation asks. */
export const dialogueTypes = [
  "dialogue-position",
  "dialogue-category",
  "dialogue-counting",
  "dialogue-total",
  "dialogue-comparison",
] as const;
export type DialogueType = (typeof dialogueTypes)[number];

/** How questions refer back; D is a direction, Ms the plural of another thing. */
const references = {
  it: ["What is D it?", "What do you see D it?"],
  andIt: ["And D it?", "And what is D it?"],
  that: ["And what is D that?", "What is D that one?"],
  kind: ["What kind of thing is that?", "What type of thing is that?", "What category does that belong to?"],
  those: [
    "How many of those are there?",
    "How many of them do you see?",
    "And how many of those are there in all?",
  ],
  andMany: ["And how many Ms?", "And Ms?", "How about Ms?"],
  together: ["How many is that together?", "What is the sum of the two?", "And both together?"],
  more: ["Which of the two are there more of?", "What is there more of?", "Of which are there more?"],
} as const;

/** One question of a conversation. */
type Turn = Pick<SceneQuestion, "form" | "topic" | "question" | "answer" | "program"> & { inFull: string };

/** Lists conversations of two to four questions, each named by its last one. */
export function askDialogue(scene: Scene, rng: Rng): SceneQuestion[] {
  const found: SceneQuestion[] = [];
  const grow = (turns: Turn[], type: DialogueType, turn: Turn) => {
    const earlier = turns.map(({ question, answer }) => ({ question, answer }));
    found.push({ type, ...turn, earlier });
    turns.push(turn);
  };
  const positions = askScene(scene, rng).filter(({ type }) => type === "position");
  const counts = countConcepts(scene);
  for (const [one, count] of counts) {
    if (count === 1) talkOfPlaces(one, positions, counts, rng, grow);
    else if (count <= 4) {
      const turns = [standing("existence", { one }, "yes", rng)];
      grow(turns, "dialogue-counting", countThose(one, count, rng));
    }
  }
  talkOfNumbers(counts, rng, grow);
  return found;
}

type Grow = (turns: Turn[], type: DialogueType, turn: Turn) => void;

/** Starts at a thing that is there once, and goes on to what stands beside it. */
function talkOfPlaces(
  one: number,
  positions: readonly SceneQuestion[],
  counts: ReadonlyMap<number, number>,
  rng: Rng,
  grow: Grow,
): void {
  const beside = (index: number) => rng.shuffle(positions.filter(({ topic }) => topic.one === index));
  const [first, second] = beside(one);
  if (!first) return;
  const turns: Turn[] = [];
  let last = first;
  if (rng.chance(0.5)) {
    turns.push(standing("existence", { one }, "yes", rng));
    grow(turns, "dialogue-position", refer(first, references.it, rng));
  } else {
    turns.push({ ...first, inFull: first.question });
  }
  if (second && rng.chance(0.6)) {
    grow(turns, "dialogue-position", refer(second, references.andIt, rng));
    last = second;
  }
  const named = conceptIndex(last.answer)!;
  const onward =
    counts.get(named) === 1 ? beside(named).find(({ answer }) => conceptIndex(answer) !== one) : undefined;
  const way = rng.next();
  if (onward && way < 0.4) grow(turns, "dialogue-position", refer(onward, references.that, rng));
  else if (way < 0.7) {
    const { name, category } = concepts[named]!;
    grow(turns, "dialogue-category", {
      form: "category",
      topic: { one: named },
      question: rng.pick(references.kind),
      inFull: `What kind of thing is the ${name}?`,
      answer: category,
      program: [
        { op: "find", name },
        { op: "category", of: 0 },
      ],
    });
  } else if (counts.get(named)! <= 4)
    grow(turns, "dialogue-counting", countThose(named, counts.get(named)!, rng));
}

/** Counts one kind, then another, then puts the two numbers together. */
function talkOfNumbers(counts: ReadonlyMap<number, number>, rng: Rng, grow: Grow): void {
  const [a, b] = rng.shuffle([...counts].filter(([, count]) => count <= 4));
  if (!a || !b) return;
  const [one, other] = [a[0], b[0]];
  const turns = [standing("counting", { one }, String(a[1]), rng)];
  const asked = standing("counting", { one: other }, String(b[1]), rng);
  grow(turns, "dialogue-counting", { ...asked, question: fillIn(rng.pick(references.andMany), { other }) });
  const topic = { one, other };
  if (a[1] !== b[1] && rng.chance(0.5)) {
    const inFull = fillIn(wordings.more[0]!, topic);
    const answer = concepts[a[1] > b[1] ? one : other]!.plural;
    grow(turns, "dialogue-comparison", {
      form: "more",
      topic,
      question: rng.pick(references.more),
      inFull,
      answer,
    });
  } else {
    const inFull = fillIn(stepsWordings.total[0]!, topic);
    const answer = String(a[1] + b[1]);
    grow(turns, "dialogue-total", {
      form: "total",
      topic,
      question: rng.pick(references.together),
      inFull,
      answer,
    });
  }
}

/** A question that refers to nothing before it. */
function standing(form: "existence" | "counting", topic: QuestionTopic, answer: string, rng: Rng): Turn {
  const question = fillIn(rng.pick(wordings[form]), topic);
  return { form, topic, question, inFull: question, answer };
}

function refer({ form, topic, question, answer }: SceneQuestion, ways: readonly string[], rng: Rng): Turn {
  const words = rng.pick(ways).replace("D", directions[topic.direction as Direction]);
  return { form, topic, question: words, inFull: question, answer };
}

function countThose(one: number, count: number, rng: Rng): Turn {
  const inFull = fillIn(wordings.counting[0]!, { one });
  return {
    form: "counting",
    topic: { one },
    question: rng.pick(references.those),
    inFull,
    answer: String(count),
  };
}
