import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { eventRoutes } from "../api/mcp/event-routes.ts";
import { mcpApi } from "../api/mcp/mcp-api.ts";
import { type ProtectedResource, resourceMetadataApi, resourceUrl } from "../api/mcp/protected-resource.ts";
import { svixApi } from "../api/svix/svix-api.ts";
import { Listeners } from "../api/weft/listeners/listeners.ts";
import { Streams } from "../api/weft/stream/streams.ts";
import { weftApi } from "../api/weft/weft-api.ts";
import { AgentTokens } from "../auth/agent-tokens.ts";
import { Authentication } from "../auth/authentication.ts";
import { AuthorizationServer } from "../auth/authorization-server.ts";
import { IdentityProvider } from "../auth/identity-provider.ts";
import { KeyUses } from "../auth/key-uses.ts";
import { People } from "../auth/people.ts";
import { SessionTokens } from "../auth/session-tokens.ts";
import { Sessions } from "../auth/sessions.ts";
import { SignIn } from "../auth/sign-in.ts";
import { SignInTickets } from "../auth/sign-in-tickets.ts";
import { SvixAuthentication } from "../auth/svix-authentication.ts";
import { SvixTokens } from "../auth/svix-tokens.ts";
import { WeftAuthentication } from "../auth/weft-authentication.ts";
import type { Config } from "../config/config.ts";
import { shownSettings } from "../config/shown-settings.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { EventTypes } from "../event-types/event-types.ts";
import { BytesUnderWay } from "../http/bytes-under-way.ts";
import { CallLimits } from "../http/call-limits.ts";
import { createServer } from "../http/server.ts";
import { Turns } from "../http/turns.ts";
import { ConfirmTokens } from "../mcp/confirm-tokens.ts";
import { Organizations } from "../organizations/organizations.ts";
import { checkEndpoint } from "../outbound/endpoint-check.ts";
import type { TlsIdentity } from "../outbound/tls-identity.ts";
import { Searches } from "../search/searches.ts";
import { CallbackChecks } from "../subscriptions/agents/callback-checks.ts";
import { EventPolls } from "../subscriptions/agents/event-polls.ts";
import { McpSubscriptions } from "../subscriptions/agents/mcp-subscriptions.ts";
import { OfferedEvents } from "../subscriptions/agents/offered-events.ts";
import { Subscriptions } from "../subscriptions/subscriptions.ts";
import type { EnginePart } from "./engine.ts";
import { type Foundations, version } from "./foundations.ts";
import { portalBrand } from "./portal-brand.ts";
import type { ProducersPart } from "./producers.ts";

const builtConsole = fileURLToPath(new URL("../../dist/console", import.meta.url));
const builtDocumentation = fileURLToPath(new URL("../../dist/docs", import.meta.url));

/** The part that serves both APIs, the console and the documentation. */
export interface ApiPart extends AsyncDisposable {
  readonly server: FastifyInstance;
  readonly bytesUnderWay: BytesUnderWay;
  listen(): Promise<void>;
}

interface ApiSettings {
  readonly organizationId: OrganizationId;
  readonly publicUrl: () => string;
  /** A key of the operator that is valid until this process ends. */
  readonly localKey: string;
}

export function openApi(
  foundations: Foundations,
  enginePart: EnginePart,
  producers: ProducersPart,
  { organizationId, publicUrl, localKey }: ApiSettings,
): ApiPart {
  const { config, machine, store, clock, reporter, origin, offered, metrics, userAgent, sessionKeys, sender } =
    foundations;
  const { intake, catalogue, catalogueReader: reader, namespaces, checks, retry } = enginePart;
  const { recoveryWindowMsMax } = config;
  const turns = new Turns();
  const streams = new Streams(store, clock, turns);
  const listeners = new Listeners({ store, clock, newId: origin.newId, userAgent });
  const policy = subscriptionPolicy(foundations);
  const brand = portalBrand(config);
  const subscriptions = new Subscriptions({ store, catalogue, reader, namespaces, policy, origin });
  const eventTypes = new EventTypes({ store, catalogue, reader, namespaces, checks, origin });
  const bytesUnderWay = new BytesUnderWay();
  const keyUses = new KeyUses(store, clock, (error) =>
    reporter.internalOperationFailed({ operation: "store the last use of API keys", error }),
  );
  const { keys, tokens, sessions, svix, people, signInPeople } = authentications(foundations, keyUses, {
    organizationId,
    localKey,
    namespaces,
  });
  const signIn = signInPeople === null ? null : openSignIn(foundations, { people: signInPeople, sessions });
  const confirmTokens = new ConfirmTokens(sessionKeys, origin.now);
  const organizations = new Organizations({ store, intake, origin });
  const shared = {
    store,
    intake,
    organizations,
    eventTypes,
    subscriptions,
    origin,
    publicUrl,
    recoveryWindowMsMax,
    version,
  };
  const weft = weftApi({
    ...shared,
    ...{ keys, sessions, streams, listeners, reporter, clock, retry, userAgent },
    ...{ signIn, organizationId, providerName: config.oidcName },
    authentication: new WeftAuthentication({ keys, sessions, svix }),
    auth: config.auth,
    publicEventTypes: config.publicEventTypes,
    portalBrand: brand,
    sources: offered.sources,
    sourceTrials: producers.sourceTrials,
    collections: producers.collections,
    searches: new Searches({ store, intake, ...origin }),
    connections: producers.connections,
    authorizations: producers.authorizations,
    claims: producers.claims,
    attemptTimeoutMs: config.attemptTimeoutMs,
    installation: { mode: config.mode, settings: shownSettings(config), payloadBytesMax: config.payloadBytesMax },
    retentionMs: config.retentionMs,
    metrics: async () => ({ text: await metrics.registry.metrics(), mediaType: metrics.registry.contentType }),
  });
  const callbacks = new CallbackChecks({ sender, randomBytes: machine.randomBytes, now: origin.now, userAgent });
  const offeredEvents = new OfferedEvents({ catalogue, reader, namespaces });
  const agents = new McpSubscriptions({
    ...{ store, events: offeredEvents, origin },
    ...{ checks: callbacks, address: policy.address },
  });
  const polls = new EventPolls({
    ...{ store, events: offeredEvents, now: origin.now },
    turn: (owner, bytes) => turns.wait(owner, bytes),
  });
  const resource = protectedResource(foundations, { keys, people, publicUrl });
  const mcp = mcpApi({
    ...{ routes: weft.routes, keys, resource, confirmTokens, publicUrl, reporter, now: origin.now, version },
    ...{ allowsWrites: config.mcpWrite, errorCodes: config.mcpErrorCodes },
    events: config.mcpEvents ? eventRoutes({ offered: offeredEvents, subscriptions: agents, polls, keys }) : new Map(),
  });
  const server = createServer({
    ...{ store, reporter, origin, clock, bytesUnderWay, organizationId, turns },
    apis: [
      ...[weft, svixApi({ ...shared, tokens, authentication: svix }), mcp],
      ...(resource === null ? [] : [resourceMetadataApi(resource)]),
    ],
    callLimits: new CallLimits(config.apiRateLimit, origin.now),
    loopbackNamesOnly: config.auth === "none",
    console: { folder: builtConsole, frameAncestors: config.frameAncestors, portalLogo: brand?.logo ?? null },
    documentation: builtDocumentation,
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
      await keyUses[Symbol.asyncDispose]();
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

/** A URL for clients on this machine: a server that listens on all addresses also listens on the loopback address. */
export function reachableUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

function authentications(
  { config, store, origin, sessionKeys }: Foundations,
  keyUses: KeyUses,
  {
    organizationId: defaultOrganizationId,
    localKey,
    namespaces,
  }: Pick<ApiSettings, "organizationId" | "localKey"> & Pick<EnginePart, "namespaces">,
) {
  const { auth, adminKey } = config;
  const { now } = origin;
  const settings = { auth, adminKey, localKey, defaultOrganizationId };
  const keys = new Authentication(store, settings, keyUses, now);
  const tokens = config.svixJwtKeys === null ? null : new SvixTokens(config.svixJwtKeys, now);
  const people = new People({ mappings: config.oidcRoles, defaultOrganizationId }, store);
  const signInPeople = config.oidcIssuer === null ? null : people;
  const sessions = new Sessions({
    keys,
    people: signInPeople,
    tokens: new SessionTokens(sessionKeys, now),
    store,
    ...origin,
  });
  const svix = new SvixAuthentication({ authentication: keys, tokens, store, namespaces, now, defaultOrganizationId });
  return { keys, tokens, sessions, svix, people, signInPeople };
}

function openSignIn(
  { config, machine, origin, sessionKeys, providerFetch, reporter }: Foundations,
  { people, sessions }: { readonly people: People; readonly sessions: Sessions },
): SignIn {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcScopes, oidcGroupsClaim } = config;
  const provider = new IdentityProvider(
    {
      issuer: oidcIssuer ?? "",
      clientId: oidcClientId ?? "",
      clientSecret: oidcClientSecret,
      scopes: oidcScopes,
      groupsClaim: oidcGroupsClaim,
    },
    providerFetch,
    origin.now,
  );
  return new SignIn({
    ...{ provider, people, sessions, tickets: new SignInTickets(sessionKeys, origin.now), now: origin.now },
    randomBytes: machine.randomBytes,
    onFailure: (failure) => reporter.signInFailed(failure),
  });
}

/** Null where agents use API keys only. */
function protectedResource(
  { config, store, origin, providerFetch }: Foundations,
  { keys, people, publicUrl }: { keys: Authentication; people: People } & Pick<ApiSettings, "publicUrl">,
): ProtectedResource | null {
  const { mcpOauthIssuer: issuer, mcpOauthOrganizationClaim: organizationClaim, oidcGroupsClaim, mcpWrite } = config;
  if (issuer === null) return null;
  const tokens = new AgentTokens({
    ...{ keys, people, store, organizationClaim, groupsClaim: oidcGroupsClaim, now: origin.now },
    server: new AuthorizationServer(issuer, providerFetch, origin.now),
    resource: () => resourceUrl(publicUrl()),
    scopes: mcpWrite ? ["read", "subscribe", "write"] : ["read", "subscribe"],
  });
  return { tokens, issuer, publicUrl };
}

function subscriptionPolicy({ config, sender }: Foundations) {
  const { allowHttp, smtpUrl, smtpDomains, recoveryWindowMsMax, subscriptionsMax, verifyEndpoints } = config;
  const { defaultSignatureType } = config;
  const timeoutMs = limits.endpointCheckMs;
  return {
    address: { allowHttp, mail: smtpUrl === null ? null : { domains: smtpDomains } },
    recoveryWindowMsMax,
    subscriptionsMax,
    defaultSignatureType,
    checkEndpoint: verifyEndpoints
      ? (url: string, owner: OrganizationId, tls: TlsIdentity | null) =>
          checkEndpoint(url, sender, { timeoutMs, owner, tls })
      : null,
  };
}
