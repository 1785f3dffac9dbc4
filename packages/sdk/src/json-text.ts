// JSON text inside a request's body, sent unchanged. JavaScript would print 9007199254740993, 1.10 and duplicate keys
// differently.

/** The texts that JSON.stringify has met in the current body; null while no body is serialized. */
let met: { readonly mark: string; readonly texts: string[] } | null = null;

class JsonText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toJSON(): unknown {
    if (met === null) return JSON.parse(this.#text);
    return `${met.mark}${met.texts.push(this.#text) - 1}`;
  }
}

/**
 * A JSON object as text, which is sent unchanged: for the payload of an event with numbers that JavaScript cannot hold.
 * Throws a SyntaxError for a text that is not a JSON object.
 */
export function jsonText(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError("The text is not a JSON object.");
  }
  return new JsonText(text) as object as Readonly<Record<string, unknown>>;
}

/** A body as JSON, with the texts of `jsonText` unchanged. */
export function bodyText(body: unknown): string {
  const mark = `${crypto.randomUUID()}:`;
  const texts: string[] = [];
  met = { mark, texts };
  try {
    const text = JSON.stringify(body);
    if (texts.length === 0) return text;
    return text.replace(new RegExp(`"${mark}(\\d+)"`, "g"), (_, index: string) => texts[Number(index)] ?? "");
  } finally {
    met = null;
  }
}
