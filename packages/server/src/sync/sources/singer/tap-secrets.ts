/** The texts of a tap's configuration and environment, which must not appear in its messages. */
export class TapSecrets {
  readonly #secrets: readonly string[];
  /** The length of the longest one. */
  readonly lengthMax: number;

  constructor(values: readonly unknown[]) {
    const texts = new Set(textsIn(values).flatMap(spellingsOf));
    this.#secrets = [...texts].filter((text) => text.length >= lengthMin).sort((a, b) => b.length - a.length);
    this.lengthMax = this.#secrets[0]?.length ?? 0;
  }

  removeFrom(text: string): string {
    return this.#secrets.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
  }
}

// Shorter values are too common as parts of words.
const lengthMin = 4;
const digitsMin = 6;

function textsIn(values: readonly unknown[]): string[] {
  const texts: string[] = [];
  const unread = [...values];
  for (let value = unread.pop(); value !== undefined; value = unread.pop()) {
    if (typeof value === "string") texts.push(value);
    else if (JSON.isRawJSON(value)) texts.push(JSON.stringify(value));
    else if (typeof value === "number" && String(value).length >= digitsMin) texts.push(String(value));
    else if (typeof value === "object" && value !== null) unread.push(...Object.values(value).filter(isPresent));
  }
  return texts;
}

function isPresent(value: unknown): boolean {
  return value !== undefined;
}

/** A program may print a text in a URL, in JSON, or line by line. */
function spellingsOf(text: string): string[] {
  const encoded = encodeURIComponent(text.toWellFormed());
  const lines = text.split(/\r?\n/);
  return [text, encoded, encoded.replaceAll("%20", "+"), JSON.stringify(text).slice(1, -1), ...lines];
}
