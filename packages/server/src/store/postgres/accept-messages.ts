import type { MessageId, OrganizationId } from "../../domain/id.ts";
import { keptForm } from "../../domain/kept-text.ts";
import type { Message } from "../../domain/message.ts";
import type { CommitEffects } from "../commit/commit-effects.ts";
import type { IdempotentRequest } from "../idempotency/interface.ts";
import type { AcceptedMessage, AcceptMessages, AcceptResult } from "../messages/interface.ts";
import { type FanOutRoutes, insertMessages, type NewMessage } from "./new-messages.ts";
import type { PostgresSql } from "./postgres-sql.ts";
import type { Routes } from "./routes.ts";

interface KnownEvent {
  readonly id: MessageId;
  readonly eventType: string;
  readonly payload: string;
  readonly createdAt: number;
}

interface KnownRequest {
  readonly requestHash: string;
  /** Null while a request other than a publish is running. */
  readonly accepted: readonly AcceptedMessage[] | null;
}

/**
 * Accepts the messages of many requests in one transaction: reads the known messages and keys, decides request by
 * request, and stores the new ones. If another node stores the same key concurrently, the transaction fails and runs
 * again, and then the key is known.
 */
export class Acceptance {
  readonly #requests: readonly AcceptMessages[];
  readonly #events = new Map<string, KnownEvent>();
  readonly #responses = new Map<string, KnownRequest>();
  readonly #made: NewMessage[] = [];
  readonly #kept: { request: IdempotentRequest; accepted: readonly AcceptedMessage[] }[] = [];
  #routes: FanOutRoutes = { routesFor: () => [], waiting: new Set() };

  constructor(requests: readonly AcceptMessages[]) {
    this.#requests = requests;
  }

  async read(sql: PostgresSql, routes: Routes): Promise<void> {
    const messages = this.#requests.flatMap((request) => request.messages);
    if (messages.length === 0) return;
    const [loaded] = await Promise.all([
      routes.load(sql, messages),
      this.#readEvents(sql, messages),
      this.#readResponses(sql),
    ]);
    this.#routes = loaded;
  }

  /** Stores the new messages, and returns the result of each request. */
  async write(sql: PostgresSql, effects: CommitEffects): Promise<AcceptResult[]> {
    const results = this.#requests.map((request) => this.#decide(request));
    await Promise.all([
      this.#keepEventIds(sql),
      insertMessages(sql, effects, this.#made, this.#routes),
      this.#keepResponses(sql),
    ]);
    return results;
  }

  #decide({ organizationId, messages, idempotency, testOf }: AcceptMessages): AcceptResult {
    const earlier = idempotency === null ? undefined : this.#responses.get(keyOf(organizationId, idempotency.key));
    if (earlier !== undefined) {
      const isSame = earlier.requestHash === idempotency?.requestHash;
      if (!isSame || earlier.accepted === null) return { kind: "idempotency_conflict" };
      return { kind: "accepted", messages: earlier.accepted };
    }
    const index = messages.findIndex((message) => this.#contradicts(message));
    if (index >= 0) return { kind: "event_id_conflict", index };
    const accepted = messages.map((message) => this.#accept(message, testOf));
    if (idempotency !== null) {
      this.#responses.set(keyOf(organizationId, idempotency.key), { requestHash: idempotency.requestHash, accepted });
      this.#kept.push({ request: idempotency, accepted });
    }
    return { kind: "accepted", messages: accepted };
  }

  #contradicts(message: Message): boolean {
    const known = this.#known(message);
    return known !== undefined && (known.eventType !== message.eventType || known.payload !== message.payload);
  }

  #accept(message: Message, testOf: AcceptMessages["testOf"]): AcceptedMessage {
    const known = this.#known(message);
    if (known !== undefined) return { id: known.id, createdAt: known.createdAt, duplicate: true };
    if (message.eventId !== null) this.#events.set(keyOf(message.organizationId, message.eventId), message);
    this.#made.push({ message, testOf, after: null });
    return { id: message.id, createdAt: message.createdAt, duplicate: false };
  }

  #known({ organizationId, eventId }: Message): KnownEvent | undefined {
    return eventId === null ? undefined : this.#events.get(keyOf(organizationId, eventId));
  }

  async #readEvents(sql: PostgresSql, messages: readonly Message[]): Promise<void> {
    const named = messages.filter((message) => message.eventId !== null);
    if (named.length === 0) return;
    const rows = await sql.over<{
      organization_id: OrganizationId;
      event_id: string;
      id: MessageId;
      event_type: string;
      payload: string;
      created_at: number;
    }>(
      `select event_id.organization_id, event_id.event_id, known.id, event_type, payload, created_at
       from unnest(cast(? as uuid[]), cast(? as text[])) as named (organization_id, event_id)
         join event_id using (organization_id, event_id) cross join lateral (
           select id, event_type, payload, created_at from message where id = message_id
           union all select id, event_type, payload, created_at from outbox where id = message_id) as known`,
      named.map((message) => message.organizationId),
      named.map((message) => message.eventId),
    );
    for (const row of rows) {
      const { id, event_type: eventType, payload, created_at: createdAt } = row;
      this.#events.set(keyOf(row.organization_id, row.event_id), { id, eventType, payload, createdAt });
    }
  }

  async #readResponses(sql: PostgresSql): Promise<void> {
    const keyed = this.#requests.map((request) => request.idempotency).filter((request) => request !== null);
    if (keyed.length === 0) return;
    const rows = await sql.over<{
      organization_id: OrganizationId;
      key: string;
      request_hash: string;
      body: string | null;
    }>(
      `select idempotency.organization_id, idempotency.key, request_hash, body
       from unnest(cast(? as uuid[]), cast(? as text[])) as keyed (organization_id, key)
         join idempotency using (organization_id, key)`,
      keyed.map((request) => request.organizationId),
      keyed.map((request) => request.key),
    );
    for (const row of rows) {
      const accepted = row.body === null ? null : (JSON.parse(row.body) as AcceptedMessage[]);
      this.#responses.set(keyOf(row.organization_id, row.key), { requestHash: row.request_hash, accepted });
    }
  }

  // The rows are in the order of the keys, so that two nodes that store the same ones do not wait for each other.
  async #keepEventIds(sql: PostgresSql): Promise<void> {
    const named = this.#made.map(({ message }) => message).filter((message) => message.eventId !== null);
    if (named.length === 0) return;
    await sql.over(
      `insert into event_id (organization_id, event_id, message_id)
       select * from unnest(cast(? as uuid[]), cast(? as text[]), cast(? as uuid[])) as named (organization_id, event_id, id)
       order by organization_id, event_id collate "C"`,
      named.map((message) => message.organizationId),
      named.map((message) => message.eventId),
      named.map((message) => message.id),
    );
  }

  // The rows are in the order of the keys for the same reason.
  async #keepResponses(sql: PostgresSql): Promise<void> {
    if (this.#kept.length === 0) return;
    await sql.over(
      `insert into idempotency (organization_id, key, request_hash, created_at, status, body)
       select organization_id, key, request_hash, created_at, 200, body
       from unnest(cast(? as uuid[]), cast(? as text[]), cast(? as text[]), cast(? as bigint[]), cast(? as text[]))
         as kept (organization_id, key, request_hash, created_at, body) order by organization_id, key collate "C"`,
      this.#kept.map(({ request }) => request.organizationId),
      this.#kept.map(({ request }) => request.key),
      this.#kept.map(({ request }) => request.requestHash),
      this.#kept.map(({ request }) => request.createdAt),
      this.#kept.map(({ accepted }) => JSON.stringify(accepted)),
    );
  }
}

function keyOf(organizationId: OrganizationId, key: string): string {
  return `${organizationId} ${keptForm(key)}`;
}
