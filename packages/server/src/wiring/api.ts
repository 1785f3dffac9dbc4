import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { svixApi } from "../api/svix/svix-api.ts";
import { Listeners } from "../api/weft/listeners/listeners.ts";
import { Streams } from "../api/weft/stream/streams.ts";
import { weftApi } from "../api/weft/weft-api.ts";
import { Authentication } from "../auth/authentication.ts";
import { SessionTokens } from "../auth/session-tokens.ts";
import { Sessions } from "../auth/sessions.ts";
import { SvixAuthentication } from "../auth/svix-authentication.ts";
import { SvixTokens } from "../auth/svix-tokens.ts";
import { WeftAuthentication } from "../auth/weft-authentication.ts";
import type { Config } from "../config.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { EventTypes } from "../event-types/event-types.ts";
import { BytesUnderWay } from "../http/bytes-under-way.ts";
import { CallLimits } from "../http/call-limits.ts";
import { createServer } from "../http/server.ts";
import { Turns } from "../http/turns.ts";
import { checkEndpoint } from "../outbound/endpoint-check.ts";
import { Subscriptions } from "../subscriptions/subscriptions.ts";
import type { EnginePart } from "./engine.ts";
import { type Foundations, version } from "./foundations.ts";
import type { ProducersPart } from "./producers.ts";

const builtConsole = fileURLToPath(new URL("../../dist/console", import.meta.url));

/** The part that serves both APIs and the console. */
export interface ApiPart extends AsyncDisposable {
  readonly server: FastifyInstance;
  readonly bytesUnderWay: BytesUnderWay;
  listen(): Promise<void>;
}

export function openApi(
  foundations: Foundations,
  enginePart: EnginePart,
  producers: ProducersPart,
  { organizationId, publicUrl }: { organizationId: OrganizationId; publicUrl: () => string },
): ApiPart {
  const { config, machine, store, clock, reporter, origin, offered, metrics, userAgent } = foundations;
  const { intake, catalogue, catalogueReader: reader, checks, retry } = enginePart;
  const { recoveryWindowMsMax } = config;
  const turns = new Turns();
  const streams = new Streams(store, clock, turns);
  const listeners = new Listeners({ store, clock, newId: origin.newId, userAgent });
  const policy = subscriptionPolicy(foundations);
  const subscriptions = new Subscriptions({ store, catalogue, reader, policy, origin });
  const eventTypes = new EventTypes({ store, catalogue, reader, checks, origin });
  const bytesUnderWay = new BytesUnderWay();
  const { keys, tokens, sessions, svix } = authentications(foundations, organizationId);
  const shared = { store, intake, eventTypes, subscriptions, origin, publicUrl, recoveryWindowMsMax, version };
  const server = createServer({
    ...{ store, reporter, origin, clock, bytesUnderWay, organizationId, turns },
    apis: [
      weftApi({
        ...shared,
        catalogue,
        ...{ keys, sessions, streams, listeners, reporter, clock, retry, userAgent },
        authentication: new WeftAuthentication({ keys, sessions, svix }),
        auth: config.auth,
        sources: offered.sources,
        collections: producers.collections,
        connections: producers.connections,
        authorizations: producers.authorizations,
        attemptTimeoutMs: config.attemptTimeoutMs,
        retentionMs: config.retentionMs,
        metrics: async () => ({ text: await metrics.registry.metrics(), mediaType: metrics.registry.contentType }),
      }),
      svixApi({ ...shared, tokens, authentication: svix }),
    ],
    callLimits: new CallLimits(config.apiRateLimit, origin.now),
    loopbackNamesOnly: config.auth === "none",
    console: { folder: builtConsole, frameAncestors: config.frameAncestors },
  });
  return {
    ...{ server, bytesUnderWay },
    listen: async () => {
      await server.listen({ host: config.host, port: config.port });
    },
    [Symbol.asyncDispose]: async () => {
      const isClosed = new AbortController();
      void machine.clock.sleep(limits.serverCloseMs, isClosed.signal).then(() => server.server.closeAllConnections());
      // Open streams keep the server from closing, so they end at the same time.
      await Promise.all([server.close(), streams[Symbol.asyncDispose](), listeners[Symbol.asyncDispose]()]);
      isClosed.abort();
    },
  };
}

/** The address at which a server listens, or would listen. */
export function addressOf(server: FastifyInstance, config: Config): string {
  const { address, port } = (server.server.address() as AddressInfo | null) ?? {
    address: config.host,
    port: config.port,
  };
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function authentications({ config, store, origin, sessionKeys }: Foundations, defaultOrganizationId: OrganizationId) {
  const { auth, adminKey } = config;
  const { now } = origin;
  const keys = new Authentication(store, { auth, adminKey, defaultOrganizationId }, now);
  const tokens = config.svixJwtSecret === null ? null : new SvixTokens(config.svixJwtSecret, now);
  const sessions = new Sessions({ keys, tokens: new SessionTokens(sessionKeys, now), store, ...origin });
  const svix = new SvixAuthentication({ authentication: keys, tokens, store, now, defaultOrganizationId });
  return { keys, tokens, sessions, svix };
}

function subscriptionPolicy({ config, sender }: Foundations) {
  const { allowHttp, smtpUrl, smtpDomains, recoveryWindowMsMax, subscriptionsMax, verifyEndpoints } = config;
  const timeoutMs = limits.endpointCheckMs;
  return {
    address: { allowHttp, mail: smtpUrl === null ? null : { domains: smtpDomains } },
    recoveryWindowMsMax,
    subscriptionsMax,
    checkEndpoint: verifyEndpoints
      ? (url: string, owner: OrganizationId) => checkEndpoint(url, sender, { timeoutMs, owner })
      : null,
  };
}
