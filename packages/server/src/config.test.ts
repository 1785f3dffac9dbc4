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
  });
});

test("serve trusts no client without a key", () => {
  expect(readConfig("serve", {})).toMatchObject({
    auth: "required",
    allowHttp: false,
    allowNetworks: [],
    verifyEndpoints: true,
  });
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
    WEFT_API_RATE_LIMIT: "50",
    WEFT_SUBSCRIPTIONS_MAX: "2000",
    WEFT_SOURCE_CONNECTIONS_MAX: "0",
    WEFT_ALLOW_HTTP: "true",
    WEFT_ALLOW_NETWORKS: "10.0.0.0/8, fd00::/8",
    WEFT_VERIFY_ENDPOINTS: "false",
    WEFT_RETRY_SCHEDULE: "100ms, 1.5s,2m",
    WEFT_ATTEMPT_TIMEOUT: "10s",
    WEFT_RECOVERY_WINDOW_MAX: "7d",
    WEFT_RETENTION: "30d",
    WEFT_DIRECTORY_ROOTS: "/srv/docs/,/srv/wiki",
    WEFT_PUBLIC_URL: "https://weft.example.com/base/",
    WEFT_FRAME_ANCESTORS: "https://app.example.com, http://localhost:3000",
    WEFT_OAUTH_CLIENTS: '{"drive": {"client_id": "id", "client_secret": "secret"}, "wiki": {"client_id": "public"}}',
    WEFT_TEST_SOURCES: "true",
    WEFT_DNS_SERVERS: "10.0.0.2, [fd00::2]:5353, fd00::3",
    WEFT_SMTP_URL: "smtp://weft:secret@mail.example.com:587",
    WEFT_SMTP_FROM: "Weft <weft@example.com>",
    WEFT_SMTP_DOMAINS: "Example.com, example.net",
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
    svixJwtSecret: "s".repeat(32),
    apiRateLimit: 50,
    subscriptionsMax: 2_000,
    sourceConnectionsMax: 0,
    allowHttp: true,
    allowNetworks: ["10.0.0.0/8", "fd00::/8"],
    verifyEndpoints: false,
    retryDelaysMs: [100, 1_500, 120_000],
    attemptTimeoutMs: 10_000,
    recoveryWindowMsMax: 7 * 86_400_000,
    retentionMs: 30 * 86_400_000,
    publicUrl: "https://weft.example.com/base",
    frameAncestors: ["https://app.example.com", "http://localhost:3000"],
    oauthClients: new Map([
      ["drive", { id: "id", secret: "secret" }],
      ["wiki", { id: "public", secret: null }],
    ]),
    directoryRoots: ["/srv/docs", "/srv/wiki"],
    testSources: true,
    dnsServers: ["10.0.0.2", "[fd00::2]:5353", "fd00::3"],
    smtpUrl: "smtp://weft:secret@mail.example.com:587",
    smtpFrom: "Weft <weft@example.com>",
    smtpDomains: ["example.com", "example.net"],
    logLevel: "info",
    programEnvironment: { PATH: "/usr/bin", SSL_CERT_FILE: "/etc/ours.pem" },
  });
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

test("listening on public addresses without keys is refused", () => {
  expect(mistakesOf({ WEFT_AUTH: "none", WEFT_HOST: "0.0.0.0" })).toEqual([expect.stringContaining("WEFT_AUTH")]);
  for (const host of ["localhost", "127.0.0.1", "127.8.8.8", "::1"]) {
    expect(readConfig("dev", { WEFT_HOST: host }).auth).toBe("none");
  }
});

test.each([
  [{ WEFT_SMTP_DOMAINS: "example.com" }, ["WEFT_SMTP_DOMAINS", "WEFT_SMTP_URL"]],
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
