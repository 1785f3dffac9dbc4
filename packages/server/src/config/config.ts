import { resolve } from "node:path";
import { type ArchiveLocation, parseArchiveLocation } from "../archive/archive-location.ts";
import type { JwtKeys } from "../auth/jwt-keys.ts";
import type { OAuthClient } from "../domain/authorization.ts";
import type { McpErrorCodes } from "../domain/mcp-subscription.ts";
import type { RoleMapping } from "../domain/role.ts";
import type { SignatureType } from "../domain/signature-type.ts";
import type { SingerTaps } from "../domain/singer-tap.ts";
import type { logLevels } from "../report/log.ts";
import { type TelemetrySettings, telemetrySettings } from "../report/telemetry/telemetry-settings.ts";
import { environment, jwtKeysOf } from "./environment.ts";
import type { Mode } from "./mode.ts";
import { togetherMistakes, unknownVariables, unusedVariables } from "./setting-mistakes.ts";

export { maskUrls } from "../domain/masked-urls.ts";

export interface Config {
  readonly mode: Mode;
  /** `sqlite:PATH` with the path resolved, or `postgres://…`, also with several hosts. */
  readonly databaseUrl: string;
  /** The connections that one node opens to PostgreSQL, in addition to one for commits and one that listens. */
  readonly databaseConnections: number;
  /** Whether PostgreSQL keeps prepared statements; off behind a pooler that does not support them. */
  readonly databasePrepare: boolean;
  readonly host: string;
  readonly port: number;
  /** The public base URL of this Weft, without a trailing slash; null for the address that it listens on. */
  readonly publicUrl: string | null;
  /** Origins of the sites that may embed the console in a frame. */
  readonly frameAncestors: readonly string[];
  /** Whether callers without a key can read the event types. */
  readonly publicEventTypes: boolean;
  /** The platform's name in the portal; null for the name of this product. */
  readonly portalName: string | null;
  /** The platform's colour in the portal, as `#rrggbb` in lower case; null for the colours of the console. */
  readonly portalColor: string | null;
  /** The path of the platform's logo in the portal. */
  readonly portalLogo: string | null;
  readonly auth: "required" | "none";
  readonly adminKey: string | null;
  /** Null generates a key, which is stored in the data folder. */
  readonly masterKey: string | null;
  /** The master key before a rotation. It only decrypts. */
  readonly masterKeyPrevious: string | null;
  /** The keys of the tokens of Svix's SDKs; null accepts no such tokens. */
  readonly svixJwtKeys: JwtKeys | null;
  /** The type of the signing secrets that Weft generates for new subscriptions. */
  readonly defaultSignatureType: SignatureType;
  /** The calls per second that one organization may make at this node; null for any number. */
  readonly apiRateLimit: number | null;
  /** The limits of one organization. */
  readonly subscriptionsMax: number;
  readonly sourceConnectionsMax: number;
  readonly allowHttp: boolean;
  readonly allowNetworks: readonly string[];
  readonly verifyEndpoints: boolean;
  /** Whether the MCP server has tools that write. */
  readonly mcpWrite: boolean;
  /** Whether agents can subscribe to events. */
  readonly mcpEvents: boolean;
  readonly mcpErrorCodes: McpErrorCodes;
  /** The authorization server that issues access tokens of agents; null where they use API keys only. */
  readonly mcpOauthIssuer: string | null;
  /** The claim with the id of an organization; null where the roles of groups decide. */
  readonly mcpOauthOrganizationClaim: string | null;
  readonly retryDelaysMs: readonly number[];
  readonly attemptTimeoutMs: number;
  readonly recoveryWindowMsMax: number;
  readonly retentionMs: number;
  /** The bytes of UTF-8 that the payload of one event may have. */
  readonly payloadBytesMax: number;
  /** Shorter times for event types (ms), by name. */
  readonly retentionEventTypes: ReadonlyMap<string, number>;
  /** Where messages are written before they are deleted, `file:///path` or `s3://bucket/prefix`; null without an archive. */
  readonly archive: string | null;
  /** The URL of an S3-compatible service, without a slash at its end; null for the one of Amazon in the region. */
  readonly archiveS3Endpoint: string | null;
  readonly archiveS3Region: string;
  readonly archiveS3AccessKeyId: string | null;
  readonly archiveS3SecretAccessKey: string | null;
  /** Folders that the source `directory` may read. When empty, the source is not offered. */
  readonly directoryRoots: readonly string[];
  /** Weft's OAuth clients at the providers of sources, by the source's short name. */
  readonly oauthClients: ReadonlyMap<string, OAuthClient>;
  /** The programs that the source `singer` may run, by name. When empty, the source is not offered. */
  readonly singerTaps: SingerTaps;
  /** The OpenID Connect provider at which people sign in to the console; null without one. */
  readonly oidcIssuer: string | null;
  readonly oidcClientId: string | null;
  readonly oidcClientSecret: string | null;
  /** The provider's name on the log-in page. */
  readonly oidcName: string;
  /** The scopes that a sign-in requests. */
  readonly oidcScopes: readonly string[];
  /** The claim that lists the groups of a person. */
  readonly oidcGroupsClaim: string;
  /** The roles of groups, `GROUP=ROLE`, `GROUP=ROLE@ORGANIZATION` or `GROUP=ROLE@*`. */
  readonly oidcRoles: readonly RoleMapping[];
  /** Whether the test sources `stub`, `timed` and `oauth-stub` are offered. */
  readonly testSources: boolean;
  /** DNS servers, as `ADDRESS` or `ADDRESS:PORT`; when empty, those of the machine are used. */
  readonly dnsServers: readonly string[];
  /** The proxy of outgoing connections, such as `socks5://user:password@host:1080`; null for direct connections. */
  readonly outboundProxy: string | null;
  /** Addresses, networks and names that are reached without the proxy. */
  readonly outboundNoProxy: readonly string[];
  /** The mail server, `smtp://user:password@host:587` or `smtps://…`; null when no mail is sent. */
  readonly smtpUrl: string | null;
  /** The sender of mail, such as `Weft <weft@example.com>`. */
  readonly smtpFrom: string | null;
  /** Domains that mail may be sent to, in lower case; empty for any. */
  readonly smtpDomains: readonly string[];
  readonly logLevel: (typeof logLevels)[number];
  /** Exports to an OpenTelemetry collector. */
  readonly telemetry: TelemetrySettings;
  /** The environment variables that programs of sources may see: program paths, and trusted certificates. */
  readonly programEnvironment: ProgramEnvironment;
}

const programVariables = ["PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR"] as const;

export type ProgramEnvironment = Readonly<Partial<Record<(typeof programVariables)[number], string>>>;

/** Every mistake in the settings, one sentence each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(
      `The settings have ${mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`}:\n- ${mistakes.join("\n- ")}`,
    );
    this.mistakes = mistakes;
  }
}

/** The only reader of environment variables. Throws a ConfigError with every mistake at once, before anything starts. */
export function readConfig(mode: Mode, env: Readonly<Record<string, string | undefined>>): Config {
  const given = withoutDisabled(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== "")),
  );
  const parsed = environment(mode).safeParse(given);
  const mistakes = parsed.success
    ? togetherMistakes(parsed.data)
    : parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message.replace(/\.$/, "")}.`);
  mistakes.push(...unknownVariables(mode, given), ...unusedVariables(given));
  if (!parsed.success || mistakes.length > 0) throw new ConfigError(mistakes);
  const values = parsed.data;
  return {
    mode,
    databaseUrl: resolvedUrl(values.WEFT_DATABASE_URL),
    databaseConnections: values.WEFT_DATABASE_CONNECTIONS,
    databasePrepare: values.WEFT_DATABASE_PREPARE,
    host: values.WEFT_HOST,
    port: values.WEFT_PORT,
    publicUrl: values.WEFT_PUBLIC_URL ?? null,
    frameAncestors: values.WEFT_FRAME_ANCESTORS,
    publicEventTypes: values.WEFT_PUBLIC_EVENT_TYPES,
    portalName: values.WEFT_PORTAL_NAME ?? null,
    portalColor: values.WEFT_PORTAL_COLOR ?? null,
    portalLogo: values.WEFT_PORTAL_LOGO === undefined ? null : resolve(values.WEFT_PORTAL_LOGO),
    auth: values.WEFT_AUTH,
    adminKey: values.WEFT_ADMIN_KEY ?? null,
    masterKey: values.WEFT_MASTER_KEY ?? null,
    masterKeyPrevious: values.WEFT_MASTER_KEY_PREVIOUS ?? null,
    svixJwtKeys: jwtKeysOf(values),
    defaultSignatureType: values.WEFT_DEFAULT_SIGNATURE_TYPE,
    apiRateLimit: values.WEFT_API_RATE_LIMIT ?? null,
    subscriptionsMax: values.WEFT_SUBSCRIPTIONS_MAX,
    sourceConnectionsMax: values.WEFT_SOURCE_CONNECTIONS_MAX,
    allowHttp: values.WEFT_ALLOW_HTTP,
    allowNetworks: values.WEFT_ALLOW_NETWORKS,
    verifyEndpoints: values.WEFT_VERIFY_ENDPOINTS,
    mcpWrite: values.WEFT_MCP_WRITE,
    mcpEvents: values.WEFT_MCP_EVENTS,
    mcpErrorCodes: values.WEFT_MCP_ERROR_CODES,
    mcpOauthIssuer: values.WEFT_MCP_OAUTH_ISSUER ?? null,
    mcpOauthOrganizationClaim: values.WEFT_MCP_OAUTH_ORGANIZATION_CLAIM ?? null,
    retryDelaysMs: values.WEFT_RETRY_SCHEDULE,
    attemptTimeoutMs: values.WEFT_ATTEMPT_TIMEOUT,
    recoveryWindowMsMax: values.WEFT_RECOVERY_WINDOW_MAX,
    retentionMs: values.WEFT_RETENTION,
    payloadBytesMax: values.WEFT_PAYLOAD_MAX,
    retentionEventTypes: values.WEFT_RETENTION_EVENT_TYPES,
    archive: values.WEFT_ARCHIVE ?? null,
    archiveS3Endpoint: values.WEFT_ARCHIVE_S3_ENDPOINT ?? null,
    archiveS3Region: values.WEFT_ARCHIVE_S3_REGION,
    archiveS3AccessKeyId: values.WEFT_ARCHIVE_S3_ACCESS_KEY_ID ?? null,
    archiveS3SecretAccessKey: values.WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY ?? null,
    directoryRoots: values.WEFT_DIRECTORY_ROOTS.map((folder) => resolve(folder)),
    oauthClients: values.WEFT_OAUTH_CLIENTS,
    singerTaps: values.WEFT_SINGER_TAPS,
    oidcIssuer: values.WEFT_OIDC_ISSUER ?? null,
    oidcClientId: values.WEFT_OIDC_CLIENT_ID ?? null,
    oidcClientSecret: values.WEFT_OIDC_CLIENT_SECRET ?? null,
    oidcName: values.WEFT_OIDC_NAME,
    oidcScopes: values.WEFT_OIDC_SCOPES,
    oidcGroupsClaim: values.WEFT_OIDC_GROUPS_CLAIM,
    oidcRoles: values.WEFT_OIDC_ROLES,
    testSources: values.WEFT_TEST_SOURCES,
    dnsServers: values.WEFT_DNS_SERVERS,
    outboundProxy: values.WEFT_OUTBOUND_PROXY ?? null,
    outboundNoProxy: values.WEFT_OUTBOUND_NO_PROXY,
    smtpUrl: values.WEFT_SMTP_URL ?? null,
    smtpFrom: values.WEFT_SMTP_FROM ?? null,
    smtpDomains: values.WEFT_SMTP_DOMAINS,
    logLevel: values.WEFT_LOG_LEVEL,
    telemetry: telemetrySettings(values, given),
    programEnvironment: programEnvironment(env),
  };
}

/** Where the archive is; null without one. */
export function archiveLocationOf({ archive }: Pick<Config, "archive">): ArchiveLocation | null {
  return archive === null ? null : parseArchiveLocation(archive);
}

/** The path of a SQLite database; null for PostgreSQL. */
export function sqlitePathOf({ databaseUrl }: Pick<Config, "databaseUrl">): string | null {
  return databaseUrl.startsWith("sqlite:") ? databaseUrl.slice("sqlite:".length) : null;
}

/** The part of an environment that programs receive; it is all that a Weft with settings from elsewhere needs. */
export function programEnvironment(env: Readonly<Record<string, string | undefined>>): ProgramEnvironment {
  const taken = programVariables.flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  return Object.fromEntries(taken);
}

// Variables of OpenTelemetry may be those of the whole machine: once it is disabled, none of them has a meaning.
function withoutDisabled(given: Record<string, string | undefined>): Record<string, string | undefined> {
  if (given.OTEL_SDK_DISABLED?.toLowerCase() !== "true") return given;
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => name === "OTEL_SDK_DISABLED" || !name.startsWith("OTEL_")),
  );
}

function resolvedUrl(url: string): string {
  return url.startsWith("sqlite:") ? `sqlite:${resolve(url.slice("sqlite:".length))}` : url;
}
