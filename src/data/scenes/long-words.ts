// Long words that signs can say: common English words of seven to twelve letters, dealt to the splits as the short ones are.
import type { Rng } from "../../util/rng.ts";
import { type SceneSplit, wordSplit } from "./splits.ts";
import { drawLetters, drawPronounceable } from "./words.ts";

const text = `
absolute academy accident accordion account achieve acrobat activity address adhesive admiral adventure afternoon airline
airplane airport alchemist almanac alphabet aluminum amateur amazing ambulance amusement analysis ancestor ancient animation
anniversary announce antelope antenna antique anything apartment apology appetite applause appliance apprentice apricot
aquarium architect argument arrival artichoke article artist assembly assistant asteroid astronaut athletic atmosphere
attention attitude audience authority autograph automatic avocado background backpack bacteria badminton balance balcony
ballerina balloon bandage banquet barbecue bargain barrier baseball basement basketball bathroom battery battleship beautiful
bedroom beehive beginner behavior benefit beverage bicycle billboard biology birthday biscuit blackboard blanket blossom
blueberry blueprint boomerang bookcase bookshop boulevard boundary bracelet breakfast briefcase brilliant broadcast broccoli
brother buffalo building bulletin butterfly cabbage cafeteria calculator calendar camouflage campfire candidate capital
captain caramel cardboard carnival carpenter carriage cartoon cashier casserole cathedral cauliflower celebrate cellar
century ceramic ceremony certificate champion chandelier channel chapter character charcoal charity chemical chemistry
chimney chipmunk chocolate choreography cinnamon circular civilian clarinet classical classroom climate clockwork coastline
cockpit coconut collection college colorful comfortable commander committee community companion company comparison compass
complete composer computer concert concrete condition confidence congress connection conservation construction container
continent contract convention conversation cookbook cooperation corridor costume cottage council counter courage courtyard
cracker creation creature cricket criminal crocodile crossroad crossword cucumber culture cupboard curtain cushion customer
cyclone cylinder daffodil dancing darkness database daughter daylight decision decorate delicious delivery democracy
department departure dialogue diamond dictionary difference difficult dinosaur diploma director disaster discovery discount
distance document dolphin doorbell doorway dragonfly driveway dumpling earring earthquake eclipse economy education election
electric elephant elevator embassy emerald emergency emotion employee encyclopedia energetic engineer entrance envelope
equation equator evening everything evidence examination example excellent exchange exercise exhibition expedition experience
experiment explorer explosion expression extension factory fairytale fantastic fashion favorite feather feature festival
fiction fireplace firework fisherman flamingo flashlight flexible florist flowerpot football footprint forecast forever
fortune foundation fountain fragment freedom freezer frequency friendship furniture gallery gardener gasoline generation
generous geography geometry giraffe goldfish government graduate grapefruit gravity greenhouse grocery guardian gymnasium
hairdresser halloween hamburger handbook handmade handwriting happiness hardware harmony harvest headline headphone
helicopter heritage highway historian holiday homework honeycomb horizon hospital household housewife hurricane identity
imagination important impression independent industry information ingredient innovation inspector instrument insurance
interest interview invention invisible invitation iceberg journey journalist judgment junction justice kangaroo keyboard
kilometer kindness kingdom kitchen knowledge laboratory landmark landscape language lantern laundry lavender lawyer
leadership leather lecture lemonade leopard liberty library license lifeboat lighthouse lightning limestone literature
lobster location locomotive luggage lullaby luxury machinery magazine magician magnolia mailbox majority manager mandarin
mansion manuscript marathon marmalade marriage masterpiece mathematics mattress mechanic medicine melody memorial merchant
mermaid message meteorite microphone microscope midnight migration military minister miracle missile mistake mixture
moisture molecule monument moonlight mosquito motorcycle mountain movement multiply muscle museum mushroom musician mustard
mystery national navigation necklace neighbor nephew network newspaper nightingale nomination northern nostalgia notebook
nothing nursery nutrition obstacle occasion octopus official omelette operation opinion opponent orchard orchestra ordinary
organic original ornament ostrich outdoors outside overcoat painting palette pancake paradise paragraph parallel parking
parliament partner passage passenger passport pastry patience pattern pavement payment peacock pebble pedestrian pelican
penguin peninsula percent performance perfume permission personal petroleum pharmacy philosophy photograph physical pianist
picture pigeon pilgrim pineapple pioneer pizzeria planetarium plastic platform playground pleasure plumber pocketbook poetry
policeman politics pollution popcorn population porcelain portrait position positive possible postcard pottery powerful
practice prairie precious prediction president pressure pretzel prevention princess principal printer prisoner problem
production professor program project promise property protection pumpkin puppeteer purchase pyramid quality quantity quarter
question quotation raccoon railroad rainbow rainfall raspberry reaction reality rebellion reception recipe recording
rectangle recycle reference reflection refrigerator regular relation remember renaissance republic reptile reservation
residence resource restaurant reunion revolution rhinoceros rhythm romantic rooster routine runaway sandwich satellite
saturday saucepan sausage saxophone scarecrow schedule scholar scientist scissors scooter scorpion scratch sculpture seafood
seashell seasonal secretary security selection semester sentence separate september serenade sergeant service shadow
shampoo shelter shepherd shipyard shoulder shutter sidewalk signature silence silhouette simplicity singer situation
skateboard skeleton skyscraper snowball snowflake society software soldier solution something souvenir spaceship spaghetti
specialist spectacle spinach splendid spotlight squirrel stadium staircase statement station stationery steamboat stomach
storage strategy strawberry structure student submarine subtitle subway suggestion suitcase sunflower sunlight sunrise
supermarket surface surgeon surprise suspense sweater swimming symbol symphony synagogue talented tambourine tangerine
tapestry teacher teamwork technology telegraph telephone telescope television temperature terminal territory textbook
theater theory thermometer thousand thunder thursday together tomorrow toothbrush toothpaste tornado tortoise tourist
tractor tradition traffic translation transport traveler treasure treatment triangle triumph tropical trumpet tuesday
turquoise twilight typewriter umbrella uniform universe university upstairs vacation vaccine vanilla variable vegetable
vehicle vending veranda vertical victory village vineyard visitor vitamin volcano volunteer voyage waffle waiter wardrobe
warehouse warranty waterfall watermelon weather website wedding wednesday weekend welcome wheelchair whisper wildlife
windmill window wireless wisdom witness woodpecker workshop worldwide writing xylophone yesterday zeppelin`;

/** The long words, upper case, in alphabetical order, without doubles. */
export const longWords: readonly string[] = [
  ...new Set(
    text
      .split(/\s+/)
      .filter((word) => word.length >= 7 && word.length <= 12)
      .map((word) => word.toUpperCase()),
  ),
].sort();

const bySplit: Record<"train" | "val" | "test", string[]> = { train: [], val: [], test: [] };
for (const word of longWords) bySplit[wordSplit(word)].push(word);
const heldOut = new Set([...bySplit.val, ...bySplit.test]);

/** The long words that signs of a split may say. */
export function longWordsOf(split: SceneSplit): readonly string[] {
  return bySplit[split === "test-style" ? "test" : split];
}

/** Draws a long word for a sign; training also gets made-up strings. */
export function drawLongWord(split: SceneSplit, rng: Rng): string {
  if (split !== "train" || rng.chance(0.35)) return rng.pick(longWordsOf(split));
  for (;;) {
    const length = 7 + rng.int(6);
    const word = rng.chance(0.6) ? drawPronounceable(length, rng) : drawLetters(length, rng);
    if (!heldOut.has(word)) return word;
  }
}
