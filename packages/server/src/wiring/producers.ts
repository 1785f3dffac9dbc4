import { sourceRetries } from "../domain/source-retry.ts";
import { Collections } from "../sync/collections.ts";
import { Authorizations } from "../sync/oauth/authorizations.ts";
import { AuthorizationClaims } from "../sync/oauth/claims.ts";
import { TokenRequests } from "../sync/oauth/provider.ts";
import { SourceConnections } from "../sync/source-connections.ts";
import { SourceTrials } from "../sync/source-trials.ts";
import { SyncRunner } from "../sync/sync-runner.ts";
import type { EnginePart } from "./engine.ts";
import type { Foundations } from "./foundations.ts";

/** The part that syncs sources into collections, and publishes events about it. */
export interface ProducersPart extends AsyncDisposable {
  readonly collections: Collections;
  readonly connections: SourceConnections;
  readonly authorizations: Authorizations;
  readonly sourceTrials: SourceTrials;
  readonly claims: AuthorizationClaims;
  start(): void;
}

export function openProducers(
  { config, machine, store, clock, reporter, origin, offered }: Foundations,
  { engine, intake }: Pick<EnginePart, "engine" | "intake">,
  publicUrl: () => string,
): ProducersPart {
  const requests = new TokenRequests(offered.web, origin.now);
  const runner = new SyncRunner({
    ...{ store, requests, intake, clock, reporter },
    nodeId: engine.nodeId,
    sources: offered.sources,
    newId: origin.newId,
    retry: sourceRetries(machine.random),
  });
  const connections = new SourceConnections(store, intake, origin, {
    runner,
    connectionsMax: config.sourceConnectionsMax,
  });
  let isStarted = false;
  return {
    connections,
    collections: new Collections(store, intake, origin, connections),
    authorizations: new Authorizations(store, intake, origin, { runner, requests, publicUrl }),
    sourceTrials: new SourceTrials(offered.sources, clock),
    claims: new AuthorizationClaims(store, intake, origin, runner),
    start: () => {
      isStarted = true;
      runner.start();
    },
    [Symbol.asyncDispose]: async () => {
      if (isStarted) await runner.stop();
    },
  };
}
