import type { Authorization } from "../domain/authorization.ts";
import { ApiError, type ErrorCode, quotaExceeded, validationFailed } from "../domain/errors.ts";
import type { OrganizationId, SyncJobId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Schedule, SourceConnection } from "../domain/source-connection.ts";
import { cancelJob, isUnfinishedJob, newJob, type PendingJob, type SyncJob } from "../domain/sync-job.ts";
import type { Intake, Origin } from "../intake/intake.ts";
import type { SourceConnectionKey, SourceConnectionView } from "../store/source-connections/interface.ts";
import type { Store } from "../store/store.ts";
import { announcementOf, connectionAuthenticated, connectionCreated, connectionDeleted, syncEvent } from "./events.ts";
import { newAuthorization } from "./oauth/authorizations.ts";
import { type BegunConnection, newClaimToken } from "./oauth/claims.ts";
import { grantsOf } from "./oauth/returned-grants.ts";
import { nextRunAfter, scheduleMistake } from "./schedule.ts";
import type { Source } from "./source.ts";
import {
  type AuthenticationRequest,
  authenticationOf,
  type CheckedAuthentication,
  checkAuthentication,
  checkConfig,
  checkSecretsStay,
  credentialsOf,
  expiryOf,
  methodOf,
} from "./source-settings.ts";
import type { SyncRunner } from "./sync-runner.ts";

export interface NewSourceConnection {
  readonly shortName: string;
  readonly readableCollectionId: string;
  /** Null uses the source's name. */
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata?: SourceConnection["metadata"];
  readonly config: SourceConnection["config"];
  readonly authentication: AuthenticationRequest | null;
  /** Null means: sync at once if the credentials are already known. */
  readonly syncImmediately: boolean | null;
  /** Where the browser is redirected after authorization. */
  readonly redirectUrl: string | null;
  readonly schedule: Schedule | null;
}

export interface SourceConnectionRequest {
  readonly name?: string;
  readonly description?: string | null;
  readonly metadata?: SourceConnection["metadata"];
  readonly config?: SourceConnection["config"];
  readonly authentication?: AuthenticationRequest;
  readonly redirectUrl?: string | null;
  readonly schedule?: Schedule | null;
}

const roundsMax = 10;

const cannotRun: ReadonlySet<ErrorCode> = new Set(["not_found", "sync_under_way", "sync_paused"]);

/** The operations on source connections and their jobs. Each change commits together with its events. */
export class SourceConnections {
  readonly #store: Store;
  readonly #intake: Pick<Intake, "announcement">;
  readonly #origin: Origin;
  readonly #runner: SyncRunner;
  /** The limit per organization. */
  readonly #connectionsMax: number;

  constructor(
    store: Store,
    intake: Pick<Intake, "announcement">,
    origin: Origin,
    { runner, connectionsMax }: { runner: SyncRunner; connectionsMax: number },
  ) {
    this.#store = store;
    this.#intake = intake;
    this.#origin = origin;
    this.#runner = runner;
    this.#connectionsMax = connectionsMax;
  }

  /** Throws not_found, authentication_method_unsupported, validation_failed or quota_exceeded. */
  async create(organizationId: OrganizationId, params: NewSourceConnection): Promise<BegunConnection> {
    const source = this.#runner.sources.find(params.shortName);
    if (source === null) throw new ApiError("not_found", `Source '${params.shortName}' not found`);
    const collection = await this.#store.readCollection({ organizationId, readableId: params.readableCollectionId });
    if (collection === null) throw new ApiError("not_found", "Collection not found");
    await checkConfig(source, params.config);
    const method = checkAuthentication(source, params.authentication, {
      sources: this.#runner.sources,
      config: params.config,
    });
    checkSchedule(source, params.schedule, this.#origin.now());

    const connection = this.#newConnection({ ...params, method }, collection, source.name);
    const { createdAt } = connection;
    const events = [connectionCreated(connection, createdAt)];
    const job = (params.syncImmediately ?? true) ? this.#newJob(connection, createdAt) : null;
    const claim = method.kind === "browser" ? newClaimToken() : null;
    const authorization = this.#authorizationFor(connection, method, {
      redirectUrl: params.redirectUrl,
      syncImmediately: params.syncImmediately ?? false,
      claimHash: claim?.hash ?? null,
    });
    if (job !== null) events.push(syncEvent({ connection, collectionName: collection.name }, job, createdAt));
    const announce = events.map((event) => announcementOf(this.#intake, organizationId, event));
    const result = await this.#store.createSourceConnection({
      connection,
      credentials: credentialsOf(method),
      job,
      authorization,
      announce,
      connectionsMax: this.#connectionsMax,
    });
    if (result === "full") throw quotaExceeded(this.#connectionsMax, "source connections");
    if (result === "collection_not_found") throw new ApiError("not_found", "Collection not found");
    if (result === "collection_full") {
      throw new ApiError(
        "bad_request",
        `A collection has at most ${limits.connectionsPerCollectionMax} source connections.`,
      );
    }
    this.#runner.wake();
    return {
      ...connection,
      lastJob: job,
      lastSuccessAt: null,
      runs: { total: job === null ? 0 : 1, completed: 0, failed: 0 },
      authorization,
      entitiesByType: [],
      claimToken: claim?.token ?? null,
    };
  }

  #newConnection(
    params: NewSourceConnection & { readonly method: CheckedAuthentication },
    collection: Pick<SourceConnection, "organizationId"> & { id: SourceConnection["collectionId"]; readableId: string },
    sourceName: string,
  ): SourceConnection {
    const now = this.#origin.now();
    const isPending = params.method.kind === "browser";
    return {
      id: this.#origin.newId<"sourceConnection">(),
      organizationId: collection.organizationId,
      collectionId: collection.id,
      readableCollectionId: collection.readableId,
      name: params.name ?? `${sourceName} Connection`,
      description: params.description,
      metadata: params.metadata ?? {},
      source: params.shortName,
      config: params.config,
      authMethod: methodOf(params.method),
      authenticatedAt: isPending ? null : now,
      tokensExpireAt: expiryOf(params.method),
      needsReauthAt: null,
      syncId: isPending ? null : this.#origin.newId<"sync">(),
      schedule: params.schedule,
      nextRunAt: params.schedule === null ? null : nextRunAfter(params.schedule, now),
      pausedAt: null,
      entityCount: 0,
      createdAt: now,
      modifiedAt: now,
    };
  }

  /** The URL for a browser; null when the connection needs none. */
  #authorizationFor(
    connection: Pick<SourceConnection, "id" | "organizationId">,
    method: CheckedAuthentication,
    { redirectUrl, ...request }: Pick<Authorization, "redirectUrl" | "syncImmediately" | "claimHash">,
  ): Authorization | null {
    if (method.kind !== "browser") return null;
    const params = { ...request, client: method.client, redirectUrl: redirectUrl ?? method.redirectUrl };
    return newAuthorization(connection, params, this.#origin);
  }

  #newJob(connection: SourceConnection, now: number, readsEverything = false): PendingJob | null {
    const { id: sourceConnectionId, organizationId, syncId } = connection;
    if (syncId === null) return null;
    const jobId = this.#origin.newId<"syncJob">();
    return newJob({ id: jobId, organizationId, sourceConnectionId, syncId, now, readsEverything });
  }

  /** Null when there is no such connection. Throws as `create` does. */
  async update(key: SourceConnectionKey, request: SourceConnectionRequest): Promise<SourceConnectionView | null> {
    const before = await this.#store.readSourceConnection(key);
    if (before === null) return null;
    const now = this.#origin.now();
    const { authentication: _, redirectUrl = null, ...changes } = request;
    if (request.schedule !== undefined) checkSchedule(this.#runner.sources.find(before.source), request.schedule, now);
    const method = await this.#checkedSettings(before, request);
    const authentication = method === null ? null : authenticationOf(method, this.#origin.newId<"sync">());
    const isFirst = authentication !== null && before.authenticatedAt === null;
    const updated = await this.#store.updateSourceConnection({
      ...key,
      changes: {
        ...changes,
        ...scheduleChange(request.schedule, now),
        ...(authentication !== null && { authentication }),
      },
      now,
      announce: isFirst ? [announcementOf(this.#intake, key.organizationId, connectionAuthenticated(before, now))] : [],
    });
    if (!updated) return null;
    const settings = { redirectUrl, syncImmediately: false, claimHash: null };
    const authorization = method && this.#authorizationFor(before, method, settings);
    if (authorization !== null) await this.#store.beginAuthorization({ authorization });
    return await this.#store.readSourceConnection(key);
  }

  /** Stops automatic syncs. Null when there is no such connection; pausing again changes nothing. */
  async pause(key: SourceConnectionKey): Promise<SourceConnectionView | null> {
    const before = await this.#store.readSourceConnection(key);
    if (before === null || before.pausedAt !== null) return before;
    const now = this.#origin.now();
    await this.#store.updateSourceConnection({ ...key, changes: { pausedAt: now }, now });
    return await this.#store.readSourceConnection(key);
  }

  /** Resumes the schedule at its next time. Times during the pause are not made up for. */
  async resume(key: SourceConnectionKey): Promise<SourceConnectionView | null> {
    const before = await this.#store.readSourceConnection(key);
    if (before === null || before.pausedAt === null) return before;
    const now = this.#origin.now();
    const nextRunAt = before.schedule === null ? null : nextRunAfter(before.schedule, now);
    await this.#store.updateSourceConnection({ ...key, changes: { pausedAt: null, nextRunAt }, now });
    return await this.#store.readSourceConnection(key);
  }

  async #checkedSettings(
    before: SourceConnection,
    { config, authentication }: SourceConnectionRequest,
  ): Promise<CheckedAuthentication | null> {
    if (config === undefined && authentication === undefined) return null;
    const { sources } = this.#runner;
    const source = sources.find(before.source);
    if (source === null) throw new ApiError("not_found", `Source '${before.source}' not found`);
    if (config !== undefined) await checkConfig(source, config);
    const settings = { sources, config: config ?? before.config };
    const method = authentication === undefined ? null : checkAuthentication(source, authentication, settings);
    const isReplaced = method !== null && method.kind !== "browser";
    if (config !== undefined && !isReplaced) checkSecretsStay(source, before, config);
    return method;
  }

  /** Deletes a connection with its data and returns it as it was. A running job is cancelled first. */
  async delete(key: SourceConnectionKey): Promise<SourceConnectionView | null> {
    let asItWas: SourceConnectionView | null = null;
    for (let round = 0; round < roundsMax; round++) {
      const found = await this.#store.readSourceConnection(key);
      if (found === null) return null;
      asItWas ??= found;
      if (found.lastJob !== null && isUnfinishedJob(found.lastJob)) await this.stopJob(key);
      const now = this.#origin.now();
      const announce = [announcementOf(this.#intake, key.organizationId, connectionDeleted(found, now))];
      const giveBack = await this.grantsOf(key.organizationId, [key.sourceConnectionId]);
      const result = await this.#store.deleteSourceConnection({ ...key, now, announce });
      if (result === "not_found") return null;
      if (result === "job_under_way") continue;
      giveBack();
      this.purgeSoon();
      return asItWas;
    }
    throw new ApiError("job_under_way", "Other requests are syncing the source connection now. Try again.");
  }

  /**
   * Starts a job, which is still pending in the result. `readsEverything` ignores the stored cursor. Throws not_found,
   * sync_under_way with the state of the unfinished job, or sync_paused.
   */
  async run(key: SourceConnectionKey, { readsEverything = false } = {}): Promise<PendingJob> {
    const connection = await this.#store.readSourceConnection(key);
    if (connection === null) throw new ApiError("not_found", "Source connection not found");
    const collection = await this.#store.readCollection({ ...key, readableId: connection.readableCollectionId });
    const now = this.#origin.now();
    const job = this.#newJob(connection, now, readsEverything);
    if (job === null || collection === null)
      throw new ApiError("not_found", "No sync found for this source connection");
    if (connection.needsReauthAt !== null) {
      throw new ApiError(
        "sync_paused",
        "Cannot trigger sync: sync is paused until the connection is authenticated again.",
      );
    }
    const event = syncEvent({ connection, collectionName: collection.name }, job, now);
    const announce = [announcementOf(this.#intake, key.organizationId, event)];
    const result = await this.#store.createSyncJob({ job, announce });
    switch (result.kind) {
      case "created":
        this.#runner.wake();
        return job;
      case "under_way":
        throw new ApiError(
          "sync_under_way",
          `Cannot start new sync: a sync job is already ${result.state}. Wait for it to end, or cancel it.`,
        );
      case "not_found":
        throw new ApiError("not_found", "Source connection not found");
    }
  }

  /** Starts a job of each connection of a collection, except those that have an unfinished job or cannot run. */
  async runAll(organizationId: OrganizationId, readableId: string): Promise<readonly PendingJob[]> {
    const all = { organizationId, collection: readableId, skip: 0, limit: limits.connectionsPerCollectionMax };
    const jobs: PendingJob[] = [];
    for (const { id } of await this.#store.listSourceConnections({ ...all, cursor: null })) {
      try {
        jobs.push(await this.run({ organizationId, sourceConnectionId: id }));
      } catch (error) {
        if (!(error instanceof ApiError) || !cannotRun.has(error.code)) throw error;
      }
    }
    return jobs;
  }

  /** Null when there is no such job. Throws job_not_cancellable when it has ended. */
  async cancel(key: SourceConnectionKey, jobId: SyncJobId): Promise<SyncJob | null> {
    for (let round = 0; round < roundsMax; round++) {
      const job = await this.#store.readSyncJob({ ...key, jobId });
      if (job === null) return null;
      const next = cancelJob(job, this.#origin.now());
      if (next === null) {
        throw new ApiError("job_not_cancellable", `Cannot cancel job in ${job.state} state: it has ended.`);
      }
      if (await this.#moveTo(next)) return next;
    }
    throw new Error(`The job ${jobId} could not be cancelled: its state kept changing.`);
  }

  async #moveTo(next: NonNullable<ReturnType<typeof cancelJob>>): Promise<boolean> {
    const plan = await this.#store.readSyncPlan({ jobId: next.id });
    if (plan === null) return false;
    const at = isUnfinishedJob(next) ? this.#origin.now() : next.endedAt;
    const announce = [announcementOf(this.#intake, next.organizationId, syncEvent(plan, next, at))];
    if (!isUnfinishedJob(next)) return this.#store.endSyncJob({ from: "pending", job: next, announce });
    const isCancelling = await this.#store.cancelRunningJob({ jobId: next.id, announce });
    if (isCancelling) this.#runner.cancel(next.id);
    return isCancelling;
  }

  /** Cancels the connection's unfinished job, if any, and waits until it has ended. */
  async stopJob(key: SourceConnectionKey): Promise<void> {
    const connection = await this.#store.readSourceConnection(key);
    const job = connection?.lastJob ?? null;
    if (job === null || !isUnfinishedJob(job)) return;
    const cancelled = await this.cancel(key, job.id).catch((error: unknown) => {
      // It ended by itself a moment ago.
      if (error instanceof ApiError) return null;
      throw error;
    });
    if (cancelled !== null && isUnfinishedJob(cancelled)) await this.#runner.endCancelled(job.id);
  }

  /** Returns a function that revokes the grants of these connections after their deletion. */
  grantsOf(organizationId: OrganizationId, ids: readonly SourceConnection["id"][]): Promise<() => void> {
    return grantsOf(this.#store, this.#runner, { organizationId, ids });
  }

  /** Starts the removal of deleted data in the background. */
  purgeSoon(): void {
    this.#runner.wake();
  }
}

function checkSchedule(source: Source | null, schedule: Schedule | null, now: number): void {
  if (schedule === null) return;
  const loc = ["body", "schedule"];
  if ("continuous" in schedule && source?.watch === undefined) {
    const msg = "This source cannot be watched for changes. Use a `cron` expression instead.";
    throw validationFailed([{ loc, msg, type: "schedule_unsupported" }]);
  }
  const msg = scheduleMistake(schedule, now);
  if (msg !== null) throw validationFailed([{ loc, msg, type: "schedule_invalid" }]);
}

function scheduleChange(schedule: Schedule | null | undefined, now: number) {
  if (schedule === undefined) return {};
  return { schedule, nextRunAt: schedule === null ? null : nextRunAfter(schedule, now) };
}
