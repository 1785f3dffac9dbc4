import { EncryptJWT, errors, jwtDecrypt } from "jose";
import { z } from "zod";

/** The data of one sign-in at an identity provider, which the browser keeps in a cookie until it returns. */
export interface SignInTicket {
  readonly state: string;
  readonly nonce: string;
  /** The secret of PKCE. */
  readonly verifier: string;
  /** The path in the console to which the browser returns. */
  readonly returnTo: string;
  /** Unix ms. */
  readonly expiresAt: number;
}

const sealed = z.object({
  purpose: z.literal("sign-in"),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: z.string(),
  until: z.int(),
});

/** Tickets are encrypted, so that neither the browser nor another site can read or create them. */
export class SignInTickets {
  readonly #keys: readonly Uint8Array[];
  readonly #now: () => number;

  /** The first key encrypts; all of them decrypt. */
  constructor(keys: readonly Uint8Array[], now: () => number) {
    this.#keys = keys;
    this.#now = now;
  }

  async seal({ state, nonce, verifier, returnTo, expiresAt }: SignInTicket): Promise<string> {
    return await new EncryptJWT({ purpose: "sign-in", state, nonce, verifier, to: returnTo, until: expiresAt })
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .encrypt(this.#keys[0] ?? new Uint8Array());
  }

  /** Null for a ticket that was not created here, or has expired. */
  async open(text: string): Promise<SignInTicket | null> {
    for (const key of this.#keys) {
      const read = sealed.safeParse(await payloadOf(text, key));
      if (!read.success) continue;
      const { state, nonce, verifier, to, until } = read.data;
      return until <= this.#now() ? null : { state, nonce, verifier, returnTo: to, expiresAt: until };
    }
    return null;
  }
}

async function payloadOf(text: string, key: Uint8Array): Promise<unknown> {
  try {
    return (await jwtDecrypt(text, key)).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
