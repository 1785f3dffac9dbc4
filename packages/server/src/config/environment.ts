import { z } from "zod";
import { parseArchiveLocation } from "../archive/archive-location.ts";
import { type JwtKeys, jwtAlgorithms, jwtKeysIn } from "../auth/jwt-keys.ts";
import { databaseHostsMistake } from "../domain/database-hosts.ts";
import { limits } from "../domain/limits.ts";
import { defaultRetryDelaysMs } from "../domain/retry-policy.ts";
import { signatureTypes } from "../domain/signature-type.ts";
import { isDnsServer } from "../outbound/name-resolver.ts";
import { logLevels } from "../report/log.ts";
import { telemetryVariables } from "../report/telemetry/telemetry-settings.ts";
import type { Mode } from "./mode.ts";
import {
  checkedBy,
  color,
  duration,
  flag,
  isIssuer,
  isMailServer,
  isOrigin,
  list,
  networks,
  noProxy,
  oauthClients,
  origins,
  port,
  portalName,
  proxy,
  publicUrl,
  quota,
  retentionEventTypes,
  roleMappings,
  schedule,
  singerTaps,
  size,
} from "./setting-forms.ts";

/** Every variable that Weft reads, with its default for the mode. */
export function environment(mode: Mode) {
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

/** The settings after parsing, by their names. */
export type SettingValues = z.output<ReturnType<typeof environment>>;

export type JwtValues = Pick<SettingValues, "WEFT_SVIX_JWT_SECRET" | "WEFT_SVIX_JWT_ALGORITHM">;

export function jwtKeysOf({
  WEFT_SVIX_JWT_SECRET: text,
  WEFT_SVIX_JWT_ALGORITHM: algorithm,
}: JwtValues): JwtKeys | null {
  return text === undefined ? null : jwtKeysIn(text, algorithm);
}
