import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { hasScope, scopes } from "../domain/api-key.ts";
import { ApiError } from "../domain/errors.ts";
import { type ApiKeyId, type OrganizationId, parseUuid } from "../domain/id.ts";
import type { Store } from "../store/store.ts";
import { type Caller, unknownCaller } from "./caller.ts";
import type { KeyUses } from "./key-uses.ts";
import { WrongKeyError } from "./wrong-keys.ts";

export interface AuthenticationSettings {
  /** `none`: everyone who can reach the port has all rights. It is used on loopback addresses only. */
  readonly auth: "required" | "none";
  /** An admin key from the operator's settings, in addition to those in the store. */
  readonly adminKey: string | null;
  /** An admin key that is valid until this process ends; the data folder contains it. */
  readonly localKey: string | null;
  /**
   * The first organization. Calls without a key and with the admin key use it unless they name another one, and its admin keys
   * belong to the operator.
   */
  readonly defaultOrganizationId: OrganizationId;
}

/** The caller of a key; the id is null for the admin key of the settings. */
interface KnownKey {
  readonly caller: Caller;
  readonly keyId: ApiKeyId | null;
}

const rememberedMs = 5_000;
const rememberedMax = 50_000;
const hashesMax = 10_000;

/** Authenticates callers. Keys are cached for five seconds, so that a revoked key may remain valid that long on other nodes. */
export class Authentication {
  readonly #store: Pick<Store, "findApiKey" | "readOrganization">;
  readonly #settings: AuthenticationSettings;
  readonly #uses: Pick<KeyUses, "note">;
  readonly #now: () => number;
  readonly #remembered = new Map<string, KnownKey & { until: number }>();
  readonly #lookUps = new Map<string, Promise<KnownKey | null>>();
  /** The hashes of valid keys. Hashing costs more than the rest of the authentication of a call. */
  readonly #hashes = new Map<string, string>();

  constructor(
    store: Pick<Store, "findApiKey" | "readOrganization">,
    settings: AuthenticationSettings,
    uses: Pick<KeyUses, "note">,
    now: () => number,
  ) {
    this.#store = store;
    this.#uses = uses;
    this.#settings = settings;
    this.#now = now;
  }

  /** The caller whose key was valid within the last seconds; null when it must be looked up. */
  remembered(headers: IncomingHttpHeaders): Caller | null {
    const key = keyIn(headers);
    const hash = key === null ? undefined : this.#hashes.get(key);
    const found = hash === undefined ? undefined : this.#remembered.get(hash);
    if (found === undefined || found.until <= this.#now()) return null;
    const requested = headers["x-organization-id"];
    if (requested !== undefined && requested !== found.caller.organizationId) return null;
    if (found.keyId !== null) this.#uses.note(found.keyId);
    return found.caller;
  }

  /** Throws a 401 for a missing or invalid key. */
  async authenticate(headers: IncomingHttpHeaders): Promise<Caller> {
    const key = keyIn(headers);
    const known = key === null ? null : await this.#callerWithKey(key);
    const caller = known ?? this.#callerWithoutKey(key);
    return this.inOrganization(caller, headers["x-organization-id"]);
  }

  /** Clears cached keys, after one was changed or deleted here. */
  forget(): void {
    this.#remembered.clear();
    this.#hashes.clear();
  }

  async #callerWithKey(key: string): Promise<Caller | null> {
    const hash = this.#hashes.get(key) ?? hashApiKey(key);
    const caller = await this.callerWith(hash);
    if (caller === null) this.#hashes.delete(key);
    else if (!this.#hashes.has(key)) {
      if (this.#hashes.size >= hashesMax) this.#hashes.clear();
      this.#hashes.set(key, hash);
    }
    return caller;
  }

  /** The caller whose key has this SHA-256 (hex). Null if no key has it, or the key has expired. */
  async callerWith(hash: string): Promise<Caller | null> {
    const remembered = await this.#rememberedWith(hash);
    if (remembered === null) return null;
    if (remembered.keyId !== null) this.#uses.note(remembered.keyId);
    return remembered.caller;
  }

  async #rememberedWith(hash: string): Promise<KnownKey | null> {
    const now = this.#now();
    const remembered = this.#remembered.get(hash);
    if (remembered !== undefined && remembered.until > now) return remembered;
    const known = await this.#lookUpOnce(hash, now);
    if (known === null) return null;
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(hash, { ...known, until: now + rememberedMs });
    return known;
  }

  /** Many requests use one key. When its cache entry expires, a single query serves all of them. */
  #lookUpOnce(hash: string, now: number): Promise<KnownKey | null> {
    const known = this.#lookUps.get(hash);
    if (known !== undefined) return known;
    const lookUp = this.#lookUp(hash, now).finally(() => this.#lookUps.delete(hash));
    this.#lookUps.set(hash, lookUp);
    return lookUp;
  }

  async #lookUp(hash: string, now: number): Promise<KnownKey | null> {
    const { adminKey, localKey, defaultOrganizationId } = this.#settings;
    const operator = (name: string | null) => ({
      caller: operatorWith(hash, name, defaultOrganizationId),
      keyId: null,
    });
    if (isKeyOf(hash, adminKey)) return operator(null);
    if (isKeyOf(hash, localKey)) return operator("data folder");
    const stored = await this.#store.findApiKey({ hash, now });
    if (stored === null) return null;
    const caller: Caller = {
      ...unknownCaller(stored.organizationId),
      actor: { kind: "api_key", id: stored.id, name: stored.name, via: null },
      scopes: stored.scopes,
      isOperator: stored.organizationId === defaultOrganizationId && hasScope(stored.scopes, "admin"),
      keyHash: hash,
      expiresAt: stored.expiresAt,
    };
    return { caller, keyId: stored.id };
  }

  #callerWithoutKey(key: string | null): Caller {
    if (this.needsNoKey) return this.anonymous;
    if (key === null) {
      throw new ApiError("unauthenticated", "Send an API key as `x-api-key: KEY` or `Authorization: Bearer KEY`.");
    }
    throw unknownKey(key);
  }

  /** Whether everyone who can reach the port has all rights. */
  get needsNoKey(): boolean {
    return this.#settings.auth === "none";
  }

  /** The caller without a key, where none is required. */
  get anonymous(): Caller {
    return { ...unknownCaller(this.#settings.defaultOrganizationId), scopes, isOperator: true };
  }

  /**
   * The caller, acting in the organization that the request names. Throws a 404 for an organization that the caller may not
   * see.
   */
  async inOrganization(caller: Caller, requested: string | string[] | undefined): Promise<Caller> {
    if (typeof requested !== "string" || requested === caller.organizationId) return caller;
    const organizationId = parseUuid<"organization">(requested);
    const membership = caller.memberships.find((one) => one.organizationId === organizationId);
    const isAllowed = organizationId !== null && (caller.isOperator || membership !== undefined);
    if (!isAllowed || (await this.#store.readOrganization({ organizationId })) === null) {
      throw new ApiError("not_found", "This organization does not exist, or this credential cannot act in it.");
    }
    return { ...caller, organizationId, scopes: membership?.scopes ?? caller.scopes };
  }
}

function isKeyOf(hash: string, key: string | null): boolean {
  return key !== null && timingSafeEqual(Buffer.from(hash), Buffer.from(hashApiKey(key)));
}

function operatorWith(keyHash: string, name: string | null, organizationId: OrganizationId): Caller {
  const actor = { kind: "admin_key", id: null, name, via: null } as const;
  return { ...unknownCaller(organizationId), actor, scopes, isOperator: true, keyHash };
}

export function unknownKey(key: string): ApiError {
  return new WrongKeyError("This API key is not known here, or it has expired.", key);
}

/** The stored form of a key: its SHA-256 in hex. Keys are long and random, so that a slow hash would add nothing. */
export function hashApiKey(key: string): string {
  return hash("sha256", key, "hex");
}

/** The API key of a request, or the token in its place. */
export function keyIn(headers: IncomingHttpHeaders): string | null {
  const direct = headers["x-api-key"];
  return typeof direct === "string" && direct !== "" ? direct : bearerIn(headers);
}

/** The credential after `Bearer` in the Authorization header. */
export function bearerIn(headers: IncomingHttpHeaders): string | null {
  const { authorization } = headers;
  return authorization === undefined ? null : (/^bearer +(\S+)$/i.exec(authorization)?.[1] ?? null);
}

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Rejects requests from web pages of other sites, sent directly or through a name that resolves to this machine (DNS
 * rebinding). It is needed only where no key protects the port.
 */
export function checkHost({ host, origin }: Pick<IncomingHttpHeaders, "host" | "origin">): void {
  const isFromHere = origin === undefined || loopbackHost.test(origin.replace(/^https?:\/\//i, ""));
  if (isFromHere && host !== undefined && loopbackHost.test(host)) return;
  throw new ApiError("host_not_allowed", "Without authentication, Weft responds only to localhost and 127.0.0.1.");
}
