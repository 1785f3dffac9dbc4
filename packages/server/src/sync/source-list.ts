import type { Source } from "./source.ts";

/** The sources that this Weft offers, by short name. */
export class SourceList {
  readonly #sources: ReadonlyMap<string, Source>;

  constructor(sources: readonly Source[]) {
    this.#sources = new Map(sources.map((source) => [source.shortName, source]));
  }

  find(shortName: string): Source | null {
    return this.#sources.get(shortName) ?? null;
  }

  get all(): readonly Source[] {
    return [...this.#sources.values()];
  }
}
