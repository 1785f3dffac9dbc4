import { generateKeyPairSync, sign as signByNode, verify as verifyByNode } from "node:crypto";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { formatPrivateKey, formatPublicKey } from "./key.ts";
import { sign, signedHeaders } from "./signature.ts";
import { verifySignature } from "./verify.ts";

function newPair() {
  const pair = generateKeyPairSync("ed25519");
  const jwk = pair.privateKey.export({ format: "jwk" });
  const bytes = (text = "") => Uint8Array.from(Buffer.from(text, "base64url"));
  const halves = { seed: bytes(jwk.d), publicKey: bytes(jwk.x) };
  return { ...pair, halves, signing: formatPrivateKey(halves), verifying: formatPublicKey(halves) };
}

const published = {
  secret: "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: 1614265330,
};

test("Node's own Ed25519 verifies the kit's signatures, and the kit verifies Node's", async () => {
  const { privateKey, publicKey, signing, verifying } = newPair();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
      const content = Buffer.from(`msg_1.1614265330.${text}`);
      const ours = await sign(text, { id: "msg_1", timestamp: 1614265330, secret: signing });
      const bytes = Buffer.from(ours.slice("v1a,".length), "base64");
      expect(verifyByNode(null, content, publicKey, bytes)).toBe(true);
      const headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": `v1a,${signByNode(null, content, privateKey).toString("base64")}`,
      };
      const verified = await verifySignature(text, headers, verifying, { tolerance: Number.POSITIVE_INFINITY });
      expect(verified.text).toBe(text);
    }),
  );
});

test("a key whose halves do not belong together is rejected before it signs", async () => {
  const secret = formatPrivateKey({ seed: newPair().halves.seed, publicKey: newPair().halves.publicKey });
  await expect(sign("{}", { id: "msg_1", timestamp: 0, secret })).rejects.toMatchObject({
    code: "invalid_secret",
    message: expect.stringContaining("do not belong together"),
  });
});

test.each([0, 2, 255])("a public key that is not a point of the curve (bytes of %i) verifies nothing", async (byte) => {
  const headers = await signedHeaders("{}", published);
  const secret = `whpk_${Buffer.alloc(32, byte).toString("base64")}`;
  const verified = verifySignature("{}", headers, secret, { tolerance: Number.POSITIVE_INFINITY });
  await expect(verified).rejects.toMatchObject({ code: "no_matching_signature" });
});

test("no key can be exported from the crypto library", async () => {
  const importKey = vi.spyOn(crypto.subtle, "importKey");
  await sign("{}", published);
  const keys = await Promise.all(importKey.mock.results.map(({ value }) => value));
  importKey.mockRestore();
  expect(keys.map(({ type, extractable, usages }) => [type, extractable, ...usages])).toEqual([
    ["private", false, "sign"],
    ["public", false, "verify"],
  ]);
});

test("a runtime without Ed25519 is reported as such, with the cause", async () => {
  const headers = await signedHeaders("{}", published);
  const cause = new Error("Unrecognized algorithm name");
  const importKey = vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(cause);
  const verified = verifySignature("{}", headers, newPair().verifying, { tolerance: Number.POSITIVE_INFINITY });
  await expect(verified).rejects.toMatchObject({
    code: "invalid_secret",
    message: expect.stringContaining("does this runtime's crypto know Ed25519?"),
    cause,
  });
  importKey.mockRestore();
});
