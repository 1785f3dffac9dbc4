import { StoreUnavailableError } from "../../packages/server/src/domain/errors.ts";
import type { NodeId, OrganizationId } from "../../packages/server/src/domain/id.ts";
import { noAccess } from "../../packages/server/src/domain/receiver-access.ts";
import { type Batch, type BatchResponse, noEffects } from "../../packages/server/src/store/commit/batch.ts";
import { WriteQueue } from "../../packages/server/src/store/commit/write-queue.ts";
import type { OperationName, Params, Result } from "../../packages/server/src/store/operations.ts";
import type { Store } from "../../packages/server/src/store/store.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SharedDatabase } from "./shared-database.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { SimulatedSubscription } from "./subscription.ts";
import type { Trace } from "./trace.ts";

/** The reliability of the database. */
export interface DatabaseWeather {
  /** It is unreachable while this is true. */
  isOut: boolean;
  /** Share of commits and reads that fail although the database is available. */
  failingShare: number;
  /** Share of commits that are reported as failed after they were made. */
  ambiguousShare: number;
  latencyMsMax: number;
}

/** The operations of a store that the engine uses. */
export type EngineStore = Pick<
  Store,
  | "recordHeartbeat"
  | "rescueDeliveries"
  | "releaseDeliveries"
  | "findDueLanes"
  | "claimDue"
  | "recordAttempts"
  | "noteThrottleStates"
  | "acceptMessages"
  | "readDeliverySettings"
  | "handOverTo"
  | "onSubscriptionChange"
>;

interface Access {
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly database: SharedDatabase;
  readonly weather: DatabaseWeather;
  readonly trace: Trace;
  readonly learnedExpired: (nodeId: NodeId) => void;
}

/**
 * One node's access to the shared database: the real group commit, one running batch at a time, over a network with
 * delays. A request is executed there even if its sender dies meanwhile.
 */
export function databaseAccess(access: Access): EngineStore {
  const waitsForDisk = access.random.chance(0.5);
  const queue = new WriteQueue({
    commit: (batch) => commit(access, batch, (response) => queue.committed(response)),
    sync: waitsForDisk ? () => new Promise((resolve) => access.process.after(latencyMs(access), resolve)) : null,
    onChange: () => {},
    onStreamed: () => {},
    onFanOutWaiting: () => {},
    onCommitted: () => {},
    gathering: null,
  });
  function run<Name extends OperationName>(name: Name, params: Params<Name>): Promise<Result<Name>> {
    access.time.expectImmediates();
    return queue.run(name, params);
  }
  return {
    rescueDeliveries: (params) => run("rescueDeliveries", params),
    releaseDeliveries: (params) => run("releaseDeliveries", params),
    claimDue: (params) => run("claimDue", params),
    recordAttempts: (params) => run("recordAttempts", params),
    acceptMessages: (params) => run("acceptMessages", params),
    // The simulation does not use them.
    noteThrottleStates: async () => null,
    recordHeartbeat: async (params) => {
      const lives = await run("recordHeartbeat", params);
      if (!lives) access.learnedExpired(params.nodeId);
      return lives;
    },
    findDueLanes: () => read(access, () => access.database.findDueLanes()),
    readDeliverySettings: ({ subscriptionId }) =>
      read(access, () => settingsOf(access.database.subscriptions.get(subscriptionId) ?? null)),
    handOverTo: (handOver) => queue.handOverTo(handOver),
    onSubscriptionChange: (listener) =>
      access.database.onChange((subscriptionId) => {
        access.process.after(latencyMs(access), () => listener(subscriptionId));
      }),
  };
}

function commit(access: Access, batch: Batch, answered: (response: BatchResponse) => void): void {
  const { time, random, weather, process, trace, database } = access;
  time.after(latencyMs(access), () => {
    const isLost = weather.isOut || random.chance(weather.failingShare);
    let response = isLost ? unavailable(batch, "the simulated database is out") : database.commit(batch);
    const names = batch.commands.map(({ name }) => name).join(" ");
    if (isLost) trace.note(access.name, `commit failed: ${names}`);
    else if (random.chance(weather.ambiguousShare)) {
      trace.note(access.name, `commit made, and reported as failed: ${names}`);
      response = unavailable(batch, "the connection ended before the commit was confirmed");
    }
    process.after(latencyMs(access), () => answered(response));
  });
}

function read<Answer>(access: Access, response: () => Answer): Promise<Answer> {
  const { time, random, weather, process } = access;
  return new Promise((resolve, reject) => {
    time.after(latencyMs(access), () => {
      const isLost = weather.isOut || random.chance(weather.failingShare);
      const value = isLost ? null : response();
      process.after(latencyMs(access), () => {
        if (isLost) reject(new StoreUnavailableError("The simulated database is out."));
        else resolve(value as Answer);
      });
    });
  });
}

function latencyMs({ random, weather }: Access): number {
  return random.between(1, random.chance(0.05) ? weather.latencyMsMax * 5 : weather.latencyMsMax);
}

function unavailable({ commands }: Batch, why: string): BatchResponse {
  const outcome = { ok: false as const, unavailable: true, error: new Error(why) };
  return { results: commands.map(() => outcome), ...noEffects };
}

function settingsOf(subscription: SimulatedSubscription | null): Awaited<ReturnType<Store["readDeliverySettings"]>> {
  if (subscription === null) return null;
  const { id, url, retryDelaysMs } = subscription;
  const organization = "00000000-0000-7000-8000-00000000000a" as OrganizationId;
  const secrets = [{ secret: "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=", createdAt: 0, expiresAt: null }];
  return {
    subscriptionId: id,
    organizationId: organization,
    target: { kind: "webhook", url },
    credential: null,
    headers: {},
    secrets,
    access: noAccess,
    retryDelaysMs,
    sendsTraceContext: false,
  };
}
