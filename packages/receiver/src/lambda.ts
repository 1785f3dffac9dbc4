import { decodeBase64 } from "./base64.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";

/** What the adapter uses of an event of API Gateway (REST, version 1, or HTTP, version 2), a function URL or a load balancer. */
export interface LambdaEvent {
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  /** Version 1 alone: each header with all its lines. */
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/** The answer in the form that every version of the events understands; where headers came with all their lines, they go so too. */
export interface LambdaResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly multiValueHeaders?: Record<string, string[]>;
  readonly body: string;
}

/** A handler for AWS Lambda, whose platform has read the body already and hands it over as text or as base64. */
export function toLambdaHandler(
  router: Pick<Router, "receive">,
  options: ReceiverOptions,
): (event: LambdaEvent) => Promise<LambdaResponse> {
  const receiver = createReceiver(router, options);
  return async (given) => {
    // Every caller of the function can send it any event.
    const event = given ?? {};
    const headers = { ...event.headers, ...event.multiValueHeaders };
    const answer = await receiver.receive({ headers, body: bodyOf(event) });
    const answered = { statusCode: answer.status, headers: { ...answer.headers }, body: answer.body };
    return event.multiValueHeaders ? { ...answered, multiValueHeaders: linesOf(answer.headers) } : answered;
  };
}

function linesOf(headers: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}

/** Text that claims to be base64 and is not gives no bytes: no signature fits those. */
function bodyOf({ body, isBase64Encoded }: LambdaEvent): Uint8Array {
  if (typeof body !== "string") return new Uint8Array();
  if (isBase64Encoded === true) return decodeBase64(body) ?? new Uint8Array();
  return new TextEncoder().encode(body);
}
