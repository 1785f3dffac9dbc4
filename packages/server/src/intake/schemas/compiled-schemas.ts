import { limits } from "../../domain/limits.ts";
import { parseExact } from "./exact-json.ts";
import { compileSchema, type PayloadCheck } from "./payload-schema.ts";

/** Compiled schemas by a key of their texts. The least recently used ones are evicted first. */
export class CompiledSchemas {
  readonly #checks = new Map<string, { readonly check: PayloadCheck; readonly bytes: number }>();
  #bytes = 0;

  find(key: string): PayloadCheck | null {
    const known = this.#checks.get(key);
    if (known === undefined) return null;
    this.#checks.delete(key);
    this.#checks.set(key, known);
    return known.check;
  }

  /** Throws an Error when the text is not a valid schema. */
  compile(key: string, text: string): PayloadCheck {
    const check = compileSchema(parseExact(text) as Record<string, unknown>);
    this.#checks.set(key, { check, bytes: text.length });
    this.#bytes += text.length;
    for (const [oldest, { bytes }] of this.#checks) {
      const isFull = this.#checks.size > limits.compiledSchemasMax || this.#bytes > limits.compiledSchemasBytesMax;
      if (!isFull || oldest === key) break;
      this.#checks.delete(oldest);
      this.#bytes -= bytes;
    }
    return check;
  }
}
