// Asks the bundled model about a picture, through the AI SDK.
//   node examples/01-ask.ts
import { readFile } from "node:fs/promises";
import { generateText } from "ai";
import { direct, resolveModel } from "../src/index.ts";

const model = direct()(await resolveModel("tiny"));
const picture = await readFile(new URL("./picnic.png", import.meta.url));

for (const question of [
  "Describe the picture.",
  "How many apples are there?",
  "Is there a cat in the picture?",
]) {
  const { text } = await generateText({
    model,
    messages: [
      {
        role: "user",
        content: [
          { type: "file", mediaType: "image/png", data: picture },
          { type: "text", text: question },
        ],
      },
    ],
  });
  console.log(`${question} ${text}`);
}
