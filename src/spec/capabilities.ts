/** What a model can do beyond the LanguageModelV4 interface. Absent fields are unknown; false means no. */
export interface Capabilities {
  /** Prompt and answer together, in tokens. */
  contextTokens?: number;
  maxImages?: number;
  /** Counts the tokens of a text (no special tokens). */
  countTokens?: (text: string) => number;
  /** Tokens that one picture takes in the prompt, at most. */
  tokensPerImage?: number;
  /** Answers shortly without being asked to; instructions about length confuse it. */
  plainQuestions?: boolean;
  /** Content address of the weights; takes as long as reading them once. */
  weightsHash?: () => Promise<string>;
  /**
   * Was trained to write rationales: `sightline.rationale: true` makes it write one, as reasoning, before its answer; a
   * string there is taken as its own finished rationale, and only the answer is written.
   */
  rationales?: boolean;
  toolCalls: boolean;
  /**
   * It was taught just these tools and knows them by name: it reads no descriptions and no instructions, takes results as a
   * short line of text, and also writes programs with them (`sightline.program`).
   */
  taughtTools?: readonly string[];
  logprobs: boolean;
  /** Scores given answers instead of writing one (`sightline.choices`). */
  choices: boolean;
  contrast: boolean;
  prefixCache: boolean;
}
