import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { derivedKey, keyIdOf, openVault } from "./vault.ts";

const [old, current, other] = ["the old master key", "the current master key", "another master key"] as const;

/** Sealed like texts of programs that did not name their key. */
function sealedUnnamed(text: string, masterKey: string): string {
  const nonce = Buffer.alloc(12, 5);
  const cipher = createCipheriv("aes-256-gcm", derivedKey(masterKey, "vault"), nonce);
  const bytes = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${bytes.toString("base64")}`;
}

test("any text is opened as it was sealed, and its sealed form reveals only the name of its key", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const vault = openVault(current);
      const sealed = vault.seal(text);
      expect(vault.open(sealed)).toBe(text.toWellFormed());
      expect(sealed.startsWith(`v2:${keyIdOf(current)}:`)).toBe(true);
      expect(vault.openerOf(sealed)).toBe(keyIdOf(current));
    }),
  );
});

test("during a rotation both keys open texts with and without a name, and the current one seals", () => {
  const vault = openVault({ current, previous: old });
  expect(vault.open(openVault(old).seal("a"))).toBe("a");
  expect(vault.open(sealedUnnamed("b", old))).toBe("b");
  expect(vault.open(sealedUnnamed("c", current))).toBe("c");
  expect(vault.openerOf(sealedUnnamed("c", old))).toBe(keyIdOf(old));
  expect(vault.openerOf(vault.seal("d"))).toBe(keyIdOf(current));
  expect(vault.keyIds).toEqual([keyIdOf(current), keyIdOf(old)]);
});

test("a text that another key sealed, or that was changed, is refused with a sentence", () => {
  const vault = openVault({ current, previous: old });
  const sealed = vault.seal("hush");
  const texts = [
    openVault(other).seal("hush"),
    sealedUnnamed("hush", other),
    sealed.replace(keyIdOf(current), keyIdOf(old)),
    sealed.replace(keyIdOf(current), keyIdOf(other)),
    `${sealed.slice(0, -6)}AAAA==`,
    "v2:",
    "v1:",
    "",
    "hush",
  ];
  for (const text of texts) {
    expect(() => vault.open(text), text).toThrow(/cannot be decrypted/);
    expect(vault.openerOf(text), text).toBeNull();
  }
});

test("the name of a key is the same on every node, and differs from that of another key", () => {
  expect(keyIdOf(current)).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set([old, current, other].map(keyIdOf)).size).toBe(3);
});
