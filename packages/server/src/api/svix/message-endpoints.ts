import { z } from "zod";
import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { MessageReceiver } from "../../store/deliveries/interface.ts";
import type { PageOf } from "../../store/page.ts";
import { type AttemptListParts, attemptTag } from "./attempt-lists.ts";
import { deliveryStatus, expandedStatuses, statusFields, statusResponse } from "./delivery-status.ts";
import { endpointOf, endpointResponse } from "./endpoint-schemas.ts";
import { listQuery, listSchema, positionIn, respondWithList } from "./lists.ts";
import { messageIn } from "./message-in-path.ts";

const messageEndpointResponse = endpointResponse
  .extend({ ...statusFields, nextAttempt: timeResponse.nullable() })
  .meta({ id: "MessageEndpointOut" });

/** The endpoints that a message was or will be sent to, including those deleted since. */
export function messageEndpointsRoute({ store }: AttemptListParts): Route {
  return route({
    method: "GET",
    path: "/app/:app_id/msg/:msg_id/endpoint",
    operation: "v1.message-attempt.list-attempted-destinations",
    tag: attemptTag,
    summary: "List a message's endpoints with its state there, oldest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ ...listQuery, expanded_statuses: expandedStatuses }),
    response: listSchema(messageEndpointResponse),
    handle: async (request) => {
      const { limit, iterator, expanded_statuses: isExpanded } = request.query;
      const position = positionIn(iterator, "ep");
      const { id: messageId, organizationId } = await messageIn(store, request);
      const newestFirst = position?.isBackwards ?? false;
      return await respondWithList({
        ...{ limit, position, prefix: "ep", step: limits.pageStepOfLarge },
        read: (part: PageOf<SubscriptionId>) =>
          store.listReceivers({ organizationId, messageId, ...part, newestFirst }),
        responseOf: (receiver) => messageEndpointOf(receiver, isExpanded),
      });
    },
  });
}

function messageEndpointOf(
  { delivery, ...endpoint }: MessageReceiver,
  isExpanded: boolean,
): z.input<typeof messageEndpointResponse> {
  return {
    ...endpointOf(endpoint),
    ...statusResponse(deliveryStatus(delivery, isExpanded)),
    nextAttempt: delivery.nextAttemptAt === null ? null : isoTime(delivery.nextAttemptAt),
  };
}
