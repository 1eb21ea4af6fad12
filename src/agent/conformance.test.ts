// Every technique of this room against the checks that all techniques must pass.
import { scriptedMock, scriptedServer } from "../testing/conformance-models.ts";
import { describeTechnique } from "../testing/technique-conformance.ts";
import { equip, lure, point, refine, woodpecker } from "./index.ts";
import { scriptedTools } from "./testing.ts";

const models = [scriptedMock, scriptedServer];

describeTechnique("equip in rounds", equip(scriptedTools()), { models });
describeTechnique("equip in rounds, looking first", equip(scriptedTools(), { protocol: "text" }), {
  models,
  answer: (index) =>
    index % 2 === 0
      ? 'Action: crop\nAction Input: {"image": "image_1", "box": [0, 0, 2, 2]}'
      : "Answer: a red ball",
});

describeTechnique("equip with a plan", equip(scriptedTools(), { planner: "plan" }), {
  models,
  answer: (index) =>
    index % 2 === 0
      ? '{"steps": [{"id": "a", "tool": "ocr", "input": {"image": "image_1"}}]}'
      : "Answer: a red ball",
});
describeTechnique("equip with a program", equip(scriptedTools(), { planner: "program" }), {
  models,
  answer: () => "T=ocr(image=IMAGE)\nRESULT(var='a red ball')",
});
describeTechnique("equip in a dialogue", equip(scriptedTools(), { planner: "dialogue" }), {
  models,
  answer: (index) => (index % 2 === 0 ? "Question: What is it?" : "Answer: a red ball"),
});

const detector = {
  name: "script",
  vocabulary: async () => ["ball", "owl"],
  detect: async () => [{ name: "ball", box: [0, 0, 2, 2] as [number, number, number, number], score: 1 }],
};
describeTechnique("woodpecker", woodpecker({ detector }), { models });
describeTechnique("lure", lure({ detector }), { models });
describeTechnique("refine", refine(), { models });
describeTechnique("point", point({ box: [0, 0, 1, 1] }, { show: "mark" }), { models });
