import { hash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { CompactEncrypt, compactDecrypt, errors, jwtVerify, SignJWT } from "jose";
import { ApiError } from "../domain/errors.ts";
import { type OrganizationId, parseId, prefixed } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { defaultNamespace } from "../domain/organization.ts";
import { namespaceOperatorsId } from "../store/namespace-operators.ts";
import { type AppToken, type Caller, unknownCaller } from "./caller.ts";
import { type Capability, capabilities, scopesWith } from "./capabilities.ts";
import type { JwtKeys } from "./jwt-keys.ts";
import { WrongKeyError } from "./wrong-keys.ts";

/** The party that a token represents. */
export type Bearer =
  /** The operator of a namespace; of the installation, with access to all applications, for the default one. */
  { readonly kind: "organization"; readonly namespace: string; readonly expiresAt: number } | ApplicationBearer;

/** One application. It sees event types without a flag, and those with one of these flags. */
export interface ApplicationBearer {
  readonly kind: "application";
  readonly organizationId: OrganizationId;
  readonly namespace: string;
  readonly featureFlags: readonly string[];
  readonly capabilities: readonly Capability[];
  readonly token: Omit<AppToken, "capabilities">;
  /** The names under which it can be revoked: all tokens, those of one session, and itself. */
  readonly names: readonly string[];
  /** SHA-256 of the key that created it, and with which it is revoked; null when it was not created with a key. */
  readonly keyHash: string | null;
}

const sealing = { alg: "dir", enc: "A256GCM" };
export interface ApplicationToken {
  readonly organizationId: OrganizationId;
  /** The namespace of the application; the default one if absent. */
  readonly namespace?: string;
  readonly featureFlags: readonly string[];
  /** All capabilities by default. */
  readonly capabilities?: readonly Capability[];
  /** The name of a session, under which tokens are revoked together; none by default. */
  readonly session?: string | null;
  /** Unix ms, to the second. */
  readonly expiresAt: number;
  /** SHA-256 of the key that it depends on; none by default. */
  readonly keyHash?: string | null;
}

/** Clients of Svix know this detail of the 401, so Weft returns it unchanged. */
const secretAsTokenDetail =
  "Authentication failed. JWT signing secrets can not be used as tokens, please refer to " +
  "https://github.com/svix/svix-webhooks#authentication for more information.";

/** The name under which all tokens of an application are revoked. */
export const everyToken = "all";

/** The name under which the tokens of a session are revoked. */
export function sessionName(session: string): string {
  return `session ${sha256(session)}`;
}

/** Tokens as Svix's SDKs send them: JSON Web Tokens, signed with the key in `WEFT_SVIX_JWT_SECRET`. */
export class SvixTokens {
  readonly #keys: JwtKeys;
  /** Encrypts the hash of a key inside a token: a token is readable, and an operator's key may be guessable. */
  readonly #sealingKey: Uint8Array;
  readonly #now: () => number;

  constructor(keys: JwtKeys, now: () => number) {
    this.#keys = keys;
    this.#sealingKey = new Uint8Array(hkdfSync("sha256", secretOf(keys), "weft", "key of a token", 32));
    this.#now = now;
  }

  /** Whether tokens can be signed, and not only read. */
  get canSign(): boolean {
    return this.#keys.signing !== null;
  }

  /**
   * Throws a 401 for a token with another signature, an expired token, or one without an expiry, and a 400 when it names an
   * invalid organization.
   */
  async read(token: string): Promise<Bearer> {
    this.refuseSecret(token);
    const claims = await this.#claims(token);
    return bearerOf(claims, { token, keyHash: await this.#keyHashIn(claims) });
  }

  /** Throws a 401 with the reason if the credential is the secret with which tokens are signed. */
  refuseSecret(credential: string): void {
    if (!this.#isSecret(credential)) return;
    throw new ApiError("unauthenticated", secretAsTokenDetail);
  }

  organizationToken(expiresAt: number, namespace = defaultNamespace): Promise<string> {
    return this.#sign({}, namespace, expiresAt);
  }

  async applicationToken(made: ApplicationToken): Promise<string> {
    const claims = {
      org: made.namespace ?? defaultNamespace,
      feature_flags: [...made.featureFlags],
      ...(made.capabilities !== undefined && { capabilities: [...made.capabilities] }),
      ...(typeof made.session === "string" && { session_id: made.session }),
      ...(typeof made.keyHash === "string" && { weft_key: await this.#sealed(made.keyHash) }),
    };
    return await this.#sign(claims, prefixed("app", made.organizationId), made.expiresAt);
  }

  #isSecret(token: string): boolean {
    const { verification } = this.#keys;
    if (verification.type !== "secret") return false;
    const [given, secret] = [Buffer.from(sha256(token)), Buffer.from(sha256(verification.export()))];
    return timingSafeEqual(given, secret);
  }

  async #claims(token: string): Promise<Record<string, unknown>> {
    try {
      const { payload } = await jwtVerify(token, this.#keys.verification, {
        algorithms: [this.#keys.algorithm],
        currentDate: new Date(this.#now()),
        clockTolerance: limits.tokenClockDifferenceMs / 1_000,
        requiredClaims: ["exp"],
      });
      return payload;
    } catch (cause) {
      if (cause instanceof errors.JWTClaimValidationFailed && cause.claim === "exp" && cause.reason === "missing") {
        throw new ApiError("unauthenticated", "The token has no expiry. Sign one with the claim `exp`.");
      }
      // The signature is valid.
      if (cause instanceof errors.JWTExpired) throw new ApiError("unauthenticated", "Invalid token", { cause });
      if (!(cause instanceof errors.JOSEError)) throw cause;
      throw new WrongKeyError("Invalid token", token, { cause });
    }
  }

  async #keyHashIn({ weft_key }: Record<string, unknown>): Promise<string | null> {
    if (weft_key === undefined) return null;
    try {
      const { plaintext } = await compactDecrypt(String(weft_key), this.#sealingKey, {
        keyManagementAlgorithms: [sealing.alg],
        contentEncryptionAlgorithms: [sealing.enc],
      });
      return new TextDecoder().decode(plaintext);
    } catch (cause) {
      if (!(cause instanceof errors.JOSEError)) throw cause;
      throw new ApiError("unauthenticated", "Invalid token", { cause });
    }
  }

  async #sealed(keyHash: string): Promise<string> {
    const sealer = new CompactEncrypt(new TextEncoder().encode(keyHash));
    return await sealer.setProtectedHeader(sealing).encrypt(this.#sealingKey);
  }

  #sign(claims: Record<string, unknown>, subject: string, expiresAt: number): Promise<string> {
    const now = this.#now();
    const { algorithm, signing } = this.#keys;
    if (signing === null) throw new Error("A token cannot be signed with a public key.");
    return (
      new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, typ: "JWT" })
        .setIssuer("weft")
        .setSubject(subject)
        // The time has milliseconds, because otherwise two tokens of one second could not be ordered relative to a revocation.
        .setIssuedAt(now / 1_000)
        .setNotBefore(Math.floor(now / 1_000))
        .setExpirationTime(Math.floor(expiresAt / 1_000))
        .sign(signing)
    );
  }
}

interface ReadToken {
  readonly token: string;
  readonly keyHash: string | null;
}

function bearerOf(claims: Record<string, unknown>, { token, keyHash }: ReadToken): Bearer {
  const { sub, org, iat, exp, feature_flags, session_id } = claims;
  const expiresAt = msOf(exp);
  if (expiresAt === null || expiresAt > limits.tokenExpiryMsMax) {
    throw new ApiError("unauthenticated", "The token expires after the year 9999. Sign one that expires sooner.");
  }
  if (sub === undefined) throw new ApiError("unauthenticated", "Invalid token (missing `sub`).");
  if (org === undefined) {
    if (isNamespace(sub)) return { kind: "organization", namespace: sub, expiresAt };
    throw new ApiError("token_invalid", `The token's \`sub\` must be an organization: ${namespaceRule}.`);
  }
  if (!isNamespace(org)) {
    throw new ApiError("token_invalid", `The token's \`org\` must be an organization: ${namespaceRule}.`);
  }
  if (typeof sub !== "string" || !sub.startsWith("app_")) {
    throw new ApiError("token_invalid", "The token's `sub` must be an application, `app_…`.");
  }
  const organizationId = parseId<"organization">("app", sub);
  if (organizationId === null) throw new ApiError("unauthenticated", "Invalid token");
  const issuedAt = msOf(iat) ?? 0;
  if (issuedAt > limits.tokenExpiryMsMax) throw new ApiError("unauthenticated", "Invalid token");
  const name = `token ${sha256(signedPart(token))}`;
  return {
    kind: "application",
    organizationId,
    namespace: org,
    featureFlags: Array.isArray(feature_flags) ? feature_flags.filter((flag) => typeof flag === "string") : [],
    capabilities: capabilitiesIn(claims),
    token: { name, issuedAt, expiresAt },
    keyHash,
    names: [everyToken, name, ...(typeof session_id === "string" ? [sessionName(session_id)] : [])],
  };
}

const namespaceRule = `org_ and letters, digits, - _ and ., ${limits.uidLengthMax} characters at most`;

export function isNamespace(name: unknown): name is string {
  return typeof name === "string" && name.length <= limits.uidLengthMax && /^org_[a-zA-Z0-9._-]*$/.test(name);
}

/** A token without the claim has all capabilities. Unknown capabilities are ignored. */
function capabilitiesIn({ capabilities: given }: Record<string, unknown>): readonly Capability[] {
  if (given === undefined) return capabilities;
  return Array.isArray(given) ? capabilities.filter((capability) => given.includes(capability)) : [];
}

// A signature has more than one valid spelling.
function signedPart(token: string): string {
  return token.slice(0, token.lastIndexOf("."));
}

function msOf(seconds: unknown): number | null {
  return typeof seconds === "number" && Number.isFinite(seconds) ? Math.max(0, Math.round(seconds * 1_000)) : null;
}

/** The secret or the private key. With a public key alone nothing is sealed, so that any key serves. */
function secretOf({ signing }: JwtKeys): Buffer {
  if (signing === null) return randomBytes(32);
  return signing.type === "secret" ? signing.export() : signing.export({ type: "pkcs8", format: "der" });
}

function sha256(text: string | Buffer): string {
  return hash("sha256", text, "hex");
}

/** The scopes of a token's bearer. An application's own token reads and changes its endpoints, and cannot publish. */
export function callerOf(bearer: Bearer, defaultOrganizationId: OrganizationId): Caller {
  switch (bearer.kind) {
    case "organization":
      return {
        ...unknownCaller(defaultOrganizationId),
        actor: { kind: "organization_token", id: null, name: null, via: null },
        scopes: ["admin"],
        expiresAt: bearer.expiresAt,
        ...(bearer.namespace === defaultNamespace ? { isOperator: true } : ofNamespace(bearer.namespace)),
      };
    case "application":
      return {
        ...unknownCaller(bearer.organizationId),
        actor: { kind: "application_token", id: bearer.token.name, name: null, via: null },
        scopes: scopesWith(bearer.capabilities),
        namespace: bearer.namespace,
        featureFlags: bearer.featureFlags,
        appToken: { ...bearer.token, capabilities: bearer.capabilities },
        expiresAt: bearer.token.expiresAt,
      };
  }
}

/**
 * The calls of a namespace are counted under the organization of its operators. They share no limit, idempotency key or entry of the
 * audit log with others.
 */
function ofNamespace(namespace: string) {
  return {
    namespace,
    organizationId: namespaceOperatorsId(namespace),
    actor: { kind: "organization_token", id: namespace, name: null, via: null },
  } as const;
}
