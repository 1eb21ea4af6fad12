// The things that the generated world can show. A row of the table is a category and its concepts; a concept is
// written `name`, or `name=icon` where the icon has another name, or `name/plural` where the plural is irregular.
// Words of a name are joined by `_`. Concepts whose pictures a person could mix up were left out on purpose
// (lime beside lemon, tomato beside apple, ambulance beside truck, sandal beside heel).

/** Something that can be drawn, named and counted. */
export interface Concept {
  name: string;
  plural: string;
  article: "a" | "an";
  category: string;
  /** Name of its icon in all four icon sets. */
  icon: string;
}

const table: Record<string, string> = {
  animal:
    "dog cat horse pig lion elephant giraffe zebra rabbit panda monkey frog turtle snake camel=two-hump-camel squirrel/squirrels=chipmunk",
  bird: "owl penguin duck parrot flamingo peacock rooster chick=front-facing-baby-chick",
  "sea animal": "whale=spouting-whale dolphin shark octopus/octopuses crab lobster jellyfish fish",
  bug: "bee=honeybee butterfly ant spider ladybug=lady-beetle snail caterpillar=bug scorpion",
  fruit:
    "apple=red-apple banana pear lemon orange=tangerine pineapple strawberry watermelon kiwi=kiwi-fruit coconut",
  vegetable:
    "carrot corn=ear-of-corn broccoli eggplant onion pepper=bell-pepper cucumber mushroom lettuce=leafy-green",
  food: "pizza hamburger hot_dog taco egg pretzel croissant cookie donut=doughnut cake=shortcake cupcake lollipop ice_cream=soft-ice-cream",
  drink:
    "coffee=hot-beverage beer=beer-mug cocktail=cocktail-glass wine=wine-glass juice=beverage-box soda=cup-with-straw champagne=bottle-with-popping-cork",
  vehicle:
    "car=automobile bus truck=delivery-truck tractor bicycle motorcycle train=locomotive airplane helicopter rocket sailboat ship",
  clothing:
    "shirt=t-shirt dress scarf/scarves hat=top-hat cap=billed-cap crown shoe=running-shoe boot=womans-boot heel=high-heeled-shoe kimono bikini",
  instrument: "guitar violin trumpet saxophone drum accordion piano=musical-keyboard banjo",
  "sports item":
    "soccer_ball basketball baseball football=american-football boxing_glove skateboard trophy medal=sports-medal racket=badminton target=bullseye",
  tool: "hammer wrench saw=carpentry-saw axe ladder magnet toolbox paintbrush ruler=straight-ruler pencil broom",
  "household item":
    "chair bed bathtub toilet door window candle clock=alarm-clock umbrella key lock=locked book=closed-book teapot",
  device: "phone=mobile-phone laptop camera television radio battery flashlight joystick light_bulb robot",
  plant:
    "cactus/cactuses rose tulip sunflower tree=deciduous-tree pine=evergreen-tree palm=palm-tree clover=four-leaf-clover leaf/leaves=maple-leaf",
  building: "house castle church factory tent hut tower=tokyo-tower hospital temple=classical-building",
  nature:
    "sun moon=crescent-moon star cloud rainbow planet=ringed-planet snowflake volcano/volcanoes mountain=snow-capped-mountain fire drop=droplet",
};

/** Every concept, in a fixed order: its place in this list is its class in dense grounding. */
export const concepts: readonly Concept[] = Object.entries(table).flatMap(([category, row]) =>
  row.split(" ").map((entry) => parseConcept(entry, category)),
);

/** The categories, in table order. */
export const categories: readonly string[] = Object.keys(table);

const byName = new Map(concepts.map((concept, index) => [concept.name, index]));

/** Index of the concept of this singular name; undefined when there is none. */
export function conceptIndex(name: string): number | undefined {
  return byName.get(name);
}

function parseConcept(entry: string, category: string): Concept {
  const [words, icon] = entry.split("=") as [string, string | undefined];
  const [singular, plural] = words.split("/") as [string, string | undefined];
  const name = singular.replaceAll("_", " ");
  return {
    name,
    plural: plural?.replaceAll("_", " ") ?? pluralOf(name),
    article: /^[aeiou]/.test(name) ? "an" : "a",
    category,
    icon: icon ?? singular.replaceAll("_", "-"),
  };
}

function pluralOf(name: string): string {
  if (/(s|x|ch|sh)$/.test(name)) return name === "fish" || name === "jellyfish" ? name : `${name}es`;
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return `${name}s`;
}
