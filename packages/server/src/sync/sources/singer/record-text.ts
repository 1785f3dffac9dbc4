import { limits } from "../../../domain/limits.ts";
import { ownProperty } from "../../../domain/own-property.ts";
import { isObject } from "./tap-messages.ts";

type TapRecord = Readonly<Record<string, unknown>>;

/** A value of a record as text: a string is its characters, any other value its JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The text of an entity: the values of the given properties, or all values of the record under their names. */
export function recordText(record: TapRecord, properties: readonly string[]): string {
  if (properties.length === 0) return new ValueLines(record).text;
  return properties
    .map((name) => ownProperty(record, name))
    .filter((value) => value !== undefined && value !== null)
    .map((value) => (typeof value === "object" ? new ValueLines({ value }).text : valueText(value)))
    .join("\n\n");
}

const inlineLengthMax = 200;

/** One line for each value below a record, such as `author.name: Ada`. Longer texts are paragraphs of their own. */
class ValueLines {
  readonly #lines: string[] = [];
  #values = 0;
  #length = 0;

  constructor(record: TapRecord) {
    this.#addAll(record, "", 0);
  }

  get text(): string {
    return this.#lines.join("\n");
  }

  #addAll(record: TapRecord, path: string, depth: number): void {
    for (const [name, value] of Object.entries(record)) {
      // Columns that programs between the source and Weft add.
      if (depth === 0 && name.startsWith("_sdc_")) continue;
      this.#add(value, path === "" ? name : `${path}.${name}`, depth);
    }
  }

  #add(value: unknown, path: string, depth: number): void {
    this.#values += 1;
    if (value === null || value === "" || this.#isFull(depth)) return;
    if (Array.isArray(value)) this.#addList(value, path, depth);
    else if (isObject(value)) this.#addAll(value, path, depth + 1);
    else this.#line(path, valueText(value));
  }

  #addList(values: readonly unknown[], path: string, depth: number): void {
    const [first] = values;
    if (isObject(first) || Array.isArray(first)) {
      for (const value of values) this.#add(value, path, depth + 1);
      return;
    }
    const texts = values.slice(0, limits.singerRecordValuesMax).filter((value) => value !== null);
    this.#values += texts.length;
    if (texts.length > 0) this.#line(path, texts.map(valueText).join(", "));
  }

  #line(path: string, text: string): void {
    const isLong = text.length > inlineLengthMax || text.includes("\n");
    const line = isLong ? `${path}:\n${text}\n` : `${path}: ${text}`;
    this.#length += line.length;
    this.#lines.push(line);
  }

  #isFull(depth: number): boolean {
    return (
      depth > limits.singerRecordDepthMax ||
      this.#values > limits.singerRecordValuesMax ||
      this.#length > limits.entityTextBytesMax
    );
  }
}
