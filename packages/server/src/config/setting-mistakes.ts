// Mistakes that concern several settings.

import { environment, type JwtValues, jwtKeysOf, type SettingValues } from "./environment.ts";
import type { Mode } from "./mode.ts";
import { loopbackHost } from "./setting-forms.ts";

export function togetherMistakes(values: SettingValues): string[] {
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

function jwtMistakes(values: JwtValues): string[] {
  try {
    jwtKeysOf(values);
    return [];
  } catch (error) {
    return [`WEFT_SVIX_JWT_SECRET: ${(error as Error).message}.`];
  }
}

function retentionMistakes(values: SettingValues): string[] {
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

function oidcMistakes(values: SettingValues): string[] {
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

function agentTokenMistakes(values: SettingValues): string[] {
  const mistakes: string[] = [];
  if (values.WEFT_AUTH === "none") mistakes.push("WEFT_MCP_OAUTH_ISSUER: needs WEFT_AUTH=required.");
  if (values.WEFT_MCP_OAUTH_ORGANIZATION_CLAIM === undefined && values.WEFT_OIDC_ROLES.length === 0) {
    mistakes.push(
      "WEFT_MCP_OAUTH_ISSUER: needs WEFT_MCP_OAUTH_ORGANIZATION_CLAIM, or WEFT_OIDC_ROLES for the groups of tokens.",
    );
  }
  return mistakes;
}

// A misspelt variable would otherwise silently use the default.
export function unknownVariables(mode: Mode, given: Readonly<Record<string, unknown>>): string[] {
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
export function unusedVariables(given: Readonly<Record<string, unknown>>): string[] {
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
