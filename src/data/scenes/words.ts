// Words that signs can say: common English words of three to six letters, and made-up strings for training.
import type { Rng } from "../../util/rng.ts";
import { type SceneSplit, wordSplit } from "./splits.ts";

const text = `
able acid acorn actor add adult after again age agent ago ahead aim air alarm album alert alive all alone along alpha also
amber among amount anchor angel angle animal ankle answer any apple april apron arch area arena arm army around arrow art
ash aside ask atlas attic august aunt author auto autumn avenue awake away baby back badge bag bake baker bakery ball bamboo
band bank bar barn base basic basket bath beach bead beam bean beard beauty bed bee begin bell below belt bench berry best
better beyond big bike bill bird black blade blank blend block bloom blue board boat body bold bolt bone bonus book boost
boot border born boss both bottle bottom bowl box brain branch brave bread break breeze brick bridge brief bright bring
broad bronze brown brush bubble bucket bug build bulk bunch bus busy butter button buy cabin cable cactus cafe cake call
calm camera camp canal candle candy canoe canvas cap car carbon card care cargo carpet carrot carry case cash castle cat
catch cattle cave cedar cell cement center chain chair chalk chance change charm chart cheap check cheese cherry chess chest
chief child choice church circle city civil claim class clay clean clear clever cliff climb clock close cloth cloud clover
club coach coal coast coat code coffee coin cold collar color comb comet comic cook cookie cool copper copy coral cord core
corner cotton couch count county cousin cover cow craft crane cream credit creek crew crisp crop cross crowd crown crust
crystal cube cup curb cure curve custom cut cycle daily dairy daisy dance dark dart data date dawn day deal dear deck deep
deer degree delta dentist depot desert design desk detail dial diary dice diet digit dinner direct dish dive dock doctor dog
doll dollar dome donkey door double dough dove down dozen draft dragon draw dream dress drift drill drink drive drop drum
dry duck dune dust duty eagle ear early earth east easy echo edge editor egg eight elbow elder empty end energy engine
enjoy enter entry equal error escape even event every exact exit expert extra eye fabric face fact factor fair fairy fall
family famous fan fancy far farm farmer fast father fault fern ferry fever few fiber field fig figure file film filter final
find fine finger finish fire firm first fish five fix flag flame flash flat fleet flight float flock floor flour flow flower
fluid flute fly foam focus fog fold folk food foot forest fork form fort forty forum fossil four fox frame free fresh
friday friend frog front frost fruit fuel full fun funny fur future gala galaxy gallon game garage garden garlic gas gate
gather gear gem gentle giant gift ginger girl give glad glass globe glove glow glue goal goat gold golden golf good goose
gown grace grade grain grand grape graph grass gray great green grid grill grip ground group grow guard guess guest guide
guitar gulf gum habit hair half hall hammer hand handle happy harbor hard harp hat hawk hay hazel head heart heat heavy
height hello helmet help herb hero high hill hint hobby hockey hold hole home honey hood hook hope horn horse hotel hour
house hub human humor hut ice icon idea inch index inn inside iron island item ivory jacket jam january jar jaw jazz jeans
jelly jet jewel job join joke judge juice july jump june jungle junior just keep kettle key kick kind king kiss kit kite
kitten kiwi knee knife knight knot label labor lace ladder lady lake lamb lamp land lane large laser last late laugh launch
law lawn layer lead leaf league learn left leg legal lemon lens lesson letter level lever light lily limit line linen lion
lip list little live lizard loaf lobby local lock log logic long look loop loud love low loyal luck lucky lunch machine mad
magic magnet mail main major maple marble march margin marine mark market mask master match math maze meadow meal medal
media medium melon melt member memory menu merry metal method middle mile milk mill mind mine mint minute mirror mix model
modern moment monday money monkey month moon more moss motel mother motion motor mount mouse mouth move movie mud mug music
nail name napkin narrow nation native nature navy near neat neck needle nest net new news next nice nickel night nine noble
noise noodle noon normal north nose note novel number nurse nut nylon oak oasis oat object ocean office oil old olive one
onion only open opera option orange orbit orchid order organ otter oven over owl owner oxygen oyster pack paddle page paint
pair palace palm pan panda panel pants paper parade parcel parent park parrot part party pass past pasta paste patch path
patrol pause peach peak peanut pear pearl pedal pen pencil penny people pepper petal phone photo piano pick picnic piece
pig pilot pin pine pink pipe pistol pitch pizza place plain plan plane planet plant plate play plaza plot plug plum plus
pocket poem poet point polar pole police polish pond pony pool poor port post pot potato pound powder power press pretty
price pride prince print prize proof proper proud public pump pupil puppy pure purple purse push puzzle queen quick quiet
quilt rabbit race radar radio rail rain ramp ranch random range rapid rare raven ray reach read ready real reason record red
reef region relay remote rent repair reply rescue rest result return ribbon rice rich ride right ring rinse ripe rise river
road roast robin robot rock rocket rod role roll roof room root rope rose rough round route row royal ruby rug rule ruler
run rural rust sad saddle safe safety sail salad salmon salon salt same sample sand sauce save scale scarf scene school
science scoop score scout screen script sea seal search season seat second secret see seed sell senior sense seven shade
shape share shark sharp sheep sheet shelf shell shine ship shirt shoe shop shore short show shower shut side sight sign
signal silent silk silver simple sing single sink siren sister six size skate sketch skill skin skirt sky slice slide slow
small smart smile smoke smooth snack snail snake snow soap soccer social sock soda sofa soft soil solar solid song sonic
soup sour south space spark speak speed spice spider spin spirit sponge spoon sport spot spring square squid stable stack
staff stage stair stamp stand star start state statue steak steam steel stem step stick stone stop store storm story stove
street strong studio study sturdy style sugar suit summer sun sunday sunny sunset super supper supply surf swan sweet swim
swing switch table tail tailor talent tall tank tap tape target task taste taxi tea teach team temple ten tennis tent
test thank theme thick thin think third thread three thumb ticket tide tie tiger tile timber time tin tiny tip tire title
toast today toe token tomato tone tool tooth top topic torch total touch tour towel tower town toy track trade trail train
travel tray tree trend trial tribe trick trio trip truck true trunk trust truth tube tulip tuna tunnel turkey turn turtle
twelve twin two type uncle under union unique unit up upper urban useful user valley value van vase velvet vest video view
villa vine violet violin virus visit visual voice volume vote wagon waist wait walk wall walnut want warm wash watch water
wave wax way web week weight well west whale wheat wheel white whole wide wild will wind window wine wing winner winter wire
wise wish wolf woman wonder wood wool word work world worm wrist write yard yarn year yellow yes yoga young zebra zero zinc
zone zoo zoom`;

/** The dictionary, upper case, in alphabetical order, without doubles. */
export const words: readonly string[] = [
  ...new Set(
    text
      .split(/\s+/)
      .filter((word) => word.length >= 3 && word.length <= 6)
      .map((word) => word.toUpperCase()),
  ),
].sort();

const bySplit: Record<"train" | "val" | "test", string[]> = { train: [], val: [], test: [] };
for (const word of words) bySplit[wordSplit(word)].push(word);
const heldOut = new Set([...bySplit.val, ...bySplit.test]);

/** The dictionary words that signs of a split may say. */
export function wordsOf(split: SceneSplit): readonly string[] {
  return bySplit[split === "test-style" ? "test" : split];
}

const consonants = [..."BCDFGHJKLMNPQRSTVWXYZ", "CH", "SH", "TH", "ST", "TR", "BR", "CL", "CK"];
const vowels = [..."AEIOUY", "AI", "EA", "EE", "OO", "OU"];

/** Draws a word for a sign. Training also gets made-up strings, so that a reader has to look at every letter. */
export function drawWord(split: SceneSplit, rng: Rng): string {
  if (split !== "train" || rng.chance(0.35)) return rng.pick(wordsOf(split));
  for (;;) {
    const made = rng.chance(0.6) ? drawPronounceable : drawLetters;
    const word = made(3 + rng.int(4), rng);
    if (!heldOut.has(word)) return word;
  }
}

/** Makes up a word of consonants and vowels in turn. */
export function drawPronounceable(length: number, rng: Rng): string {
  let word = "";
  for (let vowel = rng.chance(0.4); word.length < length; vowel = !vowel)
    word += rng.pick(vowel ? vowels : consonants);
  return word.slice(0, length);
}

/** Draws letters without sense. */
export function drawLetters(length: number, rng: Rng): string {
  return Array.from({ length }, () => String.fromCharCode(65 + rng.int(26))).join("");
}
