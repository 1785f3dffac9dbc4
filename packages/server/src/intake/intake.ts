import { ApiError, type Mistake, validationFailed } from "../domain/errors.ts";
import { exampleOf } from "../domain/event-type.ts";
import type { NewId, OrganizationId, SubscriptionId, SyncJobId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { type Message, type MessageOptions, newMessage } from "../domain/message.ts";
import { defaultNamespace, type UnknownEventTypes } from "../domain/organization.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Traces } from "../report/traces.ts";
import type { IdempotentRequest } from "../store/idempotency/interface.ts";
import type { AcceptedMessage } from "../store/messages/interface.ts";
import type { Store } from "../store/store.ts";
import type { Catalogue, TypesOwner } from "./catalogue.ts";
import type { CatalogueReader } from "./catalogue-reader.ts";
import type { OrganizationNamespaces } from "./organization-namespaces.ts";

/** An event in the form that a publisher provides it. */
export interface NewEvent {
  readonly eventType: string;
  /** The parsed payload, for validation. */
  readonly payload: unknown;
  /** The payload's own text, which is stored, signed and sent. */
  readonly payloadText: string;
  readonly eventId: string | null;
  readonly options?: MessageOptions;
}

export interface Publication {
  readonly organizationId: OrganizationId;
  readonly events: readonly NewEvent[];
  readonly idempotency: IdempotentRequest | null;
  /** The location of the events in the request, for mistakes: one event, or a list. */
  readonly isBatch: boolean;
  /** The trace context of the request, in the form of `trace-context.ts`. */
  readonly traceContext?: string | null;
}

/** The clock (Unix ms) and the id generator, which main.ts provides. */
export interface Origin {
  readonly now: () => number;
  readonly newId: NewId;
}

interface IntakeParts {
  readonly store: Pick<Store, "acceptMessages" | "readOrganization">;
  readonly catalogue: Catalogue;
  readonly reader: Pick<CatalogueReader, "refresh">;
  readonly namespaces: OrganizationNamespaces;
  /** The bytes of UTF-8 that the payload of one event may have. */
  readonly payloadBytesMax: number;
  readonly origin: Origin;
  readonly reporter: Reporter;
  readonly traces: Pick<Traces, "ofPublish" | "ofSyncJob">;
  /** Milliseconds that never go back. */
  readonly elapsedMs: () => number;
}

interface LocatedEvent {
  readonly event: NewEvent;
  readonly loc: Mistake["loc"];
}

/** Accepts events. Events that it returns are committed; rejected events are not stored. */
export class Intake {
  readonly #store: Pick<Store, "acceptMessages" | "readOrganization">;
  readonly #catalogue: Catalogue;
  readonly #reader: Pick<CatalogueReader, "refresh">;
  readonly #namespaces: OrganizationNamespaces;
  readonly #payloadBytesMax: number;
  readonly #origin: Origin;
  readonly #reporter: Reporter;
  readonly #traces: IntakeParts["traces"];
  readonly #elapsedMs: () => number;

  constructor(parts: IntakeParts) {
    this.#store = parts.store;
    this.#catalogue = parts.catalogue;
    this.#reader = parts.reader;
    this.#namespaces = parts.namespaces;
    this.#payloadBytesMax = parts.payloadBytesMax;
    this.#origin = parts.origin;
    this.#reporter = parts.reporter;
    this.#traces = parts.traces;
    this.#elapsedMs = parts.elapsedMs;
  }

  /**
   * Accepts events from clients, all of them or none. Throws ApiError: validation_failed, payload_too_large, event_id_conflict
   * or idempotency_conflict.
   */
  publish(publication: Publication): Promise<readonly AcceptedMessage[]> {
    return this.#publish(publication, (located) => this.#catalogueMistakes(publication, located));
  }

  /** Accepts events like `publish`, but of any event type, and without validating payloads against schemas. */
  publishUnchecked(publication: Publication): Promise<readonly AcceptedMessage[]> {
    return this.#publish(publication, () => []);
  }

  async #publish(
    { organizationId, events, idempotency, isBatch, traceContext = null }: Publication,
    mistakesIn: (located: readonly LocatedEvent[]) => readonly Mistake[] | Promise<readonly Mistake[]>,
  ): Promise<readonly AcceptedMessage[]> {
    const beganMs = this.#elapsedMs();
    const located = events.map((event, index) => ({ event, loc: isBatch ? ["body", index] : ["body"] }));
    for (const { event, loc } of located) this.#checkSize(event, loc);
    const found = mistakesIn(located);
    // Most events need no wait.
    const mistakes = found instanceof Promise ? await found : found;
    if (mistakes.length > 0) throw validationFailed(mistakes.slice(0, limits.payloadMistakesMax));
    const context = this.#traces.ofPublish(traceContext);
    const messages = events.map((event) => this.#messageOf(organizationId, event, context));
    return this.#accept({ organizationId, messages, idempotency, testOf: null }, { beganMs, parent: traceContext });
  }

  #catalogueMistakes(
    { organizationId }: Publication,
    located: readonly LocatedEvent[],
  ): readonly Mistake[] | Promise<readonly Mistake[]> {
    const namespace = this.#namespaces.of(organizationId);
    return namespace instanceof Promise
      ? namespace.then((namespace) => this.#mistakesFor({ id: organizationId, namespace }, located))
      : this.#mistakesFor({ id: organizationId, namespace }, located);
  }

  #mistakesFor(owner: TypesOwner, located: readonly LocatedEvent[]): readonly Mistake[] | Promise<readonly Mistake[]> {
    if (located.every(({ event }) => this.#isKnown(owner, event))) return this.#checked(owner, located, "refuse");
    return this.#unknownEventTypes(owner.id).then((unknown) => this.#checked(owner, located, unknown));
  }

  #checked(
    owner: TypesOwner,
    located: readonly LocatedEvent[],
    unknown: UnknownEventTypes,
  ): readonly Mistake[] | Promise<readonly Mistake[]> {
    const { id: organizationId, namespace } = owner;
    const checks = located.map(({ event, loc }) =>
      this.#isKnown(owner, event)
        ? this.#catalogue.check({ ...event, organizationId, namespace }, loc)
        : this.#catalogue.typeMistakes({ ...event, namespace }, unknown, loc),
    );
    const isWaiting = checks.some((check) => check instanceof Promise);
    if (isWaiting) return Promise.all(checks).then((mistakes) => mistakes.flat());
    return (checks as (readonly Mistake[])[]).flat();
  }

  /** The organization's setting for unknown event types. */
  async #unknownEventTypes(organizationId: OrganizationId): Promise<UnknownEventTypes> {
    const { unknownEventTypes = "refuse" } = (await this.#store.readOrganization({ organizationId })) ?? {};
    // Another node may have defined it a moment ago.
    if (unknownEventTypes === "refuse") await this.#reader.refresh();
    return unknownEventTypes;
  }

  #isKnown({ namespace }: Pick<TypesOwner, "namespace">, { eventType }: NewEvent): boolean {
    return this.#catalogue.find(namespace, eventType) !== null;
  }

  /**
   * Validates an event and builds its message, for a publisher that stores it in its own transaction, in an organization of the
   * default namespace. `readSetting` reads the organization's setting. Throws ApiError.
   */
  prepare(organizationId: OrganizationId, event: NewEvent, readSetting: () => UnknownEventTypes): Message {
    this.#checkSize(event, []);
    const owner = { namespace: defaultNamespace };
    const mistakes = this.#isKnown(owner, event)
      ? this.#catalogue.checkHere({ ...event, ...owner }, [])
      : this.#catalogue.typeMistakes({ ...event, ...owner }, readSetting(), []);
    if (mistakes.length > 0) throw validationFailed(mistakes);
    return this.#messageOf(organizationId, event, null);
  }

  /** Accepts the catalogue's example of an event, for one subscription only. */
  async publishTest(params: {
    organizationId: OrganizationId;
    eventType: string;
    subscriptionId: SubscriptionId;
  }): Promise<AcceptedMessage> {
    const { organizationId, eventType } = params;
    const namespace = await this.#namespaces.of(organizationId);
    const type = this.#catalogue.find(namespace, eventType);
    if (type === null)
      throw validationFailed(this.#catalogue.typeMistakes({ namespace, eventType }, "refuse", ["body"]));
    const example = exampleOf(type);
    if (example === null) throw validationFailed([noExample(params.eventType)]);
    const now = new Date(this.#origin.now()).toISOString();
    const payload = { ...example, ...(Object.hasOwn(example, "timestamp") && { timestamp: now }) };
    const event = { eventType, payload, payloadText: JSON.stringify(payload), eventId: null };
    const mistakes = await this.#catalogue.check({ ...event, organizationId, namespace }, ["example"]);
    if (mistakes.length > 0) throw validationFailed(mistakes);
    return await this.publishTo({ ...params, event });
  }

  /** Accepts an event for one subscription only, regardless of its filters. */
  async publishTo(params: {
    organizationId: OrganizationId;
    subscriptionId: SubscriptionId;
    event: NewEvent;
  }): Promise<AcceptedMessage> {
    const { organizationId, event, subscriptionId: testOf } = params;
    const messages = [this.#messageOf(organizationId, event, this.#traces.ofPublish(null))];
    const [accepted] = await this.#accept(
      { organizationId, messages, idempotency: null, testOf },
      { beganMs: this.#elapsedMs(), parent: null },
    );
    if (accepted === undefined) throw new Error("The store accepted one message, but its result has none.");
    return accepted;
  }

  /**
   * Builds the message that announces a change of Weft's own producers. The write of the change stores it in the same
   * transaction. `jobId`: the sync job whose trace the message belongs to. Throws when the payload violates the catalogue,
   * which is a bug in the producer.
   */
  announcement(
    organizationId: OrganizationId,
    eventType: string,
    payload: Record<string, unknown>,
    jobId: SyncJobId | null,
  ): Message {
    const mistakes = this.#catalogue.mistakesIn(eventType, payload, []);
    if (mistakes.length > 0)
      throw new Error(`A producer published an invalid ${eventType}: ${JSON.stringify(mistakes)}.`);
    const payloadText = JSON.stringify(payload);
    const event = { eventType, payload, payloadText, eventId: null };
    return this.#messageOf(organizationId, event, jobId === null ? null : this.#traces.ofSyncJob(jobId));
  }

  /** Accepts an event of Weft itself that no other change commits with. */
  async announce(organizationId: OrganizationId, eventType: string, payload: Record<string, unknown>): Promise<void> {
    const messages = [this.announcement(organizationId, eventType, payload, null)];
    await this.#accept(
      { organizationId, messages, idempotency: null, testOf: null },
      { beganMs: this.#elapsedMs(), parent: null },
    );
  }

  #messageOf(organizationId: OrganizationId, event: NewEvent, traceContext: string | null): Message {
    // The time is read before the id is made, so that the message is never newer than its id.
    const createdAt = this.#origin.now();
    return newMessage({
      id: this.#origin.newId<"message">(),
      organizationId,
      eventType: event.eventType,
      eventId: event.eventId,
      payload: event.payloadText,
      createdAt,
      traceContext,
      ...event.options,
    });
  }

  #checkSize(event: NewEvent, loc: readonly (string | number)[]): void {
    const bytes = Buffer.byteLength(event.payloadText);
    if (bytes <= this.#payloadBytesMax) return;
    throw new ApiError(
      "payload_too_large",
      `${[...loc, "payload"].join(".")} has ${bytes} bytes; at most ${this.#payloadBytesMax} are accepted.`,
    );
  }

  async #accept(
    params: Parameters<Store["acceptMessages"]>[0],
    { beganMs, parent }: { readonly beganMs: number; readonly parent: string | null },
  ): Promise<readonly AcceptedMessage[]> {
    const storingMs = this.#elapsedMs();
    const result = await this.#store.acceptMessages(params);
    const endedMs = this.#elapsedMs();
    switch (result.kind) {
      case "accepted":
        this.#reporter.messagesAccepted({ count: result.messages.length });
        this.#reporter.published({
          messages: params.messages,
          accepted: result.messages,
          parent,
          at: this.#origin.now(),
          tookMs: endedMs - beganMs,
          storedMs: endedMs - storingMs,
        });
        return result.messages;
      case "event_id_conflict":
        throw new ApiError(
          "event_id_conflict",
          `The event_id ${JSON.stringify(params.messages[result.index]?.eventId)} belongs to an event with another type or payload. Give each event an id of its own.`,
        );
      case "idempotency_conflict":
        throw idempotencyConflict();
    }
  }
}

function noExample(eventType: string): Mistake {
  const msg = `The newest schema of ${eventType} has no payload among its \`examples\`, so no example can be sent.`;
  return { loc: ["body", "event_type"], msg, type: "example_missing" };
}

export function idempotencyConflict(): ApiError {
  return new ApiError(
    "idempotency_conflict",
    "This Idempotency-Key was used for another request. Use a new key for a new request.",
  );
}
