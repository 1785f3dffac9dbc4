import { z } from "zod";
import { parseId } from "../../domain/id.ts";
import { notFound } from "../../http/ids.ts";
import { type Route, route, StatusResponse, TextResponse } from "../../http/route.ts";
import type { AttemptKey } from "../../store/attempts/interface.ts";
import type { Store } from "../../store/store.ts";
import type { PathRequest } from "./application-in-path.ts";
import { type AttemptListParts, attemptListRoutes, attemptTag } from "./attempt-lists.ts";
import { attemptResponse, attemptText } from "./attempt-response.ts";
import { attemptedMessagesRoute } from "./attempted-messages.ts";
import { expandedStatuses } from "./delivery-status.ts";
import { messageEndpointsRoute } from "./message-endpoints.ts";
import { messageIn } from "./message-in-path.ts";
import { resendRoute } from "./resend.ts";

const path = "/app/:app_id/msg/:msg_id/attempt/:attempt_id";

/** An attempt is one request that was made for a message to one endpoint. */
export function attemptRoutes(parts: AttemptListParts): Route[] {
  return [
    ...attemptListRoutes(parts),
    getAttempt(parts),
    deleteContent(parts),
    attemptedMessagesRoute(parts),
    messageEndpointsRoute(parts),
    resendRoute(parts),
  ];
}

function getAttempt({ store }: AttemptListParts): Route {
  return route({
    method: "GET",
    path,
    operation: "v1.message-attempt.get",
    tag: attemptTag,
    summary: "Get an attempt",
    scope: "read",
    query: z.object({ expanded_statuses: expandedStatuses }),
    response: attemptResponse,
    handle: async (request) => {
      const attempt = await store.readAttempt(await keyIn(store, request));
      if (attempt === null) throw notFound("Entity");
      return new TextResponse(attemptText(attempt, { withContent: true }));
    },
  });
}

function deleteContent({ store }: AttemptListParts): Route {
  return route({
    method: "DELETE",
    path: `${path}/content`,
    operation: "v1.message-attempt.expunge-content",
    tag: attemptTag,
    summary: "Delete the response of an attempt",
    scope: "write",
    appTokens: "never",
    response: z.null(),
    handle: async (request) => {
      if (!(await store.expungeResponse(await keyIn(store, request)))) throw notFound("Entity");
      return new StatusResponse(204);
    },
  });
}

/** The attempt in a path. An invalid id is treated like one that does not exist. */
async function keyIn(store: Store, pathRequest: PathRequest): Promise<AttemptKey> {
  const { id: messageId, organizationId } = await messageIn(store, pathRequest);
  const attemptId = parseId<"attempt">("atmpt", pathRequest.params.attempt_id ?? "");
  if (attemptId === null) throw notFound("Entity");
  return { organizationId, messageId, attemptId };
}
