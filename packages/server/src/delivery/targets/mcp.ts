import { agentOutcomes } from "../../domain/final-outcome.ts";
import { prefixed, timeOfId } from "../../domain/id.ts";
import { memberText } from "../../domain/json-text.ts";
import { limits } from "../../domain/limits.ts";
import type { SigningSecret } from "../../domain/subscription.ts";
import { parseRequestUrl } from "../../outbound/exchange.ts";
import { endpointUrl, shownAddress, urlMistake } from "./endpoint-url.ts";
import { type SigningKey, signatures, signingKey } from "./signing-keys.ts";
import type { OutgoingMessage, OutgoingRequest, TargetRules, TargetSettings, WriteRequest } from "./target-rules.ts";

const madeByAgents = "Agents make and change their own subscriptions, through MCP.";

/** The callback of an agent. It receives each event in an envelope, in a request that Standard Webhooks verifies. */
export const mcp: TargetRules = {
  defaults: { ordered: false, rateLimit: null },
  refusedFields: {
    url: madeByAgents,
    template: madeByAgents,
    routing_key: madeByAgents,
    headers: madeByAgents,
    ordered: madeByAgents,
    rate_limit: madeByAgents,
    send_trace_context: madeByAgents,
  },
  routingKeyMissing: null,
  isCheckable: false,
  urlOf: (text, policy) => {
    const url = endpointUrl(text, policy);
    if (text.includes("#")) throw urlMistake("A callback has no fragment.", "url_fragment");
    return url;
  },
  storedAddress: shownAddress,
  prepare,
};

/** How attempts differ from those of webhooks. */
export const mcpDelivery = {
  // Receivers confirm a subscription only when they know its response, so that the first retry must come soon.
  delaysMs: [5_000, 30_000, 120_000, 480_000],
  retryAfterMsMax: limits.mcpRetryAfterMsMax,
  timeoutMs: limits.mcpAttemptMs,
  finalOutcome: agentOutcomes,
} as const;

function prepare({ target, secrets }: TargetSettings): WriteRequest {
  const url = parseRequestUrl(target.url);
  const keys = secrets.map(signingKey);
  const mcpId = target.kind === "mcp" ? target.mcpId : "";
  return (message, { at, userAgent }) => {
    if (message.contentType !== null)
      return unsent("protocol", "The payload is not JSON, and agents receive JSON only.");
    const id = prefixed("msg", message.messageId);
    const body = envelope(message);
    if (Buffer.byteLength(body) > limits.mcpBodyBytesMax) {
      return unsent("too_large", `The event has more than ${limits.mcpBodyBytesMax} bytes with its envelope.`);
    }
    return {
      kind: "http",
      url,
      timeoutMs: mcpDelivery.timeoutMs,
      headers: headers({ id, at, body, keys, mcpId }, userAgent),
      body,
    };
  };
}

function unsent(reason: "too_large" | "protocol", detail: string): OutgoingRequest {
  return { kind: "unsent", reason, detail };
}

/** Every attempt has the same body. */
function envelope(message: OccurredEvent): string {
  return `${occurrenceText(message).slice(0, -1)},"cursor":null}`;
}

type OccurredEvent = Pick<OutgoingMessage, "messageId" | "eventType" | "payload">;

/** An event in the form of the protocol. The payload's own bytes stay as they are. */
export function occurrenceText({ messageId, eventType, payload }: OccurredEvent): string {
  const timestamp = timestampOf(payload, timeOfId(messageId));
  const head = JSON.stringify({ eventId: prefixed("msg", messageId), name: eventType, timestamp });
  return `${head.slice(0, -1)},"data":${payload}}`;
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** When the event happened: the payload's own time, or else when it was accepted. */
function timestampOf(payload: string, acceptedAt: number): string {
  const text = memberText(payload, "timestamp");
  const own: unknown = text === null || text.length > 64 ? null : JSON.parse(text);
  const isTime = typeof own === "string" && isoTime.test(own) && !Number.isNaN(Date.parse(own));
  return isTime ? own : new Date(acceptedAt).toISOString();
}

export interface SignedBody {
  readonly id: string;
  /** Unix ms. */
  readonly at: number;
  readonly body: string;
  readonly keys: readonly SigningKey[];
  readonly mcpId: string;
}

function headers({ id, at, body, keys, mcpId }: SignedBody, userAgent: string): string[] {
  const timestamp = String(Math.floor(at / 1000));
  return [
    ...["content-type", "application/json", "user-agent", userAgent],
    ...["webhook-id", id, "webhook-timestamp", timestamp],
    ...["webhook-signature", signatures({ id, at, payload: body, keys }, timestamp), "x-mcp-subscription-id", mcpId],
  ];
}

interface ControlMessage {
  readonly url: string;
  readonly mcpId: string;
  readonly secrets: readonly SigningSecret[];
  readonly id: string;
  readonly body: object;
}

/** A request about a subscription itself: the challenge of a callback, or the end of a subscription. */
export function controlRequest(
  { url, mcpId, secrets, id, body: value }: ControlMessage,
  { at, userAgent }: { readonly at: number; readonly userAgent: string },
) {
  const body = JSON.stringify(value);
  return {
    ...{ url: parseRequestUrl(url), method: "POST" as const, body, timeoutMs: mcpDelivery.timeoutMs },
    headers: headers({ id, at, body, keys: secrets.map(signingKey), mcpId }, userAgent),
  };
}
