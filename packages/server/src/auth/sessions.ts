import { hasScope, type Scope } from "../domain/api-key.ts";
import type { Actor } from "../domain/audit-entry.ts";
import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { Person } from "../domain/person.ts";
import type { Origin } from "../intake/intake.ts";
import type { Store } from "../store/store.ts";
import { type Authentication, hashApiKey, unknownKey } from "./authentication.ts";
import type { Caller, Session } from "./caller.ts";
import type { People } from "./people.ts";
import type { SessionClaims, SessionTokens } from "./session-tokens.ts";

/** A token and its caller. */
export interface OpenedSession {
  readonly token: string;
  readonly caller: Caller;
}

export interface PortalOptions {
  readonly scopes: readonly Scope[];
  readonly expiresInMs: number;
}

export interface SessionParts extends Origin {
  readonly keys: Authentication;
  readonly tokens: SessionTokens;
  /** Null without an identity provider. */
  readonly people: People | null;
  readonly store: Pick<Store, "isTokenRevoked" | "revokeTokens">;
}

const aliveMs = 5_000;
const aliveMax = 50_000;

/**
 * Browser sessions, and links to the console of one organization. Each lives no longer than the key that it was made with, and
 * has no more rights. A person's session has the rights that the settings give to their groups. After it is revoked on another node, it may remain valid here for five more seconds.
 */
export class Sessions {
  readonly #parts: SessionParts;
  /** Tokens that were valid at the last check, and the time of the next check. */
  readonly #alive = new Map<string, number>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Begins a session with a key. Throws a 401 for a wrong key. */
  async begin(key: string): Promise<OpenedSession> {
    const { keys, now } = this.#parts;
    const owner = await keys.callerWith(hashApiKey(key));
    if (owner === null) throw unknownKey(key);
    const expiresAt = Math.min(now() + limits.sessionMs, owner.expiresAt ?? Number.POSITIVE_INFINITY);
    return await this.#open(owner, { way: "session", scopes: null, expiresAt });
  }

  /** Begins a session of a person whom the identity provider authenticated. Null for a person without a role. */
  async beginAs(person: Person): Promise<OpenedSession | null> {
    const owner = (await this.#parts.people?.callerOf(person)) ?? null;
    if (owner === null) return null;
    return await this.#open(owner, { way: "session", scopes: null, expiresAt: this.#parts.now() + limits.sessionMs });
  }

  /** Creates the token of a link for the caller's current organization, which the caller must administer. */
  async beginPortal(caller: Caller, { scopes, expiresInMs }: PortalOptions): Promise<OpenedSession> {
    const requested = this.#parts.now() + expiresInMs;
    const expiresAt = Math.min(requested, caller.expiresAt ?? Number.POSITIVE_INFINITY);
    return await this.#open(caller, { way: "portal", scopes, expiresAt });
  }

  /** The caller of a token. Null when it is of another kind or has expired. */
  async callerWith(token: string, way: SessionClaims["way"]): Promise<Caller | null> {
    const claims = await this.#parts.tokens.open(token);
    if (claims === null || claims.way !== way) return null;
    const owner = await this.#owner(claims);
    if (owner === null || !(await this.#isAlive(token, claims))) return null;
    if (way === "session") return { ...owner, ...asCame(owner, claims) };
    return await this.#visitor(owner, claims);
  }

  /** Revokes the token, including every copy of it. */
  async end({ name, organizationId, issuedAt, expiresAt }: Session): Promise<void> {
    const now = this.#parts.now();
    await this.#parts.store.revokeTokens({
      ...{ organizationId, names: [name], issuedUntil: issuedAt },
      ...{ refusedFrom: now, neededUntil: expiresAt, now },
    });
    this.#alive.clear();
  }

  async #open(
    owner: Caller,
    { way, scopes, expiresAt }: Pick<SessionClaims, "way" | "scopes" | "expiresAt">,
  ): Promise<OpenedSession> {
    const { tokens, now, newId } = this.#parts;
    const { organizationId, keyHash, person } = owner;
    const claims = { way, id: newId(), organizationId, keyHash, person, scopes, issuedAt: now(), expiresAt };
    return { token: await tokens.seal(claims), caller: { ...owner, ...asCame(owner, claims) } };
  }

  async #owner({ keyHash, person }: SessionClaims): Promise<Caller | null> {
    const { keys, people } = this.#parts;
    if (person !== null) return (await people?.callerOf(person)) ?? null;
    if (keyHash !== null) return await keys.callerWith(keyHash);
    return keys.needsNoKey ? keys.anonymous : null;
  }

  async #visitor(owner: Caller, claims: SessionClaims): Promise<Caller | null> {
    if (!hasScope(owner.scopes, "admin")) return null;
    try {
      const { organizationId } = await this.#parts.keys.inOrganization(owner, claims.organizationId);
      const scopes = claims.scopes ?? [];
      return { ...owner, ...asCame(owner, claims), organizationId, scopes, isOperator: false, memberships: [] };
    } catch (error) {
      // The organization was deleted, or the key no longer belongs to it.
      if (error instanceof ApiError) return null;
      throw error;
    }
  }

  async #isAlive(token: string, claims: SessionClaims): Promise<boolean> {
    const now = this.#parts.now();
    if ((this.#alive.get(token) ?? 0) > now) return true;
    const { organizationId, issuedAt } = claims;
    const names = [nameOf(claims)];
    if (await this.#parts.store.isTokenRevoked({ organizationId, names, issuedAt, now })) return false;
    if (this.#alive.size >= aliveMax) this.#alive.clear();
    this.#alive.set(token, now + aliveMs);
    return true;
  }
}

function asCame({ actor }: Caller, claims: SessionClaims): Pick<Caller, "session" | "expiresAt"> & { actor: Actor } {
  const { organizationId, issuedAt, expiresAt } = claims;
  const session = { name: nameOf(claims), organizationId, issuedAt, expiresAt };
  return { actor: { ...actor, via: claims.way }, session, expiresAt };
}

function nameOf({ id }: SessionClaims): string {
  return `console ${id}`;
}
