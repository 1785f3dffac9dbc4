import * as oauth from "oauth4webapi";
import { z } from "zod";
import type { OAuthClient, OAuthTokens } from "../../domain/authorization.ts";
import { limits } from "../../domain/limits.ts";
import { FetchError, type GuardedFetch } from "../../outbound/guarded-fetch.ts";

/**
 * The OAuth server where a source's owner grants access. Source: RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 7009 (revocation).
 */
export interface OAuthProvider {
  /** The provider's issuer, for providers that include it in responses; otherwise its origin. Source: RFC 9207. */
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** Null where tokens cannot be revoked. */
  readonly revocationUrl: string | null;
  readonly scopes: readonly string[];
  /** Additional parameters of the provider's URL, such as `access_type=offline`. */
  readonly authorizeParameters: Readonly<Record<string, string>>;
  /**
   * How a client authenticates with its secret: `basic` in a header, `post` in the body. `plain_basic` is a header without the
   * standard's encoding of the id and the secret, for a provider that does not decode them.
   */
  readonly clientAuthentication: "basic" | "plain_basic" | "post";
  /** Whether the provider supports PKCE. It is omitted only where the provider rejects it. */
  readonly pkce: boolean;
  /** The provider's own error codes for an invalid grant, in addition to `invalid_grant`. */
  readonly grantErrors: readonly string[];
  /** The separator of scopes in the URL of a provider that does not accept the standard's space. */
  readonly scopeSeparator?: ",";
  /** The form of token requests, for a provider that expects JSON instead of the standard's form. */
  readonly tokenRequests?: "json";
  /** The provider's own types of token that are used like the standard's `bearer`. */
  readonly bearerTypes?: readonly string[];
}

/** A provider, with Weft's client there. */
export interface ProviderSide {
  readonly provider: OAuthProvider;
  readonly client: OAuthClient;
  /** The organization that the request is made for. */
  readonly owner: string;
}

/** The result of a token request. A refusal is data. */
export type TokenResponse =
  | { readonly kind: "granted"; readonly tokens: OAuthTokens }
  /** The grant is no longer valid, or never was; `error` is the provider's error code. */
  | { readonly kind: "refused"; readonly error: string }
  /** It cannot work with Weft's configuration at the provider. */
  | { readonly kind: "misconfigured"; readonly error: string }
  /** It may work later. `detail` is a sentence. */
  | { readonly kind: "unavailable"; readonly detail: string };

export interface CodeExchange {
  /** The query of the URL that the provider redirected the browser to. */
  readonly callback: URLSearchParams;
  readonly state: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** The provider's URL for a browser. */
export async function authorizeUrl(
  { provider, client }: Pick<ProviderSide, "provider" | "client">,
  { state, verifier, redirectUri }: Pick<CodeExchange, "state" | "verifier" | "redirectUri">,
): Promise<string> {
  const url = new URL(provider.authorizeUrl);
  const parameters = {
    ...provider.authorizeParameters,
    response_type: "code",
    client_id: client.id,
    redirect_uri: redirectUri,
    ...(provider.scopes.length > 0 && { scope: provider.scopes.join(provider.scopeSeparator ?? " ") }),
    state,
    ...(provider.pkce && {
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Requests tokens from providers, once per call. The caller decides whether to retry. */
export class TokenRequests {
  readonly #fetch: Pick<GuardedFetch, "fetch">;
  readonly #now: () => number;

  constructor(fetch: Pick<GuardedFetch, "fetch">, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** Exchanges the code in a provider's response. A response that is an error, or not from this provider, is `refused`. */
  async exchange(side: ProviderSide, { callback, state, verifier, redirectUri }: CodeExchange): Promise<TokenResponse> {
    const [server, client] = [serverOf(side), clientOf(side)];
    const parameters = checkedResponse(() => oauth.validateAuthResponse(server, client, callback, state));
    if (typeof parameters === "string") return { kind: "refused", error: parameters };
    return await this.#requestTokens(side, async () => {
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        proofOf(side),
        parameters,
        redirectUri,
        side.provider.pkce ? verifier : oauth.nopkce,
        this.#options(side),
      );
      return await oauth.processAuthorizationCodeResponse(server, client, response);
    });
  }

  /** Exchanges a refresh token for new tokens. It may be invalid afterwards, even without a response. */
  async refresh(side: ProviderSide, refreshToken: string): Promise<TokenResponse> {
    const [server, client] = [serverOf(side), clientOf(side)];
    return await this.#requestTokens(side, async () => {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        client,
        proofOf(side),
        refreshToken,
        this.#options(side),
      );
      return await oauth.processRefreshTokenResponse(server, client, response);
    });
  }

  /** Revokes a token. Never throws, because the result depends only on the provider. */
  async revoke(side: ProviderSide, token: string): Promise<void> {
    if (side.provider.revocationUrl === null) return;
    try {
      await oauth.revocationRequest(serverOf(side), clientOf(side), proofOf(side), token, this.#options(side));
    } catch {
      // It stays valid until it expires, or until its owner revokes it at the provider.
    }
  }

  async #requestTokens(
    { provider }: ProviderSide,
    request: () => Promise<oauth.TokenEndpointResponse>,
  ): Promise<TokenResponse> {
    const requestedAt = this.#now();
    try {
      const { access_token, refresh_token, expires_in } = await request();
      return {
        kind: "granted",
        tokens: {
          accessToken: access_token,
          refreshToken: refresh_token ?? null,
          expiresAt: expires_in === undefined ? null : requestedAt + Math.round(expires_in * 1_000),
          client: null,
        },
      };
    } catch (error) {
      return responseFor(error, provider);
    }
  }

  /** The library's requests use the guard, which also decides whether http is allowed. */
  #options({ provider, owner }: ProviderSide): oauth.TokenEndpointRequestOptions & oauth.RevocationRequestOptions {
    return {
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (
        url: string,
        { headers, body }: { headers: Record<string, string>; body: URLSearchParams },
      ) =>
        readable(
          await this.#fetch.fetch(url, {
            method: "POST",
            owner,
            headers: { ...headers, "content-type": contentTypes[provider.tokenRequests ?? "form"] },
            body: provider.tokenRequests === "json" ? JSON.stringify(Object.fromEntries(body)) : body.toString(),
            readBytesMax: limits.providerResponseBytesMax,
          }),
          provider.bearerTypes ?? [],
        ),
    };
  }
}

const contentTypes = { form: "application/x-www-form-urlencoded;charset=UTF-8", json: "application/json" } as const;

/**
 * Normalises a response to the standard. Some providers, GitHub among them, send an error with status 200. Others send null for
 * absent values, the lifetime of a token as a text, no token type, or one of their own.
 */
async function readable(response: Response, bearerTypes: readonly string[]): Promise<Response> {
  if (response.status !== 200) return response;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const error = errorBody.safeParse(body);
  if (error.success) return Response.json(error.data, { status: 400 });
  const granted = grantedBody.safeParse(body);
  if (!granted.success) return response;
  const { expires_in, ...members } = granted.data;
  const given = Object.entries(members).filter(([, value]) => value !== null && value !== "");
  const isOwnType = bearerTypes.some((type) => type === members.token_type);
  return Response.json({
    token_type: "bearer",
    ...Object.fromEntries(given),
    ...(isOwnType && { token_type: "bearer" }),
    ...(lifetimeOf(expires_in) !== null && { expires_in: lifetimeOf(expires_in) }),
  });
}

/** Seconds; null where a provider sends no number, as for a token that does not expire. */
function lifetimeOf(given: unknown): number | null {
  const seconds = typeof given === "string" && /^\s*\d+(\.\d+)?\s*$/.test(given) ? Number(given) : given;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

const grantedBody = z.looseObject({ access_token: z.string().min(1), expires_in: z.unknown() });

const errorBody = z.looseObject({ error: z.string(), access_token: z.undefined().optional() });

function serverOf({ provider }: ProviderSide): oauth.AuthorizationServer {
  return {
    issuer: provider.issuer,
    token_endpoint: provider.tokenUrl,
    ...(provider.revocationUrl !== null && { revocation_endpoint: provider.revocationUrl }),
  };
}

function clientOf({ client }: ProviderSide): oauth.Client {
  return { client_id: client.id };
}

function proofOf({ provider, client }: ProviderSide): oauth.ClientAuth {
  if (client.secret === null) return oauth.None();
  switch (provider.clientAuthentication) {
    case "basic":
      return oauth.ClientSecretBasic(client.secret);
    case "plain_basic":
      return plainBasic(client.secret);
    case "post":
      return oauth.ClientSecretPost(client.secret);
  }
}

function plainBasic(secret: string): oauth.ClientAuth {
  return (_, { client_id }, __, headers) => {
    headers.set("authorization", `Basic ${Buffer.from(`${client_id}:${secret}`).toString("base64")}`);
  };
}

/** The parameters of the browser's return, or an error code. */
function checkedResponse(check: () => URLSearchParams): URLSearchParams | string {
  try {
    const parameters = check();
    return parameters.has("code") ? parameters : "invalid_response";
  } catch (error) {
    return error instanceof oauth.AuthorizationResponseError ? wordOf(error.error) : "invalid_response";
  }
}

function responseFor(error: unknown, { grantErrors }: OAuthProvider): TokenResponse {
  if (error instanceof FetchError) return { kind: "unavailable", detail: error.message };
  if (error instanceof oauth.WWWAuthenticateChallengeError) return { kind: "misconfigured", error: "invalid_client" };
  if (error instanceof oauth.ResponseBodyError) {
    const word = wordOf(error.error);
    if (error.status >= 500 || error.status === 429 || busyWords.includes(word)) {
      return { kind: "unavailable", detail: `The provider returned ${word} (status ${error.status}).` };
    }
    const isGrantOver = word === "invalid_grant" || grantErrors.includes(word);
    return { kind: isGrantOver ? "refused" : "misconfigured", error: word };
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    const status = error.cause instanceof Response ? ` (status ${error.cause.status})` : "";
    return { kind: "unavailable", detail: `The provider's response could not be read${status}.` };
  }
  throw error;
}

const busyWords = ["temporarily_unavailable", "server_error", "slow_down"];

/** A provider's error code, if it is valid: it appears in sentences, URLs and events. */
function wordOf(error: string): string {
  return /^[\w.-]{1,64}$/.test(error) ? error : "unknown_error";
}
