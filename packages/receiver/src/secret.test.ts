import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatSecret, parseSecret, signedContent } from "./secret.ts";
import { WebhookVerificationError } from "./verification-error.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

test("a secret of any bytes is formatted and parsed without loss", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
      expect([...parseSecret(formatSecret(bytes))]).toEqual([...bytes]);
      expect(formatSecret(bytes)).toBe(`whsec_${Buffer.from(bytes).toString("base64")}`);
    }),
  );
});

test("the documents' own secret has 21 bytes, with and without its prefix", () => {
  expect(parseSecret("whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8")).toHaveLength(21);
  expect(parseSecret("C2FVsBQIhrscChlQIMV10R9X4jZ8")).toEqual(parseSecret("whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8"));
});

test.each([
  ["padding may be left out", "AAECAw", [0, 1, 2, 3]],
  ["padding may be there", "AAECAw==", [0, 1, 2, 3]],
])("%s", (_promise, secret, bytes) => {
  expect([...parseSecret(secret)]).toEqual(bytes);
  expect([...parseSecret(`whsec_${secret}`)]).toEqual(bytes);
});

test.each(["AAECAw=", "AAECAA=", "AAECA", "AAECAw===", "AA=CAw==", "====", "abc def", "under_score", "dash-dash", "Ü"])(
  "%j is not base64, so it is read as UTF-8, and refused behind whsec_",
  (secret) => {
    expect([...parseSecret(secret)]).toEqual([...utf8(secret)]);
    expect(() => parseSecret(`whsec_${secret}`)).toThrow(WebhookVerificationError);
  },
);

describe("a secret that cannot be one", () => {
  test.each(["", "whsec_", "whsec_=", "whsk_AAAA", "whpk_AAAA", "whsec_AAECAw==\n"])("%j is refused", (secret) => {
    expect(() => parseSecret(secret)).toThrow(expect.objectContaining({ code: "invalid_secret" }));
  });

  test.each(["whsk_AAAA", "whpk_AAAA"])("%j is reported as an Ed25519 key", (secret) => {
    expect(() => parseSecret(secret)).toThrow("This is an Ed25519 key (whsk_, whpk_), not a shared secret.");
  });

  test("a missing secret is refused with advice", () => {
    const unset = undefined as unknown as string;
    expect(() => parseSecret(unset)).toThrow(
      expect.objectContaining({ code: "invalid_secret", message: expect.stringContaining("is its variable set?") }),
    );
  });

  test("its error does not contain the secret", () => {
    expect(() => parseSecret("whsec_hunter2!")).toThrow(expect.not.stringContaining("hunter2"));
  });
});

test("the signed text is the id, the time and the payload, joined by dots", () => {
  expect(signedContent("msg_1", 1614265330, '{"a":1}')).toBe('msg_1.1614265330.{"a":1}');
});
