import type { OAuthClient } from "../domain/authorization.ts";
import type { Source } from "./source.ts";

/** The sources that this Weft offers, by short name. */
export class SourceList {
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #clients: ReadonlyMap<string, OAuthClient>;

  /** `clients` has the operator's clients at providers, by the source's short name. */
  constructor(sources: readonly Source[], clients: ReadonlyMap<string, OAuthClient> = new Map()) {
    this.#sources = new Map(sources.map((source) => [source.shortName, source]));
    this.#clients = clients;
  }

  /**
   * The operator's client for a connection with such settings; null if the operator configured none, or the connection must have its own.
   */
  clientFor(source: Source, config: unknown): OAuthClient | null {
    return mustBringClient(source, config) ? null : (this.#clients.get(source.shortName) ?? null);
  }

  find(shortName: string): Source | null {
    return this.#sources.get(shortName) ?? null;
  }

  get all(): readonly Source[] {
    return [...this.#sources.values()];
  }
}

/** Whether a connection with such settings can only be authorized with a client of its own. */
export function mustBringClient({ oauth }: Source, config: unknown): boolean {
  const rule = oauth?.requiresOwnClient ?? true;
  return typeof rule === "boolean" ? rule : rule(config);
}
