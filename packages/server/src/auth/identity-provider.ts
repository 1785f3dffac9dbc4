import * as oauth from "oauth4webapi";
import { limits } from "../domain/limits.ts";
import type { GuardedFetch } from "../outbound/guarded-fetch.ts";
import { type Claims, nameIn, textsIn } from "./claims.ts";
import type { SignInTicket } from "./sign-in-tickets.ts";

export interface IdentityProviderSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  /** The claim that lists a person's groups. Dots separate the names of nested objects. */
  readonly groupsClaim: string;
}

/** The claims about a person that Weft reads. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** Why a sign-in failed. */
export type SignInFailure =
  /** The person or the provider refused. */
  | "denied"
  /** The response is not for this sign-in, or its signature does not verify. */
  | "invalid_response"
  /** The provider did not respond, or its response could not be read. */
  | "provider_unavailable";

export class SignInError extends Error {
  override readonly name = "SignInError";
  readonly failure: SignInFailure;

  constructor(failure: SignInFailure, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.failure = failure;
  }
}

/** An OpenID Connect provider at which people sign in. Sources: OpenID Connect Core 1.0, Discovery 1.0, RFC 7636 (PKCE). */
export class IdentityProvider {
  readonly #settings: IdentityProviderSettings;
  readonly #fetch: Pick<GuardedFetch, "fetch">;
  readonly #now: () => number;
  readonly #client: oauth.Client;
  readonly #jwks: oauth.JWKSCacheInput = {};
  #server: { readonly metadata: oauth.AuthorizationServer; readonly until: number } | null = null;

  constructor(settings: IdentityProviderSettings, fetch: Pick<GuardedFetch, "fetch">, now: () => number) {
    this.#settings = settings;
    this.#fetch = fetch;
    this.#now = now;
    this.#client = { client_id: settings.clientId };
  }

  /** The provider's URL for a browser. Throws a SignInError. */
  async authorizeUrl(ticket: SignInTicket, redirectUri: string): Promise<string> {
    const { authorization_endpoint: endpoint } = await this.#discover();
    if (endpoint === undefined)
      throw new SignInError("provider_unavailable", "The identity provider publishes no authorization_endpoint.");
    const url = new URL(endpoint);
    const parameters = {
      response_type: "code",
      client_id: this.#settings.clientId,
      redirect_uri: redirectUri,
      scope: this.#settings.scopes.join(" "),
      state: ticket.state,
      nonce: ticket.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(ticket.verifier),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  }

  /** Exchanges the code with which the browser returned for the person's identity. Throws a SignInError. */
  async identify(callback: URLSearchParams, ticket: SignInTicket, redirectUri: string): Promise<Identity> {
    const server = await this.#discover();
    return await asSignInError(async () => {
      const parameters = oauth.validateAuthResponse(server, this.#client, callback, ticket.state);
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        this.#client,
        this.#proof(),
        parameters,
        redirectUri,
        ticket.verifier,
        providerOptions(this.#fetch),
      );
      const tokens = await oauth.processAuthorizationCodeResponse(server, this.#client, response, {
        expectedNonce: ticket.nonce,
        requireIdToken: true,
      });
      await oauth.validateApplicationLevelSignature(server, response, {
        ...providerOptions(this.#fetch),
        [oauth.jwksCache]: this.#jwks,
      });
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      if (claims === undefined) throw new SignInError("invalid_response", "The provider sent no ID token.");
      const { groupsClaim } = this.#settings;
      const isComplete = textsIn(claims, groupsClaim).length > 0 || server.userinfo_endpoint === undefined;
      const further = isComplete ? {} : await this.#userInfo(server, tokens.access_token, claims.sub);
      return identityIn({ ...further, ...claims }, groupsClaim);
    });
  }

  /** Providers may omit groups from the ID token, which a browser's URL can contain. */
  async #userInfo(server: oauth.AuthorizationServer, accessToken: string, subject: string): Promise<object> {
    const response = await oauth.userInfoRequest(server, this.#client, accessToken, providerOptions(this.#fetch));
    return await oauth.processUserInfoResponse(server, this.#client, subject, response);
  }

  async #discover(): Promise<oauth.AuthorizationServer> {
    const known = this.#server;
    if (known !== null && known.until > this.#now()) return known.metadata;
    const issuer = new URL(this.#settings.issuer);
    const metadata = await asSignInError(async () =>
      oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, providerOptions(this.#fetch))),
    );
    this.#server = { metadata, until: this.#now() + limits.providerMetadataKeptMs };
    return metadata;
  }

  #proof(): oauth.ClientAuth {
    const { clientSecret } = this.#settings;
    return clientSecret === null ? oauth.None() : oauth.ClientSecretBasic(clientSecret);
  }
}

/** Options of requests to a provider. The settings allow http only for a provider on this machine. */
export function providerOptions(fetch: Pick<GuardedFetch, "fetch">) {
  return {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: async (
      url: string,
      { method, headers, body }: { method: string; headers: Record<string, string>; body?: unknown },
    ) =>
      await fetch.fetch(url, {
        method: method === "POST" ? "POST" : "GET",
        headers:
          body === undefined || body === null
            ? headers
            : { ...headers, "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
        ...(body !== undefined && body !== null && { body: String(body) }),
        readBytesMax: limits.providerResponseBytesMax,
      }),
  };
}

async function asSignInError<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SignInError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new SignInError(failureOf(error), detail, { cause: error });
  }
}

function failureOf(error: unknown): SignInFailure {
  if (error instanceof oauth.AuthorizationResponseError) return "denied";
  if (error instanceof oauth.ResponseBodyError) {
    return error.error === "invalid_grant" || error.error === "access_denied" ? "denied" : "provider_unavailable";
  }
  if (error instanceof oauth.OperationProcessingError) {
    const isResponse = error.cause instanceof Response || error.code === oauth.RESPONSE_IS_NOT_CONFORM;
    return isResponse ? "provider_unavailable" : "invalid_response";
  }
  return "provider_unavailable";
}

function identityIn(claims: Claims, groupsClaim: string): Identity {
  const id = String(claims.sub).slice(0, limits.personNameLengthMax);
  return { id, name: nameIn(claims, id), groups: textsIn(claims, groupsClaim) };
}
