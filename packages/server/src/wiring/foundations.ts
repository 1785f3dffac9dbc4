import { readFileSync } from "node:fs";
import type { ArchiveStorage } from "../archive/archive-storage.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../domain/clock.ts";
import { idSource } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Origin } from "../intake/intake.ts";
import { type OfferedSources, offeredSources } from "../offered-sources.ts";
import { openSandboxes, type Sandboxes } from "../open-sandboxes.ts";
import type { OpenedStore } from "../open-store.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import type { BlockedAddressError } from "../outbound/connector.ts";
import { GuardedFetch } from "../outbound/guarded-fetch.ts";
import { HttpSender } from "../outbound/http-sender.ts";
import { MailSender } from "../outbound/mail-sender.ts";
import { NameResolver } from "../outbound/name-resolver.ts";
import { createOutboundProxy } from "../outbound/proxy/outbound-proxy.ts";
import { createLogger, type LogFormat } from "../report/log.ts";
import { loggingReporter } from "../report/logging-reporter.ts";
import { createMetrics, type Metrics } from "../report/metrics.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Traces } from "../report/traces.ts";
import { openArchiveStorage } from "./archive.ts";
import { openCollector } from "./collector.ts";

export const version = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/** The machine's time and randomness. Only the composition root reads them. */
export interface Machine {
  readonly clock: Clock;
  /** Milliseconds that never go back. */
  readonly elapsedMs: () => number;
  readonly random: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** The parts that all others use: reports, the database, and outgoing connections. */
export interface Foundations extends AsyncDisposable, Omit<OpenedStore, "onNewPrimary"> {
  readonly config: Config;
  readonly machine: Machine;
  readonly userAgent: string;
  readonly metrics: Metrics;
  readonly reporter: Reporter;
  readonly traces: Traces;
  readonly sandboxes: Sandboxes;
  readonly offered: OfferedSources;
  readonly origin: Origin;
  readonly sender: HttpSender;
  readonly mailer: MailSender;
  /** Null without an archive. */
  readonly archiveStorage: ArchiveStorage | null;
  /** Fetches from the identity provider of the settings. */
  readonly providerFetch: GuardedFetch;
}

export interface ProcessDescription {
  /** Identifies this process to a second one that finds the database in use. */
  readonly command: string;
  readonly logFormat: LogFormat;
}

export interface FoundationParts extends Pick<ProcessDescription, "logFormat"> {
  readonly machine: Machine;
  /** The store. Its opener closes it. */
  readonly opening: Promise<OpenedStore>;
}

export async function openFoundations(
  config: Config,
  { logFormat, machine, opening }: FoundationParts,
): Promise<Foundations> {
  await using opened = new AsyncDisposableStack();
  const metrics = createMetrics();
  const log = loggingReporter(createLogger(config.logLevel, logFormat), metrics, machine.clock.now);
  const telemetry = await openCollector(config, {
    ...{ registry: metrics.registry, reporter: log, clock: machine.clock, version },
    instanceId: idSource(machine.clock.now, machine.randomBytes)<"node">(),
  });
  const { reporter, traces } = opened.use(telemetry);
  const names = new NameResolver({ servers: config.dnsServers, now: machine.elapsedMs });
  const guarding = {
    lookup: names.lookup,
    keepName: names.keepName,
    guard: createAddressGuard({ allowNetworks: config.allowNetworks }),
    onBlocked: ({ host, address, range }: BlockedAddressError) => reporter.addressBlocked({ host, address, range }),
    proxy: createOutboundProxy(config, { lookup: names.lookup, onFailure: reporter.proxyFailed }),
  };
  const sandboxes = opened.use(openSandboxes());
  const offered = opened.use(offeredSources(config, { guarding, clock: machine.clock, sandbox: sandboxes.pages }));
  const { store, clock, sessionKeys, onNewPrimary } = await opening;
  onNewPrimary((server) => reporter.primaryReplaced({ server }));
  // The operator names the identity provider, which may be in a private network.
  const providerFetch = opened.use(
    new GuardedFetch({
      ...guarding,
      guard: createAddressGuard({ allowNetworks: ["0.0.0.0/0", "::/0"] }),
      allowHttp: true,
      timeoutMs: limits.providerRequestMs,
      readBytesMax: limits.providerResponseBytesMax,
    }),
  );
  const archiveStorage = openArchiveStorage(config, guarding);
  if (archiveStorage !== null) opened.use(archiveStorage);
  store.onCommit((commands) => reporter.committed({ commands }));
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
    responseLengthMax: limits.responseBytesKept,
  });
  opened.defer(() => mailer.destroy());
  const stack = opened.move();
  return {
    ...{ config, machine, metrics, reporter, traces, sandboxes, offered, store, clock, sessionKeys, sender, mailer },
    ...{ providerFetch, archiveStorage },
    userAgent: `Weft/${version}`,
    origin: { now: clock.now, newId: idSource(clock.now, machine.randomBytes) },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
