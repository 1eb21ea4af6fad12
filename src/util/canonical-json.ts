/**
 * JSON with sorted keys, so that equal values give equal text. Values that are undefined are left out; `replace` may
 * turn any other value into one that JSON can hold.
 */
export function canonicalJson(value: unknown, replace: (value: object) => unknown = (same) => same): string {
  return JSON.stringify(value, (_, given) => {
    if (typeof given !== "object" || given === null) return given;
    const replaced = replace(given);
    if (typeof replaced !== "object" || replaced === null || Array.isArray(replaced)) return replaced;
    return Object.fromEntries(Object.entries(replaced).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
