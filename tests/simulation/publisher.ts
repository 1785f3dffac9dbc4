import type { MessageId, OrganizationId } from "../../packages/server/src/domain/id.ts";
import { type Message, newMessage } from "../../packages/server/src/domain/message.ts";
import type { Publication } from "./scenario.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SharedDatabase } from "./shared-database.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { Trace } from "./trace.ts";

const againMs = 500;
const patienceMs = 4_000;
const organizationId = "00000000-0000-7000-8000-00000000000a" as OrganizationId;

/** Publishes the events of a scenario, and retries at any running node until it gets a success response. */
export class Publisher {
  readonly accepted: Message[] = [];
  readonly #time: SimulatedTime;
  readonly #random: SeededRandom;
  readonly #database: SharedDatabase;
  readonly #trace: Trace;
  readonly #nodeAtWork: (slot: number) => SimulatedNode | null;
  #made = 0;
  #open = 0;

  constructor(
    context: { time: SimulatedTime; random: SeededRandom; database: SharedDatabase; trace: Trace },
    nodeAtWork: (slot: number) => SimulatedNode | null,
  ) {
    this.#time = context.time;
    this.#random = context.random;
    this.#database = context.database;
    this.#trace = context.trace;
    this.#nodeAtWork = nodeAtWork;
  }

  get isDone(): boolean {
    return this.#open === 0;
  }

  plan(publications: readonly Publication[]): void {
    for (const publication of publications) {
      this.#open += 1;
      this.#time.after(publication.atMs, () => this.#publish(publication, 0, null));
    }
  }

  #publish(publication: Publication, index: number, before: MessageId | null): void {
    const eventType = publication.eventTypes[index];
    if (eventType === undefined) {
      this.#open -= 1;
      return;
    }
    const node = this.#nodeAtWork(publication.slot);
    if (node === null) {
      this.#time.after(againMs, () => this.#publish(publication, index, before));
      return;
    }
    const message = this.#message(node, eventType, before);
    let isAnswered = false;
    const answered = (isAccepted: boolean) => {
      if (isAnswered) return;
      isAnswered = true;
      if (!isAccepted) {
        this.#time.after(againMs, () => this.#publish(publication, index, before));
        return;
      }
      this.accepted.push(message);
      const gapMs = this.#random.between(0, publication.gapMsMax);
      this.#time.after(gapMs, () => this.#publish(publication, index + 1, message.id));
    };
    // A publisher without a response does not know whether the event was accepted, and publishes it again.
    this.#time.after(patienceMs, () => answered(false));
    node.store.acceptMessages({ organizationId, messages: [message], idempotency: null, testOf: null }).then(
      () => answered(true),
      () => answered(false),
    );
  }

  #message(node: SimulatedNode, eventType: string, before: MessageId | null): Message {
    const id = node.newId<"message">();
    this.#made += 1;
    this.#trace.name(id, `m${this.#made}`);
    const after = before === null ? "" : ` after ${this.#trace.nameOf(before)}`;
    this.#trace.note("publisher", `publishes m${this.#made}${after} at ${node.name}`);
    if (before !== null) this.#database.follow(id, before);
    return newMessage({ id, organizationId, eventType, eventId: null, payload: "{}", createdAt: this.#time.now });
  }
}
