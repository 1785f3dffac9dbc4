import type { Clock } from "../domain/clock.ts";
import type { ApiKeyId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Store } from "../store/store.ts";

/** Stores the last use of API keys: soon after it, at most once a minute for each key, and never while a request waits. */
export class KeyUses implements AsyncDisposable {
  readonly #store: Pick<Store, "noteKeyUses">;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  /** The times of uses that are not stored yet. */
  readonly #waiting = new Map<ApiKeyId, number>();
  /** The times that were stored in the last minute. */
  readonly #stored = new Map<ApiKeyId, number>();
  readonly #stop = new AbortController();
  #storing: Promise<void> | null = null;

  constructor(store: Pick<Store, "noteKeyUses">, clock: Clock, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  note(keyId: ApiKeyId): void {
    const now = this.#clock.now();
    if (now - (this.#stored.get(keyId) ?? Number.NEGATIVE_INFINITY) < limits.keyUseEveryMs) return;
    if (this.#waiting.size >= limits.keyUsesWaitingMax && !this.#waiting.has(keyId)) return;
    this.#waiting.set(keyId, now);
    this.#storing ??= this.#storeLater();
  }

  /** Stores the remaining uses. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#storing;
  }

  async #storeLater(): Promise<void> {
    await this.#clock.sleep(limits.keyUseDelayMs, this.#stop.signal);
    const uses = [...this.#waiting].map(([keyId, usedAt]) => ({ keyId, usedAt }));
    this.#waiting.clear();
    const outdated = this.#clock.now() - limits.keyUseEveryMs;
    for (const [keyId, usedAt] of this.#stored) if (usedAt <= outdated) this.#stored.delete(keyId);
    for (const { keyId, usedAt } of uses) this.#stored.set(keyId, usedAt);
    try {
      for (let from = 0; from < uses.length; from += limits.keyUsesPerCommitMax) {
        await this.#store.noteKeyUses({ uses: uses.slice(from, from + limits.keyUsesPerCommitMax) });
      }
    } catch (error) {
      // A later use is stored again after a minute.
      this.#onFailure(error);
    }
    this.#storing = this.#waiting.size > 0 ? this.#storeLater() : null;
  }
}
