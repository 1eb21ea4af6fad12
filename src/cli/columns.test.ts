import { expect, test } from "vitest";
import { createImageLoader } from "../eval/index.ts";
import { patternPicture } from "../icl/testing.ts";
import { toDataUrl } from "../media/index.ts";
import type { Sample } from "../spec/index.ts";
import { createResponseCache, openStore } from "../store/index.ts";
import { startOpenAiServer } from "../testing/openai-server.ts";
import { createColumns } from "./columns.ts";
import type { MeasureOptions } from "./measure-options.ts";

test("a second model has the cache and the retries of the first, and is opened once for all columns", async () => {
  await using first = await startOpenAiServer(() => "Answer: 2");
  await using second = await startOpenAiServer((_, i) =>
    i === 0 ? { status: 503, headers: { "retry-after": "0" } } : "two red balls",
  );
  const store = await openStore(":memory:");
  const responses = createResponseCache(store);
  const source = toDataUrl(await patternPicture(1), "image/png");
  const sample: Sample = {
    id: "a",
    instruction: "How many balls are there?",
    input: [{ type: "image", source }],
    response: "2",
    answerType: "number",
  };
  const options = {
    model: [`${first.url}#one`],
    ...{ seed: 0, temperature: 0, repeat: 1, timeout: 30, maxTokens: 50, cache: true },
  } as MeasureOptions;
  const by = `"${second.url}#two"`;
  const columns = await createColumns([sample], options, {
    techniques: [`expert(by=${by}) reason`, `expert(by=${by}) direct`, `expert(by=${by}) reason(stages=2)`],
    controls: [],
    loadImage: createImageLoader({ baseDir: "." }),
    responses,
  });
  const texts: string[] = [];
  for (const { column } of columns) {
    texts.push((await column.answer(sample)).text);
    await responses.flush();
  }
  expect(texts[0]).toBe("2");
  // Refused once, asked again, and remembered for the other columns.
  expect(second.requests).toHaveLength(2);
  expect(JSON.stringify(first.requests[0]!.body.messages)).toContain("The picture shows: two red balls");
  expect(first.requests.every(({ images }) => images.length === 0)).toBe(true);
  await store.close();
});
