/** The steps of a rationale: its lines, or the sentences of a single line, without their numbers. */
export function splitSteps(rationale: string): string[] {
  const lines = rationale.split("\n").filter((line) => /\w/.test(line));
  const pieces = lines.length > 1 ? lines : sentences(rationale);
  return pieces.map((piece) => piece.replace(numbering, "").trim()).filter((piece) => /\w/.test(piece));
}

const numbering = /^\s*(?:[-*•]\s+|(?:step\s*)?\(?\d{1,2}[.):]\s+|step\s*\d{1,2}\s+)/i;

/** Sentences of a text. The full stop of a number at the start ("1. Look") ends none. */
function sentences(text: string): string[] {
  const found: string[] = [];
  let open = "";
  for (const piece of text.trim().split(/(?<=[.!?])\s+/)) {
    open = open === "" ? piece : `${open} ${piece}`;
    if (/^\(?\d{1,2}[.)]$/.test(open)) continue;
    found.push(open);
    open = "";
  }
  return open === "" ? found : [...found, open];
}
