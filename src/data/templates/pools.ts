// The hand-written instruction pools of the InstructBLIP family, which the survey cites (arXiv 2306.13549, Table 2 for
// the ten VQA templates); one is drawn for each sample. `<Image>` stands for the sample's input, which comes first.

/** Ways to ask a visual question, in the table's order. */
export const vqaTemplates = [
  "<Image> {Question}",
  "<Image> Question: {Question}",
  "<Image> {Question} A short answer to the question is",
  "<Image> Q: {Question} A:",
  "<Image> Question: {Question} Short answer:",
  "<Image> Given the image, answer the following question with no more than three words. {Question}",
  "<Image> Based on the image, respond to this question with a short answer: {Question}. Answer:",
  "<Image> Use the provided image to answer the question: {Question} Provide your answer as short as possible:",
  '<Image> What is the answer to the following question? "{Question}"',
  '<Image> The question "{Question}" can be answered using the image. A short answer is',
] as const;

/** Ways to ask for the question that an answer belongs to. */
export const vqgTemplates = [
  "Given the image, generate a question whose answer is: {Answer}",
  "Based on the image, provide a question with the answer: {Answer}",
  'Given the visual representation, create a question for which the answer is "{Answer}"',
  "From the image provided, craft a question that leads to the reply: {Answer}",
  "Considering the picture, come up with a question where the answer is: {Answer}",
  "Taking the image into account, generate an question that has the answer: {Answer}",
] as const;

/** Ways to ask for a short caption. */
export const captionTemplates = [
  "A short image caption:",
  "A short image description:",
  "A photo of",
  "An image that shows",
  "Write a short description for the image.",
  "Write a description for the photo.",
  "Provide a description of what is presented in the photo.",
  "Briefly describe the content of the image.",
  "Can you briefly explain what you see in the image?",
  "Could you use a few words to describe what you perceive in the photo?",
  "Please provide a short depiction of the picture.",
  "Using language, provide a short account of the image.",
  "Use a few words to illustrate what is happening in the picture.",
] as const;

/** Says that a short answer is wanted, as LLaVA-1.5 does; without it, short references make a model terse. */
export const shortAnswerSentence = "Answer the question using a single word or phrase.";

/** Says that a letter is wanted, as LLaVA-1.5 does. */
export const optionLetterSentence = "Answer with the option's letter from the given choices directly.";

/** True for the templates whose own words ask for a short answer. */
export function asksShort(template: string): boolean {
  return /short|no more than three words/i.test(template);
}
