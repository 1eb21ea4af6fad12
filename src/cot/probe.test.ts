import { expect, test } from "vitest";
import { decodeImage, encodePng } from "../media/index.ts";
import { textOf, traceEvents } from "../model/index.ts";
import { type MockScript, mockModel } from "../testing/mock-model.ts";
import { type ProbeOptions, probe } from "./probe.ts";
import { reason } from "./reason.ts";

const picture = async (value: number) => ({
  type: "file" as const,
  mediaType: "image/png",
  data: { type: "data" as const, data: await encodePng(new Uint8Array(12).fill(value), 2, 2) },
});

async function ask(script: MockScript, options: ProbeOptions = {}) {
  const model = mockModel(script);
  const { content, providerMetadata } = await probe(options)(reason({ retries: 0 })(model)).doGenerate({
    prompt: [{ role: "user", content: [await picture(9), { type: "text", text: "How many?" }] }],
  });
  const events = traceEvents(content);
  const probed = events.filter(({ type }) => type === "answer-probed").map(({ data }) => data!);
  return { text: textOf(content), events, probed, model, sightline: providerMetadata!.sightline! };
}

const greyOf = async (call: { prompt: unknown }) => {
  const [{ content }] = call.prompt as [{ content: { data?: { data: Uint8Array } }[] }];
  return (await decodeImage(content[0]!.data!.data)).pixels[0];
};

test("each probe changes one thing, and its answer is compared with the first", async () => {
  const other = await picture(200);
  const replies = ["2 cats left. So 2.\nAnswer: 2", "two", "2", "5", "4", "3", "2", "0"];
  const { text, probed, model, sightline } = await ask(replies, { otherPictures: async () => [other] });
  expect(text).toBe("2");
  expect(probed).toEqual([
    { probe: "same", answer: "two", changed: false },
    { probe: "blank", answer: "2", changed: false },
    { probe: "swapped", answer: "5", changed: true },
    { probe: "truncated", answer: "4", changed: true },
    { probe: "corrupted", answer: "3", changed: true },
    { probe: "paraphrased", answer: "2", changed: false },
    { probe: "filler", answer: "0", changed: true },
  ]);
  expect(await Promise.all(model.calls.map(greyOf))).toEqual([9, 9, 128, 200, 9, 9, 9, 9]);
  const given = model.calls.slice(1).map(({ providerOptions }) => providerOptions!.sightline!.rationale);
  expect(given).toEqual([
    ...Array(3).fill("2 cats left. So 2."),
    "2 cats left.",
    "3 cats right. So 3.",
    "Put another way: two cats left. Therefore two.",
    ". .... ..... .. ..",
  ]);
  expect(sightline).toMatchObject({ calls: 8 });
});

test("what does not apply is left out", async () => {
  const { probed } = await ask(["A red ball.\nAnswer: red", ...Array(5).fill("red")]);
  expect(probed.map(({ probe }) => probe)).toEqual(["same", "blank", "truncated", "paraphrased", "filler"]);
});

test("an answer without a rationale, or none at all, is not probed", async () => {
  const skipped = async (reply: string) =>
    (await ask([reply])).events.find(({ type }) => type === "probe-skipped")?.data;
  expect(await skipped("Answer: 2")).toEqual({ why: "no rationale" });
  expect(await skipped("I see two cats.")).toEqual({ why: "no-answer" });
});

test("a model that writes rationales by itself is told to", async () => {
  const model = mockModel({ reasoning: "cat: 1 a1.", text: "1" }, { capabilities: { rationales: true } });
  const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "How many?" }] }];
  await probe()(model).doGenerate({ prompt });
  expect(model.calls.map(({ providerOptions }) => providerOptions!.sightline!.rationale)).toEqual([
    ...[true, "cat: 1 a1.", "cat:", "cat: 2 a1.", "Put another way: cat: one a1.", ".... . ..."],
  ]);
});
