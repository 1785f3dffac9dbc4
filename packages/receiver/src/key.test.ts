import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPrivateKey, formatPublicKey, parseKey, parseSigningKeys, parseVerifyingKeys } from "./key.ts";

const half = fc.uint8Array({ minLength: 32, maxLength: 32 });

test("each half of any key pair is formatted and parsed without loss", () => {
  fc.assert(
    fc.property(half, half, (seedBytes, publicBytes) => {
      const [seed, publicKey] = [Uint8Array.from(seedBytes), Uint8Array.from(publicBytes)];
      expect(parseKey(formatPrivateKey({ seed, publicKey }))).toEqual({ kind: "private", seed, publicKey });
      expect(parseKey(formatPublicKey({ publicKey }))).toEqual({ kind: "public", publicKey });
      expect(formatPrivateKey({ seed, publicKey })).toBe(`whsk_${Buffer.concat([seed, publicKey]).toString("base64")}`);
      expect(formatPublicKey({ publicKey })).toBe(`whpk_${Buffer.from(publicKey).toString("base64")}`);
    }),
  );
});

test("a shared secret is a key with or without its prefix, and so is text that only contains another prefix", () => {
  const bytes = Uint8Array.of(0, 1, 2, 3);
  expect(parseKey("whsec_AAECAw==")).toEqual({ kind: "shared", bytes });
  expect(parseKey("AAECAw==")).toEqual({ kind: "shared", bytes });
  expect(parseKey("my whsk_ and whpk_")).toMatchObject({ kind: "shared" });
});

describe("an invalid Ed25519 key is refused with a sentence that does not contain it", () => {
  const base64 = (length: number) => Buffer.alloc(length, 7).toString("base64");

  test.each([
    ["whsk_", "whsk_ stands for 64 bytes; this one for 0"],
    ["whpk_", "whpk_ stands for 32 bytes; this one for 0"],
    [`whsk_${base64(32)}`, "this one for 32"],
    [`whsk_${base64(63)}`, "this one for 63"],
    [`whsk_${base64(65)}`, "this one for 65"],
    [`whpk_${base64(31)}`, "this one for 31"],
    [`whpk_${base64(33)}`, "this one for 33"],
    [`whpk_${base64(64)}`, "this one for 64"],
    [`whsk_${base64(64)}\n`, "characters after whsk_ that are not base64"],
    [`whpk_${base64(32)} `, "characters after whpk_ that are not base64"],
    ["whpk_hunter2!", "not base64"],
  ])("%j", (secret, words) => {
    let error: unknown;
    try {
      parseKey(secret);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "invalid_secret", message: expect.stringContaining(words) });
    expect((error as Error).message).not.toMatch(/hunter2|BwcHBw/);
  });
});

test.each([parseSigningKeys, parseVerifyingKeys])("%o refuses an empty list and a secret that is not set", (parse) => {
  const unset = undefined as unknown as string;
  const refusal = expect.objectContaining({ code: "invalid_secret" });
  expect(() => parse([])).toThrow(refusal);
  expect(() => parse(unset)).toThrow(refusal);
  expect(() => parse(["whsec_AAECAw==", unset])).toThrow(refusal);
});
