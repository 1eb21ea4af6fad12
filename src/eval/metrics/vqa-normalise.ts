// The answer normalisation of the official VQA evaluation (GT-Vision-Lab/VQA, PythonEvaluationTools/vqaEvaluation/
// vqaEval.py, the newest version), quirks included, because published numbers depend on them:
// - a mark is deleted when it stands beside a space somewhere in the text, otherwise it becomes a space: "t-shirt" is
//   two words, and so is "t-shirt, red" less its comma. But one digit,digit anywhere deletes every mark: "1,000 t-shirts"
//   becomes "1000 tshirts".
// - "3." loses its full stop, because the pattern that should spare it is malformed; at most 32 full stops go.
// - apostrophe, colon, per cent, dollar, ampersand, asterisk and hash are not marks.
// Older copies of the file have another list of marks, and TextVQA's evaluator (m4c) has other rules altogether.

const marks = [";", "/", "[", "]", '"', "{", "}", "(", ")", "=", "+"];
marks.push("\\", "_", "-", ">", "<", "@", "`", ",", "?", "!");

const maxFullStops = 32;
const digitWords = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

// Forms that the official table restores. "let's" and "she's" are in that table only as themselves, and its upper-case
// forms ("I'm") can never match lower-cased text, so they are left out here.
const restored =
  `ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't
  he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've
  needn't not've o'clock oughtn't 'ow's'at shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll
  somebody's someone'd someone'd've someone'll someone's something'd something'd've something'll that's there'd
  there'd've there're there's they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't what'll
  what're what's what've when's where'd where's where've who'd who'd've who'll who's who've why'll why're why's won't
  would've wouldn't wouldn't've y'all y'all'll y'all'd've you'd you'd've you'll you're you've`.split(/\s+/);

const contractions = contractionMap();

/** The table from a spelling that lacks exactly one apostrophe to the full form. */
function contractionMap(): Map<string, string> {
  // The official table maps this one form the wrong way round.
  const map = new Map([["somebody'd", "somebodyd"]]);
  for (const form of restored) {
    for (const { index } of form.matchAll(/'/g)) map.set(form.slice(0, index) + form.slice(index + 1), form);
  }
  return map;
}

/** The first step, applied to every text: line ends and tabs are spaces, and the ends are cut. */
export function trimVqa(text: string): string {
  return text.replace(/[\n\t]/g, " ").trim();
}

/** The whole normalisation of one answer. */
export function normaliseVqa(text: string): string {
  const words: string[] = [];
  for (const word of withoutMarks(trimVqa(text)).toLowerCase().split(/\s+/)) {
    if (word === "" || word === "a" || word === "an" || word === "the") continue;
    const digit = word === "none" ? 0 : digitWords.indexOf(word);
    words.push(digit < 0 ? (contractions.get(word) ?? word) : String(digit));
  }
  return words.join(" ");
}

function withoutMarks(text: string): string {
  const hasGroupedDigits = /[0-9],[0-9]/.test(text);
  let out = text;
  for (const mark of marks) {
    const isLoose = text.includes(`${mark} `) || text.includes(` ${mark}`) || hasGroupedDigits;
    out = out.replaceAll(mark, isLoose ? "" : " ");
  }
  let removed = 0;
  return out.replace(/\.(?![0-9])/g, (stop) => (removed++ < maxFullStops ? "" : stop));
}
