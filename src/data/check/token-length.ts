// Tokens of a row after each picture has become its tokens, against the length that the trainer cuts at. A cut through
// picture tokens leaves fewer embeddings than positions or the reverse, and stops the training or spoils it; a cut
// through the responses leaves nothing to learn. The place of every picture in the row is followed, so "no picture is
// cut" is shown for each row and not guessed from its length.
import { type Check, piecesOf, type RowView, rowPlace } from "./row-view.ts";

export interface TokenLengthOptions {
  /** Longest sequence of the trainer. */
  maxTokens: number;
  /** Tokens that one picture becomes. */
  tokensPerImage: number;
  countTokens: (text: string) => number;
  /** Tokens that the chat template adds to each turn. @default 4 */
  tokensPerTurn?: number;
}

/** Where things end in a row's sequence, in tokens. */
export interface TokenPlaces {
  total: number;
  /** End of the last picture; 0 without one. */
  picturesEnd: number;
  /** Start of the first response. */
  responseStart: number;
}

export interface TokenSummary {
  rows: number;
  longest: number;
  imageTokens: number;
  /** Picture tokens beyond the limit, of all rows. */
  imageTokensCut: number;
}

/** Finds where pictures and responses lie in a row's sequence. */
export function tokenPlaces(
  view: RowView,
  options: TokenLengthOptions,
): TokenPlaces & { cut: number; images: number } {
  const { maxTokens, tokensPerImage, countTokens, tokensPerTurn = 4 } = options;
  let at = 0;
  let picturesEnd = 0;
  let responseStart = -1;
  let cut = 0;
  let images = 0;
  for (const turn of view.turns) {
    at += tokensPerTurn;
    if (turn.role === "assistant" && responseStart < 0) responseStart = at;
    for (const piece of piecesOf(turn)) {
      if (piece !== "picture") {
        if (piece.text) at += countTokens(piece.text);
        continue;
      }
      cut += Math.min(tokensPerImage, Math.max(0, at + tokensPerImage - maxTokens));
      at += tokensPerImage;
      images++;
      picturesEnd = at;
    }
  }
  return { total: at, picturesEnd, responseStart: responseStart < 0 ? at : responseStart, cut, images };
}

/** Checks rows against the longest sequence. */
export function tokenLength(options: TokenLengthOptions): Check & { result(): TokenSummary } {
  const { maxTokens, tokensPerImage } = options;
  const summary: TokenSummary = { rows: 0, longest: 0, imageTokens: 0, imageTokensCut: 0 };
  return {
    name: "tokens",
    result: () => summary,
    row(row, report) {
      const { total, picturesEnd, responseStart, cut, images } = tokenPlaces(row.view, options);
      summary.rows++;
      summary.longest = Math.max(summary.longest, total);
      summary.imageTokens += images * tokensPerImage;
      summary.imageTokensCut += cut;
      if (total <= maxTokens) return;
      const place = rowPlace(row);
      if (cut > 0) {
        const message = `${cut} of ${images * tokensPerImage} image tokens are cut at ${maxTokens} (the pictures end at ${picturesEnd})`;
        report({ check: "image-tokens-cut", severity: "error", ...place, message });
      } else if (responseStart >= maxTokens) {
        const message = `the whole response is cut at ${maxTokens} tokens (it starts at ${responseStart})`;
        report({ check: "response-cut", severity: "error", ...place, message });
      } else {
        const message = `${total} tokens, cut at ${maxTokens}`;
        report({ check: "too-long", severity: "warning", ...place, message });
      }
    },
  };
}
