// Shapes of the graph builder. A dimension is a number, or a symbol that is only known at run time ("batch_size"),
// possibly times a number: a batch of pictures with 49 tokens each, flattened, has the dimension 49 * batch_size.
// So shapes are checked while the graph is built, and one graph serves every batch size.

/** `times` copies of something that is named now and counted at run time. */
export interface Sym {
  readonly symbol: string;
  readonly times: number;
}

export type Dim = number | Sym;
export type Shape = readonly Dim[];

/** A run-time dimension with this name. */
export function sym(symbol: string, times = 1): Sym {
  return { symbol, times };
}

export function sameDim(a: Dim, b: Dim): boolean {
  if (typeof a === "number" || typeof b === "number") return a === b;
  return a.symbol === b.symbol && a.times === b.times;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => sameDim(d, b[i]!));
}

/** Product of dimensions; at most one of them may be a symbol. Returns undefined when there are more. */
export function product(dims: Shape): Dim | undefined {
  let n = 1;
  let symbol: string | undefined;
  for (const d of dims) {
    if (typeof d === "number") n *= d;
    else if (symbol !== undefined) return undefined;
    else {
      symbol = d.symbol;
      n *= d.times;
    }
  }
  return symbol === undefined ? n : sym(symbol, n);
}

/** True when both shapes hold the same number of elements, whatever the symbols stand for. */
export function sameSize(a: Shape, b: Shape): boolean {
  const size = (shape: Shape) => {
    const symbols: string[] = [];
    let n = 1;
    for (const d of shape) {
      if (typeof d === "number") n *= d;
      else {
        n *= d.times;
        symbols.push(d.symbol);
      }
    }
    return `${n} ${symbols.sort().join(" ")}`;
  };
  return size(a) === size(b);
}

/** The shape that numpy-style broadcasting gives, or undefined when the shapes do not fit. */
export function broadcast(a: Shape, b: Shape): Dim[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (sameDim(x, y) || y === 1) out.push(x);
    else if (x === 1) out.push(y);
    else return undefined;
  }
  return out;
}

/** Writes a shape as `[2, 49*batch_size, 160]`. */
export function formatShape(shape: Shape): string {
  const dim = (d: Dim) =>
    typeof d === "number" ? String(d) : d.times === 1 ? d.symbol : `${d.times}*${d.symbol}`;
  return `[${shape.map(dim).join(", ")}]`;
}
