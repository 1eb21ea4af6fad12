import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { patternPicture } from "../icl/testing.ts";
import { mockModel } from "../testing/mock-model.ts";
import { createResources } from "./technique-resources.ts";
import { parseTechnique } from "./techniques.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-resources-"));
  file = path.join(folder, "labelled.jsonl");
  const lines: string[] = [];
  for (let i = 0; i < 6; i++) {
    await writeFile(path.join(folder, `${i}.png`), await patternPicture(i));
    const input = [{ type: "image", source: `${i}.png` }];
    lines.push(JSON.stringify({ id: `d${i}`, instruction: `Which is ${i}?`, input, response: `${i}` }));
  }
  await writeFile(file, `${lines.join("\n")}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

const call = {
  prompt: [{ role: "user" as const, content: [{ type: "text" as const, text: "Which is 3?" }] }],
};

test("techniques with the same resources share one opened set of demonstrations for each dataset and encoder", async () => {
  const resources = createResources();
  const one = await resources.openDemonstrations({ from: file, encoder: "tiny" });
  expect(await resources.openDemonstrations({ from: file, encoder: "tiny" })).toBe(one);
  const apart = { count: 2, seed: 0 };
  const other = await resources.openDemonstrations({ from: file, encoder: "tiny", apart });
  expect(other.pool.samples).toHaveLength(4);
  expect((await one.pool.index()).encoder).toBe((await other.pool.index()).encoder);

  // A file that is gone after the first column has read it shows that the second does not read it again.
  const model = mockModel("3");
  const shared = createResources();
  const spec = (select: string) => `show(from="${file}", k=2, select=${select})`;
  await parseTechnique(spec("text"), shared).technique(model).doGenerate(call);
  await rm(file);
  await parseTechnique(spec("fixed"), shared).technique(model).doGenerate(call);
  expect(model.calls.map(({ prompt }) => prompt.length)).toEqual([5, 5]);
  await expect(parseTechnique(spec("fixed")).technique(model).doGenerate(call)).rejects.toThrow(
    "does not exist",
  );
});

test("a model that several techniques name is opened once, by the first question", async () => {
  const opened: string[] = [];
  const second = mockModel("a ball");
  const resources = createResources({
    openModel: async (name) => {
      opened.push(name);
      return second;
    },
  });
  const model = mockModel("Answer: a ball");
  const spec = "expert(by=tiny) best-of(n=2, by=tiny) reason";
  const techniques = [spec, "decompose(style=ddcot, by=tiny)", "equip(by=tiny)"].map((text) =>
    parseTechnique(text, resources).technique(model),
  );
  expect(opened).toEqual([]);
  for (const technique of techniques) await technique.doGenerate(call);
  expect(opened).toEqual(["tiny"]);
  expect(second.calls.length).toBeGreaterThan(1);
});

test("an agent is shown tool traces of a dataset; pictures of the traces need not be there", async () => {
  const traces = path.join(folder, "traces.jsonl");
  const lines = ["owl", "cup"].map((name) =>
    JSON.stringify({
      ...{ id: name, instruction: `Find the ${name}.`, input: [{ type: "image", source: "gone.png" }] },
      response: `Thought: Do I need to use a tool? Yes\nAction: detect\nAction Input: <image>, ${name}`,
    }),
  );
  await writeFile(traces, `${lines.join("\n")}\n`);
  const model = mockModel("Answer: there", { capabilities: { toolCalls: false } });
  const ask = (spec: string) =>
    parseTechnique(spec)
      .technique(model)
      .doGenerate({ prompt: [{ role: "user", content: [{ type: "text", text: "Find the cup!" }] }] });
  await ask(`equip(demonstrations="${traces}", shots=1)`);
  expect(model.calls[0]!.prompt.slice(1, -1).map(({ content }) => content)).toEqual([
    [{ type: "text", text: "image_1: (not shown)\nFind the cup." }],
    [{ type: "text", text: 'Action: detect\nAction Input: {"image":"image_1","name":"cup"}' }],
  ]);
  await expect(ask(`equip(demonstrations="${traces}", shots=3)`)).rejects.toThrow(
    "equip: shots must be a whole number from 0 to 2, the number of demonstrations, got 3.",
  );
  expect(() => parseTechnique("equip(shots=2)")).toThrow(
    "equip: shots, encoder and store are for demonstrations",
  );
});

test("what is wrong with demonstrations is found before anything is asked", async () => {
  const check = async (spec: string) => {
    const resources = createResources();
    parseTechnique(spec, resources);
    await resources.ready();
  };
  await expect(check(`show(from="${folder}/nothing.jsonl")`)).rejects.toThrow("does not exist");
  await expect(check("show(from=scenes:demo, k=64)")).resolves.toBeUndefined();
  const one = path.join(folder, "one.jsonl");
  await writeFile(one, `${JSON.stringify({ id: "a", instruction: "Is it?", input: [], response: "yes" })}\n`);
  await expect(check(`show(from="${one}", k=2)`)).rejects.toThrow("k must be a whole number from 0 to 1");
  await expect(check(`equip(demonstrations="${one}", shots=2)`)).rejects.toThrow("from 0 to 1");
});

test("a password in the address of a store is refused, since a spec stands in reports", () => {
  for (const spec of ["show(from=a, STORE)", "equip(demonstrations=a, STORE)"]) {
    const withStore = (url: string) => spec.replace("STORE", `store="${url}"`);
    expect(() => parseTechnique(withStore("postgres://me:secret@host/db"))).toThrow(
      "set the variable PGPASSWORD",
    );
    expect(() => parseTechnique(withStore("postgres://me@host:5432/db"))).not.toThrow();
  }
});
