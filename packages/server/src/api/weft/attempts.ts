import { z } from "zod";
import { shownRequest } from "../../delivery/targets/shown-request.ts";
import { hasScope, type Scope } from "../../domain/api-key.ts";
import { isCredentialHeader, maskedValue } from "../../domain/credential-headers.ts";
import { prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { type SigningSecret, type Subscription, secretsAt } from "../../domain/subscription.ts";
import { isAlert } from "../../domain/target.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { attemptKind, idIn, notFound, subscriptionKind } from "../../http/ids.ts";
import { cursorIn, pageQuery, readInSteps } from "../../http/pages.ts";
import { severalTexts } from "../../http/query-values.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";
import { timeRequest } from "../../http/times.ts";
import type { RecordedAttempt } from "../../store/attempts/interface.ts";
import type { Store } from "../../store/store.ts";
import { attemptOf, attemptResponse, attemptStatuses, attemptWithRequest, statusClass } from "./attempt-schemas.ts";
import { selectedTypes, wildcardsText } from "./event-type-filter.ts";
import { subscriptionKey } from "./subscriptions.ts";

export interface AttemptParts {
  readonly store: Pick<
    Store,
    "listAttemptItems" | "findAttempt" | "readMessage" | "readSubscription" | "readKeptSecrets"
  >;
  readonly eventTypes: Pick<EventTypes, "typesFor">;
  readonly userAgent: string;
}

export function attemptRoutes(parts: AttemptParts): Route[] {
  return [listAttempts(parts), getAttempt(parts)];
}

function listAttempts({ store, eventTypes: catalogue }: AttemptParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions/:subscription_id/attempts",
    operation: "listAttempts",
    tag: "webhooks",
    summary: "List a subscription's attempts, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({
      ...pageQuery,
      status: z.enum(attemptStatuses).optional(),
      status_class: statusClass.describe("Only attempts with a response of this class, so without pending ones."),
      event_types: severalTexts.describe(`Only attempts of these event types; may be repeated. ${wildcardsText}`),
      since: timeRequest
        .optional()
        .describe(
          "Only attempts that began at this time or later. For pending ones, the time when the message was accepted counts.",
        ),
      until: timeRequest.optional().describe("Only attempts that began before this time."),
    }),
    response: z.array(attemptResponse),
    handle: async (request) => {
      const { limit, cursor, status, status_class, event_types, since, until } = request.query;
      const key = subscriptionKey(request);
      if ((await store.readSubscription(key)) === null) throw notFound(subscriptionKind.noun);
      const selection = {
        ...key,
        messageId: null,
        status: status ?? null,
        statusClass: status_class ?? null,
        eventTypes: await selectedTypes(catalogue, key.organizationId, event_types),
        since: since ?? null,
        until: until ?? null,
      };
      const page = await readInSteps({
        limit,
        cursor: cursorIn<"attempt">(cursor, "atmpt") as string | null,
        read: (part) => store.listAttemptItems({ ...selection, ...part }),
        cursorOf: (row) => (row.kind === "made" ? row.id : row.messageId),
        textOf: (row) => JSON.stringify(attemptOf(row)),
      });
      if (page.next !== null) request.nextPage(prefixed("atmpt", page.next));
      return new TextResponse(`[${page.texts.join(",")}]`);
    },
  });
}

function getAttempt({ store, userAgent }: AttemptParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/attempts/:attempt_id",
    operation: "getAttempt",
    tag: "webhooks",
    summary: "Get an attempt with the request that was sent",
    scope: "read",
    response: attemptWithRequest,
    handle: async ({ caller, params, note }) => {
      const { organizationId } = caller;
      const attemptId = idIn<"attempt">(params, "attempt_id", attemptKind);
      const attempt = await store.findAttempt({ organizationId, attemptId });
      if (attempt === null) throw notFound(attemptKind.noun);
      const { messageId, subscriptionId } = attempt;
      const [message, subscription, secrets] = await Promise.all([
        store.readMessage({ organizationId, messageId }),
        store.readSubscription({ organizationId, subscriptionId }),
        store.readKeptSecrets({ organizationId, subscriptionId }),
      ]);
      const signedWith = secretsAt(secrets, attempt.startedAt);
      const sent = { attempt, message: message?.payloadDeletedAt === null ? message : null, subscription, signedWith };
      if (showsCredentials(subscription, caller.scopes)) await note("secret_read");
      return { ...attemptOf(attempt), request: requestOf(sent, userAgent, caller.scopes) };
    },
  });
}

interface SentRequest {
  readonly attempt: RecordedAttempt;
  /** Null when its payload was deleted. */
  readonly message: Message | null;
  readonly subscription: Subscription | null;
  /** Null when that is unknown. */
  readonly signedWith: readonly SigningSecret[] | null;
}

function requestOf(sent: SentRequest, userAgent: string, scopes: readonly Scope[]): RequestFields {
  const { attempt, message, subscription, signedWith } = sent;
  const target = { ...(subscription?.target ?? webhookTarget), url: attempt.url };
  const shown = shownRequest(
    { target, headers: shownHeaders(subscription, scopes), secrets: signedWith ?? [] },
    {
      ...attempt,
      eventType: attempt.eventType ?? "",
      payload: message?.payload ?? "",
      contentType: message?.contentType ?? null,
    },
    { at: attempt.startedAt, userAgent },
  );
  const isNotice = isAlert(target);
  const hasOwnBody = isNotice || target.kind === "mcp";
  const isSignatureKnown = !isNotice && message !== null && signedWith !== null;
  const headers = inPairs(shown.headers).filter(([name]) => isSignatureKnown || !name.endsWith("-signature"));
  return {
    method: shown.method,
    url: attempt.url,
    headers: Object.fromEntries(headers),
    signature_known: isSignatureKnown,
    own_headers_known: subscription !== null && subscription.updatedAt <= attempt.startedAt,
    body_bytes: message === null ? null : Buffer.byteLength(shown.body),
    body: hasOwnBody && message !== null ? shown.body : null,
  };
}

/** The kind of a target that is not known any more, since its subscription was deleted. */
const webhookTarget = { kind: "webhook", url: "" } as const;

type RequestFields = z.input<typeof attemptWithRequest>["request"];

function showsCredentials(subscription: Subscription | null, scopes: readonly Scope[]): boolean {
  return hasScope(scopes, "secrets") && Object.keys(subscription?.headers ?? {}).some(isCredentialHeader);
}

/** The headers of the subscription, and a masked one in place of its credential. */
function shownHeaders(subscription: Subscription | null, scopes: readonly Scope[]): Record<string, string> {
  const shown = Object.entries(subscription?.headers ?? {}).map(([name, value]) => [
    name,
    isCredentialHeader(name) && !hasScope(scopes, "secrets") ? maskedValue : value,
  ]);
  if (subscription !== null && subscription.access.authentication !== null) shown.push(["authorization", maskedValue]);
  return Object.fromEntries(shown) as Record<string, string>;
}

function inPairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? ""] as [string, string]] : []));
}
