import fc from "fast-check";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, test } from "vitest";
import { formatSecret } from "./secret.ts";
import { signedHeaders } from "./signature.ts";
import { verify } from "./verify.ts";

const libraries = [
  { name: "svix", Webhook: SvixWebhook },
  { name: "standardwebhooks", Webhook: StandardWebhook },
];

const arbitrarySecret = fc.uint8Array({ minLength: 1, maxLength: 75 }).map(formatSecret);
const arbitraryPayload = fc
  .dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue())
  .map((fields) => JSON.stringify({ ...fields, event_type: "sync.completed" }));

describe.each(libraries)("the public library $name", ({ Webhook }) => {
  test("verifies the kit's signatures", async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySecret, arbitraryPayload, async (secret, payload) => {
        const headers = await signedHeaders(payload, { id: "msg_1", timestamp: new Date(), secret });
        expect(new Webhook(secret).verify(payload, headers)).toEqual(JSON.parse(payload));
      }),
    );
  });

  test("makes signatures that the kit verifies", async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySecret, arbitraryPayload, async (secret, payload) => {
        const signedAt = new Date();
        const headers = {
          "webhook-id": "msg_1",
          "webhook-timestamp": String(Math.floor(signedAt.getTime() / 1000)),
          "webhook-signature": new Webhook(secret).sign("msg_1", signedAt, payload),
        };
        expect(await verify(payload, headers, secret)).toEqual(JSON.parse(payload));
      }),
    );
  });

  test("verifies the kit's list of two signatures with either secret", async () => {
    const secrets = ["whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
    const headers = await signedHeaders('{"a":1}', { id: "msg_1", timestamp: new Date(), secret: secrets });
    for (const secret of secrets) expect(new Webhook(secret).verify('{"a":1}', headers)).toEqual({ a: 1 });
  });

  test("agrees on a secret without prefix or padding", async () => {
    for (const secret of [
      "C2FVsBQIhrscChlQIMV10R9X4jZ8",
      "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGA",
      "abcdefghijklmnopqrstuvwxyz",
    ]) {
      const headers = await signedHeaders("{}", { id: "msg_1", timestamp: new Date(), secret });
      expect(new Webhook(secret).verify("{}", headers)).toEqual({});
    }
  });

  test("refuses signatures with another secret", async () => {
    const headers = await signedHeaders("{}", {
      id: "msg_1",
      timestamp: new Date(),
      secret: "another secret, not base64",
    });
    expect(() => new Webhook("whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8").verify("{}", headers)).toThrow();
  });
});
