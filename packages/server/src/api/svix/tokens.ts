import { hash } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { ApiError } from "../../domain/errors.ts";
import { type OrganizationId, parseId, prefixed } from "../../domain/id.ts";
import { type AppToken, type Caller, unknownCaller } from "../route.ts";
import { type Capability, capabilities, scopesWith } from "./capabilities.ts";

/** Whom a token speaks for. */
export type Bearer =
  /** Whoever runs the installation: all applications. */
  { readonly kind: "organization" } | ApplicationBearer;

/** One application, and of the event types those that have no flag or one of these. */
export interface ApplicationBearer {
  readonly kind: "application";
  readonly organizationId: OrganizationId;
  readonly featureFlags: readonly string[];
  readonly capabilities: readonly Capability[];
  readonly token: Omit<AppToken, "capabilities">;
  /** What it goes under where tokens are ended: as one of all, as one of a session, and as itself. */
  readonly names: readonly string[];
}

const algorithm = "HS256";
/** Every token of this installation names it; there is one, so other names are as good. */
const issuedFor = "org_weft";

export interface ApplicationToken {
  readonly organizationId: OrganizationId;
  readonly featureFlags: readonly string[];
  /** All of them, unless given. */
  readonly capabilities?: readonly Capability[];
  /** What tokens may be ended together by; none, unless given. */
  readonly session?: string | null;
  /** Unix ms, to the second. */
  readonly expiresAt: number;
}

/** The name of all tokens of an application, where tokens are ended. */
export const everyToken = "all";

/** The name of the tokens of a session. */
export function sessionName(session: string): string {
  return `session ${sha256(session)}`;
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
    return bearerOf(await this.#claims(token), token);
  }

  organizationToken(expiresAt: number): Promise<string> {
    return this.#sign({}, issuedFor, expiresAt);
  }

  applicationToken(made: ApplicationToken): Promise<string> {
    const claims = {
      org: issuedFor,
      feature_flags: [...made.featureFlags],
      ...(made.capabilities !== undefined && { capabilities: [...made.capabilities] }),
      ...(typeof made.session === "string" && { session_id: made.session }),
    };
    return this.#sign(claims, prefixed("app", made.organizationId), made.expiresAt);
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
    const now = this.#now();
    return (
      new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, typ: "JWT" })
        .setIssuer("weft")
        .setSubject(subject)
        // To the millisecond: which of two tokens of one second was there when all were ended would be unknown otherwise.
        .setIssuedAt(now / 1_000)
        .setNotBefore(Math.floor(now / 1_000))
        .setExpirationTime(Math.floor(expiresAt / 1_000))
        .sign(this.#key)
    );
  }
}

function bearerOf(claims: Record<string, unknown>, token: string): Bearer {
  const { sub, org, iat, exp, feature_flags, session_id } = claims;
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
  const name = `token ${sha256(signedPart(token))}`;
  return {
    kind: "application",
    organizationId,
    featureFlags: Array.isArray(feature_flags) ? feature_flags.filter((flag) => typeof flag === "string") : [],
    capabilities: capabilitiesIn(claims),
    token: { name, issuedAt: msOf(iat) ?? 0, expiresAt: msOf(exp) },
    names: [everyToken, name, ...(typeof session_id === "string" ? [sessionName(session_id)] : [])],
  };
}

/** A token that says nothing of them has all; of what it says, what is none counts for nothing. */
function capabilitiesIn({ capabilities: given }: Record<string, unknown>): readonly Capability[] {
  if (given === undefined) return capabilities;
  return Array.isArray(given) ? capabilities.filter((capability) => given.includes(capability)) : [];
}

// The signature itself may be spelt in more than one way.
function signedPart(token: string): string {
  return token.slice(0, token.lastIndexOf("."));
}

function msOf(seconds: unknown): number | null {
  return typeof seconds === "number" ? Math.round(seconds * 1_000) : null;
}

function sha256(text: string): string {
  return hash("sha256", text, "hex");
}

/** What a bearer may do. An application's own token reads and changes its endpoints; it does not publish. */
export function callerOf(bearer: Bearer, defaultOrganizationId: OrganizationId): Caller {
  switch (bearer.kind) {
    case "organization":
      return {
        ...unknownCaller(defaultOrganizationId),
        actor: { kind: "organization_token", id: null, name: null, via: null },
        scopes: ["admin"],
        isOperator: true,
      };
    case "application":
      return {
        ...unknownCaller(bearer.organizationId),
        actor: { kind: "application_token", id: bearer.token.name, name: null, via: null },
        scopes: scopesWith(bearer.capabilities),
        featureFlags: bearer.featureFlags,
        appToken: { ...bearer.token, capabilities: bearer.capabilities },
        expiresAt: bearer.token.expiresAt,
      };
  }
}
