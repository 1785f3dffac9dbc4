import { z } from "zod";
import { type MessageId, prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { flagByDefault } from "../../http/query-values.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import { type AttemptListParts, attemptTag } from "./attempt-lists.ts";
import {
  deliveryStatus,
  expandedStatuses,
  progressWith,
  statusFields,
  statusFilter,
  statusResponse,
} from "./delivery-status.ts";
import { endpointIn, endpointPath, keyOf } from "./endpoint-in-path.ts";
import {
  channelFilter,
  eventTypesFilter,
  listQuery,
  listSchema,
  pageText,
  positionInTime,
  timeWindow,
} from "./lists.ts";
import { messageResponse, messageText } from "./message-response.ts";

const endpointMessageResponse = messageResponse
  .extend({ ...statusFields, nextAttempt: timeResponse.nullable() })
  .meta({ id: "EndpointMessageOut" });

/** The messages of an endpoint: those that were sent or are waiting, and those that were skipped while it was disabled. */
export function attemptedMessagesRoute({ store }: AttemptListParts): Route {
  return route({
    method: "GET",
    path: `${endpointPath}/msg`,
    operation: "v1.message-attempt.list-attempted-messages",
    tag: attemptTag,
    summary: "List an endpoint's messages with their state there, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({
      ...listQuery,
      ...timeWindow,
      status: statusFilter,
      channel: channelFilter,
      tag: z.string().optional(),
      event_types: eventTypesFilter,
      with_content: flagByDefault,
      expanded_statuses: expandedStatuses,
    }),
    response: listSchema(endpointMessageResponse),
    handle: async (request) => {
      const { query } = request;
      const position = positionInTime(query, "msg");
      const endpoint = await endpointIn(store, request);
      const page = await store.listDeliveries({
        ...keyOf(endpoint),
        limit: query.limit,
        cursor: (position?.key ?? null) as MessageId | null,
        oldestFirst: position?.isBackwards ?? false,
        progress: query.status === undefined ? null : progressWith[query.status],
        eventTypes: query.event_types ?? null,
        channel: query.channel ?? null,
        tag: query.tag ?? null,
        since: query.after ?? null,
        until: query.before ?? null,
      });
      const texts = page.items.map(({ delivery, ...message }) =>
        messageText(message, query.with_content, {
          ...statusResponse(deliveryStatus(delivery, query.expanded_statuses)),
          nextAttempt: delivery.nextAttemptAt === null ? null : isoTime(delivery.nextAttemptAt),
        }),
      );
      return pageText({ ...page, texts }, position, (id) => prefixed("msg", id));
    },
  });
}
