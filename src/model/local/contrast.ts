// Visual contrastive decoding (Leng et al., arXiv 2311.16922): what the model would say without seeing the picture is
// subtracted from what it says, so that answers that come from habit and not from the picture lose.

/**
 * (1 + alpha) * seen - alpha * unseen, for the tokens whose probability with the picture is at least beta times that
 * of the most likely one; all others are impossible.
 */
export function contrastLogits(
  seen: Float32Array,
  unseen: Float32Array,
  { alpha, beta }: { alpha: number; beta: number },
): Float32Array {
  let top = Number.NEGATIVE_INFINITY;
  for (const x of seen) if (x > top) top = x;
  const cut = top + Math.log(beta);
  return seen.map((x, id) => (x < cut ? Number.NEGATIVE_INFINITY : (1 + alpha) * x - alpha * unseen[id]!));
}
