// A technique is a function from a model to a model. This one asks twice, the second time with the picture turned grey,
// and marks an answer that the picture did not change as a guess.
//   node examples/02-own-technique.ts
import { readFile } from "node:fs/promises";
import { generateText } from "ai";
import { hidePictures, resolveModel, technique } from "../src/index.ts";

const markGuesses = technique("mark-guesses", {}, async function* ({ options, call, emit }) {
  const [seen, unseen] = await Promise.all([
    call({}, "seen"),
    call({ prompt: await hidePictures(options.prompt) }, "unseen"),
  ]);
  emit("answers-compared", { seen: seen.text, unseen: unseen.text });
  const delta = seen.text === unseen.text ? `${seen.text} (a guess)` : seen.text;
  yield { type: "text-start", id: "answer" };
  yield { type: "text-delta", id: "answer", delta };
  yield { type: "text-end", id: "answer" };
});

const { text } = await generateText({
  model: markGuesses(await resolveModel("tiny")),
  messages: [
    {
      role: "user",
      content: [
        {
          type: "file",
          mediaType: "image/png",
          data: await readFile(new URL("./sign.png", import.meta.url)),
        },
        { type: "text", text: "What does the sign say?" },
      ],
    },
  ],
});
console.log(text);
