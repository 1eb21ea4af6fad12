// What the model writes by itself while it is being trained: greedy answers to a few validation questions, token by token
// through the evaluation graph, which every kind of bridge has.
import { TOKEN_ID } from "../data/chat-format.ts";
import type { Tensors } from "../onnx/index.ts";
import type { TurnEncoder } from "./encode-turn.ts";
import { pickInputs, type StepKind } from "./step-kind.ts";
import { LEAD_TOKENS } from "./training-graph.ts";

/** A question of the validation pictures, the answer that it was to get and the one that it got. */
export interface SampleAnswer {
  type: string;
  question: string;
  reference: string;
  answer: string;
}

/** Tokens that an answer may have. */
const mostTokens = 40;

/** Answers one question each about the first `count` validation pictures, at most as many as the batch holds. */
export async function sampleAnswers(
  { batch, evaluator, lessons, sizes }: StepKind,
  encoder: Pick<TurnEncoder, "decode">,
  { count, weights }: { count: number; weights: Tensors },
): Promise<SampleAnswer[]> {
  const pictures = batch.tensors.pixels!.dims[0]!;
  const asked = lessons("val", 0, pictures).map((lesson, i) => {
    // Another turn of each picture, so that the types of question vary.
    const at = i % Math.max(1, lesson.turns.length);
    const turn = i < count ? lesson.turns[at] : undefined;
    const room = turn ? Math.min(mostTokens, sizes.rows, sizes.slots - turn.question.length) : 0;
    return { lesson, turn: room > 0 ? turn : undefined, room, at, written: [] as number[] };
  });
  const placed = batch.fill(
    asked.map(({ lesson, turn, room }) => ({
      ...lesson,
      conversation: false,
      turns: turn ? [{ question: turn.question, response: new Array<number>(room).fill(TOKEN_ID.eos) }] : [],
    })),
  );
  const inputs = pickInputs({ ...batch.tensors, ...weights }, evaluator);
  const { data, dims } = batch.tensors.ids!;
  const ids = data as BigInt64Array;
  let open = placed.map(({ lesson, row }) => ({ ...asked[lesson]!, picture: lesson, row }));
  for (let t = 0; open.length > 0; t++) {
    const { tokens } = await evaluator.run(inputs, { outputs: ["tokens"] });
    open = open.filter(({ turn, room, written, picture, row }) => {
      const next = (tokens!.data as BigInt64Array)[row + t]!;
      if (Number(next) === TOKEN_ID.eos) return false;
      written.push(Number(next));
      ids[picture * dims[1]! + LEAD_TOKENS + turn!.question.length + t] = next;
      return written.length < room;
    });
  }
  return asked.flatMap(({ lesson, turn, at, written }) =>
    turn
      ? {
          type: lesson.types[at]!,
          question: lesson.questions[at]!,
          reference: encoder.decode(turn.response.filter((id) => id !== TOKEN_ID.eos)),
          answer: encoder.decode(written),
        }
      : [],
  );
}
