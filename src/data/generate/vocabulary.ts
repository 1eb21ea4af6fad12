// Names of things that a text may speak of, with their kinds: those of COCO, of the generated world, and the labels of
// the data at hand. A name that is in none of them cannot be found in a text.
import { concepts } from "../scenes/concepts.ts";

/** COCO's 80 categories by supercategory (Lin et al. 2014). */
const coco: Record<string, string> = {
  person: "person",
  vehicle: "bicycle,car,motorcycle,airplane,bus,train,truck,boat",
  outdoor: "traffic light,fire hydrant,stop sign,parking meter,bench",
  animal: "bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe",
  accessory: "backpack,umbrella,handbag,tie,suitcase",
  sports:
    "frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket",
  kitchen: "bottle,wine glass,cup,fork,knife,spoon,bowl",
  food: "banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake",
  furniture: "chair,couch,potted plant,bed,dining table,toilet",
  electronic: "tv,laptop,mouse,remote,keyboard,cell phone",
  appliance: "microwave,oven,toaster,sink,refrigerator",
  indoor: "book,clock,vase,scissors,teddy bear,hair drier,toothbrush",
};
const irregular: Record<string, string> = {
  person: "people",
  mouse: "mice",
  knife: "knives",
  leaf: "leaves",
  wolf: "wolves",
  goose: "geese",
  fish: "fish",
  sheep: "sheep",
  skis: "skis",
  scissors: "scissors",
};

/** What a run of words names. */
export type Named = { type: "thing"; name: string } | { type: "kind"; name: string };

export interface Vocabulary {
  /** Longest name that starts at a word. */
  at(words: readonly string[], start: number): { named: Named; length: number } | undefined;
  /** Kinds that a thing is of; empty when nobody said. */
  kindsOf(name: string): ReadonlySet<string>;
}

/** Makes the vocabulary of a data set from the labels of its pictures. */
export function createVocabulary(labels: Iterable<string>): Vocabulary {
  const names = new Map<string, Named>();
  const kinds = new Map<string, Set<string>>();
  const add = (named: Named, plural = irregular[named.name] ?? pluralOf(named.name)) => {
    for (const form of [named.name, plural]) {
      if (!names.has(form)) names.set(form, named);
    }
  };
  const addThing = (name: string, kind?: string, plural?: string) => {
    add({ type: "thing", name }, plural);
    if (kind) kinds.set(name, (kinds.get(name) ?? new Set()).add(kind));
  };
  // A name that is also a kind ("bird") is a kind: a penguin is one.
  for (const name of [...concepts.map(({ category }) => category), ...Object.keys(coco)])
    add({ type: "kind", name });
  for (const { name, category, plural } of concepts) addThing(name, category, plural);
  for (const [kind, row] of Object.entries(coco)) for (const name of row.split(",")) addThing(name, kind);
  // A label in capitals is a word that is written in the picture, such as STOP.
  for (const label of labels) if (!/^[A-Z]{3,}$/.test(label)) addThing(label.toLowerCase());
  const longest = Math.max(...[...names.keys()].map((name) => name.split(" ").length));
  return {
    at(words, start) {
      for (let length = Math.min(longest, words.length - start); length > 0; length--) {
        const named = names.get(words.slice(start, start + length).join(" "));
        if (named) return { named, length };
      }
      return undefined;
    },
    kindsOf: (name) => kinds.get(name) ?? new Set(),
  };
}

function pluralOf(name: string): string {
  if (/(?:s|x|z|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}
