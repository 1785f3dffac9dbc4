import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** The master keys of a program. Either opens texts that it sealed, and only the current one seals. */
export interface MasterKeys {
  readonly current: string;
  /** The previous key; null outside of a rotation. */
  readonly previous: string | null;
}

/** Seals the texts that must not be readable in the database file: signing secrets, headers, credentials. */
export interface Vault {
  /** The name of the key that seals. */
  readonly keyId: string;
  /** The names of all keys here, the one that seals first. */
  readonly keyIds: readonly string[];
  seal(text: string): string;
  open(sealed: string): string;
  /** The name of the key here that opens a text; null when none does. */
  openerOf(sealed: string): string | null;
}

// A text names the key that sealed it: `v2:KEY:BYTES`. Earlier programs wrote `v1:BYTES`.
const named = /^v2:([0-9a-f]{16}):(.*)$/s;
const unnamedPrefix = "v1:";
const nonceBytes = 12;
const tagBytes = 16;

/** A key of 32 bytes for one purpose (HKDF-SHA-256). A text that was sealed for one purpose opens for no other. */
export function derivedKey(masterKey: string, purpose: "vault" | "sessions"): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", masterKey, "weft", purpose, 32));
}

/** The name of a master key, which reveals nothing about the key. */
export function keyIdOf(masterKey: string): string {
  return Buffer.from(hkdfSync("sha256", masterKey, "weft", "key id", 8)).toString("hex");
}

/** The prefix of texts that were sealed with a key. */
export function sealedPrefix(keyId: string): string {
  return `v2:${keyId}:`;
}

/**
 * AES-256-GCM under keys derived (HKDF-SHA-256) from the master keys. Opening text that was sealed under another master
 * key, or altered, throws with a sentence that says so.
 */
export function openVault(given: MasterKeys | string): Vault {
  const { current, previous } = typeof given === "string" ? { current: given, previous: null } : given;
  const keys = new Map(
    [current, ...(previous === null ? [] : [previous])].map((key) => [keyIdOf(key), derivedKey(key, "vault")] as const),
  );
  const keyId = keyIdOf(current);
  const sealing = derivedKey(current, "vault");

  function seal(text: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", sealing, nonce);
    const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${sealedPrefix(keyId)}${sealed.toString("base64")}`;
  }

  /** The keys that may have sealed a text, and its bytes. */
  function candidatesFor(sealed: string): { bytes: Buffer; ids: readonly string[] } {
    const [, id = "", text = ""] = named.exec(sealed) ?? [];
    if (id !== "") return { bytes: Buffer.from(text, "base64"), ids: keys.has(id) ? [id] : [] };
    return { bytes: Buffer.from(sealed.slice(unnamedPrefix.length), "base64"), ids: [...keys.keys()] };
  }

  function attempt(sealed: string): { id: string; text: string } | { cause: unknown } {
    const { bytes, ids } = candidatesFor(sealed);
    let cause: unknown;
    for (const id of ids) {
      const key = keys.get(id);
      if (key === undefined) continue;
      try {
        return { id, text: decrypted(bytes, key) };
      } catch (error) {
        cause = error;
      }
    }
    return { cause };
  }

  function open(sealed: string): string {
    const opened = attempt(sealed);
    if ("text" in opened) return opened.text;
    throw new Error(
      "A stored secret cannot be decrypted. WEFT_MASTER_KEY (or the data folder's master.key) is not the one it was stored with.",
      { cause: opened.cause },
    );
  }

  function openerOf(sealed: string): string | null {
    const opened = attempt(sealed);
    return "text" in opened ? opened.id : null;
  }

  return { keyId, keyIds: [...keys.keys()], seal, open, openerOf };
}

function decrypted(bytes: Buffer, key: Uint8Array): string {
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, "utf8") + decipher.final("utf8");
}
