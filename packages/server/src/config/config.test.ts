import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

test("dev trusts this machine and requires no key", () => {
  expect(readConfig("dev", {})).toMatchObject({
    host: "127.0.0.1",
    port: 8001,
    auth: "none",
    allowHttp: true,
    allowNetworks: ["127.0.0.0/8", "::1/128"],
    retryDelaysMs: [5_000, 300_000, 1_800_000, 7_200_000],
    attemptTimeoutMs: 30_000,
    recoveryWindowMsMax: 14 * 86_400_000,
    subscriptionsMax: 500,
    sourceConnectionsMax: 500,
    retentionMs: 90 * 86_400_000,
    payloadBytesMax: 256 * 1024,
  });
});

test("serve trusts no client without a key", () => {
  expect(readConfig("serve", {})).toMatchObject({
    auth: "required",
    allowHttp: false,
    allowNetworks: [],
    verifyEndpoints: true,
    mcpWrite: false,
    mcpEvents: true,
  });
});

test("several hosts of PostgreSQL can be given, and a URL that Weft cannot use is a mistake", () => {
  const read = (url: string) => readConfig("serve", { WEFT_DATABASE_URL: url, WEFT_MASTER_KEY: "m".repeat(32) });
  const url = "postgres://weft:secret@a:5432,b:5433/weft?target_session_attrs=read-write";
  expect(read(url).databaseUrl).toBe(url);
  expect(() => read("postgres://a,b/weft?target_session_attrs=standby")).toThrow(
    "WEFT_DATABASE_URL: target_session_attrs must be read-write or primary, because Weft writes to the database.",
  );
  expect(() => read("postgres://a,/weft")).toThrow("WEFT_DATABASE_URL: expected hosts such as");
  expect(() => read("mysql://a/weft")).toThrow("WEFT_DATABASE_URL: expected sqlite:PATH or postgres://…");
});

test("every setting can be given", () => {
  const config = readConfig("serve", {
    WEFT_DATABASE_URL: "postgres://weft:secret@db.example.com/weft",
    WEFT_DATABASE_CONNECTIONS: "20",
    WEFT_DATABASE_PREPARE: "false",
    WEFT_HOST: "0.0.0.0",
    WEFT_PORT: "9000",
    WEFT_ADMIN_KEY: "k".repeat(32),
    WEFT_MASTER_KEY: "m".repeat(32),
    WEFT_MASTER_KEY_PREVIOUS: "p".repeat(32),
    WEFT_SVIX_JWT_SECRET: "s".repeat(32),
    WEFT_SVIX_JWT_ALGORITHM: "HS512",
    WEFT_DEFAULT_SIGNATURE_TYPE: "v1a",
    WEFT_API_RATE_LIMIT: "50",
    WEFT_SUBSCRIPTIONS_MAX: "2000",
    WEFT_SOURCE_CONNECTIONS_MAX: "0",
    WEFT_ALLOW_HTTP: "true",
    WEFT_ALLOW_NETWORKS: "10.0.0.0/8, fd00::/8",
    WEFT_VERIFY_ENDPOINTS: "false",
    WEFT_MCP_WRITE: "true",
    WEFT_MCP_EVENTS: "false",
    WEFT_MCP_ERROR_CODES: "sep-3415",
    WEFT_MCP_OAUTH_ISSUER: "https://tokens.example.com",
    WEFT_MCP_OAUTH_ORGANIZATION_CLAIM: "weft.organization",
    WEFT_RETRY_SCHEDULE: "100ms, 1.5s,2m",
    WEFT_ATTEMPT_TIMEOUT: "10s",
    WEFT_RECOVERY_WINDOW_MAX: "7d",
    WEFT_RETENTION: "30d",
    WEFT_PAYLOAD_MAX: "1MiB",
    WEFT_RETENTION_EVENT_TYPES: "sync.running=7d, sync.pending=12h",
    WEFT_ARCHIVE: "s3://weft-archive/prod",
    WEFT_ARCHIVE_S3_ENDPOINT: "https://minio.example.com:9000",
    WEFT_ARCHIVE_S3_REGION: "eu-central-1",
    WEFT_ARCHIVE_S3_ACCESS_KEY_ID: "AKID",
    WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY: "secret",
    WEFT_DIRECTORY_ROOTS: "/srv/docs/,/srv/wiki",
    WEFT_PUBLIC_URL: "https://weft.example.com/base/",
    WEFT_FRAME_ANCESTORS: "https://app.example.com, http://localhost:3000",
    WEFT_PUBLIC_EVENT_TYPES: "true",
    WEFT_PORTAL_NAME: "Acme Ltd",
    WEFT_PORTAL_COLOR: "#0F766E",
    WEFT_PORTAL_LOGO: "/srv/logo.png",
    WEFT_OAUTH_CLIENTS: '{"drive": {"client_id": "id", "client_secret": "secret"}, "wiki": {"client_id": "public"}}',
    WEFT_SINGER_TAPS: '{"tap-example": {"command": ["tap"], "line": "2MiB"}}',
    WEFT_OIDC_ISSUER: "https://login.example.com",
    WEFT_OIDC_CLIENT_ID: "weft",
    WEFT_OIDC_CLIENT_SECRET: "secret",
    WEFT_OIDC_NAME: "Example",
    WEFT_OIDC_SCOPES: "openid, groups",
    WEFT_OIDC_GROUPS_CLAIM: "realm_access.roles",
    WEFT_OIDC_ROLES: "ops=admin@*, support=support",
    WEFT_TEST_SOURCES: "true",
    WEFT_DNS_SERVERS: "10.0.0.2, [fd00::2]:5353, fd00::3",
    WEFT_OUTBOUND_PROXY: "socks5h://weft:secret@proxy.example.com:1080",
    WEFT_OUTBOUND_NO_PROXY: ".example.org, 10.0.0.0/8, fd00::1",
    WEFT_SMTP_URL: "smtp://weft:secret@mail.example.com:587",
    WEFT_SMTP_FROM: "Weft <weft@example.com>",
    WEFT_SMTP_DOMAINS: "Example.com, example.net",
    OTEL_SERVICE_NAME: "webhooks",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=production,host.name=a%2Cb",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/",
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://metrics.example.com/otlp",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20secret",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x-tenant=1",
    OTEL_EXPORTER_OTLP_TIMEOUT: "5000",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    OTEL_EXPORTER_OTLP_CERTIFICATE: "/etc/ca.pem",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0.25",
    OTEL_METRIC_EXPORT_INTERVAL: "15000",
    OTEL_BSP_SCHEDULE_DELAY: "100",
    OTEL_BSP_MAX_QUEUE_SIZE: "4096",
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "256",
    PATH: "/usr/bin",
    SSL_CERT_FILE: "/etc/ours.pem",
    HOME: "/root",
    https_proxy: "http://proxy.example.com",
  });
  expect(config).toEqual({
    mode: "serve",
    databaseUrl: "postgres://weft:secret@db.example.com/weft",
    databaseConnections: 20,
    databasePrepare: false,
    host: "0.0.0.0",
    port: 9000,
    auth: "required",
    adminKey: "k".repeat(32),
    masterKey: "m".repeat(32),
    masterKeyPrevious: "p".repeat(32),
    svixJwtKeys: expect.objectContaining({ algorithm: "HS512" }),
    defaultSignatureType: "v1a",
    apiRateLimit: 50,
    subscriptionsMax: 2_000,
    sourceConnectionsMax: 0,
    allowHttp: true,
    allowNetworks: ["10.0.0.0/8", "fd00::/8"],
    verifyEndpoints: false,
    mcpWrite: true,
    mcpEvents: false,
    mcpErrorCodes: "sep-3415",
    mcpOauthIssuer: "https://tokens.example.com",
    mcpOauthOrganizationClaim: "weft.organization",
    retryDelaysMs: [100, 1_500, 120_000],
    attemptTimeoutMs: 10_000,
    recoveryWindowMsMax: 7 * 86_400_000,
    retentionMs: 30 * 86_400_000,
    payloadBytesMax: 1024 * 1024,
    retentionEventTypes: new Map([
      ["sync.running", 7 * 86_400_000],
      ["sync.pending", 12 * 3_600_000],
    ]),
    archive: "s3://weft-archive/prod",
    archiveS3Endpoint: "https://minio.example.com:9000",
    archiveS3Region: "eu-central-1",
    archiveS3AccessKeyId: "AKID",
    archiveS3SecretAccessKey: "secret",
    publicUrl: "https://weft.example.com/base",
    frameAncestors: ["https://app.example.com", "http://localhost:3000"],
    publicEventTypes: true,
    portalName: "Acme Ltd",
    portalColor: "#0f766e",
    portalLogo: "/srv/logo.png",
    oauthClients: new Map([
      ["drive", { id: "id", secret: "secret" }],
      ["wiki", { id: "public", secret: null }],
    ]),
    singerTaps: new Map([
      [
        "tap-example",
        {
          command: ["tap"],
          environment: {},
          config: {},
          catalogFlag: "catalog",
          runMsMax: 6 * 3_600_000,
          silentMsMax: 600_000,
          outputBytesMax: 4 * 1024 ** 3,
          lineBytesMax: 2 * 1024 ** 2,
          memoryBytesMax: 1024 ** 3,
          jobsAtOnceMax: 2,
        },
      ],
    ]),
    directoryRoots: ["/srv/docs", "/srv/wiki"],
    oidcIssuer: "https://login.example.com",
    oidcClientId: "weft",
    oidcClientSecret: "secret",
    oidcName: "Example",
    oidcScopes: ["openid", "groups"],
    oidcGroupsClaim: "realm_access.roles",
    oidcRoles: [
      { group: "ops", role: "admin", organization: "all" },
      { group: "support", role: "support", organization: "first" },
    ],
    testSources: true,
    dnsServers: ["10.0.0.2", "[fd00::2]:5353", "fd00::3"],
    outboundProxy: "socks5h://weft:secret@proxy.example.com:1080",
    outboundNoProxy: [".example.org", "10.0.0.0/8", "fd00::1"],
    smtpUrl: "smtp://weft:secret@mail.example.com:587",
    smtpFrom: "Weft <weft@example.com>",
    smtpDomains: ["example.com", "example.net"],
    logLevel: "info",
    telemetry: {
      traces: {
        url: "http://collector:4318/v1/traces",
        headers: { authorization: "Bearer secret", "x-tenant": "1" },
        timeoutMs: 5_000,
        compression: "gzip",
        sampler: "parentbased_traceidratio",
        samplerRatio: 0.25,
        queueSpansMax: 4_096,
        batchSpansMax: 256,
        delayMs: 100,
      },
      metrics: {
        url: "https://metrics.example.com/otlp",
        headers: { authorization: "Bearer secret" },
        timeoutMs: 5_000,
        compression: "gzip",
        intervalMs: 15_000,
      },
      resource: { "deployment.environment.name": "production", "host.name": "a,b", "service.name": "webhooks" },
      tls: { certificate: "/etc/ca.pem", clientCertificate: null, clientKey: null },
      variables: expect.objectContaining({
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=***",
        OTEL_EXPORTER_OTLP_CLIENT_KEY: null,
        OTEL_SDK_DISABLED: "false",
      }),
    },
    programEnvironment: { PATH: "/usr/bin", SSL_CERT_FILE: "/etc/ours.pem" },
  });
});

test("an authorization server of agents needs a claim or roles, and keys for programs", () => {
  const issuer = { WEFT_MCP_OAUTH_ISSUER: "https://login.example.com/realms/agents" };
  expect(mistakesOf(issuer)).toEqual([
    expect.stringMatching(/^WEFT_MCP_OAUTH_ISSUER: needs WEFT_MCP_OAUTH_ORGANIZATION_CLAIM, or WEFT_OIDC_ROLES/),
  ]);
  const claim = { WEFT_MCP_OAUTH_ORGANIZATION_CLAIM: "organization" };
  const roles = { WEFT_OIDC_ROLES: "ops=admin@*", WEFT_OIDC_GROUPS_CLAIM: "roles" };
  for (const given of [claim, roles]) {
    expect(readConfig("serve", { ...issuer, ...given }).mcpOauthIssuer).toBe(issuer.WEFT_MCP_OAUTH_ISSUER);
  }
  expect(mistakesOf({ ...issuer, ...claim, WEFT_AUTH: "none" })).toEqual([
    "WEFT_MCP_OAUTH_ISSUER: needs WEFT_AUTH=required.",
  ]);
  expect(mistakesOf(claim)).toEqual([expect.stringMatching(/means nothing without WEFT_MCP_OAUTH_ISSUER/)]);
  expect(mistakesOf({ WEFT_OIDC_ROLES: "ops=admin@*" })).toEqual([
    expect.stringMatching(/means nothing without WEFT_OIDC_ISSUER or WEFT_MCP_OAUTH_ISSUER/),
  ]);
  for (const url of ["http://login.example.com", "login.example.com", "https://login.example.com/?a=1"]) {
    expect(mistakesOf({ ...issuer, ...claim, WEFT_MCP_OAUTH_ISSUER: url })).toEqual([
      "WEFT_MCP_OAUTH_ISSUER: expected an https URL.",
    ]);
  }
});

test("a provider for people needs a client, roles, and keys for programs", () => {
  const issuer = { WEFT_OIDC_ISSUER: "https://login.example.com" };
  expect(mistakesOf(issuer)).toEqual([
    expect.stringMatching(/^WEFT_OIDC_CLIENT_ID: needed/),
    expect.stringMatching(/^WEFT_OIDC_ROLES: needed/),
  ]);
  const complete = { ...issuer, WEFT_OIDC_CLIENT_ID: "weft", WEFT_OIDC_ROLES: "ops=admin@*" };
  expect(mistakesOf({ ...complete, WEFT_AUTH: "none" })).toEqual(["WEFT_OIDC_ISSUER: needs WEFT_AUTH=required."]);
  expect(mistakesOf({ ...complete, WEFT_OIDC_SCOPES: "email" })).toEqual(["WEFT_OIDC_SCOPES: must contain openid."]);
  for (const url of ["http://login.example.com", "login.example.com", "https://login.example.com/?a=1", "ftp://a"]) {
    expect(mistakesOf({ ...complete, WEFT_OIDC_ISSUER: url })).toEqual(["WEFT_OIDC_ISSUER: expected an https URL."]);
  }
  expect(mistakesOf({ ...complete, WEFT_OIDC_ROLES: "ops=owner" })).toEqual([
    expect.stringMatching(/^WEFT_OIDC_ROLES: expected GROUP=ROLE.*got "ops=owner"/),
  ]);
  expect(mistakesOf({ WEFT_OIDC_ROLES: "ops=admin" })).toEqual([
    expect.stringMatching(/^WEFT_OIDC_ROLES: .*WEFT_OIDC_ISSUER/),
  ]);
});

test("all mistakes are reported together, each with its setting", () => {
  const mistakes = mistakesOf({
    WEFT_PORT: "high",
    WEFT_ADMIN_KEY: "short",
    WEFT_RETRY_SCHEDULE: "5 seconds",
    WEFT_ALLOW_NETWORKS: "10.0.0.0/99",
    WEFT_ALLOW_HTTP: "maybe",
    WEFT_PUBLIC_URL: "https://weft.example.com/?tenant=1",
    WEFT_FRAME_ANCESTORS: "https://app.example.com/, *",
    WEFT_PORTAL_NAME: "Acme\u202eLtd",
    WEFT_PORTAL_COLOR: "red; background: url(//evil.example)",
    WEFT_OAUTH_CLIENTS: '{"drive": {"client": "id"}}',
    WEFT_SMTP_URL: "mail.example.com",
    WEFT_SMTP_FROM: "Weft",
    WEFT_RETENTIN: "30d",
  });
  for (const name of [
    "WEFT_SMTP_URL",
    "WEFT_SMTP_FROM",
    "WEFT_PORT",
    "WEFT_ADMIN_KEY",
    "WEFT_RETRY_SCHEDULE",
    "WEFT_ALLOW_NETWORKS",
    "WEFT_ALLOW_HTTP",
    "WEFT_PUBLIC_URL",
    "WEFT_FRAME_ANCESTORS",
    "WEFT_PORTAL_NAME",
    "WEFT_PORTAL_COLOR",
    "WEFT_OAUTH_CLIENTS",
    "WEFT_RETENTIN",
  ]) {
    expect(mistakes.filter((mistake) => mistake.startsWith(`${name}: `))).not.toEqual([]);
  }
  expect(mistakes.join()).toContain("at least 32 characters");
});

test("clients that are not valid JSON are refused, and not shown", () => {
  const mistakes = mistakesOf({ WEFT_OAUTH_CLIENTS: "drive:a-secret" });
  expect(mistakes).toEqual([expect.stringMatching(/^WEFT_OAUTH_CLIENTS: expected JSON/)]);
  expect(mistakes.join()).not.toContain("a-secret");
});

test("taps can be in a file, and mistakes in them are refused without their text", () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-config-"));
  const file = join(folder, "taps.json");
  writeFileSync(file, '{"tap-example": {"command": ["tap"], "jobs": 1}}');
  const { singerTaps } = readConfig("serve", { WEFT_SINGER_TAPS: file });
  expect(singerTaps.get("tap-example")).toMatchObject({ command: ["tap"], jobsAtOnceMax: 1 });
  rmSync(folder, { recursive: true });
  for (const text of [file, "a-secret", '{"tap": {"command": "a-secret"}}', '{"a tap": {"command": ["a-secret"]}}']) {
    const mistakes = mistakesOf({ WEFT_SINGER_TAPS: text });
    expect(mistakes).toEqual([expect.stringMatching(/^WEFT_SINGER_TAPS: /)]);
    expect(mistakes.join()).not.toContain("a-secret");
  }
});

test("a proxy that is not valid is refused, and not shown", () => {
  const mistakes = mistakesOf({ WEFT_OUTBOUND_PROXY: "socks4://weft:a-secret@host", WEFT_OUTBOUND_NO_PROXY: "*" });
  expect(mistakes).toEqual([
    expect.stringMatching(/^WEFT_OUTBOUND_PROXY: expected http:\/\/HOST:PORT/),
    'WEFT_OUTBOUND_NO_PROXY: Neither an address nor a network nor a host name: "*".',
  ]);
  expect(mistakes.join()).not.toContain("a-secret");
});

test("listening on public addresses without keys is refused", () => {
  expect(mistakesOf({ WEFT_AUTH: "none", WEFT_HOST: "0.0.0.0" })).toEqual([expect.stringContaining("WEFT_AUTH")]);
  for (const host of ["localhost", "127.0.0.1", "127.8.8.8", "::1"]) {
    expect(readConfig("dev", { WEFT_HOST: host }).auth).toBe("none");
  }
});

test.each([
  [{ WEFT_SMTP_DOMAINS: "example.com" }, ["WEFT_SMTP_DOMAINS", "WEFT_SMTP_URL"]],
  [{ WEFT_PORTAL_COLOR: "#0f766e" }, ["WEFT_PORTAL_COLOR", "WEFT_PORTAL_NAME"]],
  [{ WEFT_OUTBOUND_NO_PROXY: "example.com" }, ["WEFT_OUTBOUND_NO_PROXY", "WEFT_OUTBOUND_PROXY"]],
  [{ WEFT_SMTP_FROM: "a@example.com" }, ["WEFT_SMTP_FROM", "WEFT_SMTP_URL"]],
  [{ WEFT_MASTER_KEY_PREVIOUS: "p".repeat(32) }, ["WEFT_MASTER_KEY_PREVIOUS", "WEFT_MASTER_KEY"]],
  [
    { WEFT_MASTER_KEY_PREVIOUS: "p".repeat(32), WEFT_MASTER_KEY: "p".repeat(32) },
    ["WEFT_MASTER_KEY_PREVIOUS", "WEFT_MASTER_KEY"],
  ],
])("settings that contradict each other, or have no effect alone, are a mistake that names both: %o", (env, names) => {
  const mistakes = mistakesOf(env);
  expect(mistakes).toHaveLength(1);
  for (const name of names) expect(mistakes[0]).toContain(name);
});

test("an empty variable counts as unset", () => {
  expect(readConfig("dev", { WEFT_PORT: "" }).port).toBe(8001);
});

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig("serve", env);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  throw new Error("The settings were taken.");
}

test("PostgreSQL needs a master key that every node has, and a variable of the tests is not a setting", () => {
  const url = { WEFT_DATABASE_URL: "postgres://weft@db.example.com/weft" };
  expect(mistakesOf(url)).toEqual([expect.stringMatching(/^WEFT_MASTER_KEY: needed with PostgreSQL/)]);
  expect(readConfig("serve", { ...url, WEFT_MASTER_KEY: "m".repeat(32), WEFT_TEST_POSTGRES_URL: "x" })).toMatchObject({
    databaseConnections: 10,
    databasePrepare: true,
  });
});

test("without an endpoint, nothing is exported", () => {
  expect(readConfig("serve", {}).telemetry).toMatchObject({ traces: null, metrics: null });
  expect(readConfig("serve", { OTEL_SERVICE_NAME: "a" }).telemetry).toMatchObject({ traces: null, metrics: null });
});

test("each signal can be turned off, and OTEL_SDK_DISABLED turns off both, even if other variables are invalid", () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };
  expect(readConfig("serve", { ...endpoint, OTEL_TRACES_EXPORTER: "none" }).telemetry).toMatchObject({
    traces: null,
    metrics: { url: "http://collector:4318/v1/metrics" },
  });
  expect(readConfig("serve", { ...endpoint, OTEL_METRICS_EXPORTER: "none" }).telemetry.metrics).toBeNull();
  const disabled = { ...endpoint, OTEL_SDK_DISABLED: "TRUE", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  expect(readConfig("serve", disabled).telemetry).toMatchObject({ traces: null, metrics: null });
});

test("the name of the service is the variable's, then the attribute's, then weft", () => {
  const nameOf = (env: Record<string, string>) => readConfig("serve", env).telemetry.resource["service.name"];
  const attribute = { OTEL_RESOURCE_ATTRIBUTES: "service.name=attribute" };
  expect([nameOf({}), nameOf(attribute), nameOf({ ...attribute, OTEL_SERVICE_NAME: "variable" })]).toEqual([
    "weft",
    "attribute",
    "variable",
  ]);
});

test("invalid variables of OpenTelemetry are mistakes, and those that Weft does not read are ignored", () => {
  const mistakes = mistakesOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_EXPORTER_OTLP_HEADERS: "no pairs",
    OTEL_TRACES_SAMPLER: "jaeger_remote",
    OTEL_TRACES_SAMPLER_ARG: "2",
    OTEL_BSP_MAX_QUEUE_SIZE: "1000000",
    OTEL_LOGS_EXPORTER: "anything",
  });
  expect(mistakes.map((mistake) => mistake.split(":")[0]).sort()).toEqual([
    "OTEL_BSP_MAX_QUEUE_SIZE",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
  ]);
});

test("an archive and shorter retentions are checked together", () => {
  const mistakesOf = (env: Record<string, string>) => {
    try {
      readConfig("serve", env);
    } catch (error) {
      return (error as ConfigError).mistakes;
    }
    return [];
  };
  const key = { WEFT_ARCHIVE_S3_ACCESS_KEY_ID: "AKID", WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY: "secret" };
  expect(mistakesOf({ WEFT_ARCHIVE: "file:///srv/archive" })).toEqual([]);
  expect(mistakesOf({ WEFT_ARCHIVE: "s3://bucket", ...key })).toEqual([]);
  for (const wrong of [
    "/srv/archive",
    "s3://",
    "s3://user:pass@bucket",
    "https://s3.example.com/bucket",
    "file://host/a",
  ]) {
    expect(mistakesOf({ WEFT_ARCHIVE: wrong })).toEqual(["WEFT_ARCHIVE: expected file:///PATH or s3://BUCKET/PREFIX."]);
  }
  expect(mistakesOf({ WEFT_ARCHIVE: "s3://bucket" })).toEqual([
    "WEFT_ARCHIVE_S3_ACCESS_KEY_ID: needed with WEFT_ARCHIVE=s3://bucket.",
    "WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY: needed with WEFT_ARCHIVE=s3://bucket.",
  ]);
  expect(mistakesOf(key)).toHaveLength(2);
  expect(mistakesOf({ WEFT_RETENTION: "30d", WEFT_RETENTION_EVENT_TYPES: "a=31d,b=30d" })).toEqual([
    "WEFT_RETENTION_EVENT_TYPES: a is kept longer than WEFT_RETENTION, which limits all messages.",
  ]);
  expect(mistakesOf({ WEFT_RETENTION_EVENT_TYPES: "a" })).toHaveLength(1);
  expect(mistakesOf({ WEFT_RETENTION_EVENT_TYPES: "a b=1d" })).toHaveLength(1);
  expect(mistakesOf({ WEFT_RETENTION_EVENT_TYPES: "a=1" })).toHaveLength(1);
});
