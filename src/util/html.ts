/** Escapes text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => names[character]!);
}

/** A template whose values are escaped; values made by `html` itself, and lists of them, go in as they are. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return { html: strings.reduce((text, part, i) => text + render(values[i - 1]!) + part) };
}

/** Text that is HTML already. */
export interface Html {
  html: string;
}

export type HtmlValue = string | number | Html | Html[];

function render(value: HtmlValue): string {
  if (Array.isArray(value)) return value.map(render).join("");
  return typeof value === "object" ? value.html : escapeHtml(String(value));
}

/** JSON that may stand inside a script element: nothing in it can close the element or open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
