import { errors, jwtVerify, SignJWT } from "jose";
import { ApiError } from "../../domain/errors.ts";
import { type OrganizationId, parseId, prefixed } from "../../domain/id.ts";
import type { Caller } from "../route.ts";

/** Whom a token speaks for. */
export type Bearer =
  /** Whoever runs the installation: all applications. */
  | { readonly kind: "organization" }
  /** One application, and of the event types those that have no flag or one of these. */
  | { readonly kind: "application"; readonly organizationId: OrganizationId; readonly featureFlags: readonly string[] };

const algorithm = "HS256";
/** Every token of this installation names it; there is one, so other names are as good. */
const issuedFor = "org_weft";

export interface ApplicationToken {
  readonly organizationId: OrganizationId;
  readonly featureFlags: readonly string[];
  /** Unix ms, to the second. */
  readonly expiresAt: number;
}

/** Tokens as Svix' SDKs send them: JSON Web Tokens under HS256, signed with `WEFT_SVIX_JWT_SECRET`. */
export class SvixTokens {
  readonly #secret: string;
  readonly #key: Uint8Array;
  readonly #now: () => number;

  constructor(secret: string, now: () => number) {
    this.#secret = secret;
    this.#key = new TextEncoder().encode(secret);
    this.#now = now;
  }

  /** Throws a 401 for what was not signed with the secret or has expired, a 400 when it names something else than it may. */
  async read(token: string): Promise<Bearer> {
    if (token === this.#secret) {
      throw new ApiError("unauthenticated", "This is the secret that signs tokens, not a token. Sign one with it.");
    }
    return bearerOf(await this.#claims(token));
  }

  organizationToken(expiresAt: number): Promise<string> {
    return this.#sign({}, issuedFor, expiresAt);
  }

  applicationToken({ organizationId, featureFlags, expiresAt }: ApplicationToken): Promise<string> {
    const claims = { org: issuedFor, feature_flags: [...featureFlags] };
    return this.#sign(claims, prefixed("app", organizationId), expiresAt);
  }

  async #claims(token: string): Promise<Record<string, unknown>> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [algorithm],
        currentDate: new Date(this.#now()),
      });
      return payload;
    } catch (cause) {
      if (!(cause instanceof errors.JOSEError)) throw cause;
      throw new ApiError("unauthenticated", "Invalid token", { cause });
    }
  }

  #sign(claims: Record<string, unknown>, subject: string, expiresAt: number): Promise<string> {
    const nowSeconds = Math.floor(this.#now() / 1_000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .setIssuer("weft")
      .setSubject(subject)
      .setIssuedAt(nowSeconds)
      .setNotBefore(nowSeconds)
      .setExpirationTime(Math.floor(expiresAt / 1_000))
      .sign(this.#key);
  }
}

function bearerOf({ sub, org, feature_flags }: Record<string, unknown>): Bearer {
  if (org === undefined) {
    if (typeof sub === "string" && sub.startsWith("org_")) return { kind: "organization" };
    throw new ApiError("bad_request", "The token's `sub` must be an organization, `org_…`.");
  }
  if (typeof org !== "string" || !org.startsWith("org_")) {
    throw new ApiError("bad_request", "The token's `org` must be an organization, `org_…`.");
  }
  if (typeof sub !== "string" || !sub.startsWith("app_")) {
    throw new ApiError("bad_request", "The token's `sub` must be an application, `app_…`.");
  }
  const organizationId = parseId<"organization">("app", sub);
  if (organizationId === null) throw new ApiError("unauthenticated", "Invalid token");
  const flags = Array.isArray(feature_flags) ? feature_flags.filter((flag) => typeof flag === "string") : [];
  return { kind: "application", organizationId, featureFlags: flags };
}

/** What a bearer may do. An application's own token reads and changes its endpoints; it does not publish. */
export function callerOf(bearer: Bearer, defaultOrganizationId: OrganizationId): Caller {
  switch (bearer.kind) {
    case "organization":
      return { organizationId: defaultOrganizationId, scopes: ["admin"], isOperator: true, featureFlags: null };
    case "application":
      return {
        organizationId: bearer.organizationId,
        scopes: ["read", "write", "secrets"],
        isOperator: false,
        featureFlags: bearer.featureFlags,
      };
  }
}
