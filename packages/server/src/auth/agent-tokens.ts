import type { IncomingHttpHeaders } from "node:http";
import { scopes as allScopes, hasScope, type Scope } from "../domain/api-key.ts";
import { ApiError } from "../domain/errors.ts";
import { type OrganizationId, parseUuid } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Store } from "../store/store.ts";
import { type Authentication, bearerIn } from "./authentication.ts";
import type { AccessToken, AuthorizationServer } from "./authorization-server.ts";
import { type Caller, unknownCaller } from "./caller.ts";
import { type Claims, nameIn, textsIn } from "./claims.ts";
import type { People } from "./people.ts";

export interface AgentTokensParts {
  readonly server: Pick<AuthorizationServer, "verify">;
  readonly keys: Pick<Authentication, "inOrganization">;
  /** Derives rights from groups, where no claim names the organization. */
  readonly people: Pick<People, "mappedGroups" | "callerOf">;
  readonly store: Pick<Store, "readOrganization">;
  /** The URL that tokens are issued for. */
  readonly resource: () => string;
  /** The claim with the id of an organization; null where the groups of a person decide. */
  readonly organizationClaim: string | null;
  readonly groupsClaim: string;
  /** The scopes that a token can have. */
  readonly scopes: readonly Scope[];
  readonly now: () => number;
}

/** A token that does not have the scopes of a request. The caller can ask the authorization server for one that has them. */
export class InsufficientScopeError extends ApiError {
  readonly scopes: readonly Scope[];

  constructor(scopes: readonly Scope[], message: string) {
    super("scope_missing", message);
    this.scopes = scopes;
  }
}

interface KnownToken {
  readonly caller: Caller;
  /** Unix ms. */
  readonly until: number;
}

const rememberedMs = 5_000;
const rememberedMax = 1_000;

/**
 * Authenticates agents by access tokens of an authorization server. A token has at most the rights of a key with its scopes in one
 * organization, and never those of an operator.
 */
export class AgentTokens {
  readonly #parts: AgentTokensParts;
  readonly #remembered = new Map<string, KnownToken>();

  constructor(parts: AgentTokensParts) {
    this.#parts = parts;
  }

  /** The scopes that an agent should ask for. */
  get scopes(): readonly Scope[] {
    return this.#parts.scopes;
  }

  /** Throws a 401 for a token that is not valid, and a 403 for one without rights. Null when the request has no token. */
  authenticate(headers: IncomingHttpHeaders): Promise<Caller> | null {
    const token = headers["x-api-key"] === undefined ? bearerIn(headers) : null;
    if (token === null || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return null;
    return this.#callerWith(token, headers["x-organization-id"]);
  }

  async #callerWith(token: string, organization: string | string[] | undefined): Promise<Caller> {
    const now = this.#parts.now();
    const name = `${token} ${String(organization)}`;
    const known = this.#remembered.get(name);
    if (known !== undefined && known.until > now) return known.caller;
    const read = await this.#parts.server.verify(token, this.#parts.resource());
    const caller = await this.#parts.keys.inOrganization(await this.#holderOf(read), organization);
    const limited = this.#limited(caller, read);
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(name, { caller: limited, until: Math.min(now + rememberedMs, read.expiresAt) });
    return limited;
  }

  /** The holder with all of their rights. */
  async #holderOf(token: AccessToken): Promise<Caller> {
    const { people, organizationClaim, groupsClaim } = this.#parts;
    const { claims, subject } = token;
    const id = idOf(token);
    const name = nameIn(claims, subject);
    if (organizationClaim !== null) {
      const organizationId = await this.#organizationIn(claims, organizationClaim);
      const actor = { kind: "person", id, name, via: null } as const;
      return { ...unknownCaller(organizationId), actor, scopes: allScopes.filter((scope) => scope !== "admin") };
    }
    const groups = people.mappedGroups(textsIn(claims, groupsClaim));
    const caller = await people.callerOf({ id, name, groups });
    if (caller === null) throw new ApiError("scope_missing", "No group of this token's holder has a role in Weft.");
    return caller;
  }

  async #organizationIn(claims: Claims, claim: string): Promise<OrganizationId> {
    const [text = ""] = textsIn(claims, claim);
    const organizationId = parseUuid<"organization">(text);
    const found = organizationId === null ? null : await this.#parts.store.readOrganization({ organizationId });
    if (found === null)
      throw new ApiError("scope_missing", `The claim "${claim}" of this token names no organization.`);
    return found.id;
  }

  /** Limits the rights of the holder to those that the token was issued with. */
  #limited(holder: Caller, { claims, expiresAt }: AccessToken): Caller {
    const granted = new Set(
      [...textsIn(claims, "scope"), ...textsIn(claims, "scp")].flatMap((text) => text.split(" ")),
    );
    const { scopes: offered } = this.#parts;
    const scopes = offered.filter((scope) => granted.has(scope) && hasScope(holder.scopes, scope));
    if (scopes.length === 0) {
      const sentence = `This token has none of the scopes ${offered.join(", ")} that its holder may have.`;
      throw new InsufficientScopeError(offered, sentence);
    }
    return { ...holder, scopes, isOperator: false, memberships: [], expiresAt };
  }
}

/** A subject is unique at its issuer only. */
function idOf({ issuer, subject }: AccessToken): string {
  return `${issuer.slice(0, limits.urlLengthMax)}|${subject}`;
}
