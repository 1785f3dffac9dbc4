import { z } from "zod";
import type { Attempt } from "../../domain/attempt.ts";
import { type AttemptId, type MessageId, type OrganizationId, prefixed, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { notFound } from "../../http/ids.ts";
import { readInSteps } from "../../http/pages.ts";
import { flag, flagByDefault } from "../../http/query-values.ts";
import { type Route, type RouteRequest, route } from "../../http/route.ts";
import type { Origin } from "../../intake/intake.ts";
import type { ListAttempts } from "../../store/attempts/interface.ts";
import type { Page, PageOf } from "../../store/page.ts";
import type { Store } from "../../store/store.ts";
import { attemptResponse, attemptText } from "./attempt-response.ts";
import { expandedStatuses, type Status, statusFilter } from "./delivery-status.ts";
import { endpointIn, findEndpoint } from "./endpoint-in-path.ts";
import {
  channelFilter,
  eventTypesFilter,
  listQuery,
  listSchema,
  pageText,
  positionInTime,
  timeWindow,
} from "./lists.ts";
import { messageIn } from "./message-in-path.ts";

export interface AttemptListParts {
  readonly store: Store;
  readonly origin: Origin;
}

export const attemptTag = "Message Attempt";

const query = z.object({
  ...listQuery,
  ...timeWindow,
  status: statusFilter,
  status_code_class: z.enum(["0", "100", "200", "300", "400", "500"]).transform(Number).optional(),
  channel: channelFilter,
  tag: z.string().optional(),
  event_types: eventTypesFilter,
  endpoint_id: z.string().optional(),
  with_content: flagByDefault,
  with_msg: flag,
  expanded_statuses: expandedStatuses,
});

type Request = RouteRequest<z.output<typeof query>, undefined>;

/** The filter of a list: the message, the endpoint, or both. */
interface Scope {
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId | null;
  readonly subscriptionId: SubscriptionId | null;
}

interface AttemptList {
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly scopeOf: (store: Store, request: Request) => Promise<Scope>;
}

const lists: readonly AttemptList[] = [
  {
    path: "/app/:app_id/attempt/endpoint/:endpoint_id",
    operation: "v1.message-attempt.list-by-endpoint",
    summary: "List an endpoint's attempts, newest first",
    scopeOf: ofEndpoint,
  },
  {
    path: "/app/:app_id/attempt/msg/:msg_id",
    operation: "v1.message-attempt.list-by-msg",
    summary: "List a message's attempts, newest first",
    scopeOf: ofMessage,
  },
  {
    path: "/app/:app_id/msg/:msg_id/attempt",
    operation: "v1.message-attempt.list",
    summary: "The older name of the list of a message's attempts",
    scopeOf: ofMessage,
  },
  {
    path: "/app/:app_id/msg/:msg_id/endpoint/:endpoint_id/attempt",
    operation: "v1.message-attempt.list-by-endpoint-deprecated",
    summary: "The older name of the list of a message's attempts at one endpoint",
    scopeOf: async (store, request) => ({
      ...(await ofMessage(store, request)),
      subscriptionId: (await endpointIn(store, request)).id,
    }),
  },
];

/** Lists of attempts. A delivery that waits for its first attempt has none yet. */
export function attemptListRoutes(parts: AttemptListParts): Route[] {
  return lists.map((list) => listAttempts(parts, list));
}

function listAttempts({ store }: AttemptListParts, { scopeOf, ...named }: AttemptList): Route {
  return route({
    ...named,
    method: "GET",
    tag: attemptTag,
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query,
    response: listSchema(attemptResponse),
    handle: async (request) => {
      const { limit, before, after, status, with_msg, with_content: withContent } = request.query;
      const position = positionInTime(request.query, "atmpt");
      const scope = await scopeOf(store, request);
      const outcome = status === undefined ? null : outcomeWith(status);
      const params = {
        ...scope,
        oldestFirst: position?.isBackwards ?? false,
        statusClass: request.query.status_code_class ?? null,
        eventTypes: request.query.event_types ?? null,
        channel: request.query.channel ?? null,
        tag: request.query.tag ?? null,
        since: after ?? null,
        until: before ?? null,
      };
      const read = async (part: PageOf<AttemptId>): Promise<Page<MessageAttempt, AttemptId>> => {
        if (outcome === "none") return nothing;
        const page = await store.listAttempts({ ...params, ...part, outcome });
        return with_msg
          ? await withMessages(store, scope.organizationId, page)
          : { ...page, items: page.items.map(alone) };
      };
      const page = await readInSteps({
        limit,
        cursor: (position?.key ?? null) as AttemptId | null,
        read,
        cursorOf: ({ id }) => id,
        textOf: ({ attempt, ...message }) => attemptText(attempt, { withContent, ...message }),
      });
      return pageText(page, position, (id) => prefixed("atmpt", id));
    },
  });
}

/** An attempt in the form of a list. */
interface MessageAttempt {
  readonly id: AttemptId;
  readonly attempt: Attempt;
  /** The message, if it was requested; null after retention deleted it. */
  readonly message?: Message | null;
}

function alone(attempt: Attempt): MessageAttempt {
  return { id: attempt.id, attempt };
}

const nothing: Page<MessageAttempt, AttemptId> = { items: [], next: null };

function outcomeWith(status: Status): ListAttempts["outcome"] | "none" {
  const outcomes = {
    success: "succeeded",
    fail: "failed",
    sending: "none",
    pending: "none",
    canceled: "none",
  } as const;
  return outcomes[status];
}

async function ofEndpoint(store: Store, request: Request): Promise<Scope> {
  const { id, organizationId } = await endpointIn(store, request);
  return { organizationId, messageId: null, subscriptionId: id };
}

async function ofMessage(store: Store, request: Request): Promise<Scope> {
  const { id, organizationId } = await messageIn(store, request);
  const named = request.query.endpoint_id;
  if (named === undefined) return { organizationId, messageId: id, subscriptionId: null };
  const endpoint = await findEndpoint(store, organizationId, named);
  if (endpoint === null) throw notFound("Entity");
  return { organizationId, messageId: id, subscriptionId: endpoint.id };
}

/** The attempts with their messages, up to the first message that does not fit on the page. */
async function withMessages(
  store: Store,
  organizationId: OrganizationId,
  { items, next }: Page<Attempt, AttemptId>,
): Promise<Page<MessageAttempt, AttemptId>> {
  const messageIds = [...new Set(items.map(({ messageId }) => messageId))];
  const { messages, unread } = await store.readMessages({ organizationId, messageIds });
  const known = new Map(messages.map((message) => [message.id, message]));
  const end = items.findIndex(({ messageId }) => unread.includes(messageId));
  const shown = (end === -1 ? items : items.slice(0, end)).map((attempt) => ({
    ...alone(attempt),
    message: known.get(attempt.messageId) ?? null,
  }));
  return { items: shown, next: end === -1 ? next : (shown.at(-1)?.id ?? next) };
}
