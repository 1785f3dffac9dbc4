import { EncryptJWT, errors, jwtDecrypt } from "jose";
import { z } from "zod";
import { type Scope, scopes } from "../domain/api-key.ts";
import { type Actor, actorWays } from "../domain/audit-entry.ts";
import type { OrganizationId } from "../domain/id.ts";
import type { Person } from "../domain/person.ts";

/** The content of a session's token. Times are Unix ms. */
export interface SessionClaims {
  /** Whether it is a browser session or a link to the console. Neither is accepted as the other. */
  readonly way: NonNullable<Actor["via"]>;
  readonly id: string;
  /** The organization of a session's key, or the one that a link shows. */
  readonly organizationId: OrganizationId;
  /** SHA-256 (hex) of the key that it depends on; null for a person, and where no key is required. */
  readonly keyHash: string | null;
  /** The person who signed in; null for a session that depends on a key. */
  readonly person: Person | null;
  /** The granted scopes that the key has too; null for all of the key's. */
  readonly scopes: readonly Scope[] | null;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

const algorithm = "dir";
const encryption = "A256GCM";

const sealed = z.object({
  way: z.enum(actorWays),
  key: z.string().nullable(),
  person: z
    .object({ id: z.string(), name: z.string(), groups: z.array(z.string()) })
    .nullable()
    .default(null),
  scopes: z.array(z.enum(scopes)).nullable(),
  jti: z.string(),
  sub: z.uuid().transform((text) => text as OrganizationId),
  at: z.int(),
  until: z.int(),
});

/** Session tokens are encrypted (RFC 7516, AES-256-GCM), so that only the installation's key can read or create them. */
export class SessionTokens {
  readonly #keys: readonly Uint8Array[];
  readonly #now: () => number;

  /** The first key encrypts; all of them decrypt. */
  constructor(keys: readonly Uint8Array[], now: () => number) {
    this.#keys = keys;
    this.#now = now;
  }

  async seal({
    way,
    id,
    organizationId,
    keyHash,
    person,
    scopes,
    issuedAt,
    expiresAt,
  }: SessionClaims): Promise<string> {
    const claims = { way, key: keyHash, person, scopes, at: issuedAt, until: expiresAt };
    return await new EncryptJWT(claims)
      .setProtectedHeader({ alg: algorithm, enc: encryption })
      .setJti(id)
      .setSubject(organizationId)
      .encrypt(this.#keys[0] ?? new Uint8Array());
  }

  /** Null for a token that was not encrypted here or has expired. */
  async open(token: string): Promise<SessionClaims | null> {
    for (const sealingKey of this.#keys) {
      const read = sealed.safeParse(await payloadOf(token, sealingKey));
      if (!read.success) continue;
      if (read.data.until <= this.#now()) return null;
      const { way, key, person, scopes, jti, sub, at, until } = read.data;
      return { way, id: jti, organizationId: sub, keyHash: key, person, scopes, issuedAt: at, expiresAt: until };
    }
    return null;
  }
}

async function payloadOf(token: string, key: Uint8Array): Promise<unknown> {
  try {
    const { payload } = await jwtDecrypt(token, key, {
      keyManagementAlgorithms: [algorithm],
      contentEncryptionAlgorithms: [encryption],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

/** Whether a text has the form of such a token. No key of Weft's has it; a key that the operator chose may. */
export function looksSealed(text: string): boolean {
  return text.includes(".") && text.split(".").length === 5;
}
