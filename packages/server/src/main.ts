// The composition root: the only file that names the real clock and real randomness, and with open-store.ts the stores.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import type { SentHeaders } from "./api/attempts.ts";
import { Authentication } from "./api/authentication.ts";
import { BytesUnderWay } from "./api/bytes-under-way.ts";
import { CallLimits } from "./api/call-limits.ts";
import { Listeners } from "./api/listeners/listeners.ts";
import { weftApi } from "./api/routes.ts";
import { createServer } from "./api/server.ts";
import { SessionTokens } from "./api/session-tokens.ts";
import { Sessions } from "./api/sessions.ts";
import { Streams } from "./api/stream/streams.ts";
import { SvixAuthentication } from "./api/svix/authentication.ts";
import { svixApi } from "./api/svix/svix-api.ts";
import { SvixTokens } from "./api/svix/tokens.ts";
import { Turns } from "./api/turns.ts";
import { WeftAuthentication } from "./api/weft-authentication.ts";
import type { Config } from "./config.ts";
import { shownNotice } from "./delivery/destinations/notify.ts";
import { Engine } from "./delivery/engine.ts";
import { requestHeaders, signingKey } from "./delivery/request-headers.ts";
import { newOrganization, type Organization } from "./domain/account.ts";
import type { Clock } from "./domain/clock.ts";
import { idSource, type OrganizationId } from "./domain/id.ts";
import { limits } from "./domain/limits.ts";
import { maskUrls } from "./domain/masked-urls.ts";
import { operatorsOrganizationId } from "./domain/operational-event.ts";
import { sourceRetries } from "./domain/source-retry.ts";
import { Catalogue } from "./intake/catalogue.ts";
import { EventTypes } from "./intake/event-types.ts";
import { FanOutSteps } from "./intake/fan-out-steps.ts";
import { Intake, type Origin } from "./intake/intake.ts";
import { OutboxDrain } from "./intake/outbox-drain.ts";
import { SchemaChecks } from "./intake/schemas/schema-checks.ts";
import { offeredSources } from "./offered-sources.ts";
import { openSandboxes } from "./open-sandboxes.ts";
import { openStore } from "./open-store.ts";
import { createAddressGuard } from "./outbound/address-guard.ts";
import type { BlockedAddressError } from "./outbound/connector.ts";
import { checkEndpoint } from "./outbound/endpoint-check.ts";
import { HttpSender } from "./outbound/http-sender.ts";
import { MailSender } from "./outbound/mail-sender.ts";
import { NameResolver } from "./outbound/name-resolver.ts";
import { createLogger } from "./report/log.ts";
import { createMetrics } from "./report/metrics.ts";
import { watchProcess } from "./report/process-watch.ts";
import { tellingReporter } from "./report/telling-reporter.ts";
import type { Store } from "./store/store.ts";
import { Collections } from "./sync/collections.ts";
import { Authorizations } from "./sync/oauth/authorizations.ts";
import { TokenRequests } from "./sync/oauth/provider.ts";
import { SourceConnections } from "./sync/source-connections.ts";
import { SyncRunner } from "./sync/sync-runner.ts";
import { Upkeep } from "./upkeep/upkeep.ts";

/** A Weft that has been put together and not yet started. */
export interface Weft extends AsyncDisposable {
  /** For requests from inside this process; they need no port. */
  readonly server: FastifyInstance;
  /** What requests and responses keep in memory just now. */
  readonly bytesUnderWay: Pick<BytesUnderWay, "held">;
  /** For whoever publishes from inside this process. */
  readonly intake: Intake;
  /** The first organization, which every installation has. */
  readonly organizationId: OrganizationId;
  /** Begins to deliver, and listens on no port. */
  begin(): Promise<void>;
  /** Begins to deliver and to listen. Answers the address. */
  start(): Promise<string>;
  /** Resolves when the database can never be used again in this process, with the reason. */
  readonly failed: Promise<Error>;
  /** Reports stalls of the event loop and unhandled errors, for a process that runs Weft alone. */
  watch(process: NodeJS.Process): Disposable;
  /** Stops taking work, finishes what is under way within a bound, hands the rest back, and closes the database. */
  stop(reason: string): Promise<void>;
}

export const machineClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
};

export const version = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;

const userAgent = `Weft/${version}`;
const builtConsole = fileURLToPath(new URL("../dist/console", import.meta.url));

/** Puts Weft together over its database. `command` names this process to a second one that finds the database in use. */
export async function openWeft(config: Config, command: string): Promise<Weft> {
  const opened = new AsyncDisposableStack();
  try {
    return await putTogether(config, command, opened);
  } catch (error) {
    // A connection or thread that stays open would keep a process alive that has failed to start.
    await opened.disposeAsync();
    throw error;
  }
}

async function putTogether(config: Config, command: string, opened: AsyncDisposableStack): Promise<Weft> {
  const metrics = createMetrics();
  const reporter = tellingReporter(createLogger(config.logLevel, process.stdout.isTTY), metrics, machineClock.now);
  const names = new NameResolver({ servers: config.dnsServers, now: () => performance.now() });
  const guarding = {
    lookup: names.lookup,
    want: names.want,
    guard: createAddressGuard({ allowNetworks: config.allowNetworks }),
    onBlocked: ({ host, address, range }: BlockedAddressError) => reporter.addressBlocked({ host, address, range }),
  };
  const sandboxes = opened.use(openSandboxes());
  const offered = opened.use(offeredSources(config, { guarding, clock: machineClock, sandbox: sandboxes.pages }));
  const { sources } = offered;
  const { store, clock, sessionKeys } = await openStore(config, command, machineClock);
  opened.use(store);
  const origin: Origin = { now: clock.now, newId: idSource(clock.now, randomBytes) };
  const sender = new HttpSender({
    ...guarding,
    timeoutMs: config.attemptTimeoutMs,
    responseBytesMax: limits.responseBytesReadMax,
    responseBytesKept: limits.responseBytesKept,
  });
  opened.defer(() => sender.destroy());
  const mailer = new MailSender({
    url: config.smtpUrl,
    from: config.smtpFrom,
    timeoutMs: config.attemptTimeoutMs,
    answerLengthMax: limits.responseBytesKept,
  });
  opened.defer(() => mailer.destroy());
  const address = {
    allowHttp: config.allowHttp,
    mail: config.smtpUrl === null ? null : { domains: config.smtpDomains },
  };
  const checks = new SchemaChecks(sandboxes.checks);
  const catalogue = new Catalogue(checks);
  const eventTypes = new EventTypes({ store, catalogue, checks, clock, reporter });
  const intake = new Intake(store, catalogue, origin, reporter);
  const drain = new OutboxDrain(store, clock, reporter);
  const fanOuts = new FanOutSteps(store, clock, reporter);
  const retry = { delaysMs: config.retryDelaysMs, random: Math.random };
  const engine = new Engine({
    store,
    sender,
    mailer,
    clock,
    reporter,
    newId: origin.newId,
    userAgent,
    retry,
    cutOff: () => Promise.all([sender.destroy(), mailer.destroy()]),
  });
  const requests = new TokenRequests(offered.web, origin.now);
  const runner = new SyncRunner({
    nodeId: engine.nodeId,
    store,
    sources,
    requests,
    intake,
    clock,
    reporter,
    newId: origin.newId,
    retry: sourceRetries(Math.random),
  });
  const connections = new SourceConnections(store, intake, origin, {
    runner,
    connectionsMax: config.sourceConnectionsMax,
  });
  const collections = new Collections(store, intake, origin, connections);
  const turns = new Turns();
  const streams = new Streams(store, clock, turns);
  const sentHeaders: SentHeaders = ({ secrets, ...sent }) =>
    requestHeaders({ ...sent, keys: secrets.map(signingKey) }, userAgent, []);
  const listeners = new Listeners({ store, clock, newId: origin.newId, sentHeaders });
  const publicUrl = () => config.publicUrl ?? addressOf(server, config);
  const authorizations = new Authorizations(store, intake, origin, {
    runner,
    requests,
    publicUrl,
  });
  const upkeep = new Upkeep(store, clock, reporter, { retentionMs: config.retentionMs, newId: origin.newId });
  const organization = await firstOrganization(store, origin);
  await makeOperatorsOrganization(store, origin);
  const keys = new Authentication(
    store,
    { auth: config.auth, adminKey: config.adminKey, defaultOrganizationId: organization.id },
    origin.now,
  );
  const tokens = config.svixJwtSecret === null ? null : new SvixTokens(config.svixJwtSecret, origin.now);
  const sessions = new Sessions({ keys, tokens: new SessionTokens(sessionKeys, origin.now), store, ...origin });
  const svix = new SvixAuthentication({
    authentication: keys,
    tokens,
    store,
    now: origin.now,
    defaultOrganizationId: organization.id,
  });
  const bytesUnderWay = new BytesUnderWay();
  const server = createServer({
    apis: [
      weftApi({
        store,
        intake,
        catalogue,
        keys,
        sessions,
        authentication: new WeftAuthentication({ keys, sessions, svix }),
        auth: config.auth,
        publicUrl,
        streams,
        listeners,
        reporter,
        retry,
        origin,
        sources,
        collections,
        connections,
        authorizations,
        version,
        policy: {
          address,
          recoveryWindowMsMax: config.recoveryWindowMsMax,
          subscriptionsMax: config.subscriptionsMax,
          checkEndpoint: config.verifyEndpoints
            ? (url, owner) => checkEndpoint(url, sender, { timeoutMs: limits.endpointCheckMs, owner })
            : null,
        },
        attemptTimeoutMs: config.attemptTimeoutMs,
        retentionMs: config.retentionMs,
        sentHeaders,
        sentNotice: (destination, url, told) => shownNotice(destination, url, told, userAgent),
        metrics: async () => ({ text: await metrics.registry.metrics(), mediaType: metrics.registry.contentType }),
      }),
      svixApi({
        store,
        catalogue,
        eventTypes,
        intake,
        origin,
        address,
        subscriptionsMax: config.subscriptionsMax,
        recoveryWindowMsMax: config.recoveryWindowMsMax,
        tokens,
        publicUrl,
        version,
        authentication: svix,
      }),
    ],
    store,
    reporter,
    origin,
    clock,
    callLimits: new CallLimits(config.apiRateLimit, origin.now),
    bytesUnderWay,
    organizationId: organization.id,
    turns,
    loopbackNamesOnly: config.auth === "none",
    console: { folder: builtConsole, frameAncestors: config.frameAncestors },
  });

  let isRunning = false;
  async function stop(reason: string): Promise<void> {
    if (isRunning) reporter.stopping({ reason });
    if (isRunning)
      await Promise.all([
        runner.stop(),
        drain.stop(),
        fanOuts.stop(),
        streams[Symbol.asyncDispose](),
        listeners[Symbol.asyncDispose](),
      ]);
    // Together: a request may be waiting for a delivery, and a delivery for nothing but its receiver.
    const [handed] = await Promise.all([
      isRunning ? engine.stop() : { finished: 0, handedBack: 0 },
      closeServer(server),
      isRunning ? upkeep.stop() : null,
      isRunning ? eventTypes.stop() : null,
    ]);
    await opened.disposeAsync();
    if (isRunning) reporter.stopped(handed);
    isRunning = false;
  }

  async function begin(): Promise<void> {
    isRunning = true;
    await eventTypes.start();
    await engine.start();
    drain.start();
    fanOuts.start();
    upkeep.start();
    runner.start();
  }

  return {
    server,
    bytesUnderWay,
    intake,
    organizationId: organization.id,
    stop,
    failed: store.failed,
    watch: (process) => watchProcess(process, reporter),
    begin,
    start: async () => {
      await begin();
      await server.listen({ host: config.host, port: config.port });
      const url = addressOf(server, config);
      reporter.started({ command, url, data: maskUrls(config.databaseUrl), version });
      return url;
    },
    [Symbol.asyncDispose]: () => stop("closed"),
  };
}

async function closeServer(server: FastifyInstance): Promise<void> {
  const isClosed = new AbortController();
  void machineClock.sleep(limits.shutdownMs, isClosed.signal).then(() => server.server.closeAllConnections());
  await server.close();
  isClosed.abort();
}

/**
 * A fresh installation has one organization, so that nobody must make one before the first event. Its id is always the
 * same and before all others: nodes that start together make one, not one each.
 */
async function firstOrganization(store: Store, { now }: Origin): Promise<Organization> {
  const known = await store.readFirstOrganization({});
  if (known !== null) return known;
  const id = "00000000-0000-7000-8000-000000000001" as OrganizationId;
  const organization = newOrganization(id, now(), { name: "Default organization" });
  await store.createOrganization({ organization });
  return organization;
}

/** Every installation has it: what operators are told of is kept there, also before anybody subscribes. */
async function makeOperatorsOrganization(store: Store, { now }: Origin): Promise<void> {
  if ((await store.readOrganization({ organizationId: operatorsOrganizationId })) !== null) return;
  await store.createOrganization({
    organization: newOrganization(operatorsOrganizationId, now(), { name: "Operators" }),
  });
}

/** Where it listens, or would. */
function addressOf(server: FastifyInstance, config: Config): string {
  const { address, port } = (server.server.address() as AddressInfo | null) ?? {
    address: config.host,
    port: config.port,
  };
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
}
