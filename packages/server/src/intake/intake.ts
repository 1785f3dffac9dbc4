import { ApiError, type Mistake, validationFailed } from "../domain/errors.ts";
import { exampleOf } from "../domain/event-type.ts";
import type { NewId, OrganizationId, SubscriptionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { type Message, type MessageOptions, newMessage } from "../domain/message.ts";
import type { UnknownEventTypes } from "../domain/organization.ts";
import type { Reporter } from "../report/reporter.ts";
import type { IdempotentRequest } from "../store/idempotency/interface.ts";
import type { AcceptedMessage } from "../store/messages/interface.ts";
import type { Store } from "../store/store.ts";
import type { Catalogue } from "./catalogue.ts";
import type { CatalogueReader } from "./catalogue-reader.ts";

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
}

/** The clock (Unix ms) and the id generator, which main.ts provides. */
export interface Origin {
  readonly now: () => number;
  readonly newId: NewId;
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
  readonly #origin: Origin;
  readonly #reporter: Reporter;

  constructor(parts: {
    store: Pick<Store, "acceptMessages" | "readOrganization">;
    catalogue: Catalogue;
    reader: Pick<CatalogueReader, "refresh">;
    origin: Origin;
    reporter: Reporter;
  }) {
    this.#store = parts.store;
    this.#catalogue = parts.catalogue;
    this.#reader = parts.reader;
    this.#origin = parts.origin;
    this.#reporter = parts.reporter;
  }

  /**
   * Accepts events from clients, all of them or none. Throws ApiError: validation_failed, payload_too_large, event_id_conflict
   * or idempotency_conflict.
   */
  publish(publication: Publication): Promise<readonly AcceptedMessage[]> {
    return this.#publish(publication, (events) => this.#catalogueMistakes(publication, events));
  }

  /** Accepts events like `publish`, but of any event type, and without validating payloads against schemas. */
  publishUnchecked(publication: Publication): Promise<readonly AcceptedMessage[]> {
    return this.#publish(publication, async () => []);
  }

  async #publish(
    { organizationId, events, idempotency, isBatch }: Publication,
    mistakesIn: (events: readonly LocatedEvent[]) => Promise<readonly Mistake[]>,
  ): Promise<readonly AcceptedMessage[]> {
    const located = events.map((event, index) => ({ event, loc: isBatch ? ["body", index] : ["body"] }));
    for (const { event, loc } of located) checkSize(event, loc);
    const mistakes = (await mistakesIn(located)).slice(0, limits.payloadMistakesMax);
    if (mistakes.length > 0) throw validationFailed(mistakes);
    const messages = events.map((event) => this.#messageOf(organizationId, event));
    return this.#accept({ organizationId, messages, idempotency, testOf: null });
  }

  async #catalogueMistakes(
    { organizationId, events }: Publication,
    located: readonly LocatedEvent[],
  ): Promise<readonly Mistake[]> {
    const unknown = await this.#unknownEventTypes(organizationId, events);
    const checks = located.map(({ event, loc }) =>
      this.#isKnown(event)
        ? this.#catalogue.check({ ...event, organizationId }, loc)
        : this.#catalogue.typeMistakes(event.eventType, unknown, loc),
    );
    return (await Promise.all(checks)).flat();
  }

  /** The organization's setting, which is read only if an event has an unknown type. */
  async #unknownEventTypes(organizationId: OrganizationId, events: readonly NewEvent[]): Promise<UnknownEventTypes> {
    if (events.every((event) => this.#isKnown(event))) return "refuse";
    const { unknownEventTypes = "refuse" } = (await this.#store.readOrganization({ organizationId })) ?? {};
    // Another node may have defined it a moment ago.
    if (unknownEventTypes === "refuse") await this.#reader.refresh();
    return unknownEventTypes;
  }

  #isKnown({ eventType }: NewEvent): boolean {
    return this.#catalogue.find(eventType) !== null;
  }

  /**
   * Validates an event and builds its message, for a publisher that stores it in its own transaction. `readSetting` reads the
   * organization's setting. Throws ApiError.
   */
  prepare(organizationId: OrganizationId, event: NewEvent, readSetting: () => UnknownEventTypes): Message {
    checkSize(event, []);
    const mistakes = this.#isKnown(event)
      ? this.#catalogue.checkHere(event, [])
      : this.#catalogue.typeMistakes(event.eventType, readSetting(), []);
    if (mistakes.length > 0) throw validationFailed(mistakes);
    return this.#messageOf(organizationId, event);
  }

  /** Accepts the catalogue's example of an event, for one subscription only. */
  async publishTest(params: {
    organizationId: OrganizationId;
    eventType: string;
    subscriptionId: SubscriptionId;
  }): Promise<AcceptedMessage> {
    const type = this.#catalogue.find(params.eventType);
    if (type === null) throw validationFailed(this.#catalogue.mistakesIn(params.eventType, null, ["body"]));
    const example = exampleOf(type);
    if (example === null) throw validationFailed([noExample(params.eventType)]);
    const now = new Date(this.#origin.now()).toISOString();
    const payload = { ...example, ...(Object.hasOwn(example, "timestamp") && { timestamp: now }) };
    const event = { eventType: params.eventType, payload, payloadText: JSON.stringify(payload), eventId: null };
    const mistakes = await this.#catalogue.check({ ...event, organizationId: params.organizationId }, ["example"]);
    if (mistakes.length > 0) throw validationFailed(mistakes);
    return await this.publishTo({ ...params, event });
  }

  /** Accepts an event for one subscription only, regardless of its filters. */
  async publishTo(params: {
    organizationId: OrganizationId;
    subscriptionId: SubscriptionId;
    event: NewEvent;
  }): Promise<AcceptedMessage> {
    const [accepted] = await this.#accept({
      organizationId: params.organizationId,
      messages: [this.#messageOf(params.organizationId, params.event)],
      idempotency: null,
      testOf: params.subscriptionId,
    });
    if (accepted === undefined) throw new Error("The store accepted one message, but its result has none.");
    return accepted;
  }

  /**
   * Builds the message that announces a change of Weft's own producers. The write of the change stores it in the same
   * transaction. Throws when the payload violates the catalogue, which is a bug in the producer.
   */
  announcement(organizationId: OrganizationId, eventType: string, payload: Record<string, unknown>): Message {
    const mistakes = this.#catalogue.mistakesIn(eventType, payload, []);
    if (mistakes.length > 0)
      throw new Error(`A producer published an invalid ${eventType}: ${JSON.stringify(mistakes)}.`);
    const payloadText = JSON.stringify(payload);
    return this.#messageOf(organizationId, { eventType, payload, payloadText, eventId: null });
  }

  #messageOf(organizationId: OrganizationId, event: NewEvent): Message {
    return newMessage({
      id: this.#origin.newId<"message">(),
      organizationId,
      eventType: event.eventType,
      eventId: event.eventId,
      payload: event.payloadText,
      createdAt: this.#origin.now(),
      ...event.options,
    });
  }

  async #accept(params: Parameters<Store["acceptMessages"]>[0]): Promise<readonly AcceptedMessage[]> {
    const result = await this.#store.acceptMessages(params);
    switch (result.kind) {
      case "accepted":
        this.#reporter.messagesAccepted({ count: result.messages.length });
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

function checkSize(event: NewEvent, loc: readonly (string | number)[]): void {
  const bytes = Buffer.byteLength(event.payloadText);
  if (bytes <= limits.payloadBytesMax) return;
  throw new ApiError(
    "payload_too_large",
    `${[...loc, "payload"].join(".")} has ${bytes} bytes; at most ${limits.payloadBytesMax} are accepted.`,
  );
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
