import { expect, test } from "vitest";
import { textOf, traceEvents } from "../model/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { describeBy, expert } from "./expert.ts";
import { reason } from "./reason.ts";

const picture = (value: number) => ({
  type: "file" as const,
  mediaType: "image/png",
  data: { type: "data" as const, data: new Uint8Array([value]) },
});
const ask = (...pictures: number[]) => ({
  prompt: [
    {
      role: "user" as const,
      content: [...pictures.map(picture), { type: "text" as const, text: "How many?" }],
    },
  ],
});

test("a text-only model reads what the expert says, in the places of the pictures", async () => {
  const model = mockModel("3");
  const seen: unknown[] = [];
  const describe = async ({ data }: { data: unknown }) => {
    seen.push(data);
    return ` ${seen.length} cats `;
  };
  const { content } = await expert({ describe })(model).doGenerate(ask(1, 2));
  expect(textOf(content)).toBe("3");
  expect(model.calls.map(({ prompt }) => prompt)).toEqual([
    [
      {
        role: "user",
        content: [
          { type: "text", text: "Picture 1 shows: 1 cats" },
          { type: "text", text: "Picture 2 shows: 2 cats" },
          { type: "text", text: "How many?" },
        ],
      },
    ],
  ]);
  expect(seen).toEqual([picture(1).data, picture(2).data]);
});

test("another model describes once for everything inside, and its tokens are told apart", async () => {
  const eyes = mockModel("two cats");
  const model = mockModel(["One, two.", "2"]);
  const { content, usage, providerMetadata } = await expert({ describe: describeBy(async () => eyes) })(
    reason({ stages: 2 })(model),
  ).doGenerate(ask(1));
  expect(textOf(content)).toBe("2");
  expect(eyes.calls).toHaveLength(1);
  expect(
    model.calls.every(({ prompt }) => JSON.stringify(prompt).includes("The picture shows: two cats")),
  ).toBe(true);
  expect(traceEvents(content).find(({ type }) => type === "model-asked")!.data).toEqual({
    ...{ label: "describe", model: "mock", text: "two cats", inputTokens: 3, outputTokens: 2 },
  });
  expect(providerMetadata!.sightline!.calls).toBe(2);
  expect(usage.outputTokens.total).toBe(3);
});

test("without an expert the model describes for itself", async () => {
  const model = mockModel(["two cats", "2"]);
  const { providerMetadata } = await expert({ request: "List the animals." })(model).doGenerate(ask(1));
  expect(JSON.stringify(model.calls[0]!.prompt)).toContain("List the animals.");
  expect(JSON.stringify(model.calls[1]!.prompt)).not.toContain('"file"');
  expect(providerMetadata!.sightline!.calls).toBe(2);
});

test("a question without pictures passes through", async () => {
  const model = mockModel("3");
  await expert()(model).doGenerate(ask());
  expect(model.calls.map(({ prompt }) => prompt)).toEqual([ask().prompt]);
});
