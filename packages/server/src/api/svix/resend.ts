import { z } from "zod";
import { assertNever } from "../../domain/assert-never.ts";
import { ApiError } from "../../domain/errors.ts";
import { notFound } from "../../http/ids.ts";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import { type AttemptListParts, attemptTag } from "./attempt-lists.ts";
import { endpointIn } from "./endpoint-in-path.ts";
import { messageIn } from "./message-in-path.ts";

export function resendRoute({ store, origin }: AttemptListParts): Route {
  return route({
    method: "POST",
    path: "/app/:app_id/msg/:msg_id/endpoint/:endpoint_id/resend",
    operation: "v1.message-attempt.resend",
    tag: attemptTag,
    summary: "Resend a message to an endpoint at once, with the whole retry schedule",
    scope: "write",
    appTokens: ["CreateAttempts"],
    response: z.object({}).meta({ id: "EmptyResponse" }),
    handle: async (request) => {
      const { id: messageId, organizationId } = await messageIn(store, request);
      const { id: subscriptionId } = await endpointIn(store, request);
      const result = await store.resendMessage({ organizationId, messageId, subscriptionId, now: origin.now() });
      switch (result.kind) {
        case "resent":
          return new StatusResponse(202, {});
        case "payload_deleted":
          throw new ApiError("payload_deleted", "The payload of this message was deleted, so it cannot be sent.");
        case "subscription_disabled":
          throw new ApiError("subscription_disabled", "The endpoint is disabled. Enable it, then send again.");
        case "message_not_found":
        case "subscription_not_found":
          throw notFound("Entity");
        default:
          return assertNever(result);
      }
    },
  });
}
