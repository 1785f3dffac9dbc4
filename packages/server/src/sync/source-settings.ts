import type { z } from "zod";
import type { OAuthClient, OAuthTokens } from "../domain/authorization.ts";
import { ApiError, type Mistake, validationFailed } from "../domain/errors.ts";
import type { SyncId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { AuthenticationMethod, SourceConnection } from "../domain/source-connection.ts";
import type { Credentials, SourceConnectionChanges } from "../store/source-connections/interface.ts";
import { type Source, SourceError } from "./source.ts";
import { mustBringClient, type SourceList } from "./source-list.ts";

/** The authentication that a caller requests for a connection. */
export type AuthenticationRequest =
  | { readonly kind: "direct"; readonly credentials: Credentials }
  | { readonly kind: "token"; readonly tokens: OAuthTokens }
  | { readonly kind: "browser"; readonly client: OAuthClient | null; readonly redirectUrl: string | null }
  /** One key per side, as in OAuth 1. */
  | { readonly kind: "oauth1" }
  | { readonly kind: "provider" };

/** A request that the source supports. */
export type CheckedAuthentication = Extract<AuthenticationRequest, { kind: "direct" | "token" | "browser" }>;

const methodNames = {
  direct: "direct",
  token: "oauth_token",
  browser: "oauth_browser",
  oauth1: "oauth1",
  provider: "auth_provider",
} as const satisfies Record<AuthenticationRequest["kind"], string>;

/** Validates a connection's settings, which are stored unchanged: defaults are applied when a job runs. */
export async function checkConfig(source: Source, config: Credentials): Promise<void> {
  const loc = ["body", "config"];
  const mistakes = mistakesIn(source.config, config, loc, limits.sourceConfigBytesMax);
  if (mistakes.length > 0) throw validationFailed(mistakes);
  try {
    await source.check?.(config);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw validationFailed([{ loc, msg: error.message, type: "config_unusable" }]);
  }
}

/**
 * The validated authentication of a connection. Without a request, a source that needs none is authenticated, and all others
 * use the browser. Throws authentication_method_unsupported when the source does not support the method.
 */
export function checkAuthentication(
  source: Source,
  request: AuthenticationRequest | null,
  { sources, config }: { readonly sources: Pick<SourceList, "clientFor">; readonly config: unknown },
): CheckedAuthentication {
  const authentication =
    request ?? (needsNothing(source) ? { ...direct, credentials: {} } : { ...browser, client: null });
  if (!isOffered(source, authentication)) {
    const meant = request === null ? ", which is what an absent `authentication` means" : "";
    throw new ApiError(
      "authentication_method_unsupported",
      `Source ${source.shortName} does not support this authentication method (${methodNames[authentication.kind]}${meant}). Supported methods: [${source.authMethods.join(", ")}].`,
    );
  }
  if (authentication.kind === "direct") checkCredentials(source, authentication.credentials);
  if (
    authentication.kind === "browser" &&
    authentication.client === null &&
    sources.clientFor(source, config) === null
  ) {
    const orOperators = mustBringClient(source, config) ? "" : ", or have the operator set WEFT_OAUTH_CLIENTS";
    throw new ApiError(
      "authentication_method_unsupported",
      `Weft has no client for these settings at the provider of ${source.shortName}. Send \`client_id\` and \`client_secret\` of your own${orOperators}.`,
    );
  }
  return authentication;
}

const direct = { kind: "direct" } as const;
const browser = { kind: "browser", redirectUrl: null } as const;

function isOffered(source: Source, authentication: AuthenticationRequest): authentication is CheckedAuthentication {
  return source.authMethods.some((method) => method === methodNames[authentication.kind]);
}

function checkCredentials(source: Source, credentials: Credentials): void {
  const loc = ["body", "authentication", "credentials"];
  const mistakes = mistakesIn(source.credentials, credentials, loc, limits.credentialsBytesMax);
  if (mistakes.length > 0) throw validationFailed(mistakes);
}

/** The method of a request. */
export function methodOf({ kind }: CheckedAuthentication): AuthenticationMethod {
  return ({ direct: "direct", token: "oauth_token", browser: "oauth_browser" } as const)[kind];
}

/** When the given token expires; null when the request does not say. */
export function expiryOf(authentication: CheckedAuthentication): number | null {
  return authentication.kind === "token" ? authentication.tokens.expiresAt : null;
}

/** Throws when new settings would send existing credentials to another place. */
export function checkSecretsStay(
  source: Source,
  before: Pick<SourceConnection, "authMethod" | "authenticatedAt" | "config">,
  config: Credentials,
): void {
  if (before.authenticatedAt === null) return;
  if (before.authMethod === "direct") checkCredentialsStay(source, before.config, config);
  else checkProviderStays(source, before, config);
}

function checkCredentialsStay(source: Source, before: Credentials, config: Credentials): void {
  const [old, now] = [source.credentialsGoTo?.(before), source.credentialsGoTo?.(config)];
  if (old === now) return;
  const msg = `The credentials belong to ${old}, and these settings name ${now}. Send the credentials again with these settings.`;
  throw validationFailed([{ loc: ["body", "config"], msg, type: "config_unusable" }]);
}

function checkProviderStays(source: Source, before: Pick<SourceConnection, "config">, config: Credentials): void {
  if (source.oauth === undefined) return;
  const [old, now] = [source.oauth.provider(before.config), source.oauth.provider(config)];
  if (old.issuer === now.issuer) return;
  const msg = `Access was granted by ${old.issuer}, and these settings name another provider. Create another source connection for it, or send its \`access_token\` with these settings.`;
  throw validationFailed([{ loc: ["body", "config"], msg, type: "config_unusable" }]);
}

/** The credentials to store; null until a browser has obtained them. */
export function credentialsOf(authentication: CheckedAuthentication): Credentials | null {
  switch (authentication.kind) {
    case "direct":
      return authentication.credentials;
    case "token":
      return { ...authentication.tokens };
    case "browser":
      return null;
  }
}

/** The new authentication of an existing connection; null when it waits for a browser. */
export function authenticationOf(
  authentication: CheckedAuthentication,
  syncId: SyncId,
): NonNullable<SourceConnectionChanges["authentication"]> | null {
  const credentials = credentialsOf(authentication);
  return (
    credentials && {
      authMethod: methodOf(authentication),
      tokensExpireAt: expiryOf(authentication),
      credentials,
      syncId,
    }
  );
}

function needsNothing(source: Source): boolean {
  return source.authMethods.includes("direct") && source.credentials.safeParse({}).success;
}

function mistakesIn(schema: z.ZodType, value: unknown, loc: readonly string[], bytesMax: number): Mistake[] {
  if (Buffer.byteLength(JSON.stringify(value)) > bytesMax) {
    return [{ loc, msg: `At most ${bytesMax} bytes of JSON are accepted.`, type: "too_big" }];
  }
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues.flatMap((issue) => mistakesOf(issue, loc));
}

function mistakesOf(issue: z.core.$ZodIssue, loc: readonly (string | number)[]): Mistake[] {
  const at = [...loc, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      loc: [...at, key],
      msg: "This field does not exist here.",
      type: "extra_forbidden",
    }));
  }
  const isMissing = issue.code === "invalid_type" && issue.message.includes("received undefined");
  if (isMissing) return [{ loc: at, msg: "This field is required.", type: "missing" }];
  return [{ loc: at, msg: issue.message.endsWith(".") ? issue.message : `${issue.message}.`, type: issue.code }];
}
