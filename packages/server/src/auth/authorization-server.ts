import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, jwtVerify, type LocalJWKSet } from "jose";
import * as oauth from "oauth4webapi";
import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { GuardedFetch } from "../outbound/guarded-fetch.ts";
import type { Claims } from "./claims.ts";
import { providerOptions } from "./identity-provider.ts";
import { WrongKeyError } from "./wrong-keys.ts";

// A signature with a shared secret would be one that every holder of the public keys can make.
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** The statements of a valid access token. */
export interface AccessToken {
  /** As the authorization server writes it. */
  readonly issuer: string;
  readonly subject: string;
  /** Unix ms. */
  readonly expiresAt: number;
  readonly claims: Claims;
}

interface KeySet {
  readonly issuer: string;
  readonly keyFor: LocalJWKSet;
  /** Unix ms. */
  readonly readAt: number;
}

/**
 * The server that issues the access tokens of agents. Weft reads its public keys, and never sends it a token. Sources: RFC 8414,
 * OpenID Connect Discovery 1.0, RFC 7517 (keys), RFC 9068 (access tokens).
 */
export class AuthorizationServer {
  readonly #issuer: URL;
  readonly #fetch: Pick<GuardedFetch, "fetch">;
  readonly #now: () => number;
  #keys: KeySet | null = null;
  #reading: Promise<KeySet> | null = null;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(issuer: string, fetch: Pick<GuardedFetch, "fetch">, now: () => number) {
    this.#issuer = new URL(issuer);
    this.#fetch = fetch;
    this.#now = now;
  }

  /** Throws a 401 for a token that is not valid for the resource, and a 503 when the server's keys cannot be read. */
  async verify(token: string, resource: string): Promise<AccessToken> {
    // No keys are read for tokens of others.
    if (!this.#isIssuer(token)) throw new WrongKeyError("This access token is not one of this server's issuer.", token);
    const keys = await this.#knownKeys();
    try {
      return await this.#verifyWith(keys, token, resource);
    } catch (error) {
      const isUnknownKey = error instanceof errors.JWKSNoMatchingKey;
      if (!isUnknownKey || !this.#mayReadAgain(keys)) throw refusal(error, token);
    }
    // The server may have new keys.
    const newer = await this.#readOnce();
    return await this.#verifyWith(newer, token, resource).catch((error: unknown) => {
      throw refusal(error, token);
    });
  }

  #isIssuer(token: string): boolean {
    try {
      return URL.parse(decodeJwt(token).iss ?? "")?.href === this.#issuer.href;
    } catch {
      return false;
    }
  }

  async #verifyWith({ issuer, keyFor }: KeySet, token: string, resource: string): Promise<AccessToken> {
    const { payload } = await jwtVerify(token, keyFor, {
      ...{ issuer, audience: resource, algorithms },
      currentDate: new Date(this.#now()),
      clockTolerance: limits.tokenClockDifferenceMs / 1_000,
      requiredClaims: ["exp", "sub"],
    });
    const { sub = "", exp = 0 } = payload;
    // A shortened subject could be another one.
    if (sub === "" || sub.length > limits.personNameLengthMax) throw new errors.JWTInvalid("The subject is not valid.");
    const expiresAt = exp * 1_000;
    // Clocks may differ about the time before which a token is not valid. The subscriptions of an agent end with its token.
    if (expiresAt <= this.#now()) throw new errors.JWTExpired("The token has expired.", payload, "exp");
    return { issuer, subject: sub, expiresAt, claims: payload };
  }

  async #knownKeys(): Promise<KeySet> {
    const known = this.#keys;
    if (known !== null && known.readAt + limits.providerMetadataKeptMs > this.#now()) return known;
    if (this.#reading === null && this.#triedAt + limits.providerRestMs > this.#now()) throw unavailable();
    return await this.#readOnce();
  }

  #mayReadAgain({ readAt }: KeySet): boolean {
    const since = Math.max(readAt, this.#triedAt);
    return this.#reading !== null || since + limits.providerKeysRestMs <= this.#now();
  }

  /** Many requests share one look at the server. */
  #readOnce(): Promise<KeySet> {
    this.#triedAt = this.#now();
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<KeySet> {
    try {
      const { issuer, jwks_uri: url } = await this.#metadata();
      if (url === undefined) throw new Error("The metadata of the authorization server names no keys.");
      const response = await this.#fetch.fetch(url, { readBytesMax: limits.providerResponseBytesMax });
      if (response.status !== 200) throw new Error(`The keys of the authorization server are a ${response.status}.`);
      const keyFor = createLocalJWKSet((await response.json()) as JSONWebKeySet);
      const keys = { issuer, keyFor, readAt: this.#now() };
      this.#keys = keys;
      return keys;
    } catch (error) {
      throw unavailable({ cause: error });
    }
  }

  /** Servers have metadata at one of two places. */
  async #metadata(): Promise<oauth.AuthorizationServer> {
    const options = providerOptions(this.#fetch);
    const first = await oauth.discoveryRequest(this.#issuer, { ...options, algorithm: "oidc" });
    const isFound = first.status === 200;
    const response = isFound ? first : await oauth.discoveryRequest(this.#issuer, { ...options, algorithm: "oauth2" });
    return await oauth.processDiscoveryResponse(this.#issuer, response);
  }
}

function unavailable(options: ErrorOptions = {}): ApiError {
  return new ApiError("unavailable", "The authorization server does not respond now. Try again soon.", options);
}

function refusal(cause: unknown, token: string): Error {
  if (cause instanceof errors.JWTExpired)
    return new ApiError("unauthenticated", "The access token has expired.", { cause });
  const isForAnother = cause instanceof errors.JWTClaimValidationFailed && cause.claim === "aud";
  const sentence = isForAnother ? "The access token is for another resource." : "The access token is not valid.";
  return new WrongKeyError(sentence, token, { cause });
}
