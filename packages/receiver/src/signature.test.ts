import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { parseSecret, signedContent } from "./secret.ts";
import { sign, signedHeaders } from "./signature.ts";
import { verifySignature } from "./verify.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const options = { id: "msg_1", timestamp: 1614265330, secret };

test("a synchronous sender gets the same signature from the parts", async () => {
  const content = signedContent("msg_1", 1614265330, '{"a":"ü"}');
  const digest = createHmac("sha256", parseSecret(secret)).update(content).digest("base64");
  expect(await sign('{"a":"ü"}', options)).toBe(`v1,${digest}`);
});

test("text and its bytes have one signature", async () => {
  expect(await sign('{"a":"ü"}', options)).toBe(await sign(Buffer.from('{"a":"ü"}'), options));
});

test("a Date is truncated to the second, never rounded up", async () => {
  const timestamp = new Date(1614265330_999);
  expect(await signedHeaders("{}", { ...options, timestamp })).toEqual(await signedHeaders("{}", options));
});

test("the six headers have the same values under both names", async () => {
  const signature = await sign("{}", options);
  expect(await signedHeaders("{}", options)).toEqual({
    "svix-id": "msg_1",
    "svix-timestamp": "1614265330",
    "svix-signature": signature,
    "webhook-id": "msg_1",
    "webhook-timestamp": "1614265330",
    "webhook-signature": signature,
  });
});

test.each(["", "msg.1", "msg 1", "msg\n1", "msg_ü", "m".repeat(257)])("the message id %j is refused", async (id) => {
  await expect(sign("{}", { ...options, id })).rejects.toMatchObject({ code: "invalid_message_id" });
});

test.each([-1, 1.5, Number.NaN, Date.now(), new Date(Number.NaN)])("the time %s is refused", async (timestamp) => {
  await expect(sign("{}", { ...options, timestamp })).rejects.toMatchObject({ code: "invalid_timestamp" });
});

test("signing without any secret is refused", async () => {
  await expect(sign("{}", { ...options, secret: [] })).rejects.toMatchObject({ code: "invalid_secret" });
});

test("any signed id, second and text is returned by verifying", async () => {
  const visible = fc.constantFrom(..."!\"#$%&'()*+,-/09:;<=>?@AZ[\\]^_`az{|}~");
  const id = fc.string({ unit: visible, minLength: 1, maxLength: 256 });
  const seconds = fc.integer({ min: 0, max: 99_999_999_999 });
  await fc.assert(
    fc.asyncProperty(id, seconds, fc.string({ unit: "grapheme" }), async (messageId, second, text) => {
      const headers = await signedHeaders(text, { id: messageId, timestamp: second, secret });
      const verified = await verifySignature(text, headers, secret, { tolerance: Number.POSITIVE_INFINITY });
      expect(verified).toEqual({ messageId, timestamp: new Date(second * 1000), text });
    }),
    {
      examples: [
        ["m".repeat(256), 0, ""],
        ["m", 99_999_999_999, "x"],
      ],
    },
  );
});

test("the key of a signature cannot be exported from the crypto library", async () => {
  const importKey = vi.spyOn(crypto.subtle, "importKey");
  await sign("{}", options);
  const keys = await Promise.all(importKey.mock.results.map(({ value }) => value));
  importKey.mockRestore();
  expect(keys.map(({ extractable }) => extractable)).toEqual([false]);
});
