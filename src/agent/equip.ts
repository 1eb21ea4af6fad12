// LLM-aided visual reasoning (section 4 of the survey): a language model with eyes and hands. `equip` gives it vision tools
// and one of five ways to use them, and is itself a model again. What it does on the way is in its output: every call of a
// tool, every result, every picture looked at, every mistake; the answer is the only text. A model that goes wrong is told
// so and may correct itself until its budget is used up; then the end says clearly why there is no answer.
import type {
  JSONObject,
  LanguageModelV4FunctionTool,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import {
  answerParts,
  answerSuffix,
  appendToQuestion,
  createThoughts,
  type InnerResult,
  type TechniqueContext,
  type TechniqueEnd,
  technique,
} from "../model/index.ts";
import { splitTags } from "../model/split-reasoning.ts";
import type { Technique, Tool } from "../spec/index.ts";
import { linkedController } from "../util/linked-controller.ts";
import { type Budget, costOfCall, defaultBudget, type TokenPrices } from "./budget.ts";
import { instructed, type Place, type TraceDemonstrations, withTraces } from "./demonstrations.ts";
import { nameImages } from "./images.ts";
import { observationMessages, replyMessage, say } from "./messages.ts";
import type { Problem } from "./observation.ts";
import { type AskPerson, personTool } from "./person-tool.ts";
import type { Move, Planner, Reply, Session } from "./planner.ts";
import { findPlanner, type PlannerName } from "./planners/index.ts";
import { parseJson, splitAnswer } from "./read-reply.ts";
import { plainObservation, withLocalOptions } from "./taught.ts";
import { dataRule } from "./untrusted.ts";
import { type Approve, createWorkbench, type Workbench } from "./workbench.ts";

export interface EquipOptions {
  /** How the model uses the tools. @default "rounds" */
  planner?: PlannerName;
  /** Native calls of tools, or text. @default native when the model's capability `toolCalls` says so */
  protocol?: "native" | "text";
  /** What one answer may cost. */
  budget?: Partial<Budget>;
  /** What the model's tokens cost; needed by `budget.money`. */
  prices?: TokenPrices;
  /** Traces that show how tools are used, before the question; for the planner `rounds`. @default none */
  demonstrations?: TraceDemonstrations;
  /** Is asked before every call of a tool that declares side effects. @default nobody approves */
  approve?: Approve;
  /**
   * Lets the agent ask back, with a tool `ask_person`. The time that a person takes counts: an answer may take an hour, and
   * theirs half of it, unless `budget` says otherwise. @default there is nobody to ask
   */
  person?: AskPerson;
}

/** Why there is no answer, in `providerMetadata.sightline.problem`. */
export type AgentProblem =
  | Problem
  | "no-turns-left"
  | "no-time-left"
  | "no-tokens-left"
  | "no-money-left"
  | "cost-unknown";

/** Seconds for an answer, and for a call of a tool, where a person is asked. */
const patience = { seconds: 3600, toolSeconds: 1800 };

/**
 * Makes the technique that answers with the help of tools.
 * @example
 * const model = equip(visionTools(), { planner: "program" })(await resolveModel("openai:gpt-5"));
 */
export function equip(
  givenTools: readonly Tool[],
  {
    planner: name = "rounds",
    protocol,
    budget: limits = {},
    prices,
    demonstrations,
    approve,
    person,
  }: EquipOptions = {},
): Technique {
  const budget = { ...defaultBudget, ...(person && patience), ...limits };
  const tools = person ? [...givenTools, personTool(person)] : givenTools;
  const planner = findPlanner(name);
  checkNames(tools.map((tool) => tool.name));
  if (limits.money !== undefined && !prices)
    throw new InputError({
      where: "equip",
      rule: "budget.money needs prices",
      got: "none",
      hint: "Say what the model's tokens cost: prices: { inputPerMillion, outputPerMillion }.",
    });
  if (demonstrations && planner.name !== "rounds")
    throw new InputError({
      where: "equip",
      rule: "demonstrations of tool traces are for the planner rounds",
      got: planner.name,
    });
  const settings: JSONObject = {
    planner: planner.name,
    tools: tools.map((tool) => tool.name),
    ...(protocol ? { protocol } : {}),
    budget: { ...limits },
    ...(demonstrations ? { demonstrations: demonstrations.settings } : {}),
  };
  return technique(
    "equip",
    settings,
    async function* (context): AsyncGenerator<LanguageModelV4StreamPart, TechniqueEnd, undefined> {
      const { options, query, capabilities, emit } = context;
      checkNames([...(options.tools ?? []), ...tools].map((tool) => tool.name));
      const place = await demonstrations?.open();
      const time = linkedController(context.signal, budget.seconds * 1000);
      try {
        const { images, prompt } = await nameImages(options.prompt);
        const isNative = (protocol ?? (capabilities.toolCalls ? "native" : "text")) === "native";
        const workbench = createWorkbench({
          tools,
          images,
          budget,
          maxShown: Math.max(
            0,
            (capabilities.maxImages ?? Number.POSITIVE_INFINITY) - images.handles().length,
          ),
          signal: time.signal,
          emit,
          ...(approve ? { approve } : {}),
        });
        const session: Session = {
          query,
          tools,
          images,
          native: planner.offersTools && isNative,
          use: workbench.use,
          signal: time.signal,
          programSeconds: budget.seconds,
        };
        return yield* converse(context, { planner, session, budget, prices, prompt, workbench, place });
      } finally {
        time.abort();
        time.release();
      }
    },
    { imageBytes: true },
  );
}

interface Conversation {
  planner: Planner;
  session: Session;
  budget: Budget;
  prices: TokenPrices | undefined;
  /** The prompt, its pictures named. */
  prompt: LanguageModelV4Prompt;
  workbench: Workbench;
  place: Place | undefined;
}

/** Asks, reads, acts and shows, until there is an answer or the budget is used up. */
async function* converse(
  context: TechniqueContext,
  { planner, session, budget, prices, prompt: question, workbench, place }: Conversation,
): AsyncGenerator<LanguageModelV4StreamPart, TechniqueEnd, undefined> {
  const { options, capabilities, signal, call, emit } = context;
  const known = session.tools.filter(({ name }) => capabilities.taughtTools?.includes(name));
  // Whoever asks for calls as text gets the instructions that go with them.
  const isAsked = session.native || !planner.offersTools;
  const taught = known.length > 0 && isAsked ? planner.taught?.(known) : undefined;
  const frame = taught
    ? { question: options.prompt }
    : { question: asked(question, session), instructions: `${planner.instructions(session)}\n${dataRule}` };
  let prompt = place
    ? await withTraces(frame, { place, session, context, resultCharacters: budget.resultCharacters })
    : instructed(frame);
  const think = createThoughts("equip");
  const read = planner.start(session);
  let mistakes = 0;
  let tokens = 0;
  let money = 0;
  let turn = 0;

  const facts = () => ({ turns: turn, toolCalls: workbench.calls(), mistakes });
  const fail = (problem: AgentProblem): TechniqueEnd => {
    emit("agent-failed", { problem, ...facts() });
    return {
      finishReason: { unified: "other", raw: problem },
      providerMetadata: { sightline: { problem, agent: facts() } },
    };
  };
  const timed = createTimed(session.signal);

  while (turn < budget.turns) {
    turn++;
    // With its last turn a model can only answer.
    const isLast = turn === budget.turns && turn > 1;
    if (isLast && !taught)
      prompt = [...prompt, say('Use no more tools. Answer now, in one line that begins with "Answer:".')];
    const result = await timed(
      call(
        {
          prompt,
          responseFormat: undefined,
          ...(taught && { providerOptions: withLocalOptions(options, taught) }),
          // Providers want the tools of earlier calls to stay declared, also where none may be called any more.
          ...(session.native ? { tools: [...(options.tools ?? []), ...functionTools(session)] } : {}),
          ...(session.native && isLast ? { toolChoice: { type: "none" as const } } : {}),
          ...(planner.stopSequences && !session.native
            ? { stopSequences: [...(options.stopSequences ?? []), ...planner.stopSequences] }
            : {}),
        },
        `turn ${turn}`,
      ),
    );
    if (result === timeUp) return fail("no-time-left");
    tokens += (result.usage.inputTokens.total ?? 0) + (result.usage.outputTokens.total ?? 0);
    if (prices) money += costOfCall(result.usage, prices) ?? Number.NaN;
    const reply = replyOf(result, session);
    emit("turn-read", {
      turn,
      text: reply.text,
      calls: reply.calls.map(({ tool, input }) => ({ tool, input: input ?? null })),
    });
    const move = await timed(isLast ? lastMove(reply) : read(reply));
    signal.throwIfAborted();
    if (move !== timeUp && move.type !== "mistake") yield* think(move.thought ?? "");
    yield* workbench.takeParts();
    if (move === timeUp) return fail("no-time-left");

    if (move.type === "answer" && move.answer.trim() !== "") {
      yield* answerParts(move.answer.trim());
      return {
        finishReason: { unified: "stop", raw: result.finishReason.raw },
        providerMetadata: { sightline: { agent: facts() } },
      };
    }
    const made: Problem[] =
      move.type === "observed"
        ? move.observations.flatMap(({ problem }) => (problem ? [problem] : []))
        : [move.type === "mistake" ? move.problem : "unreadable"];
    for (const problem of made) emit("mistake-made", { turn, problem, count: ++mistakes });
    if (mistakes >= budget.mistakes) return fail(made.at(-1)!);
    if (tokens >= budget.tokens) return fail("no-tokens-left");
    if (budget.money !== Number.POSITIVE_INFINITY && Number.isNaN(money)) return fail("cost-unknown");
    if (money >= budget.money) return fail("no-money-left");

    const said = replyMessage(result.content, move.type === "observed" ? move.kept : undefined);
    if (move.type === "observed")
      prompt = [
        ...prompt,
        said,
        ...observationMessages(taught ? move.observations.map(plainObservation) : move.observations, {
          calls: reply.calls,
          ask: move.ask,
        }),
      ];
    else prompt = [...prompt, said, say(move.type === "mistake" ? move.ask : "The answer is empty.")];
  }
  return fail("no-turns-left");
}

/** The question with what asks for a short answer. */
function asked(question: LanguageModelV4Prompt, { query }: Session): LanguageModelV4Prompt {
  const suffix = answerSuffix(query);
  return suffix === undefined ? question : appendToQuestion(question, suffix);
}

const timeUp: unique symbol = Symbol("time is up");

/** Makes what waits for a promise, but no longer than a signal lasts. */
function createTimed(signal: AbortSignal) {
  const over = new Promise<typeof timeUp>((resolve) => {
    if (signal.aborted) resolve(timeUp);
    else signal.addEventListener("abort", () => resolve(timeUp), { once: true });
  });
  return async <T>(promise: Promise<T>): Promise<T | typeof timeUp> => {
    const heard = promise.catch((error: unknown): typeof timeUp => {
      if (signal.aborted) return timeUp;
      throw error;
    });
    return Promise.race([heard, over]);
  };
}

async function lastMove({ text }: Reply): Promise<Move> {
  const { thought, answer } = splitAnswer(text);
  if (answer !== undefined) return { type: "answer", answer, thought };
  const isBare = text !== "" && !text.includes("\n") && !/[:={}]/.test(text);
  return isBare ? { type: "answer", answer: text } : { type: "mistake", problem: "unreadable", ask: "" };
}

function replyOf({ content, text }: InnerResult, { native }: Session): Reply {
  const calls = content.flatMap((part) => {
    if (!native || part.type !== "tool-call" || part.providerExecuted) return [];
    const input = parseJson(part.input);
    return [{ toolCallId: part.toolCallId, tool: part.toolName, ...(input === undefined ? {} : { input }) }];
  });
  return { text: splitTags(text).text, calls };
}

function functionTools({ tools }: Session): LanguageModelV4FunctionTool[] {
  return tools.map(({ name, description, inputSchema }) => ({
    type: "function",
    name,
    description,
    inputSchema: inputSchema as LanguageModelV4FunctionTool["inputSchema"],
  }));
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new InputError({
    where: "equip",
    rule: "every tool needs a name of its own",
    got: `"${twice}" twice`,
  });
}
