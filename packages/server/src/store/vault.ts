import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Seals what must not be readable in the database file: signing secrets, headers, credentials. */
export interface Vault {
  seal(text: string): string;
  open(sealed: string): string;
}

const version = "v1";
const nonceBytes = 12;
const tagBytes = 16;

/** A key of 32 bytes for one purpose (HKDF-SHA-256). What is sealed for one purpose opens for no other. */
export function derivedKey(masterKey: string, purpose: "vault" | "sessions"): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", masterKey, "weft", purpose, 32));
}

/**
 * AES-256-GCM under a key derived (HKDF-SHA-256) from the master key. Opening text that was sealed under another
 * master key, or altered, throws with a sentence that says so.
 */
export function openVault(masterKey: string): Vault {
  const key = derivedKey(masterKey, "vault");

  function seal(text: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${version}:${sealed.toString("base64")}`;
  }

  function open(sealed: string): string {
    const bytes = Buffer.from(sealed.slice(version.length + 1), "base64");
    try {
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, "utf8") + decipher.final("utf8");
    } catch (error) {
      throw new Error(
        "A stored secret cannot be decrypted. WEFT_MASTER_KEY (or the data folder's master.key) is not the one it was stored with.",
        { cause: error },
      );
    }
  }

  return { seal, open };
}
