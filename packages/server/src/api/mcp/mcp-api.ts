import { createClient } from "@weft/sdk";
import { z } from "zod";
import { InsufficientScopeError } from "../../auth/agent-tokens.ts";
import type { Authentication } from "../../auth/authentication.ts";
import type { Caller } from "../../auth/caller.ts";
import { hasScope } from "../../domain/api-key.ts";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { Api } from "../../http/api.ts";
import { keyChallenge } from "../../http/error-response.ts";
import { type Route, type RouteRequest, route, StatusResponse, TextResponse } from "../../http/route.ts";
import type { Reporter } from "../../report/reporter.ts";
import { Admissions } from "../admissions.ts";
import type { Agent, AgentHandler, AgentParts } from "./agent-handler.ts";
import { fetchWithin, RouteTable } from "./fetch-within.ts";
import { loadAgentHandler } from "./load-agent-handler.ts";
import { batchRefused, methodNotFound, rpcResponse } from "./mcp-errors.ts";
import { type ProtectedResource, tokenChallenge } from "./protected-resource.ts";
import { ResultTexts } from "./result-texts.ts";

export interface McpApiParts extends AgentParts {
  /** The routes that tools call. */
  readonly routes: readonly Route[];
  readonly keys: Authentication;
  /** Null where agents use API keys only. */
  readonly resource: ProtectedResource | null;
  /** The methods of the extension for events; none where it is switched off. */
  readonly events: ReadonlyMap<string, Route>;
  readonly publicUrl: () => string;
  readonly reporter: Pick<Reporter, "requestFailed">;
}

/** The MCP server: one endpoint for both eras of the protocol. It never reads cookies. */
export function mcpApi(parts: McpApiParts): Api {
  const { keys, resource } = parts;
  return {
    prefix: "/mcp",
    routes: [mcpRoute(parts)],
    authenticate: (headers) =>
      keys.remembered(headers) ?? resource?.tokens.authenticate(headers) ?? keys.authenticate(headers),
    renderError: rpcResponse,
    challenge: resource === null ? keyChallenge : tokenChallenge(resource),
    anyOrigin: false,
    jsonMediaTypes: "application/json",
  };
}

const rpcRequest = z.unknown();
// A test event waits for its attempt.
const callSettings = { retriesMax: 0, timeoutMs: 2 * limits.attemptTimeoutMsMax } as const;

function mcpRoute(parts: McpApiParts): Route {
  const admissions = new Admissions({
    perOrganizationMax: limits.mcpCallsPerOrganizationMax,
    perNodeMax: limits.mcpCallsPerNodeMax,
    refusal: (whose, max) =>
      new ApiError(
        "too_many_calls",
        `${whose} has ${max} calls of agents in progress, which is the limit. Try again soon.`,
      ),
  });
  const serve = servingWith(parts);
  return route({
    method: "POST",
    path: "",
    operation: "callMcp",
    tag: "mcp",
    summary: "Call a method of the Model Context Protocol",
    scope: "any",
    appTokens: "never",
    body: rpcRequest,
    bodyBounds: bodyBounds.agents,
    response: z.unknown(),
    idempotency: "none",
    // The calls that a method makes are recorded, and not the request that carries them.
    isLogged: false,
    handle: async (request) => {
      checkOrigin(request, parts.publicUrl());
      const leave = admissions.admit(request.caller.organizationId);
      return await serve(request).finally(leave);
    },
  });
}

/** Serves requests that were admitted. */
function servingWith(parts: McpApiParts): (request: RouteRequest<unknown, unknown>) => Promise<StatusResponse> {
  const table = new RouteTable(parts.routes);
  let handler: Promise<AgentHandler> | null = null;
  return async (request) => {
    const { caller, headers, body, bodyText, requestId } = request;
    if (Array.isArray(body)) return new StatusResponse(400, batchRefused);
    const { id = null, method } = (body ?? {}) as { id?: unknown; method?: unknown };
    // Weft sends no notifications, so that there is nothing to listen for.
    if (method === "subscriptions/listen") return new StatusResponse(404, methodNotFound(id, method));
    requireTokenScope(caller, method);
    const onFailure = (error: unknown) =>
      parts.reporter.requestFailed({ method: "POST", route: "/mcp", requestId, error });
    const fetch = fetchWithin(table, request.call, onFailure, requestId);
    const results = new ResultTexts(`weft-result-${requestId}`);
    const agent: Agent = {
      ...{ caller, requestId, onFailure, events: eventMethods(request, parts.events, results) },
      client: createClient({ url: "http://weft.invalid", fetch, ...callSettings }),
    };
    const sent = new Request("http://weft.invalid/mcp", {
      method: "POST",
      headers: headersOf(headers),
      body: bodyText,
    });
    handler ??= loadAgentHandler(parts).catch((error: unknown) => {
      handler = null;
      throw error;
    });
    return await responseOf(await (await handler)(agent, sent, body), results);
  };
}

const subscribing = ["events/subscribe", "events/unsubscribe", "events/poll"];
const reading = ["tools/call", "resources/list", "resources/templates/list", "resources/read"];

/** Throws for a token with too few scopes for a method, so that the agent can ask for another token. */
function requireTokenScope({ actor, scopes }: Caller, method: unknown): void {
  if (actor.kind !== "person" || typeof method !== "string") return;
  const needed = subscribing.includes(method) ? "subscribe" : reading.includes(method) ? "read" : "any";
  if (needed === "any" || hasScope(scopes, needed)) return;
  throw new InsufficientScopeError([needed], `This token lacks the scope "${needed}".`);
}

/** The methods of the extension for events, called as the caller of the request. */
function eventMethods(
  { call }: Pick<RouteRequest<unknown, unknown>, "call">,
  routes: ReadonlyMap<string, Route>,
  results: ResultTexts,
): Agent["events"] {
  const methodOf = (route: Route) => async (body: unknown) => {
    const given = { route, params: {}, query: {}, body, bodyText: "", idempotencyKey: undefined };
    const response = await call(given);
    return results.placeholderOf(response.body);
  };
  return new Map([...routes].map(([name, route]) => [name, methodOf(route)]));
}

/** Rejects requests of web pages on other hosts. */
function checkOrigin({ headers }: Pick<RouteRequest<unknown, unknown>, "headers">, publicUrl: string): void {
  const { origin, host } = headers;
  if (origin === undefined) return;
  const url = URL.parse(origin);
  if (url !== null && (url.host === host || url.origin === URL.parse(publicUrl)?.origin)) return;
  throw new ApiError("host_not_allowed", "Pages of other hosts may not call this endpoint.");
}

function headersOf(headers: RouteRequest<unknown, unknown>["headers"]): Headers {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" && isForwarded(name)) sent.set(name, value);
  }
  return sent;
}

/** The protocol needs these headers, and never a credential. */
function isForwarded(name: string): boolean {
  return name === "accept" || name === "content-type" || name.startsWith("mcp-");
}

async function responseOf(response: Response, results: ResultTexts): Promise<StatusResponse> {
  const mediaType = response.headers.get("content-type") ?? "application/json";
  const text = results.into(await response.text(), mediaType);
  return new StatusResponse(response.status, text === "" ? undefined : new TextResponse(text, mediaType));
}
