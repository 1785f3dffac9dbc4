import { EncryptJWT, errors, jwtDecrypt } from "jose";
import { z } from "zod";
import { limits } from "../domain/limits.ts";

/** A bulk action that a caller has seen a preview of. Times are Unix ms. */
export interface Confirmed {
  readonly principal: string;
  readonly subscriptionId: string;
  readonly since: string;
  readonly until: string;
  readonly scope: string;
  /** The number of deliveries in the preview. */
  readonly deliveries: number;
}

const algorithm = "dir";
const encryption = "A256GCM";

const sealed = z.object({
  purpose: z.literal("confirm-recovery"),
  principal: z.string(),
  subscriptionId: z.string(),
  since: z.string(),
  until: z.string(),
  scope: z.string(),
  deliveries: z.int(),
  validUntil: z.int(),
});

/** Previews are encrypted into tokens that the caller sends back, so that Weft stores nothing. */
export class ConfirmTokens {
  readonly #keys: readonly Uint8Array[];
  readonly #now: () => number;

  /** The first key encrypts; all of them decrypt. */
  constructor(keys: readonly Uint8Array[], now: () => number) {
    this.#keys = keys;
    this.#now = now;
  }

  async seal(confirmed: Confirmed): Promise<string> {
    const validUntil = this.#now() + limits.confirmTokenMs;
    return await new EncryptJWT({ purpose: "confirm-recovery", ...confirmed, validUntil })
      .setProtectedHeader({ alg: algorithm, enc: encryption })
      .encrypt(this.#keys[0] ?? new Uint8Array());
  }

  /** Null for a token that was not encrypted here or has expired. */
  async open(token: string): Promise<Confirmed | null> {
    for (const key of this.#keys) {
      const read = sealed.safeParse(await payloadOf(token, key));
      if (!read.success) continue;
      const { purpose: _, validUntil, ...confirmed } = read.data;
      return validUntil <= this.#now() ? null : confirmed;
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
