import { assertNever } from "../../domain/assert-never.ts";
import { prefixed } from "../../domain/id.ts";
import type { ReceiverAccess } from "../../domain/receiver-access.ts";
import { traceHeaders } from "../../domain/trace-context.ts";
import type { RequestUrl } from "../../outbound/exchange.ts";
import { identityOf } from "./receiver-identity.ts";
import { type Signed, signatures, signingKey } from "./signing-keys.ts";
import { flatHeaders, type TargetSettings, type WriteRequest } from "./target-rules.ts";

/** Writes requests whose body is the payload as it was accepted. */
export function signedRequest({ headers, access, secrets }: TargetSettings, url: RequestUrl): WriteRequest {
  const own = [...flatHeaders(headers), ...authorizationHeader(access)];
  const tls = identityOf(access);
  const keys = secrets.map(signingKey);
  // A header that the subscription sets itself takes precedence.
  const hasOwnTrace = Object.keys(headers).some((name) => name.toLowerCase() === "traceparent");
  return ({ messageId, payload, contentType }, { at, userAgent, traceContext }) => {
    const signed = signedHeaders({ id: prefixed("msg", messageId), at, payload, contentType, keys }, userAgent);
    const sent = [...signed, ...own];
    if (traceContext !== null && !hasOwnTrace) sent.push(...traceHeaders(traceContext));
    return { kind: "http", url, headers: sent, body: payload, tls };
  };
}

function authorizationHeader({ authentication }: ReceiverAccess): string[] {
  switch (authentication?.type) {
    case undefined:
      return [];
    case "basic": {
      const { username, password } = authentication;
      return ["authorization", `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`];
    }
    case "bearer":
      return ["authorization", `Bearer ${authentication.token}`];
    case "oauth2":
      // Its token changes, so that each attempt adds it.
      return [];
    default:
      return assertNever(authentication);
  }
}

interface SignedMessage extends Signed {
  /** Null for JSON. */
  readonly contentType: string | null;
}

/**
 * The headers of one attempt, in both families: `svix-*` for the documents' receivers, `webhook-*` for Standard Webhooks. There
 * is one signature per live secret, so that a receiver may switch at any time of a rotation.
 */
function signedHeaders(signed: SignedMessage, userAgent: string): string[] {
  const timestamp = String(Math.floor(signed.at / 1000));
  const signature = signatures(signed, timestamp);
  return [
    "content-type",
    signed.contentType ?? "application/json",
    "user-agent",
    userAgent,
    "svix-id",
    signed.id,
    "svix-timestamp",
    timestamp,
    "svix-signature",
    signature,
    "webhook-id",
    signed.id,
    "webhook-timestamp",
    timestamp,
    "webhook-signature",
    signature,
  ];
}
