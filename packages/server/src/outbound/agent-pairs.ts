import type { Agent } from "undici";
import type { TlsIdentity } from "./tls-identity.ts";

export interface AgentPair {
  /** Keeps connections alive and reuses them. */
  readonly pooled: Agent;
  /** Opens a connection for each request. */
  readonly single: Agent;
}

/** An unused pair has no connections, and little more than its certificates. */
const identitiesMax = 500;

/** The agents of one sender: a pair for each identity, so that connections with different certificates are never shared. */
export class AgentPairs {
  readonly #create: (tls: TlsIdentity | undefined) => AgentPair;
  readonly #plain: AgentPair;
  readonly #byIdentity = new Map<string, AgentPair>();

  constructor(create: (tls: TlsIdentity | undefined) => AgentPair) {
    this.#create = create;
    this.#plain = create(undefined);
  }

  pairFor(tls: TlsIdentity | undefined): AgentPair {
    if (tls === undefined) return this.#plain;
    const pair = this.#byIdentity.get(tls.id) ?? this.#create(tls);
    this.#byIdentity.delete(tls.id);
    this.#byIdentity.set(tls.id, pair);
    const [oldest] = this.#byIdentity;
    if (this.#byIdentity.size > identitiesMax && oldest !== undefined) {
      this.#byIdentity.delete(oldest[0]);
      // Its running requests end first.
      for (const agent of [oldest[1].pooled, oldest[1].single]) void agent.close();
    }
    return pair;
  }

  async destroy(): Promise<void> {
    const all = [this.#plain, ...this.#byIdentity.values()];
    await Promise.all(all.flatMap(({ pooled, single }) => [pooled.destroy(), single.destroy()]));
  }
}
