import { type Agent, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

/** The PEM texts for TLS to a collector; those of the system where they are absent. */
export interface CollectorCertificates {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const connectionsMax = 2;

/**
 * The connections to the operator's OpenTelemetry collector. The address guard does not apply to them, because only the operator
 * names the collector.
 */
export class CollectorAgents implements Disposable {
  readonly #certificates: CollectorCertificates;
  readonly #opened: Agent[] = [];

  constructor(certificates: CollectorCertificates) {
    this.#certificates = certificates;
  }

  agentFor(protocol: string): Agent {
    const options = { keepAlive: true, maxSockets: connectionsMax };
    const agent =
      protocol === "https:" ? new HttpsAgent({ ...options, ...this.#certificates }) : new HttpAgent(options);
    this.#opened.push(agent);
    return agent;
  }

  /** Closes all connections, also those with a running request. */
  [Symbol.dispose](): void {
    for (const agent of this.#opened) agent.destroy();
  }
}
