import { randomUUID } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { requireAccess, requireConditions } from "../auth/access.ts";
import { checkHost } from "../auth/authentication.ts";
import type { Caller } from "../auth/caller.ts";
import { WrongKeys } from "../auth/wrong-keys.ts";
import type { Clock } from "../domain/clock.ts";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Origin } from "../intake/intake.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";
import { anonymous, callerOf, countRefusal } from "./admission.ts";
import { admittedOf, bodyRules } from "./admitted.ts";
import type { Api } from "./api.ts";
import { isAudited, type RequestedChange } from "./audit.ts";
import { AuditCounts } from "./audit-counts.ts";
import type { BytesUnderWay } from "./bytes-under-way.ts";
import type { CallLimits } from "./call-limits.ts";
import { sendClientError } from "./client-errors.ts";
import { type ConsoleSettings, serveConsole } from "./console.ts";
import { serveDocumentation } from "./documentation.ts";
import { countedError, keyChallenge, owedResponse, problemResponse } from "./error-response.ts";
import { EventSink } from "./event-sink.ts";
import { endIdleConnections } from "./idle-connections.ts";
import { callWithin } from "./inner-calls.ts";
import { nextLink } from "./pages.ts";
import { type RequestBody, readJsonBodies } from "./request-body.ts";
import { checkRequestHead } from "./request-head.ts";
import type { EventStream, Route, RouteRequest } from "./route.ts";
import {
  filledPath,
  jsonMediaType,
  noting,
  type RenderedResponse,
  type RunParts,
  readRequest,
  respondOnce,
} from "./run-route.ts";
import { endStalledConnections } from "./stalled-connections.ts";
import type { Turns } from "./turns.ts";

export interface ServerParts {
  readonly apis: readonly Api[];
  readonly store: Pick<Store, "beginIdempotent" | "finishIdempotent" | "addAuditEntry" | "endAuditEntry">;
  readonly reporter: Reporter;
  readonly origin: Origin;
  readonly clock: Clock;
  readonly callLimits: CallLimits;
  readonly bytesUnderWay: BytesUnderWay;
  /** The first organization, in whose audit log wrong keys are counted. */
  readonly organizationId: OrganizationId;
  readonly turns: Turns;
  /** Whether to reject host names other than this machine's own: without keys, a web page could send calls through one. */
  readonly loopbackNamesOnly: boolean;
  /** The web pages. */
  readonly console: ConsoleSettings;
  /** The folder with the built documentation. */
  readonly documentation: string;
}

type ServingParts = ServerParts & RunParts;

/** The HTTP server for tables of routes. Every route also accepts a trailing slash. */
export function createServer(given: ServerParts): FastifyInstance {
  const { store, clock, reporter, origin, organizationId } = given;
  const auditCounts = new AuditCounts({ store, clock, reporter, newId: origin.newId, organizationId });
  const parts: ServingParts = { ...given, auditCounts, wrongKeys: new WrongKeys(origin.now) };
  const server = Fastify({
    // Limits the time for a request to arrive, and not the time for its response. Without it, a client could send a body
    // arbitrarily slowly.
    requestTimeout: limits.requestMsMax,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    logger: false,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: limits.urlLengthMax },
    // Requests that match no route, such as one whose URL cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      const form = { renderError: problemResponse, challenge: keyChallenge };
      respondWithError(parts.reporter, form, error, request as FastifyRequest, reply as FastifyReply);
    },
    clientErrorHandler: sendClientError,
    rewriteUrl: (request) => withoutVersion(request.url ?? "/"),
  });
  server.decorateRequest("admitted", null);
  endIdleConnections(server);
  endStalledConnections(server, parts.clock);
  // Hooks with a callback: a promise for each request and hook would cost more than the hook.
  server.addHook("onRequest", ({ raw }, _reply, done) => {
    checkRequestHead(raw);
    done();
  });
  server.addHook("onClose", () => auditCounts.stop());
  if (parts.loopbackNamesOnly) server.addHook("onRequest", async (request) => checkHost(request.headers));
  server.addHook("onResponse", (request, reply, done) => {
    parts.reporter.responseSent({
      method: request.method,
      route: request.routeOptions.url ?? "unknown",
      status: reply.statusCode,
      tookMs: reply.elapsedTime,
      requestId: request.id,
    });
    done();
  });
  serveConsole(server, parts.console);
  serveDocumentation(server, { ...parts.console, folder: parts.documentation });
  for (const api of parts.apis) {
    if (api.prefix === "") addApi(server, parts, api);
    else void server.register(async (below) => addApi(below, parts, api), { prefix: api.prefix });
  }
  return server;
}

function addApi(server: FastifyInstance, parts: ServingParts, api: Api): void {
  readJsonBodies(server, api.jsonMediaTypes, (request) => bodyRules(request, parts.turns));
  server.setErrorHandler((error, request, reply) => respondWithError(parts.reporter, api, error, request, reply));
  server.setNotFoundHandler((request, reply) => {
    const [path = ""] = request.url.split("?");
    const allowed = methodsOf(api, path);
    if (allowed.length === 0) throw new ApiError("not_found", `The route ${request.method} ${path} does not exist.`);
    void reply.header("allow", allowed.join(", "));
    throw new ApiError("method_not_allowed", `${path} accepts ${allowed.join(" and ")}, not ${request.method}.`);
  });
  if (api.anyOrigin) allowOrigins(server);
  for (const route of api.routes) addRoute(server, parts, api, route);
}

const preflightKeptSeconds = 600;

function allowOrigins(server: FastifyInstance): void {
  server.addHook("onRequest", async (_request, reply) => void reply.header("access-control-allow-origin", "*"));
  server.options("/*", async (request, reply) => {
    const headers = request.headers["access-control-request-headers"];
    void reply.headers({
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-max-age": preflightKeptSeconds,
      ...(headers !== undefined && { "access-control-allow-headers": headers }),
    });
    return reply.code(204).send();
  });
}

function methodsOf({ prefix, routes }: Api, path: string): string[] {
  const plainPath = path.replace(/\/$/, "");
  return routes
    .filter((route) => new RegExp(`^${prefix}${route.path.replaceAll(/:\w+/g, "[^/]+")}$`).test(plainPath))
    .map(({ method }) => method);
}

function withoutVersion(url: string): string {
  return url.startsWith("/v1/") ? url.slice(3) : url;
}

function addRoute(server: FastifyInstance, parts: ServingParts, api: Api, route: Route): void {
  server.route({
    method: route.method,
    url: route.path,
    // A link preview must not use up a link that works once, and a stream has no HEAD form.
    exposeHeadRoute: route.redirects === null && route.mediaType !== "text/event-stream",
    // This runs before the body is read: only the bodies of permitted callers are read.
    onRequest: async (request, reply) => {
      let call = callOf(api, route, request);
      try {
        const found = callerOf(parts, api, route, { request, reply });
        const caller = found instanceof Promise ? await found : found;
        call = { ...call, caller };
        requireAccess(caller, route.access);
        const { organizationId } = caller;
        const owner = route.access === null ? { address: request.ip } : { organizationId };
        const holding = parts.bytesUnderWay.begin(owner, reply.raw, request.socket);
        holding.add(route.bytesReserved);
        request.admitted = { route, caller, holding };
      } catch (error) {
        throw await countRefusal(parts, error, { ...call, reply });
      }
    },
    handler: async (request, reply) => {
      const { caller, holding } = admittedOf(request);
      let call: RequestedChange = { ...callOf(api, route, request), caller };
      try {
        const recheck = async () =>
          requireAccess(await callerOf(parts, api, route, { request, reply: null }), route.access);
        const change = { ...requestOf(route, caller, request, reply), recheck };
        requireConditions(caller, route.access, change);
        call = { ...call, path: api.prefix + filledPath(route, change), isRecorded: isAudited(route) };
        const response = await respondOnce(parts, call, {
          ...change,
          note: noting(parts.auditCounts, call),
          call: (inner) => callWithin(parts, { caller, request, reply, recheck }, inner),
        });
        holding.remove(route.bytesReserved);
        const bytes = Buffer.byteLength(response.body);
        if (bytes >= limits.bytesUnderWayCountedFrom) holding.add(bytes);
        return await sendResponse(parts, response, request, reply);
      } catch (error) {
        throw await countRefusal(parts, error, { ...call, reply });
      }
    },
  });
}

function callOf(api: Api, route: Route, request: FastifyRequest): RequestedChange {
  const { value } = (request.body as RequestBody | undefined) ?? {};
  return { route, path: api.prefix + route.path, caller: anonymous, request, body: value, isRecorded: false };
}

async function sendResponse(
  parts: ServerParts,
  response: RenderedResponse,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  void reply.headers(response.headers ?? {});
  // Responses that are displayed must not be interpreted as a page or a script.
  if (response.mediaType !== jsonMediaType) void reply.header("x-content-type-options", "nosniff");
  void reply.header("x-request-id", request.id).code(response.status);
  if (response.events === undefined) {
    return response.body === "" ? reply.send() : reply.type(response.mediaType).send(response.body);
  }
  await sendEvents(parts, response.events, request, reply);
  return undefined;
}

function requestOf(
  route: Route,
  caller: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
): Omit<RouteRequest<unknown, unknown>, "recheck" | "note" | "call"> {
  const body = request.body as RequestBody | undefined;
  return {
    ...{
      caller,
      headers: request.headers,
      requestId: request.id,
      nextPage: (cursor) => void reply.header("link", nextLink(request.originalUrl, cursor)),
    },
    ...readRequest(route, caller, {
      params: request.params as Record<string, string>,
      query: request.query as Record<string, unknown>,
      body: body?.value,
      bodyText: body?.text ?? "",
      idempotencyKey: request.headers["idempotency-key"],
    }),
  };
}

// Proxies must not buffer it.
const eventHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
} as const;

async function sendEvents(
  { reporter, clock }: ServerParts,
  events: EventStream,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  reply.hijack();
  reply.raw.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), ...eventHeaders });
  try {
    await events.run(new EventSink(reply.raw, clock, admittedOf(request).holding));
  } catch (error) {
    reporter.requestFailed({
      method: request.method,
      route: request.routeOptions.url ?? request.url,
      requestId: request.id,
      error,
    });
  } finally {
    reply.raw.end();
  }
}

function respondWithError(
  reporter: Reporter,
  { renderError, challenge }: Pick<Api, "renderError" | "challenge">,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const owed = countedError(owedResponse(error), request.admitted?.holding);
  const response = renderError(owed, request.id);
  // A rejection under load is not logged, because callers could fill the log with it.
  if (owed.code === "internal" || owed.code === "unavailable") {
    reporter.requestFailed({
      method: request.method,
      route: request.routeOptions.url ?? request.url,
      requestId: request.id,
      error,
    });
  }
  if (response.status === 503 || owed.code === "too_many_bytes" || owed.code === "too_many_calls")
    void reply.header("retry-after", "1");
  const authenticate = challenge(owed, request.headers);
  if (authenticate !== null) void reply.header("www-authenticate", authenticate);
  return reply
    .header("x-request-id", request.id)
    .code(response.status)
    .type(response.mediaType)
    .send(JSON.stringify(response.body));
}
