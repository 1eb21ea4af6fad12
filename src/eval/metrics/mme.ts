// The scores of MME (the authors' eval_tool): a subtask asks two questions about each picture. acc is the share of right
// answers, acc+ the share of pictures with both right, and the subtask's score is their sum: here from 0 to 2, in papers
// times 100 (at most 200; blind guessing has 0.75). Perception and cognition are sums of subtask scores, not means, so
// they are comparable only when all of their subtasks were asked.

/** One judged question. */
export interface MmeItem {
  /** Name or path of the picture. */
  image: string;
  /** Subtask, such as `existence` or `OCR`. */
  subtask: string;
  isRight: boolean;
}

/** The figures of one subtask, as fractions; `score` is their sum. */
export interface MmeSubtask {
  accuracy: number;
  accuracyPlus: number;
  score: number;
}

/** The ten perception subtasks and the four cognition subtasks, in lower case. */
export const mmeSubtasks = {
  perception: [
    ...["existence", "count", "position", "color", "posters", "celebrity"],
    ...["scene", "landmark", "artwork", "ocr"],
  ],
  cognition: ["commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning"],
} as const;

/** Figures of every subtask, and the sums over the perception and cognition subtasks that were asked. */
export function mmeScores(items: readonly MmeItem[]) {
  const subtasks: Record<string, MmeSubtask> = {};
  for (const [name, members] of Map.groupBy(items, (item) => item.subtask)) {
    const pictures = [...Map.groupBy(members, (item) => item.image).values()];
    const accuracy = members.filter((item) => item.isRight).length / members.length;
    const accuracyPlus = pictures.filter((p) => p.every((item) => item.isRight)).length / pictures.length;
    subtasks[name] = { accuracy, accuracyPlus, score: accuracy + accuracyPlus };
  }
  const sum = (names: readonly string[]) =>
    Object.entries(subtasks).reduce(
      (a, [name, { score }]) => a + (names.includes(name.toLowerCase()) ? score : 0),
      0,
    );
  return { subtasks, perception: sum(mmeSubtasks.perception), cognition: sum(mmeSubtasks.cognition) };
}
