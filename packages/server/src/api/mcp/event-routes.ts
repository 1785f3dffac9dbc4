import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { hasScope } from "../../domain/api-key.ts";
import { limits } from "../../domain/limits.ts";
import { McpError } from "../../domain/mcp-subscription.ts";
import { fitting } from "../../http/pages.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";
import { invalid } from "../../subscriptions/agents/event-definitions.ts";
import type { EventPolls } from "../../subscriptions/agents/event-polls.ts";
import type { McpSubscriptions } from "../../subscriptions/agents/mcp-subscriptions.ts";
import type { AgentIdentity, OfferedEvents } from "../../subscriptions/agents/offered-events.ts";
import { principalOf } from "./principal.ts";

export interface EventRouteParts {
  readonly offered: OfferedEvents;
  readonly subscriptions: McpSubscriptions;
  readonly polls: EventPolls;
  readonly keys: { readonly needsNoKey: boolean };
}

/** The methods of the extension for events, by name. Each is a route, so that rights and the audit log apply to it. */
export function eventRoutes(parts: EventRouteParts): ReadonlyMap<string, Route> {
  return new Map([
    ["events/list", listEvents(parts)],
    ["events/subscribe", subscribe(parts)],
    ["events/unsubscribe", unsubscribe(parts)],
    ["events/poll", poll(parts)],
  ]);
}

// A record would leave out a key such as __proto__ without a mistake.
const object = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  { error: "Expected an object" },
);
const text = z.string().min(1).max(limits.nameLengthMax);
const common = { path: "/mcp", tag: "mcp", response: z.unknown(), idempotency: "none", appTokens: "never" } as const;

const listParams = z.looseObject({ cursor: z.string().max(limits.nameLengthMax).nullish() });

function listEvents({ offered, keys }: EventRouteParts): Route {
  return route({
    ...common,
    method: "GET",
    operation: "listMcpEvents",
    summary: "List the events that an agent can subscribe to",
    scope: "any",
    body: object,
    handle: async ({ caller, body }) => {
      if (!hasScope(caller.scopes, "subscribe") && !hasScope(caller.scopes, "read")) {
        throw new McpError("forbidden", 'The key lacks the scope "subscribe".', { reason: "scope_missing" });
      }
      const { cursor = null } = parsed(listParams, body);
      const all = await offered.all(identityOf(caller, keys.needsNoKey));
      const rest = cursor === null ? all : all.filter(({ name }) => name > cursor);
      const page = rest.slice(0, limits.mcpEventsPerPage);
      const texts = fitting(page, (definition) => JSON.stringify(definition));
      const last = page[texts.length - 1];
      const next = texts.length < rest.length ? `,"nextCursor":${JSON.stringify(last?.name)}` : "";
      return new TextResponse(`{"events":[${texts.join(",")}]${next}}`);
    },
  });
}

const subscribeParams = z.looseObject({
  name: text,
  arguments: object.default({}),
  delivery: z.looseObject({
    mode: z.string().default("webhook"),
    url: z.string().min(1).max(limits.urlLengthMax),
    secret: z.string().max(limits.nameLengthMax),
  }),
  cursor: z.string().max(limits.urlLengthMax).nullish(),
  maxAgeMs: z.int().min(0).nullish(),
  ttlMs: z.int().min(0).nullish(),
});

function subscribe({ subscriptions, keys }: EventRouteParts): Route {
  return route({
    ...common,
    method: "POST",
    operation: "subscribeToMcpEvents",
    summary: "Create or refresh the subscription of an agent",
    scope: "subscribe",
    body: object,
    handle: async ({ caller, body }) => {
      const { name, arguments: given, delivery, ttlMs } = parsed(subscribeParams, body);
      if (delivery.mode !== "webhook") {
        const data = { feature: "deliveryMode", value: delivery.mode.slice(0, limits.mistakeTextLengthMax) };
        throw new McpError(
          "unsupported",
          "A subscription delivers by webhook. Call events/poll to ask for events.",
          data,
        );
      }
      const { url, secret } = delivery;
      const agent = identityOf(caller, keys.needsNoKey);
      return await subscriptions.subscribe(agent, { name, arguments: given, url, secret, ttlMs });
    },
  });
}

const unsubscribeParams = z.looseObject({
  name: text,
  arguments: object.default({}),
  delivery: z.looseObject({ url: z.string().min(1).max(limits.urlLengthMax) }),
});

function unsubscribe({ subscriptions, keys }: EventRouteParts): Route {
  return route({
    ...common,
    method: "POST",
    operation: "unsubscribeFromMcpEvents",
    summary: "End the subscription of an agent",
    scope: "subscribe",
    body: object,
    handle: async ({ caller, body }) => {
      const { name, arguments: given, delivery } = parsed(unsubscribeParams, body);
      await subscriptions.unsubscribe(identityOf(caller, keys.needsNoKey), {
        name,
        arguments: given,
        url: delivery.url,
      });
      return {};
    },
  });
}

const pollParams = z.looseObject({
  name: text,
  arguments: object.default({}),
  cursor: z.string().max(limits.mcpPollCursorLengthMax).nullish(),
  maxAgeMs: z.int().min(0).nullish(),
  maxEvents: z.int().min(1).nullish(),
});

function poll({ polls, keys }: EventRouteParts): Route {
  return route({
    ...common,
    method: "GET",
    operation: "pollMcpEvents",
    summary: "Return the events of a type after a cursor",
    scope: "subscribe",
    body: object,
    handle: async ({ caller, body }) => {
      const { name, arguments: given, cursor, maxAgeMs, maxEvents } = parsed(pollParams, body);
      const { events, ...rest } = await polls.poll(identityOf(caller, keys.needsNoKey), {
        ...{ name, arguments: given, cursor: cursor ?? null, maxAgeMs: maxAgeMs ?? null },
        maxEvents: maxEvents ?? limits.mcpPollEventsDefault,
      });
      const members = JSON.stringify({ ...rest, nextPollMs: limits.mcpPollRestMs });
      return new TextResponse(`{"events":[${events.join(",")}],${members.slice(1)}`);
    },
  });
}

/** Throws for a caller whose credential cannot be revoked on its own. */
function identityOf(caller: Caller, needsNoKey: boolean): AgentIdentity {
  const { organizationId, actor, expiresAt, featureFlags } = caller;
  const principal = principalOf(caller, needsNoKey);
  if (principal === null) {
    const message = "Subscriptions need an API key of the organization, which can be revoked. Create one.";
    throw new McpError("forbidden", message, { reason: "no_principal" });
  }
  const keyId = actor.kind === "api_key" ? (actor.id as AgentIdentity["keyId"]) : null;
  return { organizationId, principal, keyId, expiresAt, featureFlags };
}

function parsed<Schema extends z.ZodType>(schema: Schema, params: unknown): z.output<Schema> {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(
    issue?.path.map(String).join(".").slice(0, limits.mistakeTextLengthMax) ?? "params",
    issue?.message ?? "",
  );
}
