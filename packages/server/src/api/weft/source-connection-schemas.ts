import { z } from "zod";
import { isStale } from "../../domain/freshness.ts";
import { limits } from "../../domain/limits.ts";
import {
  authenticationMethods,
  type Schedule,
  sourceConnectionStatus,
  sourceConnectionStatuses,
} from "../../domain/source-connection.ts";
import { type ErrorCategory, errorCategories, type SyncJob, syncJobStates } from "../../domain/sync-job.ts";
import { jsonObject } from "../../http/caller-objects.ts";
import { keptText } from "../../http/kept-text.ts";
import { isoTime, timeRequest, timeResponse } from "../../http/times.ts";
import type { SourceConnectionListed, SourceConnectionView } from "../../store/source-connections/interface.ts";
import { nextRunAfter } from "../../sync/schedule.ts";
import type { AuthenticationRequest } from "../../sync/source-settings.ts";
import { metadata, shownMetadata } from "../own-fields.ts";
import { lastJobOf, lastJobResponse } from "./sync-job-schemas.ts";

const text = keptText.max(limits.credentialsBytesMax);

const browserUrl = keptText
  .max(limits.urlLengthMax)
  .refine((given) => ["http:", "https:"].includes(URL.parse(given)?.protocol ?? ""), {
    error: "Expected an absolute http(s) URL such as https://app.example.com/connected.",
    params: { type: "url_parsing" },
  });

// Airweave's command line sends it.
const ignoredType = { type: text.nullish().describe("Ignored: the other fields show the method.") };

const authentication = z
  .union(
    [
      z.strictObject({ ...ignoredType, credentials: jsonObject() }),
      z.strictObject({
        ...ignoredType,
        access_token: text.min(1),
        refresh_token: text.nullish(),
        expires_at: timeRequest.nullish(),
      }),
      z.strictObject({ ...ignoredType, provider_readable_id: text, provider_config: jsonObject().nullish() }),
      z.strictObject({
        ...ignoredType,
        redirect_uri: browserUrl.nullish(),
        client_id: text.min(1).nullish(),
        client_secret: text.min(1).nullish(),
        consumer_key: text.nullish(),
        consumer_secret: text.nullish(),
      }),
    ],
    { error: "Expected {credentials}, {access_token, …} or {redirect_uri, client_id, client_secret}." },
  )
  .refine((body) => !("client_secret" in body && body.client_secret) || body.client_id, {
    error: "A client_secret belongs to a client_id.",
    path: ["client_id"],
    params: { type: "missing" },
  })
  .transform(authenticationRequest)
  .nullish()
  .describe("Direct, token or browser. The default is none for a source that needs none, otherwise browser.");

const redirectUrl = browserUrl
  .nullish()
  .describe(
    "The browser is redirected here after browser authentication, with `status` and `source_connection_id` in the query.",
  );

const name = keptText.trim().min(1).max(limits.nameLengthMax);
const description = keptText.max(limits.descriptionLengthMax).nullish();
const config = jsonObject().nullish().describe("The source's settings: its `config_fields`.");

const schedule = z
  .strictObject({
    cron: z
      .string()
      .max(limits.nameLengthMax)
      .nullish()
      .describe("Five fields: minute, hour, day of the month, month, day of the week."),
    time_zone: z.string().max(limits.nameLengthMax).default("UTC").describe("An IANA name such as `Europe/Berlin`."),
    continuous: z
      .boolean()
      .nullish()
      .describe("Syncs after each change, for sources that support it; then without `cron`."),
    cursor_field: z.string().nullish(),
  })
  .refine(({ continuous, cron }) => continuous !== true || typeof cron !== "string", {
    error: "A schedule has a `cron` expression or is `continuous`, not both.",
    params: { type: "schedule_invalid" },
  })
  .transform(({ cron, time_zone, continuous }): Schedule | null => {
    if (continuous === true) return { continuous };
    return typeof cron === "string" ? { cron, timeZone: time_zone } : null;
  })
  .nullish()
  .describe("When it is synced automatically. It never is when this is null, or without `cron` and `continuous`.");

const ownMetadata = metadata.optional().describe("Data that you store with the source connection.");

/** The settings of a connection that need not exist. */
export const trialRequest = z.strictObject({ config, authentication });

export const createRequest = z.strictObject({
  name: name.nullish().describe("The default is the source's name."),
  short_name: keptText.min(1).max(limits.nameLengthMax).describe("The source."),
  readable_collection_id: keptText.min(1).max(limits.nameLengthMax),
  description,
  metadata: ownMetadata,
  config,
  schedule,
  sync_immediately: z
    .boolean()
    .nullish()
    .describe(
      "Whether the first sync starts as soon as the connection is authenticated. The default is false for browser authentication, and true otherwise.",
    ),
  authentication,
  redirect_url: redirectUrl,
});

export const changeRequest = z.strictObject({
  name: name.nullish(),
  description,
  metadata: ownMetadata,
  config,
  schedule,
  authentication: authentication.describe(
    "New credentials. For browser authentication this creates a new `auth_url`, and the old credentials stay valid until it was used.",
  ),
  redirect_url: redirectUrl,
});

type Optional = string | null | undefined;
type AuthenticationBody =
  | { credentials: Readonly<Record<string, unknown>> }
  | { access_token: string; refresh_token?: Optional; expires_at?: number | null | undefined }
  | { provider_readable_id: string }
  | {
      redirect_uri?: Optional;
      client_id?: Optional;
      client_secret?: Optional;
      consumer_key?: Optional;
      consumer_secret?: Optional;
    };

function authenticationRequest(body: AuthenticationBody): AuthenticationRequest {
  if ("credentials" in body) return { kind: "direct", credentials: body.credentials };
  if ("access_token" in body) {
    const { access_token: accessToken, refresh_token: refreshToken = null, expires_at: expiresAt = null } = body;
    return { kind: "token", tokens: { accessToken, refreshToken, expiresAt, client: null } };
  }
  if ("provider_readable_id" in body) return { kind: "provider" };
  const { redirect_uri, client_id, client_secret, consumer_key, consumer_secret } = body;
  if (consumer_key || consumer_secret) return { kind: "oauth1" };
  const client = client_id ? { id: client_id, secret: client_secret ?? null } : null;
  return { kind: "browser", client, redirectUrl: redirect_uri ?? null };
}

const sharedFields = {
  id: z.uuid(),
  organization_id: z.uuid(),
  name: z.string(),
  short_name: z.string(),
  readable_collection_id: z.string(),
  metadata: shownMetadata,
  status: z.enum(sourceConnectionStatuses),
  created_at: timeResponse,
  modified_at: timeResponse,
  last_success_at: timeResponse
    .nullable()
    .describe("When the newest completed job ended, among the jobs that are still stored."),
  last_job: z
    .object({
      id: z.uuid(),
      status: z.enum(syncJobStates),
      started_at: timeResponse.nullable(),
      completed_at: timeResponse.nullable().describe("When it ended, successfully or not."),
      duration_ms: z.int().nullable(),
      error: z.string().nullable(),
    })
    .nullable(),
  is_stale: z
    .boolean()
    .describe(
      "Whether its data is older than it should be: no job ever completed, the last job failed, or a sync has been due for an hour, by schedule or after a change, while the connection is not paused.",
    ),
  schedule: z
    .object({
      cron: z.string().nullable(),
      time_zone: z.string(),
      next_run: timeResponse
        .nullable()
        .describe("Null while it is paused or not authenticated, and while a continuous sync waits for a change."),
      continuous: z.boolean(),
      cursor_field: z.null(),
      cursor_value: z.null(),
    })
    .nullable(),
  error_category: z
    .enum(errorCategories)
    .nullable()
    .describe("Why its credentials were refused; null unless the status is `needs_reauth`."),
};

export const listedResponse = z
  .object({
    ...sharedFields,
    is_authenticated: z.boolean(),
    auth_method: z.enum(authenticationMethods),
    entity_count: z.int(),
    federated_search: z.boolean(),
  })
  .meta({ id: "SourceConnectionListItem", description: "A source connection in a list." });

export const connectionResponse = z
  .object({
    ...sharedFields,
    description: z.string().nullable(),
    auth: z.object({
      method: z.enum(authenticationMethods),
      authenticated: z.boolean(),
      authenticated_at: timeResponse.nullable(),
      expires_at: timeResponse
        .nullable()
        .describe("When the access token expires. It is renewed automatically where possible."),
      auth_url: z
        .string()
        .nullable()
        .describe(
          "The URL to open in a browser, once. Null when it was opened, and for callers without the scope `write`.",
        ),
      auth_url_expires: timeResponse.nullable(),
      redirect_url: z.string().nullable(),
      claim_token: z
        .string()
        .nullable()
        .describe(
          "Proves to `verify-oauth` who began the authorization. Null except in the responses of a create with browser authentication and of `reinitiate-oauth`.",
        ),
      provider_id: z.null().describe("Always null: no source uses an auth provider."),
      provider_readable_id: z.null(),
    }),
    config: z.record(z.string(), z.unknown()),
    sync: z
      .object({
        total_runs: z.int(),
        successful_runs: z.int(),
        failed_runs: z.int(),
        last_job: lastJobResponse.nullable(),
      })
      .nullable()
      .describe("The counts of the newest 1,000 jobs."),
    sync_id: z.uuid().nullable(),
    entities: z.object({
      total_entities: z.int(),
      by_type: z.record(z.string(), z.object({ count: z.int(), last_updated: timeResponse.nullable() })),
    }),
    error_message: z.string().nullable().describe("Why the last job failed; null unless it did."),
    provider_settings_url: z.null().describe("Always null: no source uses an auth provider."),
    provider_short_name: z.null(),
    federated_search: z.boolean(),
  })
  .meta({
    id: "SourceConnection",
    description: "A source with its settings, which fills one collection. Credentials are never shown.",
  });

function sharedOf(connection: SourceConnectionListed, now: number) {
  const { lastJob, lastSuccessAt, schedule } = connection;
  const dueAfterSuccessAt = schedule === null || lastSuccessAt === null ? null : nextRunAfter(schedule, lastSuccessAt);
  const history = { lastJob: lastJob?.state ?? null, lastSuccessAt, dueAfterSuccessAt };
  return {
    id: connection.id,
    organization_id: connection.organizationId,
    name: connection.name,
    short_name: connection.source,
    readable_collection_id: connection.readableCollectionId,
    metadata: { ...connection.metadata },
    status: sourceConnectionStatus(connection, connection.lastJob?.state ?? null),
    created_at: isoTime(connection.createdAt),
    modified_at: isoTime(connection.modifiedAt),
    last_success_at: lastSuccessAt === null ? null : isoTime(lastSuccessAt),
    last_job: lastJob === null ? null : jobInShort(lastJob),
    is_stale: isStale(connection, history, now),
    schedule: scheduleOf(connection),
    error_category: errorCategoryOf(connection),
  };
}

function jobInShort(job: SyncJob) {
  const { id, status, started_at, completed_at, duration_seconds, error } = lastJobOf(job);
  const duration_ms = duration_seconds === null ? null : Math.round(duration_seconds * 1000);
  return { id, status, started_at, completed_at, duration_ms, error };
}

export function listedOf(connection: SourceConnectionListed, now: number): z.input<typeof listedResponse> {
  return {
    ...sharedOf(connection, now),
    is_authenticated: connection.authenticatedAt !== null,
    auth_method: connection.authMethod,
    entity_count: connection.entityCount,
    federated_search: false,
  };
}

export interface ShownConnection {
  /** Builds the URL of an authorization from its code; null where it must not be shown. */
  readonly urlOf: (code: string) => string | null;
  /** The claim token of an authorization that this request began. */
  readonly claimToken?: string | null;
  readonly now: number;
}

export function connectionOf(
  connection: SourceConnectionView,
  { urlOf, now, claimToken = null }: ShownConnection,
): z.input<typeof connectionResponse> {
  const { lastJob, runs } = connection;
  return {
    ...sharedOf(connection, now),
    description: connection.description,
    auth: authOf(connection, urlOf, claimToken),
    config: { ...connection.config },
    sync:
      connection.syncId === null
        ? null
        : {
            total_runs: runs.total,
            successful_runs: runs.completed,
            failed_runs: runs.failed,
            last_job: lastJob === null ? null : lastJobOf(lastJob),
          },
    sync_id: connection.syncId,
    entities: {
      total_entities: connection.entityCount,
      by_type: Object.fromEntries(
        connection.entitiesByType.map(({ type, count, lastUpdated }) => [
          type,
          { count, last_updated: isoTime(lastUpdated) },
        ]),
      ),
    },
    error_message: lastJob?.state === "failed" ? lastJob.error : null,
    provider_settings_url: null,
    provider_short_name: null,
    federated_search: false,
  };
}

function scheduleOf({ schedule, nextRunAt, pausedAt, authenticatedAt, needsReauthAt }: SourceConnectionListed) {
  if (schedule === null) return null;
  const runs = pausedAt === null && authenticatedAt !== null && needsReauthAt === null;
  const next_run = nextRunAt === null || !runs ? null : isoTime(nextRunAt);
  const cursor = { cursor_field: null, cursor_value: null };
  if ("continuous" in schedule) return { cron: null, time_zone: "UTC", next_run, continuous: true, ...cursor };
  return { cron: schedule.cron, time_zone: schedule.timeZone, next_run, continuous: false, ...cursor };
}

function errorCategoryOf({ needsReauthAt, authMethod, lastJob }: SourceConnectionListed): ErrorCategory | null {
  if (needsReauthAt === null) return null;
  if (lastJob?.state === "failed" && lastJob.errorCategory !== null) return lastJob.errorCategory;
  return authMethod === "direct" ? "api_key_invalid" : "oauth_credentials_expired";
}

function authOf(
  { authMethod, authenticatedAt, tokensExpireAt, authorization }: SourceConnectionView,
  urlOf: ShownConnection["urlOf"],
  claimToken: string | null,
): z.input<typeof connectionResponse>["auth"] {
  return {
    method: authMethod,
    authenticated: authenticatedAt !== null,
    authenticated_at: authenticatedAt === null ? null : isoTime(authenticatedAt),
    expires_at: tokensExpireAt === null ? null : isoTime(tokensExpireAt),
    auth_url: authorization === null ? null : urlOf(authorization.code),
    auth_url_expires: authorization === null ? null : isoTime(authorization.expiresAt),
    redirect_url: authorization?.redirectUrl ?? null,
    claim_token: claimToken,
    provider_id: null,
    provider_readable_id: null,
  };
}
