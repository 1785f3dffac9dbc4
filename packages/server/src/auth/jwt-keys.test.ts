import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import { type JwtAlgorithm, jwtAlgorithms, jwtKeysIn } from "./jwt-keys.ts";

const secret = "a secret that signs tokens, long enough";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const small = generateKeyPairSync("rsa", { modulusLength: 1_024 });
const ed25519 = generateKeyPairSync("ed25519");
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" });

function pem(key: KeyObject): string {
  return String(key.export({ type: key.type === "private" ? "pkcs8" : "spki", format: "pem" }));
}

test.each(jwtAlgorithms)("%s signs with a key of its kind, and reads with its public half", (algorithm) => {
  if (algorithm.startsWith("HS")) {
    const { signing, verification } = jwtKeysIn(secret, algorithm);
    expect(signing?.equals(verification)).toBe(true);
    return;
  }
  const { publicKey, privateKey } = algorithm === "EdDSA" ? ed25519 : rsa;
  const both = jwtKeysIn(pem(privateKey), algorithm);
  expect([both.signing?.equals(privateKey), both.verification.equals(publicKey)]).toEqual([true, true]);
  const escaped = jwtKeysIn(pem(publicKey).replaceAll("\n", "\\n"), algorithm);
  expect([escaped.signing, escaped.verification.equals(publicKey)]).toEqual([null, true]);
});

test.each<[JwtAlgorithm, string, string]>([
  ["HS256", "short", "at least 32 characters"],
  ["HS256", pem(rsa.publicKey), "this is a PEM"],
  ["HS512", pem(rsa.privateKey), "this is a PEM"],
  ["RS256", secret, "needs the PEM"],
  ["RS256", pem(ed25519.privateKey), "needs a key of the type rsa"],
  ["RS256", pem(small.privateKey), "at least 2048 bits"],
  ["RS512", "-----BEGIN PUBLIC KEY-----\nno\n-----END PUBLIC KEY-----", "not a key"],
  ["EdDSA", pem(rsa.privateKey), "needs a key of the type ed25519"],
  ["EdDSA", pem(elliptic.privateKey), "needs a key of the type ed25519"],
])("%s refuses a key that does not fit, with the reason", (algorithm, text, reason) => {
  expect(() => jwtKeysIn(text, algorithm)).toThrow(reason);
});
