// The generated world as a dataset in memory: Samples whose pictures are data URLs.
import { encodePng } from "../../media/png.ts";
import type { AnswerType, ImagePart, Region, Sample, Turn } from "../../spec/index.ts";
import { contentHash } from "../../util/hash.ts";
import { chooseQuestions, type SceneSet } from "./choose-questions.ts";
import { concepts } from "./concepts.ts";
import { loadWorld } from "./load-world.ts";
import { programOf, rationaleOf } from "./program.ts";
import type { SceneQuestion, SceneType } from "./questions.ts";
import type { Scene } from "./scene.ts";
import { type ArtSet, stylesOf } from "./splits.ts";
import type { World } from "./world.ts";

const answerTypes: Record<SceneType, AnswerType> = {
  existence: "yes-no",
  naming: "short",
  counting: "number",
  position: "short",
  category: "short",
  reading: "short",
  comparison: "short",
  caption: "caption",
  absent: "short",
  steps: "number",
  names: "short",
  groups: "short",
  where: "free",
  place: "short",
  "dialogue-position": "short",
  "dialogue-category": "short",
  "dialogue-counting": "number",
  "dialogue-total": "number",
  "dialogue-comparison": "short",
  "chart-value": "number",
  "chart-extreme": "short",
  "chart-difference": "number",
  "chart-total": "number",
  "chart-higher": "short",
  "chart-above": "number",
};

const licenses: Record<ArtSet, string> = {
  noto: "Apache-2.0",
  twemoji: "CC-BY-4.0",
  "fluent-emoji-flat": "MIT",
  openmoji: "CC-BY-SA-4.0",
  "noto-v1": "Apache-2.0",
  emojione: "CC-BY-4.0",
  fxemoji: "Apache-2.0",
  "streamline-emojis": "CC-BY-4.0",
  "fluent-emoji-high-contrast": "MIT",
  "emojione-monotone": "CC-BY-4.0",
  "game-icons": "CC-BY-3.0",
  mdi: "Apache-2.0",
  hugeicons: "MIT",
  "icon-park": "Apache-2.0",
  lucide: "ISC",
  ph: "MIT",
  tabler: "MIT",
  "fa6-solid": "CC-BY-4.0",
};

/** Makes the Samples of a split; `scenes:test` is `{ split: "test" }`. The same set has the same Samples everywhere.
 * A world that is loaded already (with the styles of the split) saves a second or two. */
export async function sceneSamples(set: SceneSet, { world }: { world?: World } = {}): Promise<Sample[]> {
  const atlas = world ?? (await loadWorldOf(set));
  const samples: Sample[] = [];
  for (const { scene, questions } of chooseQuestions(atlas, set)) {
    const png = await encodeScene(scene);
    const source = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
    for (const question of questions) samples.push(toSample(scene, question, source, contentHash(png)));
  }
  return samples;
}

/** Loads what a split needs and no more. */
export function loadWorldOf({ split, family }: SceneSet): Promise<World> {
  if (family === "charts") return loadWorld({ styles: [] });
  return loadWorld({ styles: stylesOf(split), practice: split === "train" });
}

/** The picture of a scene as a PNG file. */
export function encodeScene(scene: Scene): Promise<Uint8Array> {
  return encodePng(scene.pixels, scene.size, scene.size, 3);
}

/** Names a picture: the group of its Samples and the stem of its file. */
export function sceneName({
  split,
  look,
  seed,
  index,
}: Pick<Scene, "split" | "look" | "seed" | "index">): string {
  const set = look === "standard" ? split : `${split}-${look}`;
  return `${set}-${seed}-${String(index).padStart(5, "0")}`;
}

/** Writes a question about a scene as a Sample whose picture is at `source`. */
export function toSample(scene: Scene, question: SceneQuestion, source: string, hash: string): Sample {
  const regions: Region[] = scene.objects.map(({ concept, box }) => ({
    label: concepts[concept]!.name,
    box,
  }));
  if (scene.word) regions.push({ label: scene.word.text, box: scene.word.box });
  for (const { series, label, box } of scene.chart?.marks ?? [])
    regions.push({ label: series === undefined ? label : `${series} ${label}`, box });
  // What scores boxes looks at the first region.
  const { box: asked } = question;
  if (asked) regions.sort((a, b) => Number(b.box === asked) - Number(a.box === asked));
  const group = sceneName(scene);
  // Made-up names and groups follow from other pictures, not from steps on this one.
  const followsFromPicture = question.type !== "names" && question.type !== "groups";
  const image: ImagePart = {
    ...{ type: "image", source, hash, mediaType: "image/png", width: scene.size, height: scene.size },
  };
  return {
    id: `${group}-${question.type}`,
    group,
    ...(question.earlier && { turns: turnsOf(question.earlier, image) }),
    instruction: question.question,
    input: question.earlier ? [] : [image],
    response: question.answer,
    answers: question.answers ?? [question.answer],
    answerType: answerTypes[question.type],
    type: question.type,
    regions,
    ...(followsFromPicture && { rationale: rationaleOf(question, scene) }),
    provenance: {
      dataset: "scenes",
      split: scene.split,
      seed: scene.seed,
      ...(scene.objects.length > 0 && {
        license: [...new Set(scene.objects.map(({ style }) => licenses[style]))].sort().join(" AND "),
      }),
    },
    ...(followsFromPicture && {
      extra: {
        ...(question.objects && { objects: question.objects }),
        ...(question.inFull && { inFull: question.inFull }),
        program: programOf(question),
      },
    }),
  };
}

/** The conversation so far; the picture comes with its first question. */
function turnsOf(earlier: NonNullable<SceneQuestion["earlier"]>, image: ImagePart): Turn[] {
  return earlier.flatMap(({ question, answer }, i): Turn[] => [
    { role: "user", content: [...(i === 0 ? [image] : []), { type: "text", text: question }] },
    { role: "assistant", content: [{ type: "text", text: answer }] },
  ]);
}
