import { decodeBase64 } from "./base64.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";

/**
 * The part of an event that the adapter uses: API Gateway (REST, version 1, or HTTP, version 2), a function URL or a
 * load balancer.
 */
export interface LambdaEvent {
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  /** Only in version 1: each header with all its lines. */
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/**
 * The response in the form that every version of the events understands. If the event had multi-value headers, the
 * response has them too.
 */
export interface LambdaResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly multiValueHeaders?: Record<string, string[]>;
  readonly body: string;
}

/** A handler for AWS Lambda, whose platform has already read the body and passes it as text or as base64. */
export function toLambdaHandler(
  router: Pick<Router, "receive">,
  options: ReceiverOptions,
): (event: LambdaEvent) => Promise<LambdaResponse> {
  const receiver = createReceiver(router, options);
  return async (given) => {
    // Every caller of the function can send it any event.
    const event = given ?? {};
    const headers = { ...event.headers, ...event.multiValueHeaders };
    const response = await receiver.receive({ headers, body: bodyOf(event) });
    const answered = { statusCode: response.status, headers: { ...response.headers }, body: response.body };
    return event.multiValueHeaders ? { ...answered, multiValueHeaders: linesOf(response.headers) } : answered;
  };
}

function linesOf(headers: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}

/** Text that is marked as base64 and is not has no bytes, and no signature matches. */
function bodyOf({ body, isBase64Encoded }: LambdaEvent): Uint8Array {
  if (typeof body !== "string") return new Uint8Array();
  if (isBase64Encoded === true) return decodeBase64(body) ?? new Uint8Array();
  return new TextEncoder().encode(body);
}
