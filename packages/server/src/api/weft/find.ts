import { z } from "zod";
import type { Attempt } from "../../domain/attempt.ts";
import { parseFindQuery } from "../../domain/find-query.ts";
import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { Organization } from "../../domain/organization.ts";
import { payloadExcerpt } from "../../domain/payload-excerpt.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { flag } from "../../http/query-values.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import { anyMessage } from "../../store/messages/interface.ts";
import type { Store } from "../../store/store.ts";

const foundKinds = ["message", "attempt", "subscription", "event_type", "organization"] as const;

const foundRecord = z
  .object({
    kind: z.enum(foundKinds),
    id: z.string().describe("The id; for an event type, its name."),
    message_id: z.uuid().nullable().describe("The message of an attempt; null for other records."),
    title: z.string().describe("The event type of a message, the URL of a subscription, a name."),
    detail: z.string().nullable().describe("A part of the payload, the error of an attempt, a description."),
    organization: z.object({ id: z.uuid(), name: z.string() }).nullable().describe("Null for an event type."),
    timestamp: timeResponse.nullable(),
  })
  .meta({ id: "FoundRecord", description: "A record that matches a search." });

const findResponse = z
  .object({
    results: z.array(foundRecord),
    is_complete: z.boolean().describe("False when only a part of the messages was examined for a payload value."),
  })
  .meta({ id: "FindResults", description: "The best matches of a search: ids first." });

type FoundItem = z.input<typeof foundRecord>;

interface FindParts {
  readonly store: Pick<
    Store,
    | "findRecord"
    | "findEvents"
    | "searchOrganizations"
    | "readOrganization"
    | "readMessage"
    | "findMessage"
    | "findAttempt"
    | "readSubscription"
    | "searchSubscriptions"
    | "listMessages"
  >;
  readonly catalogue: Pick<EventTypes, "typesFor">;
}

/** One search over the records of webhooks. */
export function findRoutes({ store, catalogue }: FindParts): Route[] {
  return [
    route({
      method: "GET",
      path: "/webhooks/find",
      operation: "find",
      tag: "webhooks",
      summary: "Find messages, attempts, subscriptions and event types by an id, a name, a URL or a payload value",
      scope: "read",
      also: [{ when: "`everywhere` is true", isOperators: true, applies: ({ query }) => query.everywhere }],
      bytesReserved: limits.pageBytesMax,
      query: z.object({
        q: z
          .string()
          .min(1)
          .max(limits.searchQueryLengthMax)
          .describe(
            "An id in either spelling, an event id, a part of a URL, a description or a name, or a payload value such as `customer_id:42`.",
          ),
        everywhere: flag.describe("Also search other organizations; only for the operator."),
      }),
      response: findResponse,
      handle: async ({ caller, query: { q, everywhere } }) => {
        const finder = new Finder({ store, catalogue }, caller.organizationId, everywhere);
        const { id, payload, text } = parseFindQuery(q);
        const [byId, events, subscriptions, organizations] = await Promise.all([
          id === null ? [] : finder.byId(id),
          finder.byEventId(text),
          finder.subscriptions(text),
          finder.organizations(text),
        ]);
        const byPayload = payload === null ? noPayloads : await finder.byPayload(payload);
        const results = [
          ...byId,
          ...events,
          ...byPayload.found,
          ...organizations,
          ...subscriptions,
          ...(await finder.eventTypes(text)),
        ];
        return { results: distinct(results).slice(0, limits.foundMax), is_complete: byPayload.isComplete };
      },
    }),
  ];
}

const noPayloads = { found: [], isComplete: true } as const;

function distinct(found: readonly FoundItem[]): FoundItem[] {
  return [...new Map(found.map((one) => [`${one.kind} ${one.id}`, one])).values()];
}

class Finder {
  readonly #parts: FindParts;
  readonly #own: OrganizationId;
  readonly #isEverywhere: boolean;

  constructor(parts: FindParts, own: OrganizationId, isEverywhere: boolean) {
    this.#parts = parts;
    this.#own = own;
    this.#isEverywhere = isEverywhere;
  }

  async byId(id: string): Promise<FoundItem[]> {
    const { store } = this.#parts;
    const record = await store.findRecord({ id });
    if (record === null || !(this.#isEverywhere || record.organizationId === this.#own)) return [];
    const { organizationId } = record;
    switch (record.kind) {
      case "message":
        return await this.#message(organizationId, record.id);
      case "subscription": {
        const subscription = await store.readSubscription({ organizationId, subscriptionId: record.id });
        return subscription === null ? [] : [await this.#subscription(subscription)];
      }
      case "attempt": {
        const attempt = await store.findAttempt({ organizationId, attemptId: record.id });
        return attempt === null ? [] : [await this.#attempt(attempt)];
      }
    }
  }

  async byEventId(eventId: string): Promise<FoundItem[]> {
    const { store } = this.#parts;
    if (!this.#isEverywhere) {
      const message = await store.findMessage({ organizationId: this.#own, eventId });
      return message === null ? [] : [await this.#messageOf(message)];
    }
    const { organizationsFoundAmongMax: organizationsMax, foundOfKindMax: limit } = limits;
    const events = await store.findEvents({ eventId, organizationsMax, limit });
    return (await Promise.all(events.map((event) => this.#message(event.organizationId, event.messageId)))).flat();
  }

  async byPayload(field: { field: string; text: string }): Promise<{ found: FoundItem[]; isComplete: boolean }> {
    const page = await this.#parts.store.listMessages({
      ...anyMessage,
      organizationId: this.#own,
      limit: limits.foundOfKindMax,
      cursor: null,
      payloadFields: [field],
    });
    const found = await Promise.all(page.items.map((message) => this.#messageOf(message)));
    return { found, isComplete: page.next === null };
  }

  async subscriptions(text: string): Promise<FoundItem[]> {
    const { items } = await this.#parts.store.searchSubscriptions({
      eventTypes: null,
      organizationId: this.#isEverywhere ? null : this.#own,
      text,
      health: null,
      isDisabled: null,
      cursor: null,
      limit: limits.foundOfKindMax,
    });
    return await Promise.all(items.map((subscription) => this.#subscription(subscription)));
  }

  async organizations(text: string): Promise<FoundItem[]> {
    if (!this.#isEverywhere) return [];
    const { organizationsFoundAmongMax: organizationsMax, foundOfKindMax: limit } = limits;
    const found = await this.#parts.store.searchOrganizations({ text, organizationsMax, limit });
    return found.map((organization) => ({
      ...blank,
      kind: "organization",
      id: organization.id,
      title: organization.name,
      detail: organization.uid,
      organization: shownOrganization(organization),
      timestamp: isoTime(organization.createdAt),
    }));
  }

  async eventTypes(text: string): Promise<FoundItem[]> {
    const part = text.toLowerCase();
    const types = await this.#parts.catalogue.typesFor(this.#own);
    return types
      .filter(({ name, archived }) => !archived && name.toLowerCase().includes(part))
      .slice(0, limits.foundOfKindMax)
      .map(({ name, description }) => ({ ...blank, kind: "event_type", id: name, title: name, detail: description }));
  }

  async #message(organizationId: OrganizationId, messageId: MessageId): Promise<FoundItem[]> {
    const message = await this.#parts.store.readMessage({ organizationId, messageId });
    return message === null ? [] : [await this.#messageOf(message)];
  }

  async #messageOf(message: Message): Promise<FoundItem> {
    return {
      ...blank,
      kind: "message",
      id: message.id,
      title: message.eventType,
      detail: message.eventId ?? payloadExcerpt(message),
      organization: await this.#organization(message.organizationId),
      timestamp: isoTime(message.createdAt),
    };
  }

  async #attempt(attempt: Attempt): Promise<FoundItem> {
    const { id, messageId, url, error, responseStatus, startedAt, organizationId } = attempt;
    return {
      kind: "attempt",
      id,
      message_id: messageId,
      title: url,
      detail: error ?? `Status ${responseStatus}`,
      organization: await this.#organization(organizationId),
      timestamp: isoTime(startedAt),
    };
  }

  async #subscription(subscription: Subscription): Promise<FoundItem> {
    return {
      ...blank,
      kind: "subscription",
      id: subscription.id satisfies SubscriptionId,
      title: subscription.target.url,
      detail: subscription.description,
      organization: await this.#organization(subscription.organizationId),
      timestamp: isoTime(subscription.createdAt),
    };
  }

  async #organization(organizationId: OrganizationId): Promise<FoundItem["organization"]> {
    const organization = await this.#parts.store.readOrganization({ organizationId });
    return organization === null ? { id: organizationId, name: "" } : shownOrganization(organization);
  }
}

const blank = { message_id: null, organization: null, timestamp: null } as const;

function shownOrganization({ id, name }: Organization): NonNullable<FoundItem["organization"]> {
  return { id, name };
}
