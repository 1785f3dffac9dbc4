import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { hasScope, scopes } from "../domain/api-key.ts";
import { ApiError } from "../domain/errors.ts";
import { type OrganizationId, parseUuid } from "../domain/id.ts";
import type { Store } from "../store/store.ts";
import { type Caller, unknownCaller } from "./caller.ts";
import { WrongKeyError } from "./wrong-keys.ts";

export interface AuthenticationSettings {
  /** `none`: whoever reaches the port may do everything; only ever on a loopback address. */
  readonly auth: "required" | "none";
  /** An admin key that the operator gave, beside those in the store. */
  readonly adminKey: string | null;
  /**
   * The first organization. Calls without a key, and the admin key, work in it unless they name another, and its admin
   * keys are the operator's.
   */
  readonly defaultOrganizationId: OrganizationId;
}

const rememberedMs = 5_000;
const rememberedMax = 50_000;

/** Finds out who calls. Keys are remembered for five seconds, so a revoked key may work that much longer elsewhere. */
export class Authentication {
  readonly #store: Pick<Store, "findApiKey" | "readOrganization">;
  readonly #settings: AuthenticationSettings;
  readonly #now: () => number;
  readonly #remembered = new Map<string, { caller: Caller; until: number }>();
  readonly #lookUps = new Map<string, Promise<Caller | null>>();

  constructor(
    store: Pick<Store, "findApiKey" | "readOrganization">,
    settings: AuthenticationSettings,
    now: () => number,
  ) {
    this.#store = store;
    this.#settings = settings;
    this.#now = now;
  }

  /** Throws a 401 without a key, or with a bad one. */
  async authenticate(headers: IncomingHttpHeaders): Promise<Caller> {
    const key = keyIn(headers);
    const known = key === null ? null : await this.callerWith(hashApiKey(key));
    const caller = known ?? this.#callerWithoutKey(key);
    return this.inOrganization(caller, headers["x-organization-id"]);
  }

  /** Forgets remembered keys, after one was changed or deleted here. */
  forget(): void {
    this.#remembered.clear();
  }

  /** Who has the key with this SHA-256 (hex). Null when there is none, or it has expired. */
  async callerWith(hash: string): Promise<Caller | null> {
    const now = this.#now();
    const remembered = this.#remembered.get(hash);
    if (remembered !== undefined && remembered.until > now) return remembered.caller;
    const caller = await this.#lookUpOnce(hash, now);
    if (caller === null) return null;
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(hash, { caller, until: now + rememberedMs });
    return caller;
  }

  /** Many requests come with one key: when its memory ends, one of them asks for all. */
  #lookUpOnce(hash: string, now: number): Promise<Caller | null> {
    const known = this.#lookUps.get(hash);
    if (known !== undefined) return known;
    const lookUp = this.#lookUp(hash, now).finally(() => this.#lookUps.delete(hash));
    this.#lookUps.set(hash, lookUp);
    return lookUp;
  }

  async #lookUp(hash: string, now: number): Promise<Caller | null> {
    const { adminKey, defaultOrganizationId } = this.#settings;
    if (adminKey !== null && timingSafeEqual(Buffer.from(hash), Buffer.from(hashApiKey(adminKey)))) {
      const actor = { kind: "admin_key", id: null, name: null, via: null } as const;
      return { ...unknownCaller(defaultOrganizationId), actor, scopes, isOperator: true, keyHash: hash };
    }
    const stored = await this.#store.findApiKey({ hash, now });
    if (stored === null) return null;
    return {
      ...unknownCaller(stored.organizationId),
      actor: { kind: "api_key", id: stored.id, name: stored.name, via: null },
      scopes: stored.scopes,
      isOperator: stored.organizationId === defaultOrganizationId && hasScope(stored.scopes, "admin"),
      keyHash: hash,
      expiresAt: stored.expiresAt,
    };
  }

  #callerWithoutKey(key: string | null): Caller {
    if (this.asksForNoKey) return this.anybody;
    if (key === null) {
      throw new ApiError("unauthenticated", "Send an API key as `x-api-key: KEY` or `Authorization: Bearer KEY`.");
    }
    throw unknownKey(key);
  }

  /** Whether whoever reaches the port may do everything. */
  get asksForNoKey(): boolean {
    return this.#settings.auth === "none";
  }

  /** Who calls without a key where none is asked for. */
  get anybody(): Caller {
    return { ...unknownCaller(this.#settings.defaultOrganizationId), scopes, isOperator: true };
  }

  /** The caller at work in the organization that he asks for. Throws a 404 for one that is not his. */
  async inOrganization(caller: Caller, wanted: string | string[] | undefined): Promise<Caller> {
    if (typeof wanted !== "string" || wanted === caller.organizationId) return caller;
    const organizationId = parseUuid<"organization">(wanted);
    const exists =
      caller.isOperator && organizationId !== null && (await this.#store.readOrganization({ organizationId })) !== null;
    if (!exists) throw new ApiError("not_found", "There is no such organization for this API key.");
    return { ...caller, organizationId };
  }
}

export function unknownKey(key: string): ApiError {
  return new WrongKeyError("This API key is not known here, or it has expired.", key);
}

/** What is kept of a key: its SHA-256 in hex. Keys are random and long, so a slow hash would add nothing. */
export function hashApiKey(key: string): string {
  return hash("sha256", key, "hex");
}

/** The API key, or the token in its place, that a call brings along. */
export function keyIn(headers: IncomingHttpHeaders): string | null {
  const direct = headers["x-api-key"];
  return typeof direct === "string" && direct !== "" ? direct : bearerIn(headers);
}

/** What stands after `Bearer` in the Authorization header. */
export function bearerIn(headers: IncomingHttpHeaders): string | null {
  const bearer = /^bearer +(\S+)$/i.exec(headers.authorization ?? "");
  return bearer?.[1] ?? null;
}

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Refuses requests of web pages from elsewhere: sent here through a name that was made to resolve to this machine (DNS
 * rebinding), or straight. Only needed where no key protects the port.
 */
export function checkHost({ host, origin }: Pick<IncomingHttpHeaders, "host" | "origin">): void {
  const isFromHere = origin === undefined || loopbackHost.test(origin.replace(/^https?:\/\//i, ""));
  if (isFromHere && host !== undefined && loopbackHost.test(host)) return;
  throw new ApiError("host_not_allowed", "Without authentication, Weft answers only to localhost and 127.0.0.1.");
}
