import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { type ArchiveLocation, parseArchiveLocation } from "./archive/archive-location.ts";
import { type JwtKeys, jwtAlgorithms, jwtKeysIn } from "./auth/jwt-keys.ts";
import type { OAuthClient } from "./domain/authorization.ts";
import { databaseHostsMistake } from "./domain/database-hosts.ts";
import { isEventTypeName } from "./domain/event-type-name.ts";
import { limits } from "./domain/limits.ts";
import type { McpErrorCodes } from "./domain/mcp-subscription.ts";
import { defaultRetryDelaysMs } from "./domain/retry-policy.ts";
import { type RoleMapping, roleMappingIn, roles } from "./domain/role.ts";
import { type SignatureType, signatureTypes } from "./domain/signature-type.ts";
import { catalogFlags, type SingerTap, type SingerTaps } from "./domain/singer-tap.ts";
import { parseNetworks } from "./outbound/address-guard.ts";
import { isDnsServer } from "./outbound/name-resolver.ts";
import { parseNoProxy } from "./outbound/proxy/no-proxy.ts";
import { parseProxyUrl } from "./outbound/proxy/proxy-server.ts";
import { logLevels } from "./report/log.ts";
import {
  type TelemetrySettings,
  telemetrySettings,
  telemetryVariables,
} from "./report/telemetry/telemetry-settings.ts";

export { maskUrls } from "./domain/masked-urls.ts";

/** The two ways to run: `dev` trusts only this machine, `serve` trusts no client without a key. */
export type Mode = "dev" | "serve";

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

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

const flag = z
  .enum(["true", "false", "1", "0"], { error: "expected true or false" })
  .transform((text) => text === "true" || text === "1");

const duration = z
  .string()
  .regex(durationPattern, { error: "expected a duration such as 30s, 5m, 2h or 14d" })
  .transform(durationMs);

const unitBytes: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 * 1024 };

const size = z
  .string()
  .regex(/^\d{1,9}(B|KiB|MiB)$/, { error: "expected a size such as 512KiB or 1MiB" })
  .transform((text) => {
    const [, number = "", unit = ""] = /^(\d+)(\w+)$/.exec(text) ?? [];
    return Number(number) * (unitBytes[unit] ?? 1);
  });

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

const networks = list.superRefine(checkedBy(parseNetworks));
const proxy = z.string().superRefine(checkedBy(parseProxyUrl));
const noProxy = list.superRefine(checkedBy(parseNoProxy));

// Links are built by appending to it.
const publicUrl = z
  .string()
  .max(limits.urlLengthMax)
  .refine(isPlainUrl, { error: "expected a URL such as https://weft.example.com, without a query" })
  .transform((text) => text.replace(/\/+$/, ""));

const origins = list.pipe(
  z.array(z.string().refine(isOrigin, { error: "expected origins such as https://app.example.com, without a path" })),
);

// A title with characters that hide or reorder text could pass for another one.
const portalName = z
  .string()
  .trim()
  .max(limits.portalNameLengthMax, { error: `a name has at most ${limits.portalNameLengthMax} characters` })
  .regex(/^\P{C}+$/u, { error: "expected a name without control characters" });

const color = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i, { error: "expected a colour such as #0f766e" })
  .toLowerCase();

const oauthClients = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: clientsExpected });
      return z.NEVER;
    }
  })
  .pipe(
    z.record(
      z.string(),
      z.strictObject({ client_id: z.string().min(1), client_secret: z.string().min(1).optional() }),
      { error: () => clientsExpected },
    ),
  )
  .transform((clients) => {
    const entries = Object.entries(clients).map(([source, { client_id, client_secret }]): [string, OAuthClient] => [
      source,
      { id: client_id, secret: client_secret ?? null },
    ]);
    return new Map(entries);
  });

const tapsExpected =
  'expected JSON such as {"tap-example": {"command": ["/opt/taps/bin/tap-example"]}}, or the path of such a file';

const singerTap = z
  .strictObject({
    command: z.array(z.string().min(1), { error: "a tap needs its command, a list of texts" }).min(1),
    environment: z.record(z.string(), z.string()).default({}),
    config: z.record(z.string(), z.unknown()).default({}),
    catalog: z.enum(catalogFlags).default("catalog"),
    time: duration.default(limits.singerRunMsDefault),
    silence: duration.default(limits.singerSilentMsDefault),
    output: size.default(limits.singerOutputBytesDefault),
    line: size
      .pipe(z.number().max(limits.singerLineBytesMax, { error: "a line is larger than 4MiB" }))
      .default(limits.singerLineBytesDefault),
    memory: size.default(limits.singerMemoryBytesDefault),
    jobs: z.int().min(1).max(limits.singerJobsAtOnceMax).default(limits.singerJobsAtOnceDefault),
  })
  .transform(
    ({ catalog, time, silence, output, line, memory, jobs, ...rest }): SingerTap => ({
      ...rest,
      catalogFlag: catalog,
      runMsMax: time,
      silentMsMax: silence,
      outputBytesMax: output,
      lineBytesMax: line,
      memoryBytesMax: memory,
      jobsAtOnceMax: jobs,
    }),
  );

const singerTaps = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text.trimStart().startsWith("{") ? text : readFileSync(text, "utf8"));
    } catch {
      context.addIssue({ code: "custom", message: tapsExpected });
      return z.NEVER;
    }
  })
  .pipe(
    z.record(
      z
        .string()
        .regex(/^[\w.-]{1,64}$/, { error: "a name consists of letters, digits, dots, underscores and hyphens" }),
      singerTap,
      { error: () => tapsExpected },
    ),
  )
  .transform((taps): SingerTaps => new Map(Object.entries(taps)));

const roleMappings = list
  .pipe(z.array(z.string()).max(limits.roleMappingsMax))
  .transform((texts, context): RoleMapping[] =>
    texts.flatMap((text) => {
      const mapping = roleMappingIn(text);
      if (mapping !== null) return [mapping];
      const example = `expected GROUP=ROLE or GROUP=ROLE@ORGANIZATION with a role of ${roles.join(", ")}`;
      context.addIssue({ code: "custom", message: `${example}; got "${text}"` });
      return [];
    }),
  );

const retentionEventTypes = list
  .pipe(z.array(z.string()).max(limits.eventTypeRetentionsMax))
  .transform((texts, context) => {
    const entries = texts.map((text) => text.split("=", 2) as [string, string | undefined]);
    for (const [name, kept] of entries) {
      if (isEventTypeName(name) && durationPattern.test(kept ?? "")) continue;
      context.addIssue({ code: "custom", message: `expected NAME=DURATION, such as sync.running=7d; got "${name}"` });
    }
    return new Map(entries.map(([name, kept = ""]) => [name, durationMs(kept)]));
  });

const clientsExpected = 'expected JSON such as {"SOURCE": {"client_id": "…", "client_secret": "…"}}';

/** How many of an object one organization may have. */
const quota = z.coerce.number({ error: "expected a number" }).int().min(0).max(limits.thingsPerOrganizationMax);

const wait = duration.pipe(z.number().max(limits.retryDelayMsMax, { error: "a wait is longer than 7d" }));
const schedule = list.pipe(z.array(wait).max(limits.retryScheduleStepsMax));

const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
    error: "expected a whole number from 0 to 65535",
  })
  .transform(Number);

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/** Every variable that Weft reads, with its default for the mode. */
function environment(mode: Mode) {
  const isDev = mode === "dev";
  return z.object({
    WEFT_DATABASE_URL: z
      .string()
      .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, { error: "expected sqlite:PATH or postgres://…", abort: true })
      .refine((text) => databaseHostsMistake(text) === null, {
        error: ({ input }) => databaseHostsMistake(String(input)) ?? "",
      })
      .default("sqlite:.weft/weft.db"),
    WEFT_DATABASE_CONNECTIONS: z.coerce.number({ error: "expected a number" }).int().min(2).max(500).default(10),
    WEFT_DATABASE_PREPARE: flag.default(true),
    WEFT_HOST: z.string().min(1).default("127.0.0.1"),
    WEFT_PORT: port.default(8001),
    WEFT_PUBLIC_URL: publicUrl.optional(),
    WEFT_FRAME_ANCESTORS: origins.default([]),
    WEFT_PUBLIC_EVENT_TYPES: flag.default(false),
    WEFT_PORTAL_NAME: portalName.optional(),
    WEFT_PORTAL_COLOR: color.optional(),
    WEFT_PORTAL_LOGO: z.string().optional(),
    WEFT_AUTH: z
      .enum(["required", "none"], { error: "expected required or none" })
      .default(isDev ? "none" : "required"),
    WEFT_ADMIN_KEY: z.string().min(32, { error: "an admin key has at least 32 characters" }).optional(),
    WEFT_MASTER_KEY: z.string().min(32, { error: "a master key has at least 32 characters" }).optional(),
    WEFT_MASTER_KEY_PREVIOUS: z.string().min(32, { error: "a master key has at least 32 characters" }).optional(),
    WEFT_API_RATE_LIMIT: z.coerce
      .number({ error: "expected a number of requests a second" })
      .int()
      .min(1)
      .max(limits.apiRateLimitMax)
      .optional(),
    WEFT_SUBSCRIPTIONS_MAX: quota.default(limits.subscriptionsPerOrganizationDefault),
    WEFT_SOURCE_CONNECTIONS_MAX: quota.default(limits.sourceConnectionsPerOrganizationDefault),
    WEFT_SVIX_JWT_SECRET: z.string().optional(),
    WEFT_SVIX_JWT_ALGORITHM: z
      .enum(jwtAlgorithms, { error: `expected one of ${jwtAlgorithms.join(", ")}` })
      .default("HS256"),
    WEFT_DEFAULT_SIGNATURE_TYPE: z.enum(signatureTypes, { error: "expected v1 or v1a" }).default("v1"),
    WEFT_ALLOW_HTTP: flag.default(isDev),
    WEFT_ALLOW_NETWORKS: networks.default(isDev ? ["127.0.0.0/8", "::1/128"] : []),
    WEFT_VERIFY_ENDPOINTS: flag.default(true),
    WEFT_MCP_WRITE: flag.default(false),
    WEFT_MCP_EVENTS: flag.default(true),
    WEFT_MCP_ERROR_CODES: z.enum(["sketch", "sep-3415"]).default("sketch"),
    WEFT_MCP_OAUTH_ISSUER: z
      .string()
      .max(limits.issuerLengthMax)
      .refine(isIssuer, { error: "expected an https URL" })
      .optional(),
    WEFT_MCP_OAUTH_ORGANIZATION_CLAIM: z.string().min(1).max(limits.nameLengthMax).optional(),
    WEFT_RETRY_SCHEDULE: schedule.default([...defaultRetryDelaysMs]),
    WEFT_ATTEMPT_TIMEOUT: duration
      .refine((ms) => ms >= 100 && ms <= limits.attemptTimeoutMsMax, { error: "expected 100ms to 120s" })
      .default(30_000),
    WEFT_RECOVERY_WINDOW_MAX: duration.default(14 * 86_400_000),
    WEFT_RETENTION: duration.default(90 * 86_400_000),
    WEFT_PAYLOAD_MAX: size
      .refine((bytes) => bytes >= limits.payloadBytesMin && bytes <= limits.payloadBytesMax, {
        error: "expected 64KiB to 1MiB",
      })
      .default(limits.payloadBytesDefault),
    WEFT_RETENTION_EVENT_TYPES: retentionEventTypes.default(new Map()),
    WEFT_ARCHIVE: z.string().superRefine(checkedBy(parseArchiveLocation)).optional(),
    WEFT_ARCHIVE_S3_ENDPOINT: z
      .string()
      .refine(isOrigin, { error: "expected a URL such as https://minio.example.com:9000, without a path" })
      .optional(),
    WEFT_ARCHIVE_S3_REGION: z.string().min(1).default("us-east-1"),
    WEFT_ARCHIVE_S3_ACCESS_KEY_ID: z.string().min(1).optional(),
    WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
    WEFT_DIRECTORY_ROOTS: list.default(isDev ? ["/"] : []),
    WEFT_OAUTH_CLIENTS: oauthClients.default(new Map()),
    WEFT_SINGER_TAPS: singerTaps.default(new Map()),
    WEFT_OIDC_ISSUER: z
      .string()
      .max(limits.urlLengthMax)
      .refine(isIssuer, { error: "expected an https URL" })
      .optional(),
    WEFT_OIDC_CLIENT_ID: z.string().min(1).optional(),
    WEFT_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
    WEFT_OIDC_NAME: portalName.default("single sign-on"),
    WEFT_OIDC_SCOPES: list.default(["openid", "profile", "email"]),
    WEFT_OIDC_GROUPS_CLAIM: z.string().min(1).max(limits.nameLengthMax).default("groups"),
    WEFT_OIDC_ROLES: roleMappings.default([]),
    WEFT_TEST_SOURCES: flag.default(isDev),
    WEFT_DNS_SERVERS: list
      .pipe(z.array(z.string().refine(isDnsServer, { error: "expected addresses such as 10.0.0.2 or [fd00::2]:53" })))
      .default([]),
    WEFT_OUTBOUND_PROXY: proxy.optional(),
    WEFT_OUTBOUND_NO_PROXY: noProxy.default([]),
    WEFT_SMTP_URL: z
      .string()
      .refine(isMailServer, { error: "expected smtp://HOST:PORT or smtps://HOST:PORT" })
      .optional(),
    WEFT_SMTP_FROM: z
      .string()
      .regex(/^[^\r\n]*\S@[\w.-]+>?$/, { error: "expected a sender such as Weft <weft@example.com>" })
      .optional(),
    WEFT_SMTP_DOMAINS: list.transform((domains) => domains.map((domain) => domain.toLowerCase())).default([]),
    WEFT_LOG_LEVEL: z.enum(logLevels, { error: `expected one of ${logLevels.join(", ")}` }).default("info"),
    ...telemetryVariables,
  });
}

/** The name of a setting. */
export type SettingName = keyof ReturnType<typeof environment>["shape"];

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

function togetherMistakes(values: z.output<ReturnType<typeof environment>>): string[] {
  const mistakes: string[] = [];
  if (values.WEFT_AUTH === "none" && !loopbackHost.test(values.WEFT_HOST)) {
    mistakes.push(
      `WEFT_AUTH: none is refused on ${values.WEFT_HOST}; without keys Weft listens on a loopback address only.`,
    );
  }
  if (values.WEFT_DATABASE_URL.startsWith("postgres") && values.WEFT_MASTER_KEY === undefined) {
    mistakes.push(
      "WEFT_MASTER_KEY: needed with PostgreSQL, the same on every node; make one with `openssl rand -base64 32`.",
    );
  }
  if (values.WEFT_MASTER_KEY_PREVIOUS !== undefined && values.WEFT_MASTER_KEY === undefined) {
    mistakes.push("WEFT_MASTER_KEY_PREVIOUS: needs WEFT_MASTER_KEY, the key that takes its place.");
  }
  if (values.WEFT_MASTER_KEY_PREVIOUS !== undefined && values.WEFT_MASTER_KEY_PREVIOUS === values.WEFT_MASTER_KEY) {
    mistakes.push("WEFT_MASTER_KEY_PREVIOUS: is the same as WEFT_MASTER_KEY; it is the key before the rotation.");
  }
  if (values.WEFT_OIDC_ISSUER !== undefined) mistakes.push(...oidcMistakes(values));
  if (values.WEFT_MCP_OAUTH_ISSUER !== undefined) mistakes.push(...agentTokenMistakes(values));
  mistakes.push(...jwtMistakes(values));
  mistakes.push(...retentionMistakes(values));
  if (values.WEFT_SMTP_URL !== undefined && values.WEFT_SMTP_FROM === undefined) {
    mistakes.push("WEFT_SMTP_FROM: needed with WEFT_SMTP_URL; mail has a sender, such as Weft <weft@example.com>.");
  }
  return mistakes;
}

type JwtValues = Pick<z.output<ReturnType<typeof environment>>, "WEFT_SVIX_JWT_SECRET" | "WEFT_SVIX_JWT_ALGORITHM">;

function jwtKeysOf({ WEFT_SVIX_JWT_SECRET: text, WEFT_SVIX_JWT_ALGORITHM: algorithm }: JwtValues): JwtKeys | null {
  return text === undefined ? null : jwtKeysIn(text, algorithm);
}

function jwtMistakes(values: JwtValues): string[] {
  try {
    jwtKeysOf(values);
    return [];
  } catch (error) {
    return [`WEFT_SVIX_JWT_SECRET: ${(error as Error).message}.`];
  }
}

function retentionMistakes(values: z.output<ReturnType<typeof environment>>): string[] {
  const longer = [...values.WEFT_RETENTION_EVENT_TYPES].filter(([, keptMs]) => keptMs > values.WEFT_RETENTION);
  const mistakes = longer.map(
    ([name]) => `WEFT_RETENTION_EVENT_TYPES: ${name} is kept longer than WEFT_RETENTION, which limits all messages.`,
  );
  const isS3 = values.WEFT_ARCHIVE?.startsWith("s3:") === true;
  for (const name of ["WEFT_ARCHIVE_S3_ACCESS_KEY_ID", "WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY"] as const) {
    if (isS3 && values[name] === undefined) mistakes.push(`${name}: needed with WEFT_ARCHIVE=${values.WEFT_ARCHIVE}.`);
  }
  return mistakes;
}

function oidcMistakes(values: z.output<ReturnType<typeof environment>>): string[] {
  const mistakes: string[] = [];
  if (values.WEFT_AUTH === "none") mistakes.push("WEFT_OIDC_ISSUER: needs WEFT_AUTH=required.");
  if (values.WEFT_OIDC_CLIENT_ID === undefined) {
    mistakes.push("WEFT_OIDC_CLIENT_ID: needed with WEFT_OIDC_ISSUER; it is the id of Weft at the provider.");
  }
  if (values.WEFT_OIDC_ROLES.length === 0) {
    mistakes.push("WEFT_OIDC_ROLES: needed with WEFT_OIDC_ISSUER, such as weft-admins=admin@*,support=support.");
  }
  if (!values.WEFT_OIDC_SCOPES.includes("openid")) mistakes.push("WEFT_OIDC_SCOPES: must contain openid.");
  return mistakes;
}

function agentTokenMistakes(values: z.output<ReturnType<typeof environment>>): string[] {
  const mistakes: string[] = [];
  if (values.WEFT_AUTH === "none") mistakes.push("WEFT_MCP_OAUTH_ISSUER: needs WEFT_AUTH=required.");
  if (values.WEFT_MCP_OAUTH_ORGANIZATION_CLAIM === undefined && values.WEFT_OIDC_ROLES.length === 0) {
    mistakes.push(
      "WEFT_MCP_OAUTH_ISSUER: needs WEFT_MCP_OAUTH_ORGANIZATION_CLAIM, or WEFT_OIDC_ROLES for the groups of tokens.",
    );
  }
  return mistakes;
}

// Variables of OpenTelemetry may be those of the whole machine: once it is disabled, none of them has a meaning.
function withoutDisabled(given: Record<string, string | undefined>): Record<string, string | undefined> {
  if (given.OTEL_SDK_DISABLED?.toLowerCase() !== "true") return given;
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => name === "OTEL_SDK_DISABLED" || !name.startsWith("OTEL_")),
  );
}

// A misspelt variable would otherwise silently use the default.
function unknownVariables(mode: Mode, given: Readonly<Record<string, unknown>>): string[] {
  const known = Object.keys(environment(mode).shape).filter((name) => name.startsWith("WEFT_"));
  return Object.keys(given)
    .filter((name) => name.startsWith("WEFT_") && !name.startsWith("WEFT_TEST_"))
    .filter((name) => !known.includes(name) && !clientVariables.includes(name))
    .map((name) => `${name}: there is no such setting. Known are ${known.join(", ")}.`);
}

/** Settings that have a meaning only with another one. */
interface DependentSettings {
  /** One of these is needed. */
  readonly needed: readonly string[];
  readonly names: readonly string[];
}

export const dependentSettings: readonly DependentSettings[] = [
  { needed: ["WEFT_SMTP_URL"], names: ["WEFT_SMTP_FROM", "WEFT_SMTP_DOMAINS"] },
  { needed: ["WEFT_PORTAL_NAME"], names: ["WEFT_PORTAL_COLOR", "WEFT_PORTAL_LOGO"] },
  {
    needed: ["WEFT_OIDC_ISSUER"],
    names: ["WEFT_OIDC_CLIENT_ID", "WEFT_OIDC_CLIENT_SECRET", "WEFT_OIDC_NAME", "WEFT_OIDC_SCOPES"],
  },
  { needed: ["WEFT_OIDC_ISSUER", "WEFT_MCP_OAUTH_ISSUER"], names: ["WEFT_OIDC_GROUPS_CLAIM", "WEFT_OIDC_ROLES"] },
  { needed: ["WEFT_MCP_OAUTH_ISSUER"], names: ["WEFT_MCP_OAUTH_ORGANIZATION_CLAIM"] },
  { needed: ["WEFT_OUTBOUND_PROXY"], names: ["WEFT_OUTBOUND_NO_PROXY"] },
  {
    needed: ["WEFT_ARCHIVE"],
    names: [
      ...["WEFT_ARCHIVE_S3_ENDPOINT", "WEFT_ARCHIVE_S3_REGION"],
      ...["WEFT_ARCHIVE_S3_ACCESS_KEY_ID", "WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY"],
    ],
  },
];

// These settings would silently have no effect.
function unusedVariables(given: Readonly<Record<string, unknown>>): string[] {
  return dependentSettings
    .filter(({ needed }) => needed.every((name) => given[name] === undefined))
    .flatMap(({ needed, names }) =>
      names
        .filter((name) => given[name] !== undefined)
        .map((name) => `${name}: means nothing without ${needed.join(" or ")}; give both or neither.`),
    );
}

// The command line's client reads it, and the server does not.
const clientVariables = ["WEFT_URL", "WEFT_API_KEY", "WEFT_SIGNING_SECRET"];

/** Reports the error of a parser as a mistake of the setting. */
function checkedBy<T>(parse: (value: T) => unknown): (value: T, context: z.RefinementCtx) => void {
  return (value, context) => {
    try {
      parse(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  };
}

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  return url.search === "" && url.hash === "" && url.username === "" && url.password === "";
}

// The code and the ID token travel to the provider and back: http is safe on this machine only.
function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.search !== "" || url.hash !== "" || url.username !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopbackHost.test(url.hostname));
}

function isMailServer(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ["smtp:", "smtps:"].includes(url.protocol) && url.hostname !== "";
}

// Normalised as a browser sends it; another spelling would never match.
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

function resolvedUrl(url: string): string {
  return url.startsWith("sqlite:") ? `sqlite:${resolve(url.slice("sqlite:".length))}` : url;
}

function durationMs(text: string): number {
  const [, amount = "0", unit = "ms"] = durationPattern.exec(text) ?? [];
  return Math.round(Number(amount) * (unitMs[unit] ?? 0));
}
