import * as oauth from "oauth4webapi";
import { z } from "zod";
import type { OAuthClient, OAuthTokens } from "../../domain/authorization.ts";
import { limits } from "../../domain/limits.ts";
import { FetchError, type GuardedFetch } from "../../outbound/guarded-fetch.ts";

/** Where a source's owner grants access to it. Source: RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 7009 (revocation). */
export interface OAuthProvider {
  /** What the provider calls itself, for those that say so in their answers; else its origin. Source: RFC 9207. */
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** Null where tokens cannot be given back. */
  readonly revocationUrl: string | null;
  readonly scopes: readonly string[];
  /** What the provider wants in the URL besides, such as `access_type=offline`. */
  readonly authorizeParameters: Readonly<Record<string, string>>;
  /** How a client with a secret shows it: `basic` in a header, `post` in the body. */
  readonly clientAuthentication: "basic" | "post";
  /** Whether the provider knows PKCE. It is left out only where it is not understood. */
  readonly pkce: boolean;
  /** The provider's own words for a grant that holds no more, besides `invalid_grant`. */
  readonly grantErrors: readonly string[];
}

/** Somebody to ask for tokens: the provider, and the client that it knows us by. */
export interface ProviderSide {
  readonly provider: OAuthProvider;
  readonly client: OAuthClient;
  /** The organization on whose behalf it is asked. */
  readonly owner: string;
}

/** What came of asking a provider for tokens. A refusal is data. */
export type TokenAnswer =
  | { readonly kind: "granted"; readonly tokens: OAuthTokens }
  /** What was granted holds no more, or never did; `error` is the provider's word for it. */
  | { readonly kind: "refused"; readonly error: string }
  /** It will not work as Weft is set up at the provider. */
  | { readonly kind: "misconfigured"; readonly error: string }
  /** It may work later. `detail` is a sentence. */
  | { readonly kind: "unavailable"; readonly detail: string };

export interface CodeExchange {
  /** The query of the URL that the provider sent the browser to. */
  readonly answer: URLSearchParams;
  readonly state: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** The URL at the provider that a browser is sent to. */
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
    ...(provider.scopes.length > 0 && { scope: provider.scopes.join(" ") }),
    state,
    ...(provider.pkce && {
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Asks providers for tokens, once each time: whoever asks decides whether to ask again. */
export class TokenRequests {
  readonly #fetch: Pick<GuardedFetch, "fetch">;
  readonly #now: () => number;

  constructor(fetch: Pick<GuardedFetch, "fetch">, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** Exchanges the code in a provider's answer. An answer that is an error, or not this provider's, is `refused`. */
  async exchange(side: ProviderSide, { answer, state, verifier, redirectUri }: CodeExchange): Promise<TokenAnswer> {
    const [server, client] = [serverOf(side), clientOf(side)];
    const parameters = checkedAnswer(() => oauth.validateAuthResponse(server, client, answer, state));
    if (typeof parameters === "string") return { kind: "refused", error: parameters };
    return await this.#asked(side, async () => {
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

  /** Tokens in place of those that a refresh token stands for. It may hold no more afterwards, also without an answer. */
  async refresh(side: ProviderSide, refreshToken: string): Promise<TokenAnswer> {
    const [server, client] = [serverOf(side), clientOf(side)];
    return await this.#asked(side, async () => {
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

  /** Gives a token back. Never throws: whether that worked is the provider's affair. */
  async revoke(side: ProviderSide, token: string): Promise<void> {
    if (side.provider.revocationUrl === null) return;
    try {
      await oauth.revocationRequest(serverOf(side), clientOf(side), proofOf(side), token, this.#options(side));
    } catch {
      // It holds until it ends, or its owner revokes it at the provider.
    }
  }

  async #asked({ provider }: ProviderSide, ask: () => Promise<oauth.TokenEndpointResponse>): Promise<TokenAnswer> {
    const askedAt = this.#now();
    try {
      const { access_token, refresh_token, expires_in } = await ask();
      return {
        kind: "granted",
        tokens: {
          accessToken: access_token,
          refreshToken: refresh_token ?? null,
          expiresAt: expires_in === undefined ? null : askedAt + Math.round(expires_in * 1_000),
          client: null,
        },
      };
    } catch (error) {
      return answerFor(error, provider);
    }
  }

  /** What the library asks goes through the guard, which also decides whether http is allowed. */
  #options({ owner }: ProviderSide): oauth.TokenEndpointRequestOptions & oauth.RevocationRequestOptions {
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
            headers: { ...headers, "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
            body: body.toString(),
            answerBytesMax: limits.providerAnswerBytesMax,
          }),
        ),
    };
  }
}

/**
 * The response in the form that the standard wants. Some providers, GitHub among them, answer an error with status 200. Others write
 * null for what they leave out, the lifetime of a token as a text, or no type of the token.
 */
async function readable(response: Response): Promise<Response> {
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
  return Response.json({
    token_type: "bearer",
    ...Object.fromEntries(given),
    ...(lifetimeOf(expires_in) !== null && { expires_in: lifetimeOf(expires_in) }),
  });
}

/** Seconds; null where a provider gives no number, as for a token that does not expire. */
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
  return provider.clientAuthentication === "basic"
    ? oauth.ClientSecretBasic(client.secret)
    : oauth.ClientSecretPost(client.secret);
}

/** The parameters that came back with the browser, or the word for what is wrong with them. */
function checkedAnswer(check: () => URLSearchParams): URLSearchParams | string {
  try {
    const parameters = check();
    return parameters.has("code") ? parameters : "invalid_response";
  } catch (error) {
    return error instanceof oauth.AuthorizationResponseError ? wordOf(error.error) : "invalid_response";
  }
}

function answerFor(error: unknown, { grantErrors }: OAuthProvider): TokenAnswer {
  if (error instanceof FetchError) return { kind: "unavailable", detail: error.message };
  if (error instanceof oauth.WWWAuthenticateChallengeError) return { kind: "misconfigured", error: "invalid_client" };
  if (error instanceof oauth.ResponseBodyError) {
    const word = wordOf(error.error);
    if (error.status >= 500 || error.status === 429 || busyWords.includes(word)) {
      return { kind: "unavailable", detail: `The provider answered ${word} (status ${error.status}).` };
    }
    const isGrantOver = word === "invalid_grant" || grantErrors.includes(word);
    return { kind: isGrantOver ? "refused" : "misconfigured", error: word };
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    const status = error.cause instanceof Response ? ` (status ${error.cause.status})` : "";
    return { kind: "unavailable", detail: `The provider's answer could not be read${status}.` };
  }
  throw error;
}

const busyWords = ["temporarily_unavailable", "server_error", "slow_down"];

/** A provider's word for an error, if it is one: it goes into sentences, URLs and events. */
function wordOf(error: string): string {
  return /^[\w.-]{1,64}$/.test(error) ? error : "unknown_error";
}
