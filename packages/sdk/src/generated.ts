// Generated from the API's routes by packages/server/generate-sdk.ts: do not edit.

import { type CallOptions, type Page, path, type Transport } from "./transport.ts";

/** A problem (RFC 9457) with the platform's `detail` and `errors`. */
export interface ErrorResponse {
  /** One sentence. */
  readonly detail: string;
  /** Only with a 422: one entry for each mistake. */
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
  /** Stored, signed and sent byte for byte. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Your own id of the event. Publishing the event again with the same id does not create another message. */
  readonly event_id?: string | null | undefined;
}

/** An accepted message. It is stored durably. */
export interface AcceptedEvent {
  readonly id: string;
  readonly event_type: string;
  readonly event_id: string | null;
  readonly timestamp: string;
  /** Whether the event was accepted before; `id` and `timestamp` are then those of the first time. */
  readonly duplicate: boolean;
}

export interface EventType {
  readonly name: string;
  readonly group: string;
  readonly description: string;
  /** JSON Schema of the payload: the newest version. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Null for a type whose schema has no example. */
  readonly example: Readonly<Record<string, unknown>> | null;
  readonly archived: boolean;
  readonly deprecated: boolean;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether it is one of Weft's own, which cannot be changed or deleted. */
  readonly built_in: boolean;
  /** Whether Weft itself publishes events of this type. Otherwise only callers of the API do. */
  readonly published_by_weft: boolean;
}

/** An event type with all versions of its JSON Schema. */
export interface EventTypeDefinition {
  readonly name: string;
  readonly group: string;
  readonly description: string;
  /** JSON Schema of the payload: the newest version. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Null for a type whose schema has no example. */
  readonly example: Readonly<Record<string, unknown>> | null;
  readonly archived: boolean;
  readonly deprecated: boolean;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether it is one of Weft's own, which cannot be changed or deleted. */
  readonly built_in: boolean;
  /** Whether Weft itself publishes events of this type. Otherwise only callers of the API do. */
  readonly published_by_weft: boolean;
  /** The `examples` of the newest schema that are objects. */
  readonly examples: readonly (Readonly<Record<string, unknown>>)[];
  /** JSON Schemas of the payload by version. */
  readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
  readonly feature_flag: string | null;
  readonly created_at: string;
  readonly modified_at: string;
}

/** One accepted event. */
export interface Message {
  readonly id: string;
  readonly event_type: string;
  /** The accepted payload, byte for byte. A payload that is not JSON is shown as `rawPayload`. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** When it was accepted. */
  readonly timestamp: string;
  /** The channels that it was published to, or otherwise the event type. */
  readonly channels: readonly string[];
  /** The publisher's own id of the event. */
  readonly event_id: string | null;
  readonly tags: readonly string[] | null;
  /** A few fields of the payload on one line; null for a payload without simple fields. */
  readonly excerpt: string | null;
  /** The number of deliveries in each state; `due` are those that are waiting or being sent. */
  readonly deliveries: {
    readonly due: number;
    readonly delivered: number;
    readonly failed: number;
    readonly skipped: number;
    readonly cancelled: number;
  };
  /** With `include_endpoints`: at most 3 deliveries, failed ones first. */
  readonly endpoints?: readonly {
    readonly subscription_id: string;
    readonly url: string;
    readonly state: "due" | "claimed" | "delivered" | "failed" | "skipped" | "cancelled";
    /** The response to the newest attempt; null without a response. */
    readonly response_status_code: number | null;
    /** The error of the newest attempt; null without an error. */
    readonly error: string | null;
  }[] | undefined;
}

/** A message, with its attempts (newest first) if they were requested. */
export interface MessageWithAttempts {
  readonly id: string;
  readonly event_type: string;
  /** The accepted payload, byte for byte. A payload that is not JSON is shown as `rawPayload`. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** When it was accepted. */
  readonly timestamp: string;
  /** The channels that it was published to, or otherwise the event type. */
  readonly channels: readonly string[];
  /** The publisher's own id of the event. */
  readonly event_id: string | null;
  readonly tags: readonly string[] | null;
  /** A few fields of the payload on one line; null for a payload without simple fields. */
  readonly excerpt: string | null;
  /** The number of deliveries in each state; `due` are those that are waiting or being sent. */
  readonly deliveries: {
    readonly due: number;
    readonly delivered: number;
    readonly failed: number;
    readonly skipped: number;
    readonly cancelled: number;
  };
  readonly delivery_attempts: readonly Attempt[] | null;
}

/** One HTTP request that was made for a delivery, with its outcome. */
export interface Attempt {
  /** `atmpt_…` */
  readonly id: string;
  readonly message_id: string;
  /** The event type of the message; null when retention deleted the message. */
  readonly event_type: string | null;
  /** The subscription's id. */
  readonly endpoint_id: string;
  readonly url: string;
  /** `pending`: a delivery that has not been attempted yet. */
  readonly status: "success" | "failed" | "pending";
  /** 0 when no response arrived. */
  readonly response_status_code: number;
  /** The first 16 KiB of the response body. */
  readonly response: string | null;
  /** The first 40 response headers, up to 4 KiB. A value of more than 1,024 characters ends with `…`, and values that look like credentials are `***`. Null without headers, and after the response was deleted. */
  readonly response_headers: Readonly<Record<string, string>> | null;
  /** Whether the response had more headers than `response_headers` has. */
  readonly response_headers_truncated: boolean;
  /** `reason: sentence` when no response arrived, or a note that the response was truncated. */
  readonly error: string | null;
  readonly timestamp: string;
  readonly duration_ms: number;
  /** 1 for the first attempt of this delivery; 0 while it is pending. */
  readonly attempt_number: number;
  readonly trigger: "scheduled" | "manual" | "recovery" | "test";
  /** Null when another attempt followed, and when no further attempt is due. */
  readonly next_attempt_at: string | null;
}

/** The subscriptions whose delivery of the message was re-queued. */
export interface Resend {
  readonly message_id: string;
  readonly subscription_ids: readonly string[];
}

/** The state of a message at one subscription. */
export interface MessageDelivery {
  readonly subscription_id: string;
  /** The subscription's current URL. */
  readonly url: string;
  /** `not_matched`: the message does not match the subscription. `missing`: it matches the current settings, but no delivery was created. */
  readonly outcome: "delivered" | "failed" | "waiting" | "skipped" | "cancelled" | "not_matched" | "missing";
  /** Why it was not delivered; null when it was. */
  readonly reason: {
    readonly code: "attempts_used_up" | "sending" | "retry" | "scheduled" | "in_order" | "queued" | "fan_out" | "circuit_open" | "half_open" | "slowed_down" | "rate_limited" | "disabled" | "subscription_deleted" | "payload_deleted" | "event_type" | "channel" | "filter" | "test" | "never_made";
    readonly detail: string;
    /** When it began, where that is known: for `disabled`, and for an open circuit. */
    readonly since: string | null;
    /** The first field of the subscription's filters that does not match. */
    readonly filter: {
      readonly path: string;
      /** The JSON text of the payload's value, truncated if it is long; null when the payload has none. */
      readonly value: string | null;
      /** The JSON text of the values that match, truncated if it is long. */
      readonly wanted: string;
    } | null;
  } | null;
  /** For a subscription without a delivery, which is compared by its current settings: whether these may have changed since the message was accepted. */
  readonly settings: "unchanged" | "changed" | null;
  /** Null when no delivery was created. */
  readonly state: "due" | "claimed" | "delivered" | "failed" | "skipped" | "cancelled" | null;
  /** The number of attempts so far. */
  readonly attempts: number;
  /** The number of further attempts by the retry schedule, if they fail; 0 for a delivery that has ended. */
  readonly attempts_left: number;
  readonly last_attempt_at: string | null;
  /** Null unless an attempt is due. */
  readonly next_attempt_at: string | null;
  /** Why its deliveries are waiting, a few seconds old at most. Null when they are not. */
  readonly held_back: {
    readonly state: "circuit_open" | "half_open" | "slowed_down" | "rate_limited";
    readonly reason: string;
    readonly since: string;
    /** Null when a request is running or may start within a second. */
    readonly next_try_at: string | null;
  } | null;
}

/** The best matches of a search: ids first. */
export interface FindResults {
  readonly results: readonly FoundRecord[];
  /** False when only a part of the messages was examined for a payload value. */
  readonly is_complete: boolean;
}

/** A record that matches a search. */
export interface FoundRecord {
  readonly kind: "message" | "attempt" | "subscription" | "event_type" | "organization";
  /** The id; for an event type, its name. */
  readonly id: string;
  /** The message of an attempt; null for other records. */
  readonly message_id: string | null;
  /** The event type of a message, the URL of a subscription, a name. */
  readonly title: string;
  /** A part of the payload, the error of an attempt, a description. */
  readonly detail: string | null;
  /** Null for an event type. */
  readonly organization: {
    readonly id: string;
    readonly name: string;
  } | null;
  readonly timestamp: string | null;
}

/** Whether a message matches the settings of a subscription. */
export interface MatchedMessage {
  readonly message_id: string;
  readonly event_type: string;
  /** When it was accepted. */
  readonly timestamp: string;
  /** A few fields of the payload on one line; null for a payload without simple fields. */
  readonly excerpt: string | null;
  readonly matches: boolean;
  /** Why it does not match; null when it does. */
  readonly reason: {
    readonly code: "attempts_used_up" | "sending" | "retry" | "scheduled" | "in_order" | "queued" | "fan_out" | "circuit_open" | "half_open" | "slowed_down" | "rate_limited" | "disabled" | "subscription_deleted" | "payload_deleted" | "event_type" | "channel" | "filter" | "test" | "never_made";
    readonly detail: string;
    /** The first field of the subscription's filters that does not match. */
    readonly filter: {
      readonly path: string;
      /** The JSON text of the payload's value, truncated if it is long; null when the payload has none. */
      readonly value: string | null;
      /** The JSON text of the values that match, truncated if it is long. */
      readonly wanted: string;
    } | null;
  } | null;
}

/** A notice as a destination would receive it. */
export interface NoticePreview {
  readonly event_type: string;
  /** The subject of an e-mail; null for other destinations. */
  readonly subject: string | null;
  /** The text of an e-mail, or the JSON body of the request. A routing key is `***`. */
  readonly body: string;
}

/** A subscription in a list. */
export interface SubscriptionListItem {
  readonly id: string;
  /** Your own id of the subscription. */
  readonly uid: string | null;
  /** A `listener` has no endpoint. Its deliveries go to the programs that are connected to it. An agent made a subscription of the kind `mcp` and is the only one who can change it. */
  readonly kind: "endpoint" | "listener" | "mcp";
  readonly url: string;
  /** The service that notifies people; null for webhooks. Secret parts of its URL are `***`. */
  readonly destination: "slack" | "discord" | "pagerduty" | "email" | null;
  /** The template of the notices; null for Weft's own sentence. */
  readonly template: string | null;
  /** The facts about the subscription of an agent; null for others. */
  readonly mcp: {
    /** The id under which the agent knows it: `sub_…`. */
    readonly subscription_id: string;
    /** The accepted values by the name of a field of the payload. */
    readonly arguments: Readonly<Record<string, unknown>>;
    /** Identifies the API key of the agent, or the holder of its access token. */
    readonly principal: string;
    /** When it ends, unless the agent refreshes it. */
    readonly expires_at: string;
  } | null;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The event types it receives. */
  readonly filter_types: readonly string[];
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly description: string | null;
  readonly filters: Readonly<Record<string, readonly (string | number | boolean | null)[]>> | null;
  /** Values that look like credentials are shown as `***`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `Authorization` header of each request; secrets are `***`. */
  readonly authentication: {
    readonly type: "basic";
    readonly username: string;
    readonly password: "***";
  } | {
    readonly type: "bearer";
    readonly token: "***";
  } | {
    readonly type: "oauth2";
    readonly token_url: string;
    readonly client_id: string;
    readonly client_secret: "***";
    readonly scope: string | null;
    readonly audience: string | null;
    readonly client_authentication: "basic" | "post";
  } | null;
  /** The client certificate; its private key is never shown. */
  readonly client_certificate: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  /** The only authority that the endpoint's certificate may have. */
  readonly certificate_authority: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  readonly retry_schedule: readonly number[] | null;
  /** Strictly one delivery at a time in message order. */
  readonly ordered: boolean;
  /** The maximum deliveries per second; null for no limit. */
  readonly rate_limit: number | null;
  /** Whether requests contain the trace context of the publish. */
  readonly send_trace_context: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  /** From the last ten attempts; failing after three failures in a row. */
  readonly health_status: "healthy" | "degraded" | "failing" | "unknown";
  /** Why its deliveries are waiting, a few seconds old at most. Null when they are not. */
  readonly held_back: {
    readonly state: "circuit_open" | "half_open" | "slowed_down" | "rate_limited";
    readonly reason: string;
    readonly since: string;
    /** Null when a request is running or may start within a second. */
    readonly next_try_at: string | null;
  } | null;
  readonly last_attempt_at: string | null;
  /** The success rate of the last ten attempts, 0 to 1; null before the first. */
  readonly success_rate: number | null;
}

/** A URL with event types, filters and a state. */
export interface Subscription {
  readonly id: string;
  /** Your own id of the subscription. */
  readonly uid: string | null;
  /** A `listener` has no endpoint. Its deliveries go to the programs that are connected to it. An agent made a subscription of the kind `mcp` and is the only one who can change it. */
  readonly kind: "endpoint" | "listener" | "mcp";
  readonly url: string;
  /** The service that notifies people; null for webhooks. Secret parts of its URL are `***`. */
  readonly destination: "slack" | "discord" | "pagerduty" | "email" | null;
  /** The template of the notices; null for Weft's own sentence. */
  readonly template: string | null;
  /** The facts about the subscription of an agent; null for others. */
  readonly mcp: {
    /** The id under which the agent knows it: `sub_…`. */
    readonly subscription_id: string;
    /** The accepted values by the name of a field of the payload. */
    readonly arguments: Readonly<Record<string, unknown>>;
    /** Identifies the API key of the agent, or the holder of its access token. */
    readonly principal: string;
    /** When it ends, unless the agent refreshes it. */
    readonly expires_at: string;
  } | null;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The event types it receives. */
  readonly filter_types: readonly string[];
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly description: string | null;
  readonly filters: Readonly<Record<string, readonly (string | number | boolean | null)[]>> | null;
  /** Values that look like credentials are shown as `***`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `Authorization` header of each request; secrets are `***`. */
  readonly authentication: {
    readonly type: "basic";
    readonly username: string;
    readonly password: "***";
  } | {
    readonly type: "bearer";
    readonly token: "***";
  } | {
    readonly type: "oauth2";
    readonly token_url: string;
    readonly client_id: string;
    readonly client_secret: "***";
    readonly scope: string | null;
    readonly audience: string | null;
    readonly client_authentication: "basic" | "post";
  } | null;
  /** The client certificate; its private key is never shown. */
  readonly client_certificate: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  /** The only authority that the endpoint's certificate may have. */
  readonly certificate_authority: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  readonly retry_schedule: readonly number[] | null;
  /** Strictly one delivery at a time in message order. */
  readonly ordered: boolean;
  /** The maximum deliveries per second; null for no limit. */
  readonly rate_limit: number | null;
  /** Whether requests contain the trace context of the publish. */
  readonly send_trace_context: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  /** From the last ten attempts; failing after three failures in a row. */
  readonly health_status: "healthy" | "degraded" | "failing" | "unknown";
  /** Why its deliveries are waiting, a few seconds old at most. Null when they are not. */
  readonly held_back: {
    readonly state: "circuit_open" | "half_open" | "slowed_down" | "rate_limited";
    readonly reason: string;
    readonly since: string;
    /** Null when a request is running or may start within a second. */
    readonly next_try_at: string | null;
  } | null;
}

/** A subscription with its newest attempts. */
export interface SubscriptionDetail {
  readonly id: string;
  /** Your own id of the subscription. */
  readonly uid: string | null;
  /** A `listener` has no endpoint. Its deliveries go to the programs that are connected to it. An agent made a subscription of the kind `mcp` and is the only one who can change it. */
  readonly kind: "endpoint" | "listener" | "mcp";
  readonly url: string;
  /** The service that notifies people; null for webhooks. Secret parts of its URL are `***`. */
  readonly destination: "slack" | "discord" | "pagerduty" | "email" | null;
  /** The template of the notices; null for Weft's own sentence. */
  readonly template: string | null;
  /** The facts about the subscription of an agent; null for others. */
  readonly mcp: {
    /** The id under which the agent knows it: `sub_…`. */
    readonly subscription_id: string;
    /** The accepted values by the name of a field of the payload. */
    readonly arguments: Readonly<Record<string, unknown>>;
    /** Identifies the API key of the agent, or the holder of its access token. */
    readonly principal: string;
    /** When it ends, unless the agent refreshes it. */
    readonly expires_at: string;
  } | null;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The event types it receives. */
  readonly filter_types: readonly string[];
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly description: string | null;
  readonly filters: Readonly<Record<string, readonly (string | number | boolean | null)[]>> | null;
  /** Values that look like credentials are shown as `***`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `Authorization` header of each request; secrets are `***`. */
  readonly authentication: {
    readonly type: "basic";
    readonly username: string;
    readonly password: "***";
  } | {
    readonly type: "bearer";
    readonly token: "***";
  } | {
    readonly type: "oauth2";
    readonly token_url: string;
    readonly client_id: string;
    readonly client_secret: "***";
    readonly scope: string | null;
    readonly audience: string | null;
    readonly client_authentication: "basic" | "post";
  } | null;
  /** The client certificate; its private key is never shown. */
  readonly client_certificate: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  /** The only authority that the endpoint's certificate may have. */
  readonly certificate_authority: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  readonly retry_schedule: readonly number[] | null;
  /** Strictly one delivery at a time in message order. */
  readonly ordered: boolean;
  /** The maximum deliveries per second; null for no limit. */
  readonly rate_limit: number | null;
  /** Whether requests contain the trace context of the publish. */
  readonly send_trace_context: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  /** From the last ten attempts; failing after three failures in a row. */
  readonly health_status: "healthy" | "degraded" | "failing" | "unknown";
  /** Why its deliveries are waiting, a few seconds old at most. Null when they are not. */
  readonly held_back: {
    readonly state: "circuit_open" | "half_open" | "slowed_down" | "rate_limited";
    readonly reason: string;
    readonly since: string;
    /** Null when a request is running or may start within a second. */
    readonly next_try_at: string | null;
  } | null;
  /** The newest 100. */
  readonly delivery_attempts: readonly Attempt[];
  /** The key with which a receiver verifies: `whsec_…`, or the public key `whpk_…` for `v1a`. Null unless requested. */
  readonly secret: string | null;
  /** Until this time, earlier secrets also sign. */
  readonly secret_overlap_until: string | null;
}

/** The new secret, and the time until which the old ones also sign. */
export interface RotatedSecret {
  /** The key with which a receiver verifies: `whsec_…`, or the public key `whpk_…` for `v1a`. */
  readonly secret: string;
  readonly overlap_until: string;
}

/** A subscription without a URL, with its signing secret. */
export interface Listener {
  readonly id: string;
  /** Your own id of the subscription. */
  readonly uid: string | null;
  /** A `listener` has no endpoint. Its deliveries go to the programs that are connected to it. An agent made a subscription of the kind `mcp` and is the only one who can change it. */
  readonly kind: "endpoint" | "listener" | "mcp";
  readonly url: string;
  /** The service that notifies people; null for webhooks. Secret parts of its URL are `***`. */
  readonly destination: "slack" | "discord" | "pagerduty" | "email" | null;
  /** The template of the notices; null for Weft's own sentence. */
  readonly template: string | null;
  /** The facts about the subscription of an agent; null for others. */
  readonly mcp: {
    /** The id under which the agent knows it: `sub_…`. */
    readonly subscription_id: string;
    /** The accepted values by the name of a field of the payload. */
    readonly arguments: Readonly<Record<string, unknown>>;
    /** Identifies the API key of the agent, or the holder of its access token. */
    readonly principal: string;
    /** When it ends, unless the agent refreshes it. */
    readonly expires_at: string;
  } | null;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The event types it receives. */
  readonly filter_types: readonly string[];
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly description: string | null;
  readonly filters: Readonly<Record<string, readonly (string | number | boolean | null)[]>> | null;
  /** Values that look like credentials are shown as `***`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `Authorization` header of each request; secrets are `***`. */
  readonly authentication: {
    readonly type: "basic";
    readonly username: string;
    readonly password: "***";
  } | {
    readonly type: "bearer";
    readonly token: "***";
  } | {
    readonly type: "oauth2";
    readonly token_url: string;
    readonly client_id: string;
    readonly client_secret: "***";
    readonly scope: string | null;
    readonly audience: string | null;
    readonly client_authentication: "basic" | "post";
  } | null;
  /** The client certificate; its private key is never shown. */
  readonly client_certificate: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  /** The only authority that the endpoint's certificate may have. */
  readonly certificate_authority: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  readonly retry_schedule: readonly number[] | null;
  /** Strictly one delivery at a time in message order. */
  readonly ordered: boolean;
  /** The maximum deliveries per second; null for no limit. */
  readonly rate_limit: number | null;
  /** Whether requests contain the trace context of the publish. */
  readonly send_trace_context: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  /** From the last ten attempts; failing after three failures in a row. */
  readonly health_status: "healthy" | "degraded" | "failing" | "unknown";
  /** Why its deliveries are waiting, a few seconds old at most. Null when they are not. */
  readonly held_back: {
    readonly state: "circuit_open" | "half_open" | "slowed_down" | "rate_limited";
    readonly reason: string;
    readonly since: string;
    /** Null when a request is running or may start within a second. */
    readonly next_try_at: string | null;
  } | null;
  readonly name: string;
  /** The key with which a receiver verifies: `whsec_…`, or the public key `whpk_…` for `v1a`. */
  readonly secret: string;
}

/** One event of a listener's connection. */
export type ListenerEvent = {
  readonly event: "delivery";
  readonly data: ListenerDelivery;
} | {
  readonly event: "end";
  readonly data: ListenerEnd;
};

/** A delivery that is sent to a listener. */
export interface ListenerDelivery {
  readonly message_id: string;
  /** An opaque text to return with the outcome. */
  readonly receipt: string;
  readonly event_type: string;
  /** 1 for the first attempt; resends continue the count. */
  readonly attempt: number;
  /** The signed headers of the request, as a receiver of webhooks gets them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The payload, byte for byte as it was accepted. The signature covers this text. */
  readonly body: string;
}

/** Why the connection ends. Deliveries without a reported outcome are sent again. */
export interface ListenerEnd {
  readonly code: string;
  readonly detail: string;
}

/** The outcome of a delivery that was sent to a listener. */
export type ListenerOutcome = {
  readonly message_id: string;
  readonly receipt: string;
  /** From the request to its end. */
  readonly duration_ms: number;
  /** Only 2xx is success. */
  readonly status: number;
  /** The response headers. An attempt keeps 40 of them, and 4 KiB in total. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The response body; the first 16 Ki characters are kept. */
  readonly body?: string | undefined;
  /** The response header of this name. */
  readonly retry_after?: string | null | undefined;
  /** Why `body` is incomplete: it was longer than the limit, or the connection ended early. */
  readonly truncated?: "too_large" | "closed" | null | undefined;
} | {
  readonly message_id: string;
  readonly receipt: string;
  /** From the request to its end. */
  readonly duration_ms: number;
  /** Why there was no response. */
  readonly error: "dns" | "connect" | "tls" | "timeout" | "blocked_address" | "too_large" | "closed" | "protocol" | "proxy" | "authentication" | "aborted" | "internal";
  readonly detail?: string | undefined;
};

/** The state of each delivery, in the order of the report. */
export type RecordedOutcomes = readonly {
  readonly message_id: string;
  /** `lost`: the receipt no longer holds the delivery, which is sent again. */
  readonly became: "delivered" | "retrying" | "failed" | "lost";
  readonly next_attempt_at: string | null;
}[];

/** An attempt with the request that was sent. */
export interface AttemptWithRequest {
  /** `atmpt_…` */
  readonly id: string;
  readonly message_id: string;
  /** The event type of the message; null when retention deleted the message. */
  readonly event_type: string | null;
  /** The subscription's id. */
  readonly endpoint_id: string;
  readonly url: string;
  /** `pending`: a delivery that has not been attempted yet. */
  readonly status: "success" | "failed" | "pending";
  /** 0 when no response arrived. */
  readonly response_status_code: number;
  /** The first 16 KiB of the response body. */
  readonly response: string | null;
  /** The first 40 response headers, up to 4 KiB. A value of more than 1,024 characters ends with `…`, and values that look like credentials are `***`. Null without headers, and after the response was deleted. */
  readonly response_headers: Readonly<Record<string, string>> | null;
  /** Whether the response had more headers than `response_headers` has. */
  readonly response_headers_truncated: boolean;
  /** `reason: sentence` when no response arrived, or a note that the response was truncated. */
  readonly error: string | null;
  readonly timestamp: string;
  readonly duration_ms: number;
  /** 1 for the first attempt of this delivery; 0 while it is pending. */
  readonly attempt_number: number;
  readonly trigger: "scheduled" | "manual" | "recovery" | "test";
  /** Null when another attempt followed, and when no further attempt is due. */
  readonly next_attempt_at: string | null;
  readonly request: {
    readonly method: "POST" | "SMTP";
    readonly url: string;
    /** Weft's headers, reproduced as they were sent, and the subscription's own. Without the scope `secrets`, own headers that look like credentials are `***`. */
    readonly headers: Readonly<Record<string, string>>;
    /** False for destinations, and when a secret or the signed payload was deleted. Signatures are then omitted. */
    readonly signature_known: boolean;
    /** False when the subscription was changed since. Its current headers are then shown, if it exists. */
    readonly own_headers_known: boolean;
    /** The notice for a destination, rendered with its current template. Null for a webhook, whose body is the payload. */
    readonly body: string | null;
    /** Null when the payload was deleted. */
    readonly body_bytes: number | null;
  };
}

/** A task that re-queues deliveries that failed or were never sent. */
export interface RecoveryTask {
  /** `rcvr_…` */
  readonly id: string;
  readonly status: "running" | "paused" | "completed" | "failed" | "cancelled";
  readonly since: string;
  readonly until: string;
  /** The event types whose deliveries it re-queues: exact names and wildcards; null for all. */
  readonly event_types: readonly string[] | null;
  /** The number of deliveries to recover; null until they are counted. */
  readonly total: number | null;
  /** Deliveries re-queued so far. */
  readonly recovered: number;
  /** The outcomes of the re-queued deliveries. */
  readonly outcomes: {
    readonly delivered: number;
    /** Deliveries that failed permanently again. */
    readonly failed: number;
    readonly waiting: number;
    /** Why deliveries are waiting, such as an open circuit; null when none is. */
    readonly waiting_reason: string | null;
    /** Deliveries that were skipped or cancelled afterwards. */
    readonly set_aside: number;
    /** False when there are more than were counted: each number is then a lower bound. */
    readonly is_exact: boolean;
  };
  /** Why it recovers nothing, or does not continue now. */
  readonly warning: string | null;
}

/** The deliveries that a recovery would re-queue now. */
export interface RecoveryPreview {
  readonly deliveries: number;
  /** False when the window has more messages than were examined: the number is then a lower bound. */
  readonly is_exact: boolean;
}

/** Recoveries by filter, one for each subscription. */
export interface FilteredRecovery {
  readonly dry_run: boolean;
  readonly subscriptions: readonly {
    readonly subscription_id: string;
    readonly url: string;
    /** The number of deliveries that would be resent; null unless it is a dry run. */
    readonly deliveries: number | null;
    /** False when there are more messages than were examined. */
    readonly is_exact: boolean | null;
    /** Null in a dry run, and for a subscription with `skipped`. */
    readonly recovery: RecoveryTask | null;
    /** Why nothing is recovered for this subscription. */
    readonly skipped: "disabled" | "too_many_recoveries" | null;
  }[];
}

/** A recovery, a purge of payloads or a survey, which runs in steps. */
export interface BackgroundTask {
  /** `qtask_…` */
  readonly id: string;
  /** Operators alone see surveys, which examine organizations one after the other. */
  readonly kind: "recovery" | "payload_purge" | "delivery_survey" | "event_type_survey";
  /** `running` also means paused. */
  readonly status: "running" | "finished" | "failed" | "cancelled";
  /** The subscription of a recovery; otherwise null. */
  readonly subscription_id: string | null;
  /** The number of deliveries, messages or organizations that it covers; null until they are counted. */
  readonly total: number | null;
  readonly done: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** The deliveries that wait to be sent. */
export interface Backlog {
  /** Deliveries that are due and wait for a node. */
  readonly due: number;
  /** Deliveries that are due later: retries, and messages that were published with a delay. */
  readonly later: number;
  /** Deliveries that are being sent, or are about to be. */
  readonly claimed: number;
  /** When the delivery that has waited longest became due. */
  readonly oldest_due_at: string | null;
  /** The maximum that is counted for each subscription and kind. */
  readonly counted_up_to: number;
  /** False when some deliveries were not counted: every sum is then a lower bound. */
  readonly is_exact: boolean;
  /** At most 50 subscriptions with waiting deliveries, those with the most due deliveries first. */
  readonly subscriptions: readonly {
    readonly subscription_id: string;
    readonly url: string;
    /** Deliveries that are due and wait for a node. */
    readonly due: number;
    /** Deliveries that are due later: retries, and messages that were published with a delay. */
    readonly later: number;
    /** Deliveries that are being sent, or are about to be. */
    readonly claimed: number;
    /** The earliest time at which a delivery was or will be due. */
    readonly next_attempt_at: string | null;
    /** Why its deliveries are waiting, a few seconds old at most. Null when they are not. */
    readonly held_back: {
      readonly state: "circuit_open" | "half_open" | "slowed_down" | "rate_limited";
      readonly reason: string;
      readonly since: string;
      /** Null when a request is running or may start within a second. */
      readonly next_try_at: string | null;
    } | null;
  }[];
}

/** Attempts, counted by the time when they began. */
export interface AttemptStats {
  /** Buckets begin at multiples of their length, so that this may be before the requested time. */
  readonly since: string;
  /** The end of the last bucket, which may be in the future. */
  readonly until: string;
  readonly step_seconds: number;
  readonly attempts: number;
  readonly succeeded: number;
  readonly failed: number;
  /** By the class of the response's status. `2xx` are those that succeeded; `other` are failures with another status, such as a 2xx response that was cut off. */
  readonly by_status: {
    readonly no_response: number;
    readonly other: number;
    readonly "2xx": number;
    readonly "3xx": number;
    readonly "4xx": number;
    readonly "5xx": number;
  };
  /** Exact below 4 ms, and within a factor of 1.42 above; null without attempts. */
  readonly duration_ms: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
  } | null;
  /** All buckets, oldest first, including empty ones. */
  readonly buckets: readonly {
    readonly start: string;
    readonly attempts: number;
    readonly succeeded: number;
    readonly failed: number;
    /** By the class of the response's status. `2xx` are those that succeeded; `other` are failures with another status, such as a 2xx response that was cut off. */
    readonly by_status: {
      readonly no_response: number;
      readonly other: number;
      readonly "2xx": number;
      readonly "3xx": number;
      readonly "4xx": number;
      readonly "5xx": number;
    };
    /** Exact below 4 ms, and within a factor of 1.42 above; null without attempts. */
    readonly duration_ms: {
      readonly p50: number;
      readonly p90: number;
      readonly p99: number;
    } | null;
  }[];
}

/** A named set of entities, fed by source connections and searched as one. */
export interface Collection {
  readonly id: string;
  readonly name: string;
  readonly readable_id: string;
  readonly created_at: string;
  readonly modified_at: string;
  readonly organization_id: string;
  /** Derived from its source connections and their last jobs. */
  readonly status: "ACTIVE" | "NEEDS SOURCE" | "ERROR";
  /** Always 0: chunks are searched by their words, not by vectors. */
  readonly vector_size: number;
  /** Always `none`. */
  readonly embedding_model_name: string;
  readonly sync_config: Readonly<Record<string, unknown>> | null;
  readonly created_by_email: null;
  readonly modified_by_email: null;
  readonly source_connection_summaries: readonly {
    readonly short_name: string;
    readonly name: string;
  }[];
}

/** The chunks that match a query best, best first. */
export interface SearchResponse {
  readonly results: readonly {
    /** A greater score is better. Scores are comparable only within one response. */
    readonly score: number;
    readonly entity_id: string;
    readonly name: string;
    readonly type: string;
    readonly url: string | null;
    readonly source_connection_id: string;
    readonly source_type: string;
    /** The index of the chunk in the entity, from 0. */
    readonly chunk_index: number;
    readonly text: string;
    /** An excerpt of the text on one line, with the most words of the query. */
    readonly snippet: string;
    /** Their positions in the snippet: start and end, in UTF-16 units. */
    readonly matches: readonly (readonly [number, number])[];
    /** When the entity was created or last changed. */
    readonly updated_at: string;
  }[];
  readonly response_type: "raw";
  readonly completion: null;
  readonly status: "success" | "no_results";
}

export interface SearchCondition {
  readonly field: "entity_id" | "name" | "breadcrumbs.entity_id" | "breadcrumbs.name" | "breadcrumbs.entity_type" | "airweave_system_metadata.entity_type" | "airweave_system_metadata.source_name" | "airweave_system_metadata.original_entity_id" | "airweave_system_metadata.sync_id" | "airweave_system_metadata.sync_job_id" | "created_at" | "updated_at" | "airweave_system_metadata.chunk_index";
  readonly operator: "equals" | "not_equals" | "contains" | "greater_than" | "less_than" | "greater_than_or_equal" | "less_than_or_equal" | "in" | "not_in";
  readonly value: string | number | boolean | readonly string[] | readonly number[];
}

/** The chunks that match a query best, best first. */
export interface SearchResults {
  readonly results: readonly {
    /** The id of the entity with the index of the chunk. */
    readonly entity_id: string;
    readonly name: string;
    /** A greater score is better. Scores are comparable only within one response. */
    readonly relevance_score: number;
    readonly breadcrumbs: readonly {
      readonly entity_id: string;
      readonly name: string;
      readonly entity_type: string;
    }[];
    /** When the entity was first stored. */
    readonly created_at: string | null;
    /** When the entity was created or last changed. */
    readonly updated_at: string | null;
    /** The text of the chunk. */
    readonly textual_representation: string;
    readonly airweave_system_metadata: {
      readonly source_name: string;
      readonly entity_type: string;
      readonly original_entity_id: string;
      readonly chunk_index: number;
      readonly sync_id: string | null;
      readonly sync_job_id: string | null;
    };
    readonly access: {
      readonly viewers: null;
      readonly is_public: null;
    };
    readonly web_url: string;
    readonly url: null;
    readonly raw_source_fields: Readonly<Record<string, unknown>>;
  }[];
}

export interface LegacyFilter {
  readonly must?: readonly LegacyCondition[] | null | undefined;
  readonly should?: readonly LegacyCondition[] | null | undefined;
  readonly must_not?: readonly LegacyCondition[] | null | undefined;
  readonly [name: string]: unknown;
}

export type LegacyCondition = LegacyMatch | LegacyRange | LegacyIds | LegacyFilter;

export interface LegacyMatch {
  readonly key: string;
  readonly match: {
    readonly value?: string | number | boolean | undefined;
    readonly any?: readonly (string | number | boolean)[] | undefined;
    readonly except?: readonly (string | number | boolean)[] | undefined;
  };
}

export interface LegacyRange {
  readonly key: string;
  readonly range: {
    readonly gt?: string | number | boolean | null | undefined;
    readonly gte?: string | number | boolean | null | undefined;
    readonly lt?: string | number | boolean | null | undefined;
    readonly lte?: string | number | boolean | null | undefined;
  };
}

export interface LegacyIds {
  readonly has_id: readonly string[];
}

/** The chunks that match a query best, best first. */
export interface LegacySearchResponse {
  readonly results: readonly {
    readonly id: string;
    readonly score: number;
    readonly entity_id: string;
    readonly name: string;
    readonly textual_representation: string;
    readonly created_at: string;
    readonly updated_at: string;
    readonly breadcrumbs: readonly unknown[];
    readonly system_metadata: Readonly<Record<string, unknown>>;
    readonly access: {
      readonly viewers: null;
      readonly is_public: null;
    };
    readonly source_fields: Readonly<Record<string, unknown>>;
  }[];
  readonly completion: null;
  /** Only for requests of the older form. */
  readonly status?: "success" | "no_results" | undefined;
  /** Only for requests of the older form. */
  readonly response_type?: "raw" | undefined;
}

/** A kind of source, with the fields of a connection to it. */
export interface Source {
  readonly name: string;
  readonly short_name: string;
  readonly class_name: string;
  readonly description: string;
  readonly auth_methods: readonly string[];
  readonly oauth_type: string | null;
  readonly requires_byoc: boolean;
  readonly auth_config_class: string | null;
  readonly config_class: string | null;
  readonly output_entity_definitions: readonly string[];
  /** How a job reads only changes; null when the source does not say. */
  readonly detects_changes: string | null;
  /** When a job detects deleted entities; null when the source does not say. */
  readonly detects_deletions: string | null;
  /** Whether a connection selects streams, which `discover` lists. */
  readonly supports_discovery: boolean;
  readonly labels: readonly string[];
  readonly supports_continuous: boolean;
  readonly federated_search: boolean;
  readonly supports_temporal_relevance: boolean;
  readonly supports_access_control: boolean;
  readonly supports_browse_tree: boolean;
  readonly rate_limit_level: string | null;
  readonly feature_flag: string | null;
  readonly auth_fields: {
    readonly fields: readonly {
      readonly name: string;
      readonly title: string;
      readonly description: string | null;
      readonly type: string;
      readonly required: boolean;
      readonly items_type: string | null;
      readonly is_secret: boolean;
      /** Whether the text has several lines, such as a key. */
      readonly is_multiline: boolean;
      readonly enum_values: readonly string[] | null;
      /** The default value. */
      readonly default: unknown;
    }[];
  };
  readonly config_fields: {
    readonly fields: readonly {
      readonly name: string;
      readonly title: string;
      readonly description: string | null;
      readonly type: string;
      readonly required: boolean;
      readonly items_type: string | null;
      readonly is_secret: boolean;
      /** Whether the text has several lines, such as a key. */
      readonly is_multiline: boolean;
      readonly enum_values: readonly string[] | null;
      /** The default value. */
      readonly default: unknown;
    }[];
  };
  readonly supported_auth_providers: readonly string[];
}

/** The parts of a source that a connection selects. */
export interface SourceStreams {
  readonly streams: readonly {
    /** The id in the settings of a connection. */
    readonly id: string;
    /** The type of its entities. */
    readonly name: string;
    readonly key_properties: readonly string[];
    /** The properties by which it can be read incrementally. */
    readonly replication_keys: readonly string[];
    /** Such as FULL_TABLE; null when the source does not declare it. */
    readonly replication_method: string | null;
    readonly is_selected_by_default: boolean;
    readonly properties: readonly string[];
  }[];
}

/** The first entities of a source. */
export interface SourceCheck {
  readonly is_readable: boolean;
  /** Why the source could not be read; null when it could. */
  readonly error: string | null;
  readonly entities: readonly {
    readonly id: string;
    readonly type: string;
    readonly name: string;
    readonly url: string | null;
    /** The beginning of the text. */
    readonly text: string;
  }[];
  /** Entities that could not be read. */
  readonly problems: readonly {
    readonly id: string;
    readonly reason: string;
  }[];
}

/** A type of entity that a source yields. */
export interface EntityDefinition {
  readonly short_name: string;
  readonly name: string;
  readonly description: string;
  readonly class_name: string;
  /** The short name of the source. */
  readonly module_name: string;
  readonly entity_type: "json";
  /** The JSON Schema of an entity, which all types share. */
  readonly entity_schema: Readonly<Record<string, unknown>>;
}

/** A source connection in a list. */
export interface SourceConnectionListItem {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly short_name: string;
  readonly readable_collection_id: string;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly status: "pending_auth" | "active" | "syncing" | "error" | "needs_reauth" | "inactive";
  readonly created_at: string;
  readonly modified_at: string;
  /** When the newest completed job ended, among the jobs that are still stored. */
  readonly last_success_at: string | null;
  readonly last_job: {
    readonly id: string;
    readonly status: "pending" | "running" | "cancelling" | "completed" | "failed" | "cancelled";
    readonly started_at: string | null;
    /** When it ended, successfully or not. */
    readonly completed_at: string | null;
    readonly duration_ms: number | null;
    readonly error: string | null;
  } | null;
  /** Whether its data is older than it should be: no job ever completed, the last job failed, or a sync has been due for an hour, by schedule or after a change, while the connection is not paused. */
  readonly is_stale: boolean;
  readonly schedule: {
    readonly cron: string | null;
    readonly time_zone: string;
    /** Null while it is paused or not authenticated, and while a continuous sync waits for a change. */
    readonly next_run: string | null;
    readonly continuous: boolean;
    readonly cursor_field: null;
    readonly cursor_value: null;
  } | null;
  /** Why its credentials were refused; null unless the status is `needs_reauth`. */
  readonly error_category: "oauth_credentials_expired" | "api_key_invalid" | null;
  readonly is_authenticated: boolean;
  readonly auth_method: "direct" | "oauth_token" | "oauth_browser";
  readonly entity_count: number;
  readonly federated_search: boolean;
}

/** A source with its settings, which fills one collection. Credentials are never shown. */
export interface SourceConnection {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly short_name: string;
  readonly readable_collection_id: string;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly status: "pending_auth" | "active" | "syncing" | "error" | "needs_reauth" | "inactive";
  readonly created_at: string;
  readonly modified_at: string;
  /** When the newest completed job ended, among the jobs that are still stored. */
  readonly last_success_at: string | null;
  readonly last_job: {
    readonly id: string;
    readonly status: "pending" | "running" | "cancelling" | "completed" | "failed" | "cancelled";
    readonly started_at: string | null;
    /** When it ended, successfully or not. */
    readonly completed_at: string | null;
    readonly duration_ms: number | null;
    readonly error: string | null;
  } | null;
  /** Whether its data is older than it should be: no job ever completed, the last job failed, or a sync has been due for an hour, by schedule or after a change, while the connection is not paused. */
  readonly is_stale: boolean;
  readonly schedule: {
    readonly cron: string | null;
    readonly time_zone: string;
    /** Null while it is paused or not authenticated, and while a continuous sync waits for a change. */
    readonly next_run: string | null;
    readonly continuous: boolean;
    readonly cursor_field: null;
    readonly cursor_value: null;
  } | null;
  /** Why its credentials were refused; null unless the status is `needs_reauth`. */
  readonly error_category: "oauth_credentials_expired" | "api_key_invalid" | null;
  readonly description: string | null;
  readonly auth: {
    readonly method: "direct" | "oauth_token" | "oauth_browser";
    readonly authenticated: boolean;
    readonly authenticated_at: string | null;
    /** When the access token expires. It is renewed automatically where possible. */
    readonly expires_at: string | null;
    /** The URL to open in a browser, once. Null when it was opened, and for callers without the scope `write`. */
    readonly auth_url: string | null;
    readonly auth_url_expires: string | null;
    readonly redirect_url: string | null;
    /** Proves to `verify-oauth` who began the authorization. Null except in the responses of a create with browser authentication and of `reinitiate-oauth`. */
    readonly claim_token: string | null;
    /** Always null: no source uses an auth provider. */
    readonly provider_id: null;
    readonly provider_readable_id: null;
  };
  readonly config: Readonly<Record<string, unknown>>;
  /** The counts of the newest 1,000 jobs. */
  readonly sync: {
    readonly total_runs: number;
    readonly successful_runs: number;
    readonly failed_runs: number;
    readonly last_job: {
      readonly id: string;
      readonly status: "pending" | "running" | "cancelling" | "completed" | "failed" | "cancelled";
      readonly started_at: string | null;
      /** When it ended, successfully or not. */
      readonly completed_at: string | null;
      readonly duration_seconds: number | null;
      readonly entities_inserted: number;
      readonly entities_updated: number;
      readonly entities_deleted: number;
      /** Entities that are unchanged since the previous job. */
      readonly entities_skipped: number;
      /** Entities that could not be read. */
      readonly entities_failed: number;
      readonly chunks_written: number;
      readonly error: string | null;
      /** Set when the credentials of the source connection were refused. It is synced again when it has others. */
      readonly error_category: "oauth_credentials_expired" | "api_key_invalid" | null;
    } | null;
  } | null;
  readonly sync_id: string | null;
  readonly entities: {
    readonly total_entities: number;
    readonly by_type: Readonly<Record<string, {
      readonly count: number;
      readonly last_updated: string | null;
    }>>;
  };
  /** Why the last job failed; null unless it did. */
  readonly error_message: string | null;
  /** Always null: no source uses an auth provider. */
  readonly provider_settings_url: null;
  readonly provider_short_name: null;
  readonly federated_search: boolean;
}

/** The result of an authorization without a `redirect_url`. */
export interface AuthorizationResult {
  readonly status: "success" | "error";
  readonly source_connection_id: string;
  /** An error code: the provider's, if it sent one. */
  readonly error: string | null;
}

/** One run of a sync. Its counts grow while it runs. */
export interface SyncJob {
  readonly id: string;
  readonly status: "pending" | "running" | "cancelling" | "completed" | "failed" | "cancelled";
  readonly started_at: string | null;
  /** When it ended, successfully or not. */
  readonly completed_at: string | null;
  readonly duration_seconds: number | null;
  readonly entities_inserted: number;
  readonly entities_updated: number;
  readonly entities_deleted: number;
  /** Entities that are unchanged since the previous job. */
  readonly entities_skipped: number;
  /** Entities that could not be read. */
  readonly entities_failed: number;
  readonly chunks_written: number;
  readonly error: string | null;
  /** Set when the credentials of the source connection were refused. It is synced again when it has others. */
  readonly error_category: "oauth_credentials_expired" | "api_key_invalid" | null;
  readonly source_connection_id: string;
  readonly error_details: null;
}

/** The tenant: keys, subscriptions, messages and producers belong to one. */
export interface Organization {
  readonly id: string;
  /** `org_weft`, or the organization of the Svix token that created it: the namespace of its uid and event types. */
  readonly namespace: string;
  /** Your own id of the organization, unique in its namespace. */
  readonly uid: string | null;
  readonly name: string;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether events of types that are not in the catalogue are accepted, without a schema, and subscriptions can select them. */
  readonly unknown_event_types: "accept" | "refuse";
  readonly description: string | null;
  /** `owner` for callers with the scope `admin`, otherwise `member`. */
  readonly role: "owner" | "member";
  /** Whether it is the organization of the key. */
  readonly is_primary: boolean;
  /** Always empty. */
  readonly enabled_features: readonly string[];
  readonly auth0_org_id: null;
  readonly org_metadata: null;
  readonly billing: null;
  /** How many days messages and attempts are kept; null for the retention of the installation. */
  readonly retention_days: number | null;
  /** Fewer days for event types, by name. */
  readonly event_type_retention_days: Readonly<Record<string, number>>;
  readonly created_at: string;
  readonly modified_at: string;
}

/** A call that the audit log recorded. */
export interface AuditEntry {
  readonly id: string;
  /** `change` is a call that changes something. The other kinds are counted: `replay` of an idempotency key, `sign_in`, `sign_in_failed`, `refused` for a missing right, `secret_read`. */
  readonly kind: "change" | "replay" | "sign_in" | "sign_in_failed" | "refused" | "secret_read";
  /** The number of calls that the entry counts; always 1 for a `change`. */
  readonly count: number;
  /** When the last of several calls was made; null for one. */
  readonly last_at: string | null;
  /** In which the caller worked. */
  readonly organization_id: string;
  readonly timestamp: string;
  readonly actor: {
    readonly kind: "api_key" | "admin_key" | "organization_token" | "application_token" | "person" | "anonymous";
    /** The id of the API key; for an application's token, its own name. */
    readonly id: string | null;
    readonly name: string | null;
    /** The session or portal link that was made with the actor's key; null when the key itself was sent. */
    readonly via: "session" | "portal" | null;
  };
  /** Where the request came from. */
  readonly address: string | null;
  /** The client address that a proxy reported. Any client can forge it. */
  readonly forwarded_for: string | null;
  /** The operation's name in the API's document. */
  readonly operation: string;
  readonly method: string;
  /** The path with its ids. */
  readonly path: string;
  /** The things in the path that still have a name, in the order of the path. */
  readonly subjects: readonly {
    readonly kind: "subscription" | "api_key" | "organization" | "source_connection";
    readonly id: string;
    /** The current name; the URL of a subscription. */
    readonly name: string;
  }[];
  /** The names of the request's fields; values are not stored. */
  readonly fields: readonly string[];
  /** The HTTP status of the response; null when it is unknown, for example after a crash. */
  readonly status: number | null;
  readonly request_id: string;
}

/** A key of one organization, without the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  /** The key's first characters. */
  readonly prefix: string;
  readonly scopes: readonly ("read" | "write" | "subscribe" | "secrets" | "publish" | "admin")[];
  readonly created_at: string;
  /** When it was created or last rotated. */
  readonly modified_at: string;
  readonly expires_at: string | null;
  /** Until this time, the key before the last rotation is also accepted; null when it is rejected. */
  readonly overlap_until: string | null;
  /** When a request last used the key, or a session of it, accurate to a minute; null before the first one. */
  readonly last_used_at: string | null;
  /** The value of `expires_at`, under Airweave's name. */
  readonly expiration_date: string | null;
  readonly last_used_date: null;
  readonly created_by_email: null;
  readonly modified_by_email: null;
  /** The key is shown only when it is created or rotated. */
  readonly decrypted_key: null;
}

export interface NewApiKey {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  /** The key's first characters. */
  readonly prefix: string;
  readonly scopes: readonly ("read" | "write" | "subscribe" | "secrets" | "publish" | "admin")[];
  readonly created_at: string;
  /** When it was created or last rotated. */
  readonly modified_at: string;
  readonly expires_at: string | null;
  /** Until this time, the key before the last rotation is also accepted; null when it is rejected. */
  readonly overlap_until: string | null;
  /** When a request last used the key, or a session of it, accurate to a minute; null before the first one. */
  readonly last_used_at: string | null;
  /** The value of `expires_at`, under Airweave's name. */
  readonly expiration_date: string | null;
  readonly last_used_date: null;
  readonly created_by_email: null;
  readonly modified_by_email: null;
  /** Shown only once; Weft stores only its hash. */
  readonly key: string;
  /** The key, under Airweave's name. */
  readonly decrypted_key: string;
}

/** The caller and their rights. */
export interface Session {
  /** How the caller is authenticated. `none` means that this installation requires no key. */
  readonly via: "none" | "api_key" | "session" | "portal";
  readonly actor: {
    readonly kind: "api_key" | "admin_key" | "organization_token" | "application_token" | "person" | "anonymous";
    readonly id: string | null;
    readonly name: string | null;
  };
  /** The organization in which the caller acts. */
  readonly organization: {
    readonly id: string;
    readonly name: string;
    readonly unknown_event_types: "accept" | "refuse";
  };
  /** The organizations of a person with roles in several, which `x-organization-id` selects; otherwise empty. */
  readonly organizations: readonly {
    readonly id: string;
    readonly name: string;
  }[];
  readonly scopes: readonly ("read" | "write" | "subscribe" | "secrets" | "publish" | "admin")[];
  /** Whether the caller may act in any organization, with the header `x-organization-id`. */
  readonly is_operator: boolean;
  readonly expires_at: string | null;
  /** Whether this Weft requires keys. */
  readonly auth: "none" | "required";
  /** The platform's name, colour and logo, which the operator set for the portal. */
  readonly portal_brand: {
    readonly name: string;
    /** The colour, as `#rrggbb`. */
    readonly color: string | null;
    /** The path of the logo on this host. */
    readonly logo_url: string | null;
  } | null;
  /** The delays, in seconds, for subscriptions without a retry schedule of their own. */
  readonly default_retry_schedule: readonly number[];
}

/** A link to the console of one organization. */
export interface PortalSession {
  /** Opens the console. Everyone with this URL has its rights. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token: string;
  readonly expires_at: string;
}

/** The ways to log in to the console, besides API keys. */
export interface SignInMethods {
  /** Null when people log in with API keys only. */
  readonly identity_provider: {
    readonly name: string;
    /** The path on this host that begins a sign-in in the browser. */
    readonly url: string;
  } | null;
}

/** The settings that this Weft runs with. */
export interface EffectiveSettings {
  readonly version: string;
  /** The command that runs this Weft. */
  readonly command: "dev" | "serve";
  readonly database: "sqlite" | "postgresql";
  /** The features that depend on the settings. */
  readonly features: {
    /** Whether a mail server is set. */
    readonly email_alerts: boolean;
    /** Whether tokens that are signed for Svix' SDKs are accepted. */
    readonly svix_tokens: boolean;
    /** Whether the URL of a new subscription must be reachable. */
    readonly endpoint_checks: boolean;
    /** Whether the portal has the name of a platform. */
    readonly portal_brand: boolean;
    readonly test_sources: boolean;
  };
  /** The most important limits. */
  readonly limits: {
    /** The payload of an event. */
    readonly payload_bytes: number;
    readonly events_per_batch: number;
    readonly request_body_bytes: number;
    /** One JSON Schema of an event type. */
    readonly schema_bytes: number;
    /** Event types that operators define. */
    readonly event_types: number;
    readonly subscriptions_per_organization: number;
    readonly source_connections_per_organization: number;
    /** The response body of an attempt. */
    readonly response_bytes_kept: number;
  };
  /** The variables with their effective values; null for a variable without a value. Secrets are `***`. */
  readonly settings: readonly {
    readonly name: string;
    readonly value: string | null;
  }[];
}

/** One event of a stream. */
export type StreamEvent = {
  readonly event: "message";
  /** The position to resume from: send it as `Last-Event-ID`. */
  readonly id: string;
  readonly data: StreamMessage;
} | {
  readonly event: "attempt";
  /** The position to resume from: send it as `Last-Event-ID`. */
  readonly id: string;
  readonly data: StreamAttempt;
} | {
  readonly event: "subscription";
  /** The position to resume from: send it as `Last-Event-ID`. */
  readonly id: string;
  readonly data: StreamSubscription;
} | {
  readonly event: "sync_job";
  /** The position to resume from: send it as `Last-Event-ID`. */
  readonly id: string;
  readonly data: SyncJob;
} | {
  readonly event: "gap";
  /** The position to resume from: send it as `Last-Event-ID`. */
  readonly id: string;
  readonly data: StreamGap;
} | {
  readonly event: "end";
  /** The position to resume from: send it as `Last-Event-ID`. */
  readonly id: string;
  readonly data: StreamEnd;
};

/** An accepted message. */
export interface StreamMessage {
  readonly id: string;
  readonly event_type: string;
  /** When it was accepted. */
  readonly timestamp: string;
  readonly channels: readonly string[];
  readonly event_id: string | null;
  readonly tags: readonly string[] | null;
  /** With `payload=true`. */
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
  /** With `payload=text`: the accepted text, byte for byte. */
  readonly payload_text?: string | undefined;
}

/** An attempt, without the receiver's response. */
export interface StreamAttempt {
  /** `atmpt_…` */
  readonly id: string;
  readonly message_id: string;
  readonly event_type: string;
  readonly url: string;
  /** `pending`: a delivery that has not been attempted yet. */
  readonly status: "success" | "failed" | "pending";
  /** 0 when no response arrived. */
  readonly response_status_code: number;
  /** `reason: sentence` when no response arrived, or a note that the response was truncated. */
  readonly error: string | null;
  readonly timestamp: string;
  readonly duration_ms: number;
  /** 1 for the first attempt of this delivery; 0 while it is pending. */
  readonly attempt_number: number;
  readonly trigger: "scheduled" | "manual" | "recovery" | "test";
  /** Null when another attempt followed, and when no further attempt is due. */
  readonly next_attempt_at: string | null;
  readonly subscription_id: string;
}

/** The current state of a subscription whose state or health changed. */
export interface StreamSubscription {
  readonly id: string;
  /** Your own id of the subscription. */
  readonly uid: string | null;
  /** A `listener` has no endpoint. Its deliveries go to the programs that are connected to it. An agent made a subscription of the kind `mcp` and is the only one who can change it. */
  readonly kind: "endpoint" | "listener" | "mcp";
  readonly url: string;
  /** The service that notifies people; null for webhooks. Secret parts of its URL are `***`. */
  readonly destination: "slack" | "discord" | "pagerduty" | "email" | null;
  /** The template of the notices; null for Weft's own sentence. */
  readonly template: string | null;
  /** The facts about the subscription of an agent; null for others. */
  readonly mcp: {
    /** The id under which the agent knows it: `sub_…`. */
    readonly subscription_id: string;
    /** The accepted values by the name of a field of the payload. */
    readonly arguments: Readonly<Record<string, unknown>>;
    /** Identifies the API key of the agent, or the holder of its access token. */
    readonly principal: string;
    /** When it ends, unless the agent refreshes it. */
    readonly expires_at: string;
  } | null;
  /** Data that you store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The event types it receives. */
  readonly filter_types: readonly string[];
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly description: string | null;
  readonly filters: Readonly<Record<string, readonly (string | number | boolean | null)[]>> | null;
  /** Values that look like credentials are shown as `***`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `Authorization` header of each request; secrets are `***`. */
  readonly authentication: {
    readonly type: "basic";
    readonly username: string;
    readonly password: "***";
  } | {
    readonly type: "bearer";
    readonly token: "***";
  } | {
    readonly type: "oauth2";
    readonly token_url: string;
    readonly client_id: string;
    readonly client_secret: "***";
    readonly scope: string | null;
    readonly audience: string | null;
    readonly client_authentication: "basic" | "post";
  } | null;
  /** The client certificate; its private key is never shown. */
  readonly client_certificate: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  /** The only authority that the endpoint's certificate may have. */
  readonly certificate_authority: {
    readonly subject: string;
    readonly expires_at: string;
  } | null;
  readonly retry_schedule: readonly number[] | null;
  /** Strictly one delivery at a time in message order. */
  readonly ordered: boolean;
  /** The maximum deliveries per second; null for no limit. */
  readonly rate_limit: number | null;
  /** Whether requests contain the trace context of the publish. */
  readonly send_trace_context: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  /** From the last ten attempts; failing after three failures in a row. */
  readonly health_status: "healthy" | "degraded" | "failing" | "unknown";
  /** Why its deliveries are waiting, a few seconds old at most. Null when they are not. */
  readonly held_back: {
    readonly state: "circuit_open" | "half_open" | "slowed_down" | "rate_limited";
    readonly reason: string;
    readonly since: string;
    /** Null when a request is running or may start within a second. */
    readonly next_try_at: string | null;
  } | null;
  readonly deleted: boolean;
}

/** The stream cannot resume from this position, which has expired. */
export interface StreamGap {
  /** Earlier changes are missing from the stream. The lists have them. */
  readonly from: string;
  readonly detail: string;
}

/** Why the stream ends. A reader that reconnects with the last id misses nothing. */
export interface StreamEnd {
  /** Such as `too_slow`, `shutting_down`, `unauthenticated`. */
  readonly code: string;
  readonly detail: string;
}

export type PublishEventsBody = NewEvent | readonly NewEvent[];

export interface GetEventCatalogueQuery {
  /** Only these event types: names, or patterns such as `sync.*`. It may be repeated. */
  readonly event_types?: string | readonly string[] | undefined;
}

export interface GetPublicEventCatalogueQuery {
  /** Only these event types: names, or patterns such as `sync.*`. It may be repeated. */
  readonly event_types?: string | readonly string[] | undefined;
}

export interface ListEventTypesQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** The name of the last event type on the page before. */
  readonly cursor?: string | undefined;
  readonly include_archived?: boolean | undefined;
}

export interface CreateEventTypeBody {
  readonly description?: string | undefined;
  /** JSON Schemas of the payload by version, such as `1`. The newest version validates payloads, and its `examples` are the examples of the event type. Null accepts any object. */
  readonly schemas?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null | undefined;
  /** Null for the first part of the name. */
  readonly group?: string | null | undefined;
  /** New subscriptions cannot select an archived type. Its events are still delivered. */
  readonly archived?: boolean | undefined;
  /** A note for readers of the catalogue, without any effect. */
  readonly deprecated?: boolean | undefined;
  /** Only application tokens with this flag see the type; null for all. */
  readonly feature_flag?: string | null | undefined;
  /** Data that you store with the event type. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly name: string;
}

export interface UpdateEventTypeBody {
  readonly description?: string | undefined;
  /** JSON Schemas of the payload by version, such as `1`. The newest version validates payloads, and its `examples` are the examples of the event type. Null accepts any object. */
  readonly schemas?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null | undefined;
  /** Null for the first part of the name. */
  readonly group?: string | null | undefined;
  /** New subscriptions cannot select an archived type. Its events are still delivered. */
  readonly archived?: boolean | undefined;
  /** A note for readers of the catalogue, without any effect. */
  readonly deprecated?: boolean | undefined;
  /** Only application tokens with this flag see the type; null for all. */
  readonly feature_flag?: string | null | undefined;
  /** Data that you store with the event type. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export interface ListMessagesQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  /** Only these event types; may be repeated. A wildcard such as `sync.*` selects the matching event types of the catalogue. */
  readonly event_types?: string | readonly string[] | undefined;
  /** Accepted at this time or later. */
  readonly since?: string | undefined;
  /** Accepted before this time. */
  readonly until?: string | undefined;
  /** Only messages with a delivery to this subscription. */
  readonly subscription_id?: string | undefined;
  /** The outcome of its deliveries. */
  readonly status?: "success" | "failed" | "pending" | undefined;
  /** Only messages with an attempt whose response is of this class. `no_response`: no response arrived. A page may be short or empty without being the last one. */
  readonly status_class?: "no_response" | "other" | "2xx" | "3xx" | "4xx" | "5xx" | undefined;
  /** Only messages with an attempt that began at this time or later, and that is of the `status_class`. */
  readonly attempted_since?: string | undefined;
  /** Only messages with an attempt that began before this time; see `attempted_since`. */
  readonly attempted_until?: string | undefined;
  /** Only the message with this publisher's own id. */
  readonly event_id?: string | undefined;
  /** Whether test events are listed; true by default. */
  readonly include_tests?: boolean | undefined;
  /** Adds a few deliveries of each message with their last result. */
  readonly include_endpoints?: boolean | undefined;
  /** `FIELD:VALUE`: only messages whose payload has this value in this field; may be repeated up to 3 times. The field has the form of subscription filters. The value is plain text, or a JSON number, true, false or null. Payloads are searched one by one, so a page may be short or empty without being the last one. */
  readonly payload?: string | readonly string[] | undefined;
}

export interface GetMessageQuery {
  readonly include_attempts?: boolean | undefined;
}

export interface ResendMessageBody {
  readonly subscription_id?: string | undefined;
}

export interface ListMessageDeliveriesQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
}

export interface FindQuery {
  /** An id in either spelling, an event id, a part of a URL, a description or a name, or a payload value such as `customer_id:42`. */
  readonly q: string;
  /** Also search other organizations; only for the operator. */
  readonly everywhere?: boolean | undefined;
}

export interface MatchRecentMessagesBody {
  /** Exact names and wildcards such as `sync.*`. */
  readonly event_types: readonly string[];
  /** Payload field → the accepted value or values. A message matches when every field matches. Numbers are compared by their exact decimal value. Null also matches an absent field, and nothing matches an object or a list. */
  readonly filters?: Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null)[]>> | null | undefined;
  /** The subscription that would be changed. Its channels then count, because a change keeps them. */
  readonly subscription_id?: string | null | undefined;
  /** The number of messages. */
  readonly limit?: number | undefined;
}

export interface PreviewNoticeBody {
  readonly destination: "slack" | "discord" | "pagerduty" | "email";
  /** The template of the notices, with fields of the payload as `{{error}}` or `{{data.id}}`, and `{{event_type}}` and `{{message_id}}`. An e-mail's first line is its subject. Null for Weft's own sentence. */
  readonly template?: string | null | undefined;
  /** The message that the notice is about. */
  readonly message_id?: string | null | undefined;
  /** Instead of `message_id`: the event type whose example the notice is about. */
  readonly event_type?: string | null | undefined;
}

export interface ListSubscriptionsQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  /** A part of the URL, the description or the uid, in any case. */
  readonly search?: string | undefined;
  /** Only subscriptions that receive one of these event types, by name or by wildcard; may be repeated. A wildcard such as `sync.*` selects the matching event types of the catalogue. */
  readonly event_types?: string | readonly string[] | undefined;
  readonly health?: "healthy" | "degraded" | "failing" | "unknown" | undefined;
  /** `disabled_automatically`: the endpoint returned 410 Gone, or failed for five days. */
  readonly status?: "enabled" | "disabled" | "disabled_automatically" | undefined;
  /** The value that orders the list, in place of the time of creation. `health`: the worst first. It orders the newest 2000 subscriptions. */
  readonly sort?: "url" | "health" | "last_attempt" | undefined;
  /** The direction of `sort`. */
  readonly order?: "ascending" | "descending" | undefined;
}

export interface CreateSubscriptionBody {
  readonly url: string;
  /** The service that notifies people instead of a webhook. The URL depends on it: `slack` needs the URL of an incoming webhook; `discord` needs the URL of a channel's webhook; `pagerduty` needs the URL of the Events API v2, such as `https://events.pagerduty.com/v2/enqueue`; `email` needs one address, such as `mailto:ops@example.com`. */
  readonly destination?: "slack" | "discord" | "pagerduty" | "email" | null | undefined;
  /** The template of the notices, with fields of the payload as `{{error}}` or `{{data.id}}`, and `{{event_type}}` and `{{message_id}}`. An e-mail's first line is its subject. Null for Weft's own sentence. */
  readonly template?: string | null | undefined;
  readonly routing_key?: string | null | undefined;
  /** The source of the `Authorization` header of each request to the endpoint: a username and a password, a token, or access tokens that Weft obtains with the OAuth grant `client_credentials`. Null for none. */
  readonly authentication?: {
    readonly type: "basic";
    readonly username: unknown & unknown;
    /** In a change, `***` keeps the current value. */
    readonly password: string;
  } | {
    readonly type: "bearer";
    /** In a change, `***` keeps the current value. */
    readonly token: unknown & unknown;
  } | {
    readonly type: "oauth2";
    /** The token endpoint, which issues access tokens. */
    readonly token_url: string;
    readonly client_id: string;
    /** In a change, `***` keeps the current value. */
    readonly client_secret: string;
    /** The requested scope; null for the default of the token endpoint. */
    readonly scope?: string | null | undefined;
    /** The parameter `audience` of the token request; null for none. */
    readonly audience?: string | null | undefined;
    /** Whether the secret is sent in a header of Basic authentication, or in the body. */
    readonly client_authentication?: "basic" | "post" | undefined;
  } | null | undefined;
  /** The certificate with which Weft authenticates to an https endpoint; null for none. */
  readonly client_certificate?: {
    /** PEM: the certificate, followed by those between it and its authority. */
    readonly certificate: string;
    /** PEM, without a passphrase; never shown again. */
    readonly private_key: string;
  } | null | undefined;
  /** Certificates (PEM) of the only authority that may sign the certificate of the endpoint; null for the usual ones. */
  readonly certificate_authority?: string | null | undefined;
  /** Exact names and wildcards such as `sync.*`. */
  readonly event_types: readonly string[];
  /** A signing secret `whsec_…` of 16 to 75 bytes or a private key `whsk_…` of your own, without surrounding spaces. By default one is generated. */
  readonly secret?: string | null | undefined;
  /** `v1` (HMAC-SHA256) or `v1a` (Ed25519). The default is the type of `secret` if there is one, otherwise the current type, and `v1` for a new subscription. */
  readonly signature_type?: "v1" | "v1a" | null | undefined;
  /** Your own id of the subscription, unique in the organization. */
  readonly uid?: string | null | undefined;
  /** Data that you store with the subscription. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly description?: string | null | undefined;
  /** Payload field → the accepted value or values. A message matches when every field matches. Numbers are compared by their exact decimal value. Null also matches an absent field, and nothing matches an object or a list. */
  readonly filters?: Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null)[]>> | null | undefined;
  /** Extra headers on every request to the endpoint. In a change, `***` keeps the current value. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The retry schedule: delays between attempts in seconds. Null uses the installation's schedule, [] disables retries. */
  readonly retry_schedule?: readonly number[] | null | undefined;
  /** Strictly one delivery at a time in message order, the next after success or final failure. Slower. The default is false, and true for the destination pagerduty. */
  readonly ordered?: boolean | undefined;
  /** The maximum deliveries per second, for first attempts, retries and resends together; null for no limit. The default is no limit, except for destinations whose services publish one. */
  readonly rate_limit?: number | null | undefined;
  /** Whether requests contain the headers `traceparent` and `tracestate` of the publish (W3C Trace Context). Only webhooks have it; the default is false. */
  readonly send_trace_context?: boolean | undefined;
}

export interface GetSubscriptionQuery {
  readonly include_secret?: boolean | undefined;
}

export interface UpdateSubscriptionBody {
  readonly url?: string | null | undefined;
  /** The template of the notices, with fields of the payload as `{{error}}` or `{{data.id}}`, and `{{event_type}}` and `{{message_id}}`. An e-mail's first line is its subject. Null for Weft's own sentence. */
  readonly template?: string | null | undefined;
  readonly routing_key?: string | null | undefined;
  /** The source of the `Authorization` header of each request to the endpoint: a username and a password, a token, or access tokens that Weft obtains with the OAuth grant `client_credentials`. Null for none. */
  readonly authentication?: {
    readonly type: "basic";
    readonly username: unknown & unknown;
    /** In a change, `***` keeps the current value. */
    readonly password: string;
  } | {
    readonly type: "bearer";
    /** In a change, `***` keeps the current value. */
    readonly token: unknown & unknown;
  } | {
    readonly type: "oauth2";
    /** The token endpoint, which issues access tokens. */
    readonly token_url: string;
    readonly client_id: string;
    /** In a change, `***` keeps the current value. */
    readonly client_secret: string;
    /** The requested scope; null for the default of the token endpoint. */
    readonly scope?: string | null | undefined;
    /** The parameter `audience` of the token request; null for none. */
    readonly audience?: string | null | undefined;
    /** Whether the secret is sent in a header of Basic authentication, or in the body. */
    readonly client_authentication?: "basic" | "post" | undefined;
  } | null | undefined;
  /** The certificate with which Weft authenticates to an https endpoint; null for none. */
  readonly client_certificate?: {
    /** PEM: the certificate, followed by those between it and its authority. */
    readonly certificate: string;
    /** PEM, without a passphrase; never shown again. */
    readonly private_key: string;
  } | null | undefined;
  /** Certificates (PEM) of the only authority that may sign the certificate of the endpoint; null for the usual ones. */
  readonly certificate_authority?: string | null | undefined;
  readonly event_types?: readonly string[] | null | undefined;
  /** Your own id of the subscription, unique in the organization. */
  readonly uid?: string | null | undefined;
  /** Data that you store with the subscription. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly description?: string | null | undefined;
  /** Payload field → the accepted value or values. A message matches when every field matches. Numbers are compared by their exact decimal value. Null also matches an absent field, and nothing matches an object or a list. */
  readonly filters?: Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null)[]>> | null | undefined;
  /** Extra headers on every request to the endpoint. In a change, `***` keeps the current value. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The retry schedule: delays between attempts in seconds. Null uses the installation's schedule, [] disables retries. */
  readonly retry_schedule?: readonly number[] | null | undefined;
  /** Strictly one delivery at a time in message order, the next after success or final failure. Slower. */
  readonly ordered?: boolean | undefined;
  /** The maximum deliveries per second, for first attempts, retries and resends together; null for no limit. */
  readonly rate_limit?: number | null | undefined;
  /** Whether requests contain the headers `traceparent` and `tracestate` of the publish (W3C Trace Context). Only webhooks have it; the default is false. */
  readonly send_trace_context?: boolean | undefined;
  readonly disabled?: boolean | null | undefined;
  /** With `disabled: false`: also recover the messages since this time, at most 14 days back. */
  readonly recover_since?: string | null | undefined;
}

export interface RotateSecretBody {
  /** A signing secret `whsec_…` of 16 to 75 bytes or a private key `whsk_…` of your own, without surrounding spaces. By default one is generated. */
  readonly secret?: string | null | undefined;
  /** `v1` (HMAC-SHA256) or `v1a` (Ed25519). The default is the type of `secret` if there is one, otherwise the current type, and `v1` for a new subscription. */
  readonly signature_type?: "v1" | "v1a" | null | undefined;
  /** Seconds during which the old secret also signs. The default is 24 hours. */
  readonly overlap?: number | undefined;
}

export interface SendTestEventBody {
  readonly event_type: string;
}

export interface StartListenerBody {
  /** The name with which a listener is reused. Two programs with the same name share its deliveries. */
  readonly name: string;
  /** Exact names and wildcards. The default is every event. */
  readonly event_types?: readonly string[] | undefined;
  /** Payload field → the accepted value or values. A message matches when every field matches. Numbers are compared by their exact decimal value. Null also matches an absent field, and nothing matches an object or a list. */
  readonly filters?: Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null)[]>> | null | undefined;
  /** A signing secret `whsec_…` of 16 to 75 bytes or a private key `whsk_…` of your own, without surrounding spaces. By default one is generated. */
  readonly secret?: string | null | undefined;
  /** `v1` (HMAC-SHA256) or `v1a` (Ed25519). The default is the type of `secret` if there is one, otherwise the current type, and `v1` for a new subscription. */
  readonly signature_type?: "v1" | "v1a" | null | undefined;
}

export interface ReportOutcomesBody {
  readonly outcomes: readonly ListenerOutcome[];
}

export interface ListAttemptsQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  readonly status?: "success" | "failed" | "pending" | undefined;
  /** Only attempts with a response of this class, so without pending ones. */
  readonly status_class?: "no_response" | "other" | "2xx" | "3xx" | "4xx" | "5xx" | undefined;
  /** Only attempts of these event types; may be repeated. A wildcard such as `sync.*` selects the matching event types of the catalogue. */
  readonly event_types?: string | readonly string[] | undefined;
  /** Only attempts that began at this time or later. For pending ones, the time when the message was accepted counts. */
  readonly since?: string | undefined;
  /** Only attempts that began before this time. */
  readonly until?: string | undefined;
}

export interface RecoverMessagesBody {
  readonly since: string;
  readonly until?: string | null | undefined;
  /** `undelivered`: deliveries that failed, were skipped or were never created. `never_sent`: only messages for which no request was ever made. `everything`: delivered messages too. */
  readonly scope?: "undelivered" | "never_sent" | "everything" | undefined;
}

export interface PreviewRecoveryQuery {
  readonly since: string;
  /** The default is now. */
  readonly until?: string | undefined;
  /** `undelivered`: deliveries that failed, were skipped or were never created. `never_sent`: only messages for which no request was ever made. `everything`: delivered messages too. */
  readonly scope?: "undelivered" | "never_sent" | "everything" | undefined;
}

export interface ListRecoveriesQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  /** Only recoveries that re-queue deliveries of these event types, or of all; may be repeated. A wildcard such as `sync.*` selects the matching event types of the catalogue. */
  readonly event_types?: string | readonly string[] | undefined;
}

export interface RecoverByFilterBody {
  /** Required unless `message_ids` are given. */
  readonly since?: string | null | undefined;
  /** The default is now, or just after the last of the `message_ids`. */
  readonly until?: string | null | undefined;
  /** The default is all enabled subscriptions of the organization. */
  readonly subscription_ids?: readonly string[] | null | undefined;
  /** Exact names and wildcards such as `sync.*`. */
  readonly event_types?: readonly string[] | null | undefined;
  /** `missing`: no delivery was created, although the subscription matches the message. */
  readonly status?: readonly ("failed" | "skipped" | "missing" | "delivered")[] | undefined;
  readonly message_ids?: readonly string[] | null | undefined;
  readonly tag?: string | null | undefined;
  /** Only messages with an attempt to the subscription whose response is of this class. */
  readonly status_class?: "no_response" | "other" | "2xx" | "3xx" | "4xx" | "5xx" | null | undefined;
  /** Only messages with an attempt that began at this time or later, and that is of the `status_class`. */
  readonly attempted_since?: string | null | undefined;
  /** Only messages with an attempt that began before this time; see `attempted_since`. */
  readonly attempted_until?: string | null | undefined;
  /** Payload field → the accepted value or values, as in a subscription's filters. */
  readonly payload?: Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null)[]>> | null | null | undefined;
  /** Counts the deliveries without recovering them. */
  readonly dry_run?: boolean | undefined;
}

export interface ListBackgroundTasksQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  readonly status?: "running" | "finished" | "failed" | "cancelled" | undefined;
}

export interface GetSubscriptionStatsQuery {
  /** The default is a day before `until`. It must be within the retention of attempts. */
  readonly since?: string | undefined;
  /** The default is now. */
  readonly until?: string | undefined;
  /** The bucket length in whole minutes, such as `5m`, `1h`, `1d`, or seconds. The default makes about 60 buckets. For times more than two days ago it is rounded up to whole hours. */
  readonly step?: string | undefined;
}

export interface GetStatsQuery {
  /** The default is a day before `until`. It must be within the retention of attempts. */
  readonly since?: string | undefined;
  /** The default is now. */
  readonly until?: string | undefined;
  /** The bucket length in whole minutes, such as `5m`, `1h`, `1d`, or seconds. The default makes about 60 buckets. For times more than two days ago it is rounded up to whole hours. */
  readonly step?: string | undefined;
}

export interface ListCollectionsQuery {
  /** The maximum number of items: 1 to 1000. */
  readonly limit?: number | undefined;
  /** The number of items to skip; ignored with a cursor. */
  readonly skip?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  /** Part of a name or readable id, in any case. */
  readonly search?: string | undefined;
}

export interface CreateCollectionBody {
  readonly name: string;
  /** By default it is derived from the name. */
  readonly readable_id?: string | null | undefined;
  /** Stored unchanged for the platform's SDKs; Weft does not read it. */
  readonly sync_config?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface CountCollectionsQuery {
  /** Part of a name or readable id, in any case. */
  readonly search?: string | undefined;
}

export interface UpdateCollectionBody {
  readonly name?: string | null | undefined;
  /** Stored unchanged for the platform's SDKs; Weft does not read it. */
  readonly sync_config?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface SearchCollectionQuery {
  readonly query: string;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  /** Only chunks from these sources, by their short names; may be repeated. */
  readonly source_types?: string | readonly string[] | undefined;
  /** Only chunks of this source connection. */
  readonly source_connection_id?: string | undefined;
  /** Only chunks of entities of these types; may be repeated. */
  readonly types?: string | readonly string[] | undefined;
  /** Only entities that were created or changed at this time or later. */
  readonly updated_since?: string | undefined;
  /** Only entities that were created or changed before this time. */
  readonly updated_until?: string | undefined;
}

export interface SearchCollectionLegacyBody {
  readonly query: string;
  readonly filter?: LegacyFilter | null | undefined;
  readonly offset?: number | null | undefined;
  readonly limit?: number | null | undefined;
  readonly source_connection_ids?: readonly string[] | null | undefined;
  readonly retrieval_strategy?: "hybrid" | "neural" | "keyword" | null | undefined;
  readonly expand_query?: unknown;
  readonly interpret_filters?: unknown;
  readonly rerank?: unknown;
  readonly generate_answer?: unknown;
  readonly temporal_relevance?: unknown;
  readonly response_type?: unknown;
  readonly search_method?: unknown;
  readonly score_threshold?: unknown;
  readonly recency_bias?: unknown;
  readonly expansion_strategy?: unknown;
  readonly enable_reranking?: unknown;
  readonly enable_query_interpretation?: unknown;
}

export interface SearchInstantBody {
  /** Any text. Its words are searched; a text that is too long is cut. */
  readonly query: string;
  /** Groups of conditions. A chunk matches if all conditions of at least one group hold. */
  readonly filter?: readonly {
    readonly conditions: readonly SearchCondition[];
  }[] | null | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  /** Accepted for clients of Airweave. Every strategy ranks by words. */
  readonly retrieval_strategy?: "hybrid" | "semantic" | "keyword" | "neural" | null | undefined;
}

export interface SearchClassicBody {
  /** Any text. Its words are searched; a text that is too long is cut. */
  readonly query: string;
  /** Groups of conditions. A chunk matches if all conditions of at least one group hold. */
  readonly filter?: readonly {
    readonly conditions: readonly SearchCondition[];
  }[] | null | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

export interface SearchAgenticBody {
  /** Any text. Its words are searched; a text that is too long is cut. */
  readonly query: string;
  /** Groups of conditions. A chunk matches if all conditions of at least one group hold. */
  readonly filter?: readonly {
    readonly conditions: readonly SearchCondition[];
  }[] | null | undefined;
  readonly thinking?: boolean | null | undefined;
  readonly limit?: number | null | undefined;
}

export interface DiscoverSourceBody {
  /** The source's settings: its `config_fields`. */
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
  /** Direct, token or browser. The default is none for a source that needs none, otherwise browser. */
  readonly authentication?: {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly credentials: Readonly<Record<string, unknown>>;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly access_token: string;
    readonly refresh_token?: string | null | undefined;
    readonly expires_at?: string | null | undefined;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly provider_readable_id: string;
    readonly provider_config?: Readonly<Record<string, unknown>> | null | undefined;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly redirect_uri?: string | null | undefined;
    readonly client_id?: string | null | undefined;
    readonly client_secret?: string | null | undefined;
    readonly consumer_key?: string | null | undefined;
    readonly consumer_secret?: string | null | undefined;
  } | null | undefined;
}

export interface CheckSourceBody {
  /** The source's settings: its `config_fields`. */
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
  /** Direct, token or browser. The default is none for a source that needs none, otherwise browser. */
  readonly authentication?: {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly credentials: Readonly<Record<string, unknown>>;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly access_token: string;
    readonly refresh_token?: string | null | undefined;
    readonly expires_at?: string | null | undefined;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly provider_readable_id: string;
    readonly provider_config?: Readonly<Record<string, unknown>> | null | undefined;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly redirect_uri?: string | null | undefined;
    readonly client_id?: string | null | undefined;
    readonly client_secret?: string | null | undefined;
    readonly consumer_key?: string | null | undefined;
    readonly consumer_secret?: string | null | undefined;
  } | null | undefined;
}

export interface ListEntityDefinitionsOfSourceQuery {
  /** The source. */
  readonly source_short_name: string;
}

export interface ListSourceConnectionsQuery {
  /** The maximum number of items: 1 to 1000. */
  readonly limit?: number | undefined;
  /** The number of items to skip; ignored with a cursor. */
  readonly skip?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  /** Only source connections of the collection with this readable id. */
  readonly collection?: string | undefined;
}

export interface CreateSourceConnectionBody {
  /** The default is the source's name. */
  readonly name?: string | null | undefined;
  /** The source. */
  readonly short_name: string;
  readonly readable_collection_id: string;
  readonly description?: string | null | undefined;
  /** Data that you store with the source connection. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The source's settings: its `config_fields`. */
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
  /** When it is synced automatically. It never is when this is null, or without `cron` and `continuous`. */
  readonly schedule?: {
    /** Five fields: minute, hour, day of the month, month, day of the week. */
    readonly cron?: string | null | undefined;
    /** An IANA name such as `Europe/Berlin`. */
    readonly time_zone?: string | undefined;
    /** Syncs after each change, for sources that support it; then without `cron`. */
    readonly continuous?: boolean | null | undefined;
    readonly cursor_field?: string | null | undefined;
  } | null | undefined;
  /** Whether the first sync starts as soon as the connection is authenticated. The default is false for browser authentication, and true otherwise. */
  readonly sync_immediately?: boolean | null | undefined;
  /** Direct, token or browser. The default is none for a source that needs none, otherwise browser. */
  readonly authentication?: {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly credentials: Readonly<Record<string, unknown>>;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly access_token: string;
    readonly refresh_token?: string | null | undefined;
    readonly expires_at?: string | null | undefined;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly provider_readable_id: string;
    readonly provider_config?: Readonly<Record<string, unknown>> | null | undefined;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly redirect_uri?: string | null | undefined;
    readonly client_id?: string | null | undefined;
    readonly client_secret?: string | null | undefined;
    readonly consumer_key?: string | null | undefined;
    readonly consumer_secret?: string | null | undefined;
  } | null | undefined;
  /** The browser is redirected here after browser authentication, with `status` and `source_connection_id` in the query. */
  readonly redirect_url?: string | null | undefined;
}

export interface ListCollectionSourceConnectionsQuery {
  /** The maximum number of items: 1 to 1000. */
  readonly limit?: number | undefined;
  /** The number of items to skip; ignored with a cursor. */
  readonly skip?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
}

export interface UpdateSourceConnectionBody {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  /** Data that you store with the source connection. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The source's settings: its `config_fields`. */
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
  /** When it is synced automatically. It never is when this is null, or without `cron` and `continuous`. */
  readonly schedule?: {
    /** Five fields: minute, hour, day of the month, month, day of the week. */
    readonly cron?: string | null | undefined;
    /** An IANA name such as `Europe/Berlin`. */
    readonly time_zone?: string | undefined;
    /** Syncs after each change, for sources that support it; then without `cron`. */
    readonly continuous?: boolean | null | undefined;
    readonly cursor_field?: string | null | undefined;
  } | null | undefined;
  /** New credentials. For browser authentication this creates a new `auth_url`, and the old credentials stay valid until it was used. */
  readonly authentication?: {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly credentials: Readonly<Record<string, unknown>>;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly access_token: string;
    readonly refresh_token?: string | null | undefined;
    readonly expires_at?: string | null | undefined;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly provider_readable_id: string;
    readonly provider_config?: Readonly<Record<string, unknown>> | null | undefined;
  } | {
    /** Ignored: the other fields show the method. */
    readonly type?: string | null | undefined;
    readonly redirect_uri?: string | null | undefined;
    readonly client_id?: string | null | undefined;
    readonly client_secret?: string | null | undefined;
    readonly consumer_key?: string | null | undefined;
    readonly consumer_secret?: string | null | undefined;
  } | null | undefined;
  /** The browser is redirected here after browser authentication, with `status` and `source_connection_id` in the query. */
  readonly redirect_url?: string | null | undefined;
}

export interface VerifySourceConnectionOAuthBody {
  /** The `auth.claim_token` of the authorization. */
  readonly claim_token: string;
}

export type ReinitiateSourceConnectionOAuthBody = Readonly<Record<string, unknown>>;

export interface CompleteAuthorizationQuery {
  readonly state?: string | undefined;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
  readonly error_description?: string | undefined;
  readonly iss?: string | undefined;
}

export type RunSourceConnectionsOfCollectionBody = Readonly<Record<string, unknown>>;

export interface RunSourceConnectionBody {
  readonly force_full_sync?: boolean | null | undefined;
  readonly [name: string]: unknown;
}

export interface RunSourceConnectionQuery {
  /** Whether the job ignores the stored cursor and reads the whole source again. */
  readonly force_full_sync?: boolean | undefined;
}

export interface ListSyncJobsQuery {
  /** The maximum number of items: 1 to 1000. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
}

export type CancelSyncJobBody = Readonly<Record<string, unknown>>;

export interface ListOrganizationsQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  /** The value that orders the list, in place of the time of creation. It orders the newest 2000 organizations. */
  readonly sort?: "name" | "created" | undefined;
  /** The direction of `sort`. */
  readonly order?: "ascending" | "descending" | undefined;
}

export interface CreateOrganizationBody {
  readonly name: string;
  readonly description?: string | null | undefined;
  /** Ignored: Airweave's clients send it. */
  readonly org_metadata?: unknown;
  /** Ignored: Airweave's clients send it. */
  readonly auth0_org_id?: unknown;
  readonly uid?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly unknown_event_types?: "accept" | "refuse" | undefined;
  readonly retention_days?: number | null | undefined;
  readonly event_type_retention_days?: Readonly<Record<string, number>> | undefined;
}

export interface UpdateOrganizationBody {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  /** Ignored: Airweave's clients send it. */
  readonly org_metadata?: unknown;
  /** Ignored: Airweave's clients send it. */
  readonly auth0_org_id?: unknown;
  readonly uid?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly unknown_event_types?: "accept" | "refuse" | undefined;
  readonly retention_days?: number | null | undefined;
  readonly event_type_retention_days?: Readonly<Record<string, number>> | undefined;
}

export interface ReplaceOrganizationBody {
  readonly name: string;
  readonly description?: string | null | undefined;
  /** Ignored: Airweave's clients send it. */
  readonly org_metadata?: unknown;
  /** Ignored: Airweave's clients send it. */
  readonly auth0_org_id?: unknown;
  readonly uid?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly unknown_event_types?: "accept" | "refuse" | undefined;
  readonly retention_days?: number | null | undefined;
  readonly event_type_retention_days?: Readonly<Record<string, number>> | undefined;
}

export interface ListOwnOrganizationsQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  /** The value that orders the list, in place of the time of creation. It orders the newest 2000 organizations. */
  readonly sort?: "name" | "created" | undefined;
  /** The direction of `sort`. */
  readonly order?: "ascending" | "descending" | undefined;
}

export interface ListAuditLogQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  readonly kind?: "change" | "replay" | "sign_in" | "sign_in_failed" | "refused" | "secret_read" | undefined;
  /** Only calls of this operation, such as `updateSubscription`. */
  readonly operation?: string | undefined;
  /** Only calls with this API key. */
  readonly api_key_id?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Entries of all organizations; only for the operator. */
  readonly everywhere?: boolean | undefined;
}

export interface ListApiKeysQuery {
  /** The maximum number of items: 1 to 250. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header. */
  readonly limit?: number | undefined;
  /** Continues a list: the cursor from the Link header of the previous response. */
  readonly cursor?: string | undefined;
  /** The value that orders the list, in place of the time of creation. It orders the newest 2000 keys. */
  readonly sort?: "name" | "last_used" | "created" | undefined;
  /** The direction of `sort`. */
  readonly order?: "ascending" | "descending" | undefined;
}

export interface CreateApiKeyBody {
  readonly name?: string | undefined;
  readonly scopes?: readonly ("read" | "write" | "subscribe" | "secrets" | "publish" | "admin")[] | undefined;
  readonly expires_at?: string | null | undefined;
  /** The days until it expires, for clients of Airweave. `expires_at` takes precedence. */
  readonly expiration_days?: number | null | undefined;
}

export interface DeleteApiKeyByIdQuery {
  readonly id: string;
}

export interface RotateApiKeyBody {
  /** Seconds during which the old key is also accepted; the default is 0. The next rotation ends this overlap. */
  readonly overlap?: number | undefined;
}

export interface BeginSessionBody {
  readonly api_key: string;
}

export interface CreatePortalSessionBody {
  readonly expires_in_seconds?: number | undefined;
  readonly scopes?: readonly ("read" | "write" | "secrets")[] | undefined;
}

export interface BeginSignInQuery {
  readonly return_to?: string | undefined;
}

export interface CompleteSignInQuery {
  readonly state?: string | undefined;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
  readonly error_description?: string | undefined;
  readonly iss?: string | undefined;
  readonly session_state?: string | undefined;
}

/** The operations of `weft.events`. */
export class EventsApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Publish an event, or up to 1,000 at once: all of them or none. The response follows the commit.
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
   * Get the event types as an OpenAPI 3.1 document of webhooks.
   * Needs the scope `read`.
   *
   * `GET /webhooks/event-types/openapi.json`
   */
  getEventCatalogue(query?: GetEventCatalogueQuery, options?: CallOptions): Promise<unknown> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/event-types/openapi.json`, query }, options);
  }

  /**
   * List the event types with the JSON Schema and an example of each.
   * Needs the scope `read`.
   *
   * `GET /webhooks/event-types`
   */
  listEventTypes(query?: ListEventTypesQuery, options?: CallOptions): Promise<Page<EventType>> {
    return this.#transport.page({ method: "GET", path: path`/webhooks/event-types`, query }, options);
  }

  /** As `listEventTypes`, but every item of every page, asked for page by page. */
  eachEventType(query?: ListEventTypesQuery, options?: CallOptions): AsyncGenerator<EventType, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/webhooks/event-types`, query }, options);
  }

  /**
   * Create an event type, or restore an archived one with the fields of the request.
   * Needs the scope `admin`, and is the operator's alone.
   *
   * `POST /webhooks/event-types`
   */
  createEventType(body: CreateEventTypeBody, options?: CallOptions): Promise<EventTypeDefinition> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/event-types`, body }, options);
  }

  /**
   * Get an event type with all versions of its JSON Schema.
   * Needs the scope `read`.
   *
   * `GET /webhooks/event-types/{event_type_name}`
   */
  getEventType(eventTypeName: string, options?: CallOptions): Promise<EventTypeDefinition> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/event-types/${eventTypeName}` }, options);
  }

  /**
   * Change some fields of an event type, such as its schemas, or archive it.
   * Needs the scope `admin`, and is the operator's alone.
   *
   * `PATCH /webhooks/event-types/{event_type_name}`
   */
  updateEventType(eventTypeName: string, body: UpdateEventTypeBody, options?: CallOptions): Promise<EventTypeDefinition> {
    return this.#transport.call({ method: "PATCH", path: path`/webhooks/event-types/${eventTypeName}`, body }, options);
  }

  /**
   * Delete an event type. Its messages and the subscriptions that select it stay.
   * Needs the scope `admin`, and is the operator's alone.
   *
   * `DELETE /webhooks/event-types/{event_type_name}`
   */
  deleteEventType(eventTypeName: string, options?: CallOptions): Promise<EventTypeDefinition> {
    return this.#transport.call({ method: "DELETE", path: path`/webhooks/event-types/${eventTypeName}` }, options);
  }

  /**
   * List messages, newest first.
   * Needs the scope `read`.
   *
   * `GET /webhooks/messages`
   */
  listMessages(query?: ListMessagesQuery, options?: CallOptions): Promise<Page<Message>> {
    return this.#transport.page({ method: "GET", path: path`/webhooks/messages`, query }, options);
  }

  /** As `listMessages`, but every item of every page, asked for page by page. */
  eachMessage(query?: ListMessagesQuery, options?: CallOptions): AsyncGenerator<Message, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/webhooks/messages`, query }, options);
  }

  /**
   * Get a message, optionally with its attempts.
   * Needs the scope `read`.
   *
   * `GET /webhooks/messages/{message_id}`
   */
  getMessage(messageId: string, query?: GetMessageQuery, options?: CallOptions): Promise<MessageWithAttempts> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/messages/${messageId}`, query }, options);
  }

  /**
   * Resend a message to one subscription, or to all that it was sent to.
   * Needs the scope `write`.
   *
   * `POST /webhooks/messages/{message_id}/resend`
   */
  resendMessage(messageId: string, body?: ResendMessageBody, options?: CallOptions): Promise<Resend> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/messages/${messageId}/resend`, body }, options);
  }

  /**
   * List all subscriptions that existed when a message was accepted, with the state of its delivery and the reason, newest subscription first.
   * Needs the scope `read`.
   *
   * `GET /webhooks/messages/{message_id}/deliveries`
   */
  listMessageDeliveries(messageId: string, query?: ListMessageDeliveriesQuery, options?: CallOptions): Promise<Page<MessageDelivery>> {
    return this.#transport.page({ method: "GET", path: path`/webhooks/messages/${messageId}/deliveries`, query }, options);
  }

  /** As `listMessageDeliveries`, but every item of every page, asked for page by page. */
  eachMessageDelivery(messageId: string, query?: ListMessageDeliveriesQuery, options?: CallOptions): AsyncGenerator<MessageDelivery, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/webhooks/messages/${messageId}/deliveries`, query }, options);
  }

  /**
   * Get a message's payload, byte for byte as it was accepted and is sent.
   * Needs the scope `read`.
   *
   * `GET /webhooks/messages/{message_id}/payload`
   */
  getMessagePayload(messageId: string, options?: CallOptions): Promise<string> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/messages/${messageId}/payload` }, options);
  }

  /**
   * Find messages, attempts, subscriptions and event types by an id, a name, a URL or a payload value.
   * Needs the scope `read`. Needs the operator's rights as well when `everywhere` is true.
   *
   * `GET /webhooks/find`
   */
  find(query: FindQuery, options?: CallOptions): Promise<FindResults> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/find`, query }, options);
  }

  /**
   * Match the newest messages with the settings of a subscription, without storing the settings.
   * Needs the scope `read`.
   *
   * `POST /webhooks/subscriptions/match`
   */
  matchRecentMessages(body: MatchRecentMessagesBody, options?: CallOptions): Promise<MatchedMessage[]> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/match`, body }, options);
  }

  /**
   * Render the notice that a destination would receive about a message or an example, without sending it.
   * Needs the scope `read`.
   *
   * `POST /webhooks/notices/preview`
   */
  previewNotice(body: PreviewNoticeBody, options?: CallOptions): Promise<NoticePreview> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/notices/preview`, body }, options);
  }

  /**
   * List subscriptions, newest first, with their health.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions`
   */
  listSubscriptions(query?: ListSubscriptionsQuery, options?: CallOptions): Promise<Page<SubscriptionListItem>> {
    return this.#transport.page({ method: "GET", path: path`/webhooks/subscriptions`, query }, options);
  }

  /** As `listSubscriptions`, but every item of every page, asked for page by page. */
  eachSubscription(query?: ListSubscriptionsQuery, options?: CallOptions): AsyncGenerator<SubscriptionListItem, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/webhooks/subscriptions`, query }, options);
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
   * Get a subscription with its newest attempts, and optionally its secret.
   * Needs the scope `read`. Needs `secrets` as well when `include_secret` is true.
   *
   * `GET /webhooks/subscriptions/{subscription_id}`
   */
  getSubscription(subscriptionId: string, query?: GetSubscriptionQuery, options?: CallOptions): Promise<SubscriptionDetail> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}`, query }, options);
  }

  /**
   * Change, disable or enable a subscription, and recover missed messages.
   * Needs the scope `write`.
   *
   * `PATCH /webhooks/subscriptions/{subscription_id}`
   */
  updateSubscription(subscriptionId: string, body: UpdateSubscriptionBody, options?: CallOptions): Promise<Subscription> {
    return this.#transport.call({ method: "PATCH", path: path`/webhooks/subscriptions/${subscriptionId}`, body }, options);
  }

  /**
   * Delete a subscription; its waiting deliveries are cancelled.
   * Needs the scope `write`.
   *
   * `DELETE /webhooks/subscriptions/{subscription_id}`
   */
  deleteSubscription(subscriptionId: string, options?: CallOptions): Promise<Subscription> {
    return this.#transport.call({ method: "DELETE", path: path`/webhooks/subscriptions/${subscriptionId}` }, options);
  }

  /**
   * Rotate a subscription's signing secret; both secrets sign during the overlap.
   * Needs the scopes `write` and `secrets`.
   *
   * `POST /webhooks/subscriptions/{subscription_id}/rotate-secret`
   */
  rotateSecret(subscriptionId: string, body?: RotateSecretBody, options?: CallOptions): Promise<RotatedSecret> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/${subscriptionId}/rotate-secret`, body }, options);
  }

  /**
   * Send the catalogue's example of an event to this subscription only, and return the attempt.
   * Needs the scope `write`.
   *
   * `POST /webhooks/subscriptions/{subscription_id}/test`
   */
  sendTestEvent(subscriptionId: string, body: SendTestEventBody, options?: CallOptions): Promise<Attempt> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/${subscriptionId}/test`, body }, options);
  }

  /**
   * Create a listener, or reuse the one with this name: a subscription whose deliveries are sent to a connection.
   * Needs the scopes `write` and `secrets`.
   *
   * `POST /webhooks/listeners`
   */
  startListener(body: StartListenerBody, options?: CallOptions): Promise<Listener> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/listeners`, body }, options);
  }

  /**
   * Report the outcomes of a listener's deliveries, which are recorded as attempts.
   * Needs the scope `write`.
   *
   * `POST /webhooks/listeners/{subscription_id}/outcomes`
   */
  reportOutcomes(subscriptionId: string, body: ReportOutcomesBody, options?: CallOptions): Promise<RecordedOutcomes> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/listeners/${subscriptionId}/outcomes`, body }, options);
  }

  /**
   * List a subscription's attempts, newest first.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions/{subscription_id}/attempts`
   */
  listAttempts(subscriptionId: string, query?: ListAttemptsQuery, options?: CallOptions): Promise<Page<Attempt>> {
    return this.#transport.page({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/attempts`, query }, options);
  }

  /** As `listAttempts`, but every item of every page, asked for page by page. */
  eachAttempt(subscriptionId: string, query?: ListAttemptsQuery, options?: CallOptions): AsyncGenerator<Attempt, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/attempts`, query }, options);
  }

  /**
   * Get an attempt with the request that was sent.
   * Needs the scope `read`.
   *
   * `GET /webhooks/attempts/{attempt_id}`
   */
  getAttempt(attemptId: string, options?: CallOptions): Promise<AttemptWithRequest> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/attempts/${attemptId}` }, options);
  }

  /**
   * Resend messages in [since, until) whose delivery failed, was skipped or was never created, or all of them.
   * Needs the scope `write`.
   *
   * `POST /webhooks/subscriptions/{subscription_id}/recover`
   */
  recoverMessages(subscriptionId: string, body: RecoverMessagesBody, options?: CallOptions): Promise<RecoveryTask> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/${subscriptionId}/recover`, body }, options);
  }

  /**
   * Count the deliveries that a recovery would resend, without starting it.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions/{subscription_id}/recoveries/preview`
   */
  previewRecovery(subscriptionId: string, query: PreviewRecoveryQuery, options?: CallOptions): Promise<RecoveryPreview> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/recoveries/preview`, query }, options);
  }

  /**
   * List a subscription's recoveries, newest first.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions/{subscription_id}/recoveries`
   */
  listRecoveries(subscriptionId: string, query?: ListRecoveriesQuery, options?: CallOptions): Promise<Page<RecoveryTask>> {
    return this.#transport.page({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/recoveries`, query }, options);
  }

  /** As `listRecoveries`, but every item of every page, asked for page by page. */
  eachRecovery(subscriptionId: string, query?: ListRecoveriesQuery, options?: CallOptions): AsyncGenerator<RecoveryTask, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/recoveries`, query }, options);
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

  /**
   * Pause a running recovery.
   * Needs the scope `write`.
   *
   * `POST /webhooks/subscriptions/{subscription_id}/recoveries/{recovery_id}/pause`
   */
  pauseRecovery(subscriptionId: string, recoveryId: string, options?: CallOptions): Promise<RecoveryTask> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/${subscriptionId}/recoveries/${recoveryId}/pause` }, options);
  }

  /**
   * Continue a paused recovery.
   * Needs the scope `write`.
   *
   * `POST /webhooks/subscriptions/{subscription_id}/recoveries/{recovery_id}/resume`
   */
  resumeRecovery(subscriptionId: string, recoveryId: string, options?: CallOptions): Promise<RecoveryTask> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/${subscriptionId}/recoveries/${recoveryId}/resume` }, options);
  }

  /**
   * Cancel a recovery permanently; deliveries that it re-queued are still sent.
   * Needs the scope `write`.
   *
   * `POST /webhooks/subscriptions/{subscription_id}/recoveries/{recovery_id}/cancel`
   */
  cancelRecovery(subscriptionId: string, recoveryId: string, options?: CallOptions): Promise<RecoveryTask> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/subscriptions/${subscriptionId}/recoveries/${recoveryId}/cancel` }, options);
  }

  /**
   * Resend the messages that match a filter, for some or all subscriptions, or count them.
   * Needs the scope `write`.
   *
   * `POST /webhooks/recoveries`
   */
  recoverByFilter(body: RecoverByFilterBody, options?: CallOptions): Promise<FilteredRecovery> {
    return this.#transport.call({ method: "POST", path: path`/webhooks/recoveries`, body }, options);
  }

  /**
   * Count waiting deliveries, in total and by subscription.
   * Needs the scope `read`.
   *
   * `GET /webhooks/backlog`
   */
  getBacklog(options?: CallOptions): Promise<Backlog> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/backlog` }, options);
  }

  /**
   * Get statistics of a subscription's attempts and their latency over time.
   * Needs the scope `read`.
   *
   * `GET /webhooks/subscriptions/{subscription_id}/stats`
   */
  getSubscriptionStats(subscriptionId: string, query?: GetSubscriptionStatsQuery, options?: CallOptions): Promise<AttemptStats> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/subscriptions/${subscriptionId}/stats`, query }, options);
  }

  /**
   * Get statistics of all attempts and their latency over time.
   * Needs the scope `read`.
   *
   * `GET /webhooks/stats`
   */
  getStats(query?: GetStatsQuery, options?: CallOptions): Promise<AttemptStats> {
    return this.#transport.call({ method: "GET", path: path`/webhooks/stats`, query }, options);
  }
}

/** The operations of `weft.process`. */
export class ProcessApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Get the same document without a key, if WEFT_PUBLIC_EVENT_TYPES is true.
   *
   * `GET /events.openapi.json`
   */
  getPublicEventCatalogue(query?: GetPublicEventCatalogueQuery, options?: CallOptions): Promise<unknown> {
    return this.#transport.call({ method: "GET", path: path`/events.openapi.json`, query }, options);
  }

  /**
   * Get the name and version of this server.
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
   * Check whether the process is running.
   *
   * `GET /health/live`
   */
  getLiveness(options?: CallOptions): Promise<{
    readonly status: "ok";
  }> {
    return this.#transport.call({ method: "GET", path: path`/health/live` }, options);
  }

  /**
   * Check whether the process can accept events: the database is readable and has free space.
   *
   * `GET /health`
   */
  getHealth(options?: CallOptions): Promise<{
    readonly status: "ok";
  }> {
    return this.#transport.call({ method: "GET", path: path`/health` }, options);
  }

  /**
   * Check whether the process can accept events: the database is readable and has free space.
   *
   * `GET /health/ready`
   */
  getReadiness(options?: CallOptions): Promise<{
    readonly status: "ok";
  }> {
    return this.#transport.call({ method: "GET", path: path`/health/ready` }, options);
  }

  /**
   * Get metrics in the Prometheus text format.
   *
   * `GET /metrics`
   */
  getMetrics(options?: CallOptions): Promise<string> {
    return this.#transport.call({ method: "GET", path: path`/metrics` }, options);
  }

  /**
   * Get this API as an OpenAPI 3.1 document.
   *
   * `GET /openapi.json`
   */
  getOpenApi(options?: CallOptions): Promise<unknown> {
    return this.#transport.call({ method: "GET", path: path`/openapi.json` }, options);
  }
}

/** The operations of `weft.backgroundTasks`. */
export class BackgroundTasksApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * List the organization's background tasks, newest first; operators also see their surveys.
   * Needs the scope `read`.
   *
   * `GET /background-tasks`
   */
  listBackgroundTasks(query?: ListBackgroundTasksQuery, options?: CallOptions): Promise<Page<BackgroundTask>> {
    return this.#transport.page({ method: "GET", path: path`/background-tasks`, query }, options);
  }

  /** As `listBackgroundTasks`, but every item of every page, asked for page by page. */
  eachBackgroundTask(query?: ListBackgroundTasksQuery, options?: CallOptions): AsyncGenerator<BackgroundTask, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/background-tasks`, query }, options);
  }

  /**
   * Cancel a background task permanently; its steps so far are kept.
   * Needs the scope `write`.
   *
   * `POST /background-tasks/{task_id}/cancel`
   */
  cancelBackgroundTask(taskId: string, options?: CallOptions): Promise<BackgroundTask> {
    return this.#transport.call({ method: "POST", path: path`/background-tasks/${taskId}/cancel` }, options);
  }
}

/** The operations of `weft.collections`. */
export class CollectionsApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * List collections, newest first.
   * Needs the scope `read`.
   *
   * `GET /collections`
   */
  listCollections(query?: ListCollectionsQuery, options?: CallOptions): Promise<Page<Collection>> {
    return this.#transport.page({ method: "GET", path: path`/collections`, query }, options);
  }

  /** As `listCollections`, but every item of every page, asked for page by page. */
  eachCollection(query?: ListCollectionsQuery, options?: CallOptions): AsyncGenerator<Collection, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/collections`, query }, options);
  }

  /**
   * Create a collection.
   * Needs the scope `write`.
   *
   * `POST /collections`
   */
  createCollection(body: CreateCollectionBody, options?: CallOptions): Promise<Collection> {
    return this.#transport.call({ method: "POST", path: path`/collections`, body }, options);
  }

  /**
   * Count collections.
   * Needs the scope `read`.
   *
   * `GET /collections/count`
   */
  countCollections(query?: CountCollectionsQuery, options?: CallOptions): Promise<number> {
    return this.#transport.call({ method: "GET", path: path`/collections/count`, query }, options);
  }

  /**
   * Get a collection.
   * Needs the scope `read`.
   *
   * `GET /collections/{readable_id}`
   */
  getCollection(readableId: string, options?: CallOptions): Promise<Collection> {
    return this.#transport.call({ method: "GET", path: path`/collections/${readableId}` }, options);
  }

  /**
   * Change a collection's name or settings.
   * Needs the scope `write`.
   *
   * `PATCH /collections/{readable_id}`
   */
  updateCollection(readableId: string, body: UpdateCollectionBody, options?: CallOptions): Promise<Collection> {
    return this.#transport.call({ method: "PATCH", path: path`/collections/${readableId}`, body }, options);
  }

  /**
   * Delete a collection with its source connections and all their data.
   * Needs the scope `write`.
   *
   * `DELETE /collections/{readable_id}`
   */
  deleteCollection(readableId: string, options?: CallOptions): Promise<Collection> {
    return this.#transport.call({ method: "DELETE", path: path`/collections/${readableId}` }, options);
  }

  /**
   * Search a collection's chunks by their words.
   * Needs the scope `read`.
   *
   * `GET /collections/{readable_id}/search`
   */
  searchCollection(readableId: string, query: SearchCollectionQuery, options?: CallOptions): Promise<SearchResponse> {
    return this.#transport.call({ method: "GET", path: path`/collections/${readableId}/search`, query }, options);
  }

  /**
   * Search a collection's chunks by their words, as Airweave's TypeScript SDK does.
   * Needs the scope `read`.
   *
   * `POST /collections/{readable_id}/search`
   */
  searchCollectionLegacy(readableId: string, body: SearchCollectionLegacyBody, options?: CallOptions): Promise<LegacySearchResponse> {
    return this.#transport.call({ method: "POST", path: path`/collections/${readableId}/search`, body }, options);
  }

  /**
   * Search a collection's chunks by their words, as instant search of Airweave's clients.
   * Needs the scope `read`.
   *
   * `POST /collections/{readable_id}/search/instant`
   */
  searchInstant(readableId: string, body: SearchInstantBody, options?: CallOptions): Promise<SearchResults> {
    return this.#transport.call({ method: "POST", path: path`/collections/${readableId}/search/instant`, body }, options);
  }

  /**
   * Search a collection's chunks by their words, as classic search of Airweave's clients.
   * Needs the scope `read`.
   *
   * `POST /collections/{readable_id}/search/classic`
   */
  searchClassic(readableId: string, body: SearchClassicBody, options?: CallOptions): Promise<SearchResults> {
    return this.#transport.call({ method: "POST", path: path`/collections/${readableId}/search/classic`, body }, options);
  }

  /**
   * Return an error: agentic search needs a language model, which Weft does not have.
   * Needs the scope `read`.
   *
   * `POST /collections/{readable_id}/search/agentic`
   */
  searchAgentic(readableId: string, body: SearchAgenticBody, options?: CallOptions): Promise<SearchResults> {
    return this.#transport.call({ method: "POST", path: path`/collections/${readableId}/search/agentic`, body }, options);
  }
}

/** The operations of `weft.sources`. */
export class SourcesApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * List the sources that can be connected.
   * Needs the scope `read`.
   *
   * `GET /sources`
   */
  listSources(options?: CallOptions): Promise<Source[]> {
    return this.#transport.call({ method: "GET", path: path`/sources` }, options);
  }

  /**
   * Get a source, with the fields of its settings and credentials.
   * Needs the scope `read`.
   *
   * `GET /sources/{short_name}`
   */
  getSource(shortName: string, options?: CallOptions): Promise<Source> {
    return this.#transport.call({ method: "GET", path: path`/sources/${shortName}` }, options);
  }

  /**
   * List the streams of a source that a connection with these settings can select.
   * Needs the scope `write`.
   *
   * `POST /sources/{short_name}/discover`
   */
  discoverSource(shortName: string, body: DiscoverSourceBody, options?: CallOptions): Promise<SourceStreams> {
    return this.#transport.call({ method: "POST", path: path`/sources/${shortName}/discover`, body }, options);
  }

  /**
   * Read the first entities of a source, without creating a connection.
   * Needs the scope `write`.
   *
   * `POST /sources/{short_name}/check`
   */
  checkSource(shortName: string, body: CheckSourceBody, options?: CallOptions): Promise<SourceCheck> {
    return this.#transport.call({ method: "POST", path: path`/sources/${shortName}/check`, body }, options);
  }

  /**
   * List the types of entity that a source yields; none for an unknown source.
   * Needs the scope `read`.
   *
   * `GET /entities/definitions/by-source`
   */
  listEntityDefinitionsOfSource(query: ListEntityDefinitionsOfSourceQuery, options?: CallOptions): Promise<EntityDefinition[]> {
    return this.#transport.call({ method: "GET", path: path`/entities/definitions/by-source`, query }, options);
  }
}

/** The operations of `weft.sourceConnections`. */
export class SourceConnectionsApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * List source connections, newest first.
   * Needs the scope `read`.
   *
   * `GET /source-connections`
   */
  listSourceConnections(query?: ListSourceConnectionsQuery, options?: CallOptions): Promise<Page<SourceConnectionListItem>> {
    return this.#transport.page({ method: "GET", path: path`/source-connections`, query }, options);
  }

  /** As `listSourceConnections`, but every item of every page, asked for page by page. */
  eachSourceConnection(query?: ListSourceConnectionsQuery, options?: CallOptions): AsyncGenerator<SourceConnectionListItem, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/source-connections`, query }, options);
  }

  /**
   * Connect a source to a collection, and start its first sync or its authorization.
   * Needs the scope `write`.
   *
   * `POST /source-connections`
   */
  createSourceConnection(body: CreateSourceConnectionBody, options?: CallOptions): Promise<SourceConnection> {
    return this.#transport.call({ method: "POST", path: path`/source-connections`, body }, options);
  }

  /**
   * List the source connections of a collection, newest first.
   * Needs the scope `read`.
   *
   * `GET /collections/{readable_id}/source-connections`
   */
  listCollectionSourceConnections(readableId: string, query?: ListCollectionSourceConnectionsQuery, options?: CallOptions): Promise<Page<SourceConnectionListItem>> {
    return this.#transport.page({ method: "GET", path: path`/collections/${readableId}/source-connections`, query }, options);
  }

  /** As `listCollectionSourceConnections`, but every item of every page, asked for page by page. */
  eachCollectionSourceConnection(readableId: string, query?: ListCollectionSourceConnectionsQuery, options?: CallOptions): AsyncGenerator<SourceConnectionListItem, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/collections/${readableId}/source-connections`, query }, options);
  }

  /**
   * Get a source connection with its last job and its entity counts.
   * Needs the scope `read`.
   *
   * `GET /source-connections/{source_connection_id}`
   */
  getSourceConnection(sourceConnectionId: string, options?: CallOptions): Promise<SourceConnection> {
    return this.#transport.call({ method: "GET", path: path`/source-connections/${sourceConnectionId}` }, options);
  }

  /**
   * Change a source connection's name, settings or credentials; the next job uses them.
   * Needs the scope `write`.
   *
   * `PATCH /source-connections/{source_connection_id}`
   */
  updateSourceConnection(sourceConnectionId: string, body: UpdateSourceConnectionBody, options?: CallOptions): Promise<SourceConnection> {
    return this.#transport.call({ method: "PATCH", path: path`/source-connections/${sourceConnectionId}`, body }, options);
  }

  /**
   * Delete a source connection and its data; a running job is cancelled first.
   * Needs the scope `write`.
   *
   * `DELETE /source-connections/{source_connection_id}`
   */
  deleteSourceConnection(sourceConnectionId: string, options?: CallOptions): Promise<SourceConnection> {
    return this.#transport.call({ method: "DELETE", path: path`/source-connections/${sourceConnectionId}` }, options);
  }

  /**
   * Pause a source connection's schedule; jobs can still be started by request.
   * Needs the scope `write`.
   *
   * `POST /source-connections/{source_connection_id}/pause`
   */
  pauseSourceConnection(sourceConnectionId: string, options?: CallOptions): Promise<SourceConnection> {
    return this.#transport.call({ method: "POST", path: path`/source-connections/${sourceConnectionId}/pause` }, options);
  }

  /**
   * Resume a paused schedule at its next time.
   * Needs the scope `write`.
   *
   * `POST /source-connections/{source_connection_id}/resume`
   */
  resumeSourceConnection(sourceConnectionId: string, options?: CallOptions): Promise<SourceConnection> {
    return this.#transport.call({ method: "POST", path: path`/source-connections/${sourceConnectionId}/resume` }, options);
  }

  /**
   * Prove, after the browser's return, who began the authorization, and start the first sync.
   * Needs the scope `write`.
   *
   * `POST /source-connections/{source_connection_id}/verify-oauth`
   */
  verifySourceConnectionOAuth(sourceConnectionId: string, body: VerifySourceConnectionOAuthBody, options?: CallOptions): Promise<SourceConnection> {
    return this.#transport.call({ method: "POST", path: path`/source-connections/${sourceConnectionId}/verify-oauth`, body }, options);
  }

  /**
   * Begin the authorization of a source connection again: the previous `auth_url` and claim token end.
   * Needs the scope `write`.
   *
   * `POST /source-connections/{source_connection_id}/reinitiate-oauth`
   */
  reinitiateSourceConnectionOAuth(sourceConnectionId: string, body?: ReinitiateSourceConnectionOAuthBody, options?: CallOptions): Promise<SourceConnection> {
    return this.#transport.call({ method: "POST", path: path`/source-connections/${sourceConnectionId}/reinitiate-oauth`, body }, options);
  }

  /**
   * Redirect a browser to the provider of a source; the URL is a connection's `auth_url` and works once.
   *
   * `GET /source-connections/authorize/{code}`
   */
  openAuthorization(code: string, options?: CallOptions): Promise<unknown> {
    return this.#transport.call({ method: "GET", path: path`/source-connections/authorize/${code}` }, options);
  }

  /**
   * Process the provider's response, and redirect the browser to the connection's `redirect_url`.
   *
   * `GET /source-connections/callback`
   */
  completeAuthorization(query?: CompleteAuthorizationQuery, options?: CallOptions): Promise<AuthorizationResult> {
    return this.#transport.call({ method: "GET", path: path`/source-connections/callback`, query }, options);
  }

  /**
   * Start a sync of each source connection of a collection that can be synced now.
   * Needs the scope `write`.
   *
   * `POST /collections/{readable_id}/refresh_all`
   */
  runSourceConnectionsOfCollection(readableId: string, body?: RunSourceConnectionsOfCollectionBody, options?: CallOptions): Promise<SyncJob[]> {
    return this.#transport.call({ method: "POST", path: path`/collections/${readableId}/refresh_all`, body }, options);
  }

  /**
   * Start a sync.
   * Needs the scope `write`.
   *
   * `POST /source-connections/{source_connection_id}/run`
   */
  runSourceConnection(sourceConnectionId: string, body?: RunSourceConnectionBody, query?: RunSourceConnectionQuery, options?: CallOptions): Promise<SyncJob> {
    return this.#transport.call({ method: "POST", path: path`/source-connections/${sourceConnectionId}/run`, body, query }, options);
  }

  /**
   * Get the id of the sync that the jobs of a source connection run.
   * Needs the scope `read`.
   *
   * `GET /source-connections/{source_connection_id}/sync-id`
   */
  getSyncId(sourceConnectionId: string, options?: CallOptions): Promise<{
    readonly sync_id: string;
  }> {
    return this.#transport.call({ method: "GET", path: path`/source-connections/${sourceConnectionId}/sync-id` }, options);
  }

  /**
   * List the sync jobs of a source connection, newest first.
   * Needs the scope `read`.
   *
   * `GET /source-connections/{source_connection_id}/jobs`
   */
  listSyncJobs(sourceConnectionId: string, query?: ListSyncJobsQuery, options?: CallOptions): Promise<Page<SyncJob>> {
    return this.#transport.page({ method: "GET", path: path`/source-connections/${sourceConnectionId}/jobs`, query }, options);
  }

  /** As `listSyncJobs`, but every item of every page, asked for page by page. */
  eachSyncJob(sourceConnectionId: string, query?: ListSyncJobsQuery, options?: CallOptions): AsyncGenerator<SyncJob, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/source-connections/${sourceConnectionId}/jobs`, query }, options);
  }

  /**
   * Cancel a sync job; a running job ends soon after.
   * Needs the scope `write`.
   *
   * `POST /source-connections/{source_connection_id}/jobs/{job_id}/cancel`
   */
  cancelSyncJob(sourceConnectionId: string, jobId: string, body?: CancelSyncJobBody, options?: CallOptions): Promise<SyncJob> {
    return this.#transport.call({ method: "POST", path: path`/source-connections/${sourceConnectionId}/jobs/${jobId}/cancel`, body }, options);
  }
}

/** The operations of `weft.organizations`. */
export class OrganizationsApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * List organizations: all of them for the operator, otherwise the key's own.
   * Needs the scope `read`.
   *
   * `GET /organizations`
   */
  listOrganizations(query?: ListOrganizationsQuery, options?: CallOptions): Promise<Page<Organization>> {
    return this.#transport.page({ method: "GET", path: path`/organizations`, query }, options);
  }

  /** As `listOrganizations`, but every item of every page, asked for page by page. */
  eachOrganization(query?: ListOrganizationsQuery, options?: CallOptions): AsyncGenerator<Organization, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/organizations`, query }, options);
  }

  /**
   * Create an organization.
   * Needs the scope `admin`, and is the operator's alone.
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
   * Change an organization.
   * Needs the scope `admin`.
   *
   * `PATCH /organizations/{organization_id}`
   */
  updateOrganization(organizationId: string, body: UpdateOrganizationBody, options?: CallOptions): Promise<Organization> {
    return this.#transport.call({ method: "PATCH", path: path`/organizations/${organizationId}`, body }, options);
  }

  /**
   * Change an organization like PATCH, as Airweave's clients do; the name is required.
   * Needs the scope `admin`.
   *
   * `PUT /organizations/{organization_id}`
   */
  replaceOrganization(organizationId: string, body: ReplaceOrganizationBody, options?: CallOptions): Promise<Organization> {
    return this.#transport.call({ method: "PUT", path: path`/organizations/${organizationId}`, body }, options);
  }

  /**
   * Delete an organization without collections and subscriptions.
   * Needs the scope `admin`, and is the operator's alone.
   *
   * `DELETE /organizations/{organization_id}`
   */
  deleteOrganization(organizationId: string, options?: CallOptions): Promise<Organization> {
    return this.#transport.call({ method: "DELETE", path: path`/organizations/${organizationId}` }, options);
  }

  /**
   * List the same organizations, at the path that Airweave's command line reads.
   * Needs the scope `read`.
   *
   * `GET /users/me/organizations`
   */
  listOwnOrganizations(query?: ListOwnOrganizationsQuery, options?: CallOptions): Promise<Page<Organization>> {
    return this.#transport.page({ method: "GET", path: path`/users/me/organizations`, query }, options);
  }

  /** As `listOwnOrganizations`, but every item of every page, asked for page by page. */
  eachOwnOrganization(query?: ListOwnOrganizationsQuery, options?: CallOptions): AsyncGenerator<Organization, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/users/me/organizations`, query }, options);
  }

  /**
   * List audit log entries, newest first: changes, sign-ins, refusals and secrets that were read; kept for 400 days.
   * Needs the scope `admin`. Needs the operator's rights as well when `everywhere` is true.
   *
   * `GET /audit-log`
   */
  listAuditLog(query?: ListAuditLogQuery, options?: CallOptions): Promise<Page<AuditEntry>> {
    return this.#transport.page({ method: "GET", path: path`/audit-log`, query }, options);
  }

  /** As `listAuditLog`, but every item of every page, asked for page by page. */
  eachAuditLog(query?: ListAuditLogQuery, options?: CallOptions): AsyncGenerator<AuditEntry, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/audit-log`, query }, options);
  }

  /**
   * Get the effective settings of this Weft, with masked secrets.
   * Needs the scope `admin`, and is the operator's alone.
   *
   * `GET /settings`
   */
  getSettings(options?: CallOptions): Promise<EffectiveSettings> {
    return this.#transport.call({ method: "GET", path: path`/settings` }, options);
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
  listApiKeys(query?: ListApiKeysQuery, options?: CallOptions): Promise<Page<ApiKey>> {
    return this.#transport.page({ method: "GET", path: path`/api-keys`, query }, options);
  }

  /** As `listApiKeys`, but every item of every page, asked for page by page. */
  eachApiKey(query?: ListApiKeysQuery, options?: CallOptions): AsyncGenerator<ApiKey, void, void> {
    return this.#transport.eachItem({ method: "GET", path: path`/api-keys`, query }, options);
  }

  /**
   * Create an API key, which is shown only once.
   * Needs the scope `admin`.
   *
   * `POST /api-keys`
   */
  createApiKey(body?: CreateApiKeyBody, options?: CallOptions): Promise<NewApiKey> {
    return this.#transport.call({ method: "POST", path: path`/api-keys`, body }, options);
  }

  /**
   * Delete the API key with this id, as Airweave's clients do; it is refused immediately.
   * Needs the scope `admin`.
   *
   * `DELETE /api-keys`
   */
  deleteApiKeyById(query: DeleteApiKeyByIdQuery, options?: CallOptions): Promise<ApiKey> {
    return this.#transport.call({ method: "DELETE", path: path`/api-keys`, query }, options);
  }

  /**
   * Get an API key, without the key itself.
   * Needs the scope `admin`.
   *
   * `GET /api-keys/{key_id}`
   */
  getApiKey(keyId: string, options?: CallOptions): Promise<ApiKey> {
    return this.#transport.call({ method: "GET", path: path`/api-keys/${keyId}` }, options);
  }

  /**
   * Delete an API key; it is refused immediately.
   * Needs the scope `admin`.
   *
   * `DELETE /api-keys/{key_id}`
   */
  deleteApiKey(keyId: string, options?: CallOptions): Promise<ApiKey> {
    return this.#transport.call({ method: "DELETE", path: path`/api-keys/${keyId}` }, options);
  }

  /**
   * Replace an API key; the old one is rejected at once, or when the overlap ends.
   * Needs the scope `admin`.
   *
   * `POST /api-keys/{key_id}/rotate`
   */
  rotateApiKey(keyId: string, body?: RotateApiKeyBody, options?: CallOptions): Promise<NewApiKey> {
    return this.#transport.call({ method: "POST", path: path`/api-keys/${keyId}/rotate`, body }, options);
  }
}

/** The operations of `weft.session`. */
export class SessionApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Get the caller and their rights.
   * Needs a key of any scope.
   *
   * `GET /session`
   */
  getSession(options?: CallOptions): Promise<Session> {
    return this.#transport.call({ method: "GET", path: path`/session` }, options);
  }

  /**
   * Begin a browser's session of 12 hours, kept in a cookie that scripts cannot read.
   *
   * `POST /session`
   */
  beginSession(body: BeginSessionBody, options?: CallOptions): Promise<Session> {
    return this.#transport.call({ method: "POST", path: path`/session`, body }, options);
  }

  /**
   * End the session or portal link of this request, including every copy of it.
   * Needs a key of any scope.
   *
   * `DELETE /session`
   */
  endSession(options?: CallOptions): Promise<{
    readonly ended: true;
  }> {
    return this.#transport.call({ method: "DELETE", path: path`/session` }, options);
  }

  /**
   * Create a link to the console of this organization.
   * Needs the scope `admin`.
   *
   * `POST /portal-sessions`
   */
  createPortalSession(body?: CreatePortalSessionBody, options?: CallOptions): Promise<PortalSession> {
    return this.#transport.call({ method: "POST", path: path`/portal-sessions`, body }, options);
  }

  /**
   * Get the ways to log in to the console.
   *
   * `GET /session/methods`
   */
  getSignInMethods(options?: CallOptions): Promise<SignInMethods> {
    return this.#transport.call({ method: "GET", path: path`/session/methods` }, options);
  }

  /**
   * Redirect a browser to the identity provider.
   *
   * `GET /session/sign-in`
   */
  beginSignIn(query?: BeginSignInQuery, options?: CallOptions): Promise<unknown> {
    return this.#transport.call({ method: "GET", path: path`/session/sign-in`, query }, options);
  }

  /**
   * Begin the session of a person who returns from the identity provider.
   *
   * `GET /session/sign-in/callback`
   */
  completeSignIn(query?: CompleteSignInQuery, options?: CallOptions): Promise<unknown> {
    return this.#transport.call({ method: "GET", path: path`/session/sign-in/callback`, query }, options);
  }
}

/** The API, by the nouns that its operations are about. */
export interface Weft {
  readonly events: EventsApi;
  readonly webhooks: WebhooksApi;
  readonly process: ProcessApi;
  readonly backgroundTasks: BackgroundTasksApi;
  readonly collections: CollectionsApi;
  readonly sources: SourcesApi;
  readonly sourceConnections: SourceConnectionsApi;
  readonly organizations: OrganizationsApi;
  readonly apiKeys: ApiKeysApi;
  readonly session: SessionApi;
}

export function weftOver(transport: Transport): Weft {
  return {
    events: new EventsApi(transport),
    webhooks: new WebhooksApi(transport),
    process: new ProcessApi(transport),
    backgroundTasks: new BackgroundTasksApi(transport),
    collections: new CollectionsApi(transport),
    sources: new SourcesApi(transport),
    sourceConnections: new SourceConnectionsApi(transport),
    organizations: new OrganizationsApi(transport),
    apiKeys: new ApiKeysApi(transport),
    session: new SessionApi(transport),
  };
}
