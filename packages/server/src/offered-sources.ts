// The sources that the settings enable, and their connections to the outside.

import { type Config, ConfigError } from "./config/config.ts";
import type { Clock } from "./domain/clock.ts";
import { limits } from "./domain/limits.ts";
import type { AddressGuard } from "./outbound/address-guard.ts";
import { type BlockedAddressError, hostAddresses } from "./outbound/connector.ts";
import { GuardedFetch } from "./outbound/guarded-fetch.ts";
import { HttpReader } from "./outbound/http-reader.ts";
import type { KeepName, Lookup } from "./outbound/lookup.ts";
import type { OutboundProxy } from "./outbound/proxy/outbound-proxy.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { Source } from "./sync/source.ts";
import { SourceList } from "./sync/source-list.ts";
import { directorySource } from "./sync/sources/directory/directory-source.ts";
import { exceptionStubSource } from "./sync/sources/exception-stub/exception-stub-source.ts";
import { gitSource } from "./sync/sources/git/git-source.ts";
import { githubSource } from "./sync/sources/github/github-source.ts";
import { incrementalStubSource } from "./sync/sources/incremental-stub/incremental-stub-source.ts";
import { linearSource } from "./sync/sources/linear/linear-source.ts";
import { notionSource } from "./sync/sources/notion/notion-source.ts";
import { oauthStubSource } from "./sync/sources/oauth-stub/oauth-stub-source.ts";
import { postgresqlSource } from "./sync/sources/postgresql/postgresql-source.ts";
import { hostResolver } from "./sync/sources/resolve-host.ts";
import { salesforceSource } from "./sync/sources/salesforce/salesforce-source.ts";
import { singerSource } from "./sync/sources/singer/singer-source.ts";
import { slackSource } from "./sync/sources/slack/slack-source.ts";
import { stubSource } from "./sync/sources/stub/stub-source.ts";
import { timedSource } from "./sync/sources/timed/timed-source.ts";
import { webSource } from "./sync/sources/web/web-source.ts";
import { zendeskSource } from "./sync/sources/zendesk/zendesk-source.ts";

export interface OfferedSources extends AsyncDisposable {
  readonly sources: SourceList;
  /** For OAuth requests to providers. */
  readonly web: GuardedFetch;
}

export interface SourceParts {
  /** The addresses that they may reach, and a callback for blocked ones. */
  readonly guarding: {
    readonly guard: AddressGuard;
    readonly lookup: Lookup;
    readonly keepName: KeepName;
    readonly onBlocked: (error: BlockedAddressError) => void;
    readonly proxy: OutboundProxy | undefined;
  };
  readonly clock: Clock;
  /** Parses pages and matches globs. */
  readonly sandbox: Sandbox;
}

/** Throws a ConfigError when there is a client for a source that does not use one. */
export function offeredSources(config: Config, { guarding, clock, sandbox }: SourceParts): OfferedSources {
  const { directoryRoots, testSources, allowHttp, oauthClients, singerTaps } = config;
  const resolveHost = hostResolver((host, owner) => hostAddresses(host, { ...guarding, owner }));
  const reader = new HttpReader({ ...guarding, timeoutMs: limits.sourceExchangeMs });
  const web = new GuardedFetch({
    ...guarding,
    allowHttp,
    timeoutMs: limits.providerResponseMs,
    readBytesMax: limits.sourceResponseBytesMax,
  });
  const offered: Source[] = [
    ...(directoryRoots.length > 0 ? [directorySource({ allowedFolders: directoryRoots, sandbox })] : []),
    gitSource({
      allowedFolders: directoryRoots,
      allowHttp,
      resolveHost,
      ...(guarding.proxy !== undefined && { proxy: guarding.proxy }),
      sandbox,
      environment: config.programEnvironment,
    }),
    postgresqlSource({ resolveHost, ...(guarding.proxy !== undefined && { proxy: guarding.proxy }) }),
    webSource({ reader, clock, sandbox, allowHttp }),
    githubSource({ reader, clock, sandbox, allowHttp }),
    slackSource({ reader, clock, sandbox, allowHttp }),
    notionSource({ reader, clock, sandbox, allowHttp }),
    linearSource({ reader, clock, sandbox, allowHttp }),
    zendeskSource({ reader, clock, sandbox, allowHttp }),
    salesforceSource({ reader, clock, sandbox, allowHttp }),
    ...(singerTaps.size > 0 ? [singerSource({ taps: singerTaps, environment: config.programEnvironment })] : []),
    ...(testSources ? [stubSource, incrementalStubSource, exceptionStubSource, timedSource, oauthStubSource(web)] : []),
  ];
  const sources = new SourceList(offered, oauthClients);
  checkClients(sources, [...oauthClients.keys()]);
  return {
    sources,
    web,
    async [Symbol.asyncDispose]() {
      await Promise.all([reader[Symbol.asyncDispose](), web[Symbol.asyncDispose]()]);
    },
  };
}

function checkClients(sources: SourceList, names: readonly string[]): void {
  const strays = names.filter((name) => {
    const { oauth } = sources.find(name) ?? {};
    return oauth === undefined || oauth.requiresOwnClient === true;
  });
  if (strays.length === 0) return;
  throw new ConfigError(
    strays.map((name) => `WEFT_OAUTH_CLIENTS: no source ${name} that takes the operator's client is offered here.`),
  );
}
