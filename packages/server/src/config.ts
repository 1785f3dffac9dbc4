import { resolve } from "node:path";
import { z } from "zod";
import type { OAuthClient } from "./domain/authorization.ts";
import { limits } from "./domain/limits.ts";
import { defaultRetryDelaysMs } from "./domain/retry-policy.ts";
import { parseNetworks } from "./outbound/address-guard.ts";
import { isDnsServer } from "./outbound/name-resolver.ts";
import { logLevels } from "./report/log.ts";

export { maskUrls } from "./domain/masked-urls.ts";

/** The two ways to run: `dev` trusts only this machine, `serve` trusts no client without a key. */
export type Mode = "dev" | "serve";

export interface Config {
  readonly mode: Mode;
  /** `sqlite:PATH` with the path resolved, or `postgres://…`. */
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
  readonly auth: "required" | "none";
  readonly adminKey: string | null;
  /** Null generates a key, which is stored in the data folder. */
  readonly masterKey: string | null;
  /** The master key before a rotation. It only decrypts. */
  readonly masterKeyPrevious: string | null;
  /** The secret that signs the tokens of Svix's SDKs; null accepts no such tokens. */
  readonly svixJwtSecret: string | null;
  /** The calls per second that one organization may make at this node; null for any number. */
  readonly apiRateLimit: number | null;
  /** The limits of one organization. */
  readonly subscriptionsMax: number;
  readonly sourceConnectionsMax: number;
  readonly allowHttp: boolean;
  readonly allowNetworks: readonly string[];
  readonly verifyEndpoints: boolean;
  readonly retryDelaysMs: readonly number[];
  readonly attemptTimeoutMs: number;
  readonly recoveryWindowMsMax: number;
  readonly retentionMs: number;
  /** Folders that the source `directory` may read. When empty, the source is not offered. */
  readonly directoryRoots: readonly string[];
  /** Weft's OAuth clients at the providers of sources, by the source's short name. */
  readonly oauthClients: ReadonlyMap<string, OAuthClient>;
  /** Whether the test sources `stub`, `timed` and `oauth-stub` are offered. */
  readonly testSources: boolean;
  /** DNS servers, as `ADDRESS` or `ADDRESS:PORT`; when empty, those of the machine are used. */
  readonly dnsServers: readonly string[];
  /** The mail server, `smtp://user:password@host:587` or `smtps://…`; null when no mail is sent. */
  readonly smtpUrl: string | null;
  /** The sender of mail, such as `Weft <weft@example.com>`. */
  readonly smtpFrom: string | null;
  /** Domains that mail may be sent to, in lower case; empty for any. */
  readonly smtpDomains: readonly string[];
  readonly logLevel: (typeof logLevels)[number];
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

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

const networks = list.superRefine((cidrs, context) => {
  try {
    parseNetworks(cidrs);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
});

// Links are built by appending to it.
const publicUrl = z
  .string()
  .max(limits.urlLengthMax)
  .refine(isPlainUrl, { error: "expected a URL such as https://weft.example.com, without a query" })
  .transform((text) => text.replace(/\/+$/, ""));

const origins = list.pipe(
  z.array(z.string().refine(isOrigin, { error: "expected origins such as https://app.example.com, without a path" })),
);

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
      .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, { error: "expected sqlite:PATH or postgres://…" })
      .default("sqlite:.weft/weft.db"),
    WEFT_DATABASE_CONNECTIONS: z.coerce.number({ error: "expected a number" }).int().min(2).max(500).default(10),
    WEFT_DATABASE_PREPARE: flag.default(true),
    WEFT_HOST: z.string().min(1).default("127.0.0.1"),
    WEFT_PORT: port.default(8001),
    WEFT_PUBLIC_URL: publicUrl.optional(),
    WEFT_FRAME_ANCESTORS: origins.default([]),
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
    WEFT_SVIX_JWT_SECRET: z.string().min(32, { error: "a signing secret has at least 32 characters" }).optional(),
    WEFT_ALLOW_HTTP: flag.default(isDev),
    WEFT_ALLOW_NETWORKS: networks.default(isDev ? ["127.0.0.0/8", "::1/128"] : []),
    WEFT_VERIFY_ENDPOINTS: flag.default(true),
    WEFT_RETRY_SCHEDULE: schedule.default([...defaultRetryDelaysMs]),
    WEFT_ATTEMPT_TIMEOUT: duration
      .refine((ms) => ms >= 100 && ms <= 120_000, { error: "expected 100ms to 120s" })
      .default(30_000),
    WEFT_RECOVERY_WINDOW_MAX: duration.default(14 * 86_400_000),
    WEFT_RETENTION: duration.default(90 * 86_400_000),
    WEFT_DIRECTORY_ROOTS: list.default(isDev ? ["/"] : []),
    WEFT_OAUTH_CLIENTS: oauthClients.default(new Map()),
    WEFT_TEST_SOURCES: flag.default(isDev),
    WEFT_DNS_SERVERS: list
      .pipe(z.array(z.string().refine(isDnsServer, { error: "expected addresses such as 10.0.0.2 or [fd00::2]:53" })))
      .default([]),
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
  });
}

/** The only reader of environment variables. Throws a ConfigError with every mistake at once, before anything starts. */
export function readConfig(mode: Mode, env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
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
    auth: values.WEFT_AUTH,
    adminKey: values.WEFT_ADMIN_KEY ?? null,
    masterKey: values.WEFT_MASTER_KEY ?? null,
    masterKeyPrevious: values.WEFT_MASTER_KEY_PREVIOUS ?? null,
    svixJwtSecret: values.WEFT_SVIX_JWT_SECRET ?? null,
    apiRateLimit: values.WEFT_API_RATE_LIMIT ?? null,
    subscriptionsMax: values.WEFT_SUBSCRIPTIONS_MAX,
    sourceConnectionsMax: values.WEFT_SOURCE_CONNECTIONS_MAX,
    allowHttp: values.WEFT_ALLOW_HTTP,
    allowNetworks: values.WEFT_ALLOW_NETWORKS,
    verifyEndpoints: values.WEFT_VERIFY_ENDPOINTS,
    retryDelaysMs: values.WEFT_RETRY_SCHEDULE,
    attemptTimeoutMs: values.WEFT_ATTEMPT_TIMEOUT,
    recoveryWindowMsMax: values.WEFT_RECOVERY_WINDOW_MAX,
    retentionMs: values.WEFT_RETENTION,
    directoryRoots: values.WEFT_DIRECTORY_ROOTS.map((folder) => resolve(folder)),
    oauthClients: values.WEFT_OAUTH_CLIENTS,
    testSources: values.WEFT_TEST_SOURCES,
    dnsServers: values.WEFT_DNS_SERVERS,
    smtpUrl: values.WEFT_SMTP_URL ?? null,
    smtpFrom: values.WEFT_SMTP_FROM ?? null,
    smtpDomains: values.WEFT_SMTP_DOMAINS,
    logLevel: values.WEFT_LOG_LEVEL,
    programEnvironment: programEnvironment(env),
  };
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
  if (values.WEFT_SMTP_URL !== undefined && values.WEFT_SMTP_FROM === undefined) {
    mistakes.push("WEFT_SMTP_FROM: needed with WEFT_SMTP_URL; mail has a sender, such as Weft <weft@example.com>.");
  }
  return mistakes;
}

// A misspelt variable would otherwise silently use the default.
function unknownVariables(mode: Mode, given: Readonly<Record<string, unknown>>): string[] {
  const known = Object.keys(environment(mode).shape);
  return Object.keys(given)
    .filter((name) => name.startsWith("WEFT_") && !name.startsWith("WEFT_TEST_"))
    .filter((name) => !known.includes(name) && !clientVariables.includes(name))
    .map((name) => `${name}: there is no such setting. Known are ${known.join(", ")}.`);
}

// The setting would silently have no effect.
function unusedVariables(given: Readonly<Record<string, unknown>>): string[] {
  if (given.WEFT_SMTP_URL !== undefined) return [];
  return ["WEFT_SMTP_FROM", "WEFT_SMTP_DOMAINS"]
    .filter((name) => given[name] !== undefined)
    .map((name) => `${name}: means nothing without WEFT_SMTP_URL; give both or neither.`);
}

// The command line's client reads it, and the server does not.
const clientVariables = ["WEFT_URL", "WEFT_API_KEY", "WEFT_SIGNING_SECRET"];

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  return url.search === "" && url.hash === "" && url.username === "" && url.password === "";
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
