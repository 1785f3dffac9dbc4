// Generated from the API's routes by packages/server/generate-sdk.ts: do not edit.

import { type CallOptions, path, type Transport } from "./transport.ts";

/** A problem (RFC 9457) with the platform's `detail` and `errors`. */
export interface ErrorAnswer {
  /** One sentence. */
  readonly detail: string;
  /** On 422 only, one entry a mistake. */
  readonly errors?: readonly {
    readonly loc: readonly (string | number)[];
    readonly msg: string;
    readonly type: string;
  }[] | undefined;
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly request_id: string;
}

export interface NewEvent {
  readonly event_type: string;
  /** Kept, signed and sent byte for byte. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Your own id of the event. The same event sent again under it is not accepted twice. */
  readonly event_id?: string | null | undefined;
}

/** A message that was accepted: it survives from here on. */
export interface AcceptedEvent {
  readonly id: string;
  readonly event_type: string;
  readonly event_id: string | null;
  readonly timestamp: string;
  /** The event had been accepted before; id and timestamp are those of that time. */
  readonly duplicate: boolean;
}

export interface EventType {
  readonly name: string;
  readonly group: string;
  readonly description: string;
  /** JSON Schema of the payload. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly example: Readonly<Record<string, unknown>>;
}

/** One event that was accepted. */
export interface Message {
  readonly id: string;
  readonly event_type: string;
  /** As it was accepted, byte for byte. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** When it was accepted. */
  readonly timestamp: string;
  /** The event type. */
  readonly channels: readonly string[];
  /** The publisher's own id of the event. */
  readonly event_id: string | null;
  readonly tags: null;
}

/** A message, and its attempts when they were asked for, newest first. */
export interface MessageWithAttempts {
  readonly id: string;
  readonly event_type: string;
  /** As it was accepted, byte for byte. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** When it was accepted. */
  readonly timestamp: string;
  /** The event type. */
  readonly channels: readonly string[];
  /** The publisher's own id of the event. */
  readonly event_id: string | null;
  readonly tags: null;
  readonly delivery_attempts: readonly Attempt[] | null;
}

/** One HTTP request made for a delivery, and what came of it. */
export interface Attempt {
  /** `atmpt_…` */
  readonly id: string;
  readonly message_id: string;
  /** The subscription's id. */
  readonly endpoint_id: string;
  readonly url: string;
  /** `pending`: a delivery that has not been attempted yet. */
  readonly status: "success" | "failed" | "pending";
  /** 0 when no answer came. */
  readonly response_status_code: number;
  /** The first 16 KiB of the answer's body. */
  readonly response: string | null;
  /** `reason: sentence` when no answer came, or a note that the answer was cut. */
  readonly error: string | null;
  readonly timestamp: string;
  readonly duration_ms: number;
  /** 1 for the first ever made of this delivery; 0 while it is pending. */
  readonly attempt_number: number;
  readonly trigger: "scheduled" | "manual" | "recovery" | "test";
  readonly next_attempt_at: string | null;
}

/** The subscriptions whose delivery of the message is due again, at once. */
export interface Resend {
  readonly message_id: string;
  readonly subscription_ids: readonly string[];
}

/** A URL, the event types it wants, filters and a state. */
export interface Subscription {
  readonly id: string;
  readonly url: string;
  /** The event types it wants. */
  readonly filter_types: readonly string[];
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly description: string | null;
  readonly filters: Readonly<Record<string, readonly (string | number | boolean | null)[]>> | null;
  /** Values that look like credentials are shown as `***`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly retry_schedule: readonly number[] | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** From the last ten attempts; failing after three failures in a row. */
  readonly health_status: "healthy" | "degraded" | "failing" | "unknown";
}

/** A subscription with its newest attempts. */
export interface SubscriptionDetail {
  readonly id: string;
  readonly url: string;
  /** The event types it wants. */
  readonly filter_types: readonly string[];
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly description: string | null;
  readonly filters: Readonly<Record<string, readonly (string | number | boolean | null)[]>> | null;
  /** Values that look like credentials are shown as `***`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly retry_schedule: readonly number[] | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** From the last ten attempts; failing after three failures in a row. */
  readonly health_status: "healthy" | "degraded" | "failing" | "unknown";
  /** The newest 100. */
  readonly delivery_attempts: readonly Attempt[];
  /** Null unless asked for. */
  readonly secret: string | null;
}

/** The new secret, and until when the old ones sign as well. */
export interface RotatedSecret {
  readonly secret: string;
  readonly overlap_until: string;
}

/** A task that makes failed or never-sent deliveries due again. */
export interface RecoveryTask {
  /** `rcvr_…` */
  readonly id: string;
  readonly status: "running" | "completed";
  readonly since: string;
  readonly until: string;
  /** Deliveries that there were to recover when it was asked for. */
  readonly total: number;
  /** Deliveries made due again so far. */
  readonly recovered: number;
}

/** The tenant: keys, subscriptions, messages and producers belong to one. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly modified_at: string;
}

/** A key to one organization, without the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  /** The key's first characters. */
  readonly prefix: string;
  readonly scopes: readonly ("read" | "write" | "secrets" | "publish" | "admin")[];
  readonly created_at: string;
  readonly expires_at: string | null;
}

export interface NewApiKey {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  /** The key's first characters. */
  readonly prefix: string;
  readonly scopes: readonly ("read" | "write" | "secrets" | "publish" | "admin")[];
  readonly created_at: string;
  readonly expires_at: string | null;
  /** Shown this once; only its hash is kept. */
  readonly key: string;
}

export type PublishEventsBody = NewEvent | readonly NewEvent[];

export interface ListMessagesQuery {
  /** How many at most: 1 to 250. */
  readonly limit?: number | undefined;
  /** Where to go on: the cursor in the last answer's Link header. */
  readonly cursor?: string | undefined;
  /** Only these event types; may be repeated. */
  readonly event_types?: string | readonly string[] | undefined;
  /** Accepted at this time or later. */
  readonly since?: string | undefined;
  /** Accepted before this time. */
  readonly until?: string | undefined;
  /** Only messages with a delivery to this subscription. */
  readonly subscription_id?: string | undefined;
  /** What has come of its deliveries. */
  readonly status?: "success" | "failed" | "pending" | undefined;
}

export interface GetMessageQuery {
  readonly include_attempts?: boolean | undefined;
}

export interface ResendMessageBody {
  readonly subscription_id?: string | undefined;
}

export interface ListSubscriptionsQuery {
  /** How many at most: 1 to 250. */
  readonly limit?: number | undefined;
  /** Where to go on: the cursor in the last answer's Link header. */
  readonly cursor?: string | undefined;
}

export interface CreateSubscriptionBody {
  readonly url: string;
  /** Exact names and wildcards such as `sync.*`. */
  readonly event_types: readonly string[];
  /** A signing secret of your own; made for you when absent. */
  readonly secret?: string | null | undefined;
  readonly description?: string | null | undefined;
  /** Payload field → the value or values wanted. A message is sent when every field matches. */
  readonly filters?: Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null)[]>> | null | undefined;
  /** Extra headers on every request to the endpoint. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Waits between attempts, in seconds; null for the installation's schedule, [] for no retry. */
  readonly retry_schedule?: readonly number[] | null | undefined;
}

export interface GetSubscriptionQuery {
  readonly include_secret?: boolean | undefined;
}

export interface UpdateSubscriptionBody {
  readonly url?: string | null | undefined;
  readonly event_types?: readonly string[] | null | undefined;
  readonly description?: string | null | undefined;
  /** Payload field → the value or values wanted. A message is sent when every field matches. */
  readonly filters?: Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null)[]>> | null | undefined;
  /** Extra headers on every request to the endpoint. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Waits between attempts, in seconds; null for the installation's schedule, [] for no retry. */
  readonly retry_schedule?: readonly number[] | null | undefined;
  readonly disabled?: boolean | null | undefined;
  /** With `disabled: false`: also send what was missed since then. At most 14 days back. */
  readonly recover_since?: string | null | undefined;
}

export interface RotateSecretBody {
  readonly secret?: string | null | undefined;
  /** Seconds during which the old secret signs as well; 24 hours unless given. */
  readonly overlap?: number | undefined;
}

export interface SendTestEventBody {
  readonly event_type: string;
}

export interface ListAttemptsQuery {
  /** How many at most: 1 to 250. */
  readonly limit?: number | undefined;
  /** Where to go on: the cursor in the last answer's Link header. */
  readonly cursor?: string | undefined;
  readonly status?: "success" | "failed" | "pending" | undefined;
}

export interface RecoverMessagesBody {
  readonly since: string;
  readonly until?: string | null | undefined;
}

export interface ListRecoveriesQuery {
  /** How many at most: 1 to 250. */
  readonly limit?: number | undefined;
  /** Where to go on: the cursor in the last answer's Link header. */
  readonly cursor?: string | undefined;
}

export interface ListOrganizationsQuery {
  /** How many at most: 1 to 250. */
  readonly limit?: number | undefined;
  /** Where to go on: the cursor in the last answer's Link header. */
  readonly cursor?: string | undefined;
}

export interface CreateOrganizationBody {
  readonly name: string;
}

export interface UpdateOrganizationBody {
  readonly name: string;
}

export interface ListApiKeysQuery {
  /** How many at most: 1 to 250. */
  readonly limit?: number | undefined;
  /** Where to go on: the cursor in the last answer's Link header. */
  readonly cursor?: string | undefined;
}

export interface CreateApiKeyBody {
  readonly name?: string | undefined;
  readonly scopes?: readonly ("read" | "write" | "secrets" | "publish" | "admin")[] | undefined;
  readonly expires_at?: string | null | undefined;
}

/** The operations of `weft.events`. */
export class EventsApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Accept an event, or up to 1,000 at once: all of them or none. Answered after the commit.
   * Needs the scope `publish`.
   *
   * `POST /events`
   */
  publishEvents(body: NewEvent, options?: CallOptions): Promise<AcceptedEvent>;
  publishEvents(body: readonly NewEvent[], options?: CallOptions): Promise<AcceptedEvent[]>;
  publishEvents(body: PublishEventsBody, options?: CallOptions): Promise<AcceptedEvent | AcceptedEvent[]> {
    return this.#transport.call({ method: "POST", path: path`/events`, body }, options);
  }
}

/** The operations of `weft.webhooks`. */
export class WebhooksApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * List the event types with the JSON Schema and an example of each.
   * Needs the scope `read`.
   *
   * `GET /webhooks/event-types`
   */
  listEventTypes(options?: CallOptions): Promise<EventType[]> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/event-types` }, options);
  }

  /**
   * List messages, newest first.
   * Needs the scope `read`.
   *
   * `GET /webhooks/messages`
   */
  listMessages(query?: ListMessagesQuery, options?: CallOptions): Promise<Message[]> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/messages`, query }, options);
  }

  /** As `listMessages`, but every item of every page, asked for page by page. */
  eachMessage(query?: ListMessagesQuery, options?: CallOptions): AsyncGenerator<Message, void, void> {
    return this.#transport.pages({ method: "GET", path: path`/webhooks/messages`, query }, options);
  }

  /**
   * Get a message, with its attempts when asked for.
   * Needs the scope `read`.
   *
   * `GET /webhooks/messages/{message_id}`
   */
  getMessage(messageId: string, query?: GetMessageQuery, options?: CallOptions): Promise<MessageWithAttempts> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/messages/${messageId}`, query }, options);
  }

  /**
   * Send a message again, to one subscription or to all that it went to.
   * Needs the scope `write`.
   *
   * `POST /webhooks/messages/{message_id}/resend`
   */
  resendMessage(messageId: string, body?: ResendMessageBody, options?: CallOptions): Promise<Resend> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/messages/${messageId}/resend`, body }, options);
  }

  /**
   * List subscriptions, newest first, with their health.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions`
   */
  listSubscriptions(query?: ListSubscriptionsQuery, options?: CallOptions): Promise<Subscription[]> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/subscriptions`, query }, options);
  }

  /** As `listSubscriptions`, but every item of every page, asked for page by page. */
  eachSubscription(query?: ListSubscriptionsQuery, options?: CallOptions): AsyncGenerator<Subscription, void, void> {
    return this.#transport.pages({ method: "GET", path: path`/webhooks/subscriptions`, query }, options);
  }

  /**
   * Create a subscription.
   * Needs the scope `write`.
   *
   * `POST /webhooks/subscriptions`
   */
  createSubscription(body: CreateSubscriptionBody, options?: CallOptions): Promise<Subscription> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions`, body }, options);
  }

  /**
   * Get a subscription with its newest attempts, and its secret when asked for.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions/{subscription_id}`
   */
  getSubscription(subscriptionId: string, query?: GetSubscriptionQuery, options?: CallOptions): Promise<SubscriptionDetail> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}`, query }, options);
  }

  /**
   * Change a subscription; disable or enable it, and send what was missed.
   * Needs the scope `write`.
   *
   * `PATCH /webhooks/subscriptions/{subscription_id}`
   */
  updateSubscription(subscriptionId: string, body: UpdateSubscriptionBody, options?: CallOptions): Promise<Subscription> {
    return this.#transport.call({ method: "PATCH", path: path`/webhooks/subscriptions/${subscriptionId}`, body }, options);
  }

  /**
   * Delete a subscription; what waits for it is cancelled.
   * Needs the scope `write`.
   *
   * `DELETE /webhooks/subscriptions/{subscription_id}`
   */
  deleteSubscription(subscriptionId: string, options?: CallOptions): Promise<Subscription> {
    return this.#transport.call({ method: "DELETE", path: path`/webhooks/subscriptions/${subscriptionId}` }, options);
  }

  /**
   * Give a subscription a new signing secret; both sign during the overlap.
   * Needs the scope `secrets`.
   *
   * `POST /webhooks/subscriptions/{subscription_id}/rotate-secret`
   */
  rotateSecret(subscriptionId: string, body?: RotateSecretBody, options?: CallOptions): Promise<RotatedSecret> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/${subscriptionId}/rotate-secret`, body }, options);
  }

  /**
   * Send the catalogue's example of an event to this subscription alone, and answer the attempt.
   * Needs the scope `write`.
   *
   * `POST /webhooks/subscriptions/{subscription_id}/test`
   */
  sendTestEvent(subscriptionId: string, body: SendTestEventBody, options?: CallOptions): Promise<Attempt> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/${subscriptionId}/test`, body }, options);
  }

  /**
   * List the attempts made to a subscription, newest first.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions/{subscription_id}/attempts`
   */
  listAttempts(subscriptionId: string, query?: ListAttemptsQuery, options?: CallOptions): Promise<Attempt[]> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/attempts`, query }, options);
  }

  /** As `listAttempts`, but every item of every page, asked for page by page. */
  eachAttempt(subscriptionId: string, query?: ListAttemptsQuery, options?: CallOptions): AsyncGenerator<Attempt, void, void> {
    return this.#transport.pages({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/attempts`, query }, options);
  }

  /**
   * Send again what failed, was skipped or was never made, for messages in [since, until).
   * Needs the scope `write`.
   *
   * `POST /webhooks/subscriptions/{subscription_id}/recover`
   */
  recoverMessages(subscriptionId: string, body: RecoverMessagesBody, options?: CallOptions): Promise<RecoveryTask> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/${subscriptionId}/recover`, body }, options);
  }

  /**
   * List a subscription's recoveries, newest first.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions/{subscription_id}/recoveries`
   */
  listRecoveries(subscriptionId: string, query?: ListRecoveriesQuery, options?: CallOptions): Promise<RecoveryTask[]> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/recoveries`, query }, options);
  }

  /** As `listRecoveries`, but every item of every page, asked for page by page. */
  eachRecovery(subscriptionId: string, query?: ListRecoveriesQuery, options?: CallOptions): AsyncGenerator<RecoveryTask, void, void> {
    return this.#transport.pages({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/recoveries`, query }, options);
  }

  /**
   * Get a recovery with its progress.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions/{subscription_id}/recoveries/{recovery_id}`
   */
  getRecovery(subscriptionId: string, recoveryId: string, options?: CallOptions): Promise<RecoveryTask> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/recoveries/${recoveryId}` }, options);
  }
}

/** The operations of `weft.organizations`. */
export class OrganizationsApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * List organizations: all for an admin key, else the key's own.
   * Needs the scope `read`.
   *
   * `GET /organizations`
   */
  listOrganizations(query?: ListOrganizationsQuery, options?: CallOptions): Promise<Organization[]> {
    return this.#transport.call({ method: "GET", path: path`/organizations`, query }, options);
  }

  /** As `listOrganizations`, but every item of every page, asked for page by page. */
  eachOrganization(query?: ListOrganizationsQuery, options?: CallOptions): AsyncGenerator<Organization, void, void> {
    return this.#transport.pages({ method: "GET", path: path`/organizations`, query }, options);
  }

  /**
   * Create an organization.
   * Needs the scope `admin`.
   *
   * `POST /organizations`
   */
  createOrganization(body: CreateOrganizationBody, options?: CallOptions): Promise<Organization> {
    return this.#transport.call({ method: "POST", path: path`/organizations`, body }, options);
  }

  /**
   * Get an organization.
   * Needs the scope `read`.
   *
   * `GET /organizations/{organization_id}`
   */
  getOrganization(organizationId: string, options?: CallOptions): Promise<Organization> {
    return this.#transport.call({ method: "GET", path: path`/organizations/${organizationId}` }, options);
  }

  /**
   * Rename an organization.
   * Needs the scope `admin`.
   *
   * `PATCH /organizations/{organization_id}`
   */
  updateOrganization(organizationId: string, body: UpdateOrganizationBody, options?: CallOptions): Promise<Organization> {
    return this.#transport.call({ method: "PATCH", path: path`/organizations/${organizationId}`, body }, options);
  }

  /**
   * Delete an organization that has no collections and no subscriptions any more.
   * Needs the scope `admin`.
   *
   * `DELETE /organizations/{organization_id}`
   */
  deleteOrganization(organizationId: string, options?: CallOptions): Promise<Organization> {
    return this.#transport.call({ method: "DELETE", path: path`/organizations/${organizationId}` }, options);
  }
}

/** The operations of `weft.apiKeys`. */
export class ApiKeysApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * List the organization's API keys, newest first.
   * Needs the scope `admin`.
   *
   * `GET /api-keys`
   */
  listApiKeys(query?: ListApiKeysQuery, options?: CallOptions): Promise<ApiKey[]> {
    return this.#transport.call({ method: "GET", path: path`/api-keys`, query }, options);
  }

  /** As `listApiKeys`, but every item of every page, asked for page by page. */
  eachApiKey(query?: ListApiKeysQuery, options?: CallOptions): AsyncGenerator<ApiKey, void, void> {
    return this.#transport.pages({ method: "GET", path: path`/api-keys`, query }, options);
  }

  /**
   * Create an API key; it is shown this once.
   * Needs the scope `admin`.
   *
   * `POST /api-keys`
   */
  createApiKey(body?: CreateApiKeyBody, options?: CallOptions): Promise<NewApiKey> {
    return this.#transport.call({ method: "POST", path: path`/api-keys`, body }, options);
  }

  /**
   * Replace an API key; the old one is refused from now on.
   * Needs the scope `admin`.
   *
   * `POST /api-keys/{key_id}/rotate`
   */
  rotateApiKey(keyId: string, options?: CallOptions): Promise<NewApiKey> {
    return this.#transport.call({ method: "POST", path: path`/api-keys/${keyId}/rotate` }, options);
  }

  /**
   * Delete an API key; it is refused from now on.
   * Needs the scope `admin`.
   *
   * `DELETE /api-keys/{key_id}`
   */
  deleteApiKey(keyId: string, options?: CallOptions): Promise<ApiKey> {
    return this.#transport.call({ method: "DELETE", path: path`/api-keys/${keyId}` }, options);
  }
}

/** The operations of `weft.process`. */
export class ProcessApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * What answers here.
   *
   * `GET /`
   */
  getVersion(options?: CallOptions): Promise<{
    readonly name: string;
    readonly version: string;
    readonly openapi: string;
  }> {
    return this.#transport.call({ method: "GET", path: path`/` }, options);
  }

  /**
   * Whether the process runs.
   *
   * `GET /health/live`
   */
  getLiveness(options?: CallOptions): Promise<{
    readonly status: "ok";
  }> {
    return this.#transport.call({ method: "GET", path: path`/health/live` }, options);
  }

  /**
   * Whether the process can do its work: the database answers.
   *
   * `GET /health`
   */
  getHealth(options?: CallOptions): Promise<{
    readonly status: "ok";
  }> {
    return this.#transport.call({ method: "GET", path: path`/health` }, options);
  }

  /**
   * Whether the process can do its work: the database answers.
   *
   * `GET /health/ready`
   */
  getReadiness(options?: CallOptions): Promise<{
    readonly status: "ok";
  }> {
    return this.#transport.call({ method: "GET", path: path`/health/ready` }, options);
  }

  /**
   * Metrics in Prometheus' text form.
   *
   * `GET /metrics`
   */
  getMetrics(options?: CallOptions): Promise<unknown> {
    return this.#transport.call({ method: "GET", path: path`/metrics` }, options);
  }

  /**
   * This API as an OpenAPI 3.1 document.
   *
   * `GET /openapi.json`
   */
  getOpenApi(options?: CallOptions): Promise<unknown> {
    return this.#transport.call({ method: "GET", path: path`/openapi.json` }, options);
  }
}

/** The API, by the nouns that its operations are about. */
export interface Weft {
  readonly events: EventsApi;
  readonly webhooks: WebhooksApi;
  readonly organizations: OrganizationsApi;
  readonly apiKeys: ApiKeysApi;
  readonly process: ProcessApi;
}

export function weftOver(transport: Transport): Weft {
  return {
    events: new EventsApi(transport),
    webhooks: new WebhooksApi(transport),
    organizations: new OrganizationsApi(transport),
    apiKeys: new ApiKeysApi(transport),
    process: new ProcessApi(transport),
  };
}
