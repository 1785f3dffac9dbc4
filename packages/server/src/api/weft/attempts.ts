import { z } from "zod";
import { hasScope, type Scope } from "../../domain/api-key.ts";
import type { Destination } from "../../domain/destination.ts";
import { type MessageId, prefixed, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { type SigningSecret, type Subscription, secretsAt } from "../../domain/subscription.ts";
import { attemptKind, idIn, notFound, subscriptionKind } from "../../http/ids.ts";
import { cursorIn, pageQuery, readInSteps } from "../../http/pages.ts";
import { severalTexts } from "../../http/query-values.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";
import { timeRequest } from "../../http/times.ts";
import type { RecordedAttempt } from "../../store/attempts/interface.ts";
import type { Store } from "../../store/store.ts";
import { isCredentialHeader, maskedValue } from "../../subscriptions/own-headers.ts";
import { attemptAnswer, attemptOf, attemptStatuses, attemptWithRequest } from "./attempt-schemas.ts";
import { subscriptionKey } from "./subscriptions.ts";

/** The headers that Weft adds to a request, signed with these secrets: name, value, name, value … */
export type SentHeaders = (sent: {
  /** The message's id in its `msg_` spelling. */
  readonly id: string;
  /** Unix ms. */
  readonly at: number;
  readonly payload: string;
  readonly contentType: string | null;
  readonly secrets: readonly SigningSecret[];
}) => readonly string[];

/** The notice that a destination was sent for a message, rendered again. */
export type SentNotice = (
  destination: Destination,
  url: string,
  told: {
    readonly messageId: MessageId;
    readonly subscriptionId: SubscriptionId;
    readonly eventType: string;
    readonly payload: string;
    readonly contentType: string | null;
    readonly isTest: boolean;
  },
) => { readonly method: "POST" | "SMTP"; readonly headers: readonly string[]; readonly body: string };

export interface AttemptParts {
  readonly store: Pick<
    Store,
    "listAttemptItems" | "findAttempt" | "readMessage" | "readSubscription" | "readKeptSecrets"
  >;
  readonly sentHeaders: SentHeaders;
  readonly sentNotice: SentNotice;
}

export function attemptRoutes(parts: AttemptParts): Route[] {
  return [listAttempts(parts), getAttempt(parts)];
}

function listAttempts({ store }: AttemptParts): Route {
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
      event_types: severalTexts.describe("Only attempts of these event types; may be repeated."),
      since: timeRequest
        .optional()
        .describe(
          "Only attempts that ended at this time or later. For pending ones, the time when the message was accepted counts.",
        ),
      until: timeRequest.optional().describe("Only attempts that ended before this time."),
    }),
    answer: z.array(attemptAnswer),
    handle: async (request) => {
      const { limit, cursor, status, event_types, since, until } = request.query;
      const key = subscriptionKey(request);
      if ((await store.readSubscription(key)) === null) throw notFound(subscriptionKind.noun);
      const asked = {
        ...key,
        messageId: null,
        status: status ?? null,
        eventTypes: event_types ?? null,
        since: since ?? null,
        until: until ?? null,
      };
      const page = await readInSteps({
        limit,
        cursor: cursorIn<"attempt">(cursor, "atmpt") as string | null,
        read: (part) => store.listAttemptItems({ ...asked, ...part }),
        cursorOf: (row) => (row.kind === "made" ? row.id : row.messageId),
        textOf: (row) => JSON.stringify(attemptOf(row)),
      });
      if (page.next !== null) request.nextPage(prefixed("atmpt", page.next));
      return new TextResponse(`[${page.texts.join(",")}]`);
    },
  });
}

function getAttempt({ store, ...made }: AttemptParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/attempts/:attempt_id",
    operation: "getAttempt",
    tag: "webhooks",
    summary: "Get an attempt with the request that was sent",
    scope: "read",
    answer: attemptWithRequest,
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
      return { ...attemptOf(attempt), request: requestOf(sent, made, caller.scopes) };
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

function requestOf(
  sent: SentRequest,
  { sentHeaders, sentNotice }: Pick<AttemptParts, "sentHeaders" | "sentNotice">,
  scopes: readonly Scope[],
): RequestAnswer {
  const { attempt, message, subscription, signedWith } = sent;
  const own = ownHeaders(subscription, scopes);
  const ownHeadersKnown = subscription !== null && subscription.updatedAt <= attempt.startedAt;
  const destination = subscription?.destination ?? null;
  if (destination !== null && message !== null) {
    const notice = sentNotice(destination, attempt.url, {
      ...message,
      messageId: message.id,
      subscriptionId: attempt.subscriptionId,
      isTest: attempt.trigger === "test",
    });
    return {
      method: notice.method,
      url: attempt.url,
      headers: Object.fromEntries([...inPairs(notice.headers), ...own]),
      signature_known: false,
      own_headers_known: ownHeadersKnown,
      body_bytes: Buffer.byteLength(notice.body),
      body: notice.body,
    };
  }
  const isSignatureKnown = message !== null && signedWith !== null;
  const headers = inPairs(
    sentHeaders({
      id: prefixed("msg", attempt.messageId),
      at: attempt.startedAt,
      payload: message?.payload ?? "",
      contentType: message?.contentType ?? null,
      secrets: signedWith ?? [],
    }),
  ).filter(([name]) => isSignatureKnown || !name.endsWith("-signature"));
  return {
    method: "POST",
    url: attempt.url,
    headers: Object.fromEntries([...headers, ...own]),
    signature_known: isSignatureKnown,
    own_headers_known: ownHeadersKnown,
    body_bytes: message === null ? null : Buffer.byteLength(message.payload),
    body: null,
  };
}

type RequestAnswer = z.input<typeof attemptWithRequest>["request"];

function showsCredentials(subscription: Subscription | null, scopes: readonly Scope[]): boolean {
  return hasScope(scopes, "secrets") && Object.keys(subscription?.headers ?? {}).some(isCredentialHeader);
}

function ownHeaders(subscription: Subscription | null, scopes: readonly Scope[]): [string, string][] {
  return Object.entries(subscription?.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    isCredentialHeader(name) && !hasScope(scopes, "secrets") ? maskedValue : value,
  ]);
}

function inPairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? ""] as [string, string]] : []));
}
