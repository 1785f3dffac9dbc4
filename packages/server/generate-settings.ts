import { code, generatedNote, table } from "./generate-markdown.ts";
import { readConfig } from "./src/config/config.ts";
import type { SettingName } from "./src/config/environment.ts";
import type { Mode } from "./src/config/mode.ts";
import { allSettings } from "./src/config/shown-settings.ts";

export const settingsFile = new URL("../../docs/reference/settings.md", import.meta.url);

/** The meaning of each setting, in the order of the page. */
const meanings: Readonly<Record<SettingName, string>> = {
  WEFT_DATABASE_URL:
    "the database: `sqlite:PATH` or `postgres://…`, also with several hosts: [Failover](../operate/failover.md)",
  WEFT_DATABASE_CONNECTIONS: "connections of a node to PostgreSQL, in addition to one for commits and one that listens",
  WEFT_DATABASE_PREPARE: "`false` behind a pooler that does not keep prepared statements",
  WEFT_HOST: "the address that the API listens on",
  WEFT_PORT: "the port of the API; 0 selects a free one",
  WEFT_PUBLIC_URL:
    "the URL of this Weft for browsers: the base of links that it creates, and of OAuth redirects for sources; by default the address of the API",
  WEFT_FRAME_ANCESTORS:
    "sites that may show the console in a frame, such as `https://app.example.com`, separated by commas",
  WEFT_PUBLIC_EVENT_TYPES:
    "whether everyone may read the event types as an OpenAPI document at `/v1/events.openapi.json`; with a key they are at `/v1/webhooks/event-types/openapi.json`",
  WEFT_PORTAL_NAME: "the name of your platform in the [portal](../operate/console.md#for-your-customers)",
  WEFT_PORTAL_COLOR: "the colour of your platform in the portal, such as `#4338ca`",
  WEFT_PORTAL_LOGO: "the path of your platform's logo: a PNG, JPEG or WebP file of at most 256 KiB",
  WEFT_AUTH: "`required` or `none`; `none` is refused on an address that is not loopback",
  WEFT_ADMIN_KEY: "an admin API key that you provide (at least 32 characters)",
  WEFT_MASTER_KEY:
    "encrypts signing secrets, headers and credentials; keep a copy. By default, Weft generates a key and keeps it in the data folder; required with PostgreSQL",
  WEFT_MASTER_KEY_PREVIOUS:
    "a second key that decrypts but never encrypts, for a [rotation](../operate/security.md#rotate-the-master-key)",
  WEFT_SVIX_JWT_SECRET:
    "the key of the tokens that Svix' SDKs send to `/api/v1`: a secret of at least 32 characters, or a PEM with a private or a public key, whose line breaks may be written as `\\n`",
  WEFT_SVIX_JWT_ALGORITHM:
    "the algorithm of these tokens: `HS256`, `HS384` or `HS512` with a secret; `RS256`, `RS384`, `RS512` or `EdDSA` with a PEM",
  WEFT_DEFAULT_SIGNATURE_TYPE:
    "the type of generated signing secrets of new subscriptions: `v1` (HMAC-SHA256) or `v1a` (Ed25519)",
  WEFT_API_RATE_LIMIT: "requests per second of one organization at each node; more return a 429 with `Retry-After`",
  WEFT_SUBSCRIPTIONS_MAX: "the maximum number of subscriptions per organization; a listener counts as a subscription",
  WEFT_SOURCE_CONNECTIONS_MAX: "the maximum number of source connections per organization",
  WEFT_ALLOW_HTTP: "allows receivers, OAuth providers and hosts of sources without https",
  WEFT_ALLOW_NETWORKS: "networks that deliveries and sources may reach in addition to public ones",
  WEFT_VERIFY_ENDPOINTS: "requires that the URL of a new subscription is reachable with a HEAD request",
  WEFT_MCP_WRITE:
    "whether agents see tools that write, such as `resend_message`; their keys need the scope `write`: [Tools for agents](mcp-tools.md)",
  WEFT_MCP_EVENTS: "whether agents can subscribe to events: [Connect an agent](../agents/README.md#events)",
  WEFT_MCP_ERROR_CODES:
    "the codes of errors of the MCP extension for events: `sketch`, which today's clients expect, or `sep-3415`",
  WEFT_RETRY_SCHEDULE: "the delays between attempts",
  WEFT_ATTEMPT_TIMEOUT: "the timeout of an attempt, from start to end",
  WEFT_RECOVERY_WINDOW_MAX: "the longest window of one recovery",
  WEFT_RETENTION: "how long messages and attempts are kept",
  WEFT_PAYLOAD_MAX: "the largest payload of an event, from `64KiB` to `1MiB`; set it equally on every node",
  WEFT_RETENTION_EVENT_TYPES:
    "shorter times for event types, such as `sync.running=7d,sync.pending=1d`: [Retention and archive](../operate/retention.md)",
  WEFT_ARCHIVE:
    "where messages are written before they are deleted, `file:///PATH` or `s3://BUCKET/PREFIX`: [Retention and archive](../operate/retention.md)",
  WEFT_ARCHIVE_S3_ENDPOINT:
    "the URL of an S3-compatible service, such as `https://minio.example.com:9000`; by default the one of Amazon in the region",
  WEFT_ARCHIVE_S3_REGION: "the region of the bucket",
  WEFT_ARCHIVE_S3_ACCESS_KEY_ID: "the id of the credentials, which may write and read objects below the prefix",
  WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY: "the secret of these credentials",
  WEFT_DIRECTORY_ROOTS: "folders that the source `directory` may read, and in which `git` may read repositories",
  WEFT_OAUTH_CLIENTS: "the OAuth clients of Weft at the providers of sources, as JSON: [OAuth](../sync/oauth.md)",
  WEFT_SINGER_TAPS:
    "the taps that the source `singer` may run, as JSON or as the path of a JSON file: [Singer](../sync/singer.md)",
  WEFT_MCP_OAUTH_ISSUER:
    "the authorization server whose access tokens agents can use in place of API keys, such as `https://login.example.com`: [Access tokens](../agents/README.md#access-tokens)",
  WEFT_MCP_OAUTH_ORGANIZATION_CLAIM:
    "the claim of an access token with the id of its organization; without it, the groups of the token have the roles of `WEFT_OIDC_ROLES`",
  WEFT_OIDC_ISSUER:
    "the OpenID Connect provider at which [people sign in](../operate/people.md) to the console, such as `https://login.example.com`",
  WEFT_OIDC_CLIENT_ID: "the client id of Weft at the provider",
  WEFT_OIDC_CLIENT_SECRET: "the client secret of Weft at the provider; not set for a public client",
  WEFT_OIDC_NAME: "the name of the provider on the log-in page",
  WEFT_OIDC_SCOPES: "the scopes that a sign-in requests",
  WEFT_OIDC_GROUPS_CLAIM:
    "the claim with the groups of a person; dots lead into nested objects, such as `realm_access.roles`",
  WEFT_OIDC_ROLES:
    "the roles of groups: `GROUP=ROLE` in the first organization, `GROUP=ROLE@ORGANIZATION`, or `GROUP=ROLE@*` in all of them",
  WEFT_TEST_SOURCES: "offers the sources `stub`, `timed` and `oauth-stub`",
  WEFT_DNS_SERVERS:
    "DNS servers for the names of receivers and sources, such as `10.0.0.2,[fd00::2]:53`; by default those of the machine",
  WEFT_OUTBOUND_PROXY:
    "the proxy for outgoing HTTP connections, `http://`, `https://`, `socks5://` or `socks5h://user:password@host:port`: [Outbound proxy](../operate/outbound-proxy.md)",
  WEFT_OUTBOUND_NO_PROXY: "host names, addresses and networks that are reached without the proxy, separated by commas",
  WEFT_SMTP_URL:
    "the mail server for alerts by e-mail, `smtp://user:password@host:587` or `smtps://…`: [Alerts](../operate/alerts.md)",
  WEFT_SMTP_FROM: "the sender of mail, such as `Weft <weft@example.com>`; required with `WEFT_SMTP_URL`",
  WEFT_SMTP_DOMAINS: "the domains that mail may be sent to, separated by commas; by default any",
  WEFT_LOG_LEVEL: "`debug`, `info`, `warn`, `error` or `silent`",
  OTEL_SDK_DISABLED: "`true` ignores all other variables of OpenTelemetry",
  OTEL_SERVICE_NAME: "the name of this service: [Telemetry](../operate/telemetry.md)",
  OTEL_RESOURCE_ATTRIBUTES: "attributes of this process, such as `deployment.environment.name=production,host.name=a`",
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "the base URL of an OpenTelemetry collector; without an endpoint, nothing is exported and no code for it is loaded",
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "the complete URL for traces, in place of the base URL with `/v1/traces`",
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "the complete URL for metrics, in place of the base URL with `/v1/metrics`",
  OTEL_EXPORTER_OTLP_PROTOCOL: "`http/protobuf`, the only protocol",
  OTEL_EXPORTER_OTLP_HEADERS: "headers of requests to the collector, such as `authorization=Bearer%20TOKEN`",
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: "headers for traces, in addition to those for both",
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: "headers for metrics, in addition to those for both",
  OTEL_EXPORTER_OTLP_TIMEOUT: "the milliseconds that an export may take, with its retries",
  OTEL_EXPORTER_OTLP_COMPRESSION: "`none` or `gzip`",
  OTEL_EXPORTER_OTLP_CERTIFICATE: "the PEM file of the authorities that the collector's certificate may be from",
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: "the PEM file of a client certificate for the collector",
  OTEL_EXPORTER_OTLP_CLIENT_KEY: "the PEM file of the key of that certificate",
  OTEL_TRACES_EXPORTER: "`none` exports no traces",
  OTEL_METRICS_EXPORTER: "`none` exports no metrics",
  OTEL_TRACES_SAMPLER:
    "which traces are recorded: `always_on`, `always_off`, `traceidratio`, or one of these with `parentbased_`",
  OTEL_TRACES_SAMPLER_ARG: "the share of traces that a ratio sampler records, 0 to 1",
  OTEL_METRIC_EXPORT_INTERVAL: "the milliseconds between exports of metrics",
  OTEL_BSP_SCHEDULE_DELAY: "the milliseconds after which spans are exported, unless a batch is full before",
  OTEL_BSP_MAX_QUEUE_SIZE: "the spans that wait for their export at most; further ones are dropped and counted",
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "the spans of one export at most",
};

/** The page of the settings, with the defaults that `config/environment.ts` gives them. */
export function renderSettings(): string {
  const [serve, dev] = [defaultsOf("serve"), defaultsOf("dev")];
  const rows = Object.entries(meanings).map(([name, meaning]) => {
    const isSame = serve[name] === dev[name];
    const shown = isSame
      ? shownDefault(serve[name])
      : `${shownDefault(serve[name])}; under \`dev\` ${shownDefault(dev[name])}`;
    return [`<a id="${name.toLowerCase()}"></a>${code(name)}`, shown, meaning];
  });
  return `# Settings

${generatedNote}

Weft reads its settings from environment variables. \`weft check\` prints the values of all settings and reports mistakes, including names that do not exist. The
options \`--host\`, \`--port\`, \`--data\` and \`--database-url\` take precedence over their variables.

${table(["variable", "default", "meaning"], rows)}

Durations have a unit: \`100ms\`, \`30s\`, \`5m\`, \`2h\`, \`14d\`. Lists are separated by commas. The programs of sources also see \`PATH\`, and the variables of certificates
\`GIT_SSL_CAINFO\`, \`GIT_SSL_CAPATH\`, \`SSL_CERT_FILE\` and \`SSL_CERT_DIR\`.
`;
}

function defaultsOf(mode: Mode): Readonly<Record<string, string | null>> {
  // The default path is relative; readConfig resolves it.
  return { ...allSettings(readConfig(mode, {})), WEFT_DATABASE_URL: "sqlite:.weft/weft.db" };
}

function shownDefault(value: string | null | undefined): string {
  return value === null || value === undefined || value === "" ? "none" : code(value);
}
