import fc from "fast-check";
import { expect, test } from "vitest";
import { type SignedHeaders, signedHeaders } from "./signature.ts";
import { WebhookVerificationError } from "./verification-error.ts";
import { verify } from "./verify.ts";
import type { WebhookHeaders } from "./webhook-headers.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const privateKey = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const versions = [
  { version: "v1", signing: secret, verifying: secret },
  { version: "v1a", signing: privateKey, verifying: publicKey },
];
const sentAt = 1614265330;
const options = { now: new Date(sentAt * 1000) };
const payload = '{"event_type":"sync.completed","collection_name":"Žluťoučký 🧵"}';

async function outcomeOf(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  given: { secret: string | string[] } = { secret },
): Promise<string> {
  try {
    await verify(body, headers, given.secret, options);
    return "accepted";
  } catch (error) {
    expect(error).toBeInstanceOf(WebhookVerificationError);
    return (error as WebhookVerificationError).code;
  }
}

function signedBy(key: string | string[], body: string | Uint8Array = payload): Promise<SignedHeaders> {
  return signedHeaders(body, { id: "msg_1", timestamp: sentAt, secret: key });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const index = Math.floor(bit / 8) % bytes.length;
  flipped[index] = (flipped[index] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}

test("for any request, the only error is a refusal", async () => {
  const headerText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((text) => `v1,${text}`),
    fc.base64String().map((text) => `v1a,${text}`),
    fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => `v1a,${base64(bytes)}`),
    fc.constantFrom("msg_1", String(sentAt), "", " ", "v1,", "v1,\u{10FFFF}", "__proto__", "NaN", "1e9", "0x60"),
  );
  const hostileHeaders = fc.oneof(
    fc.record({ "svix-id": headerText, "svix-timestamp": headerText, "svix-signature": headerText }),
    fc.record({
      "webhook-id": headerText,
      "webhook-timestamp": fc.constant(String(sentAt)),
      "webhook-signature": headerText,
    }),
    fc.dictionary(fc.string(), fc.anything()),
    fc.array(fc.array(fc.anything())),
    fc.anything({ withNullPrototype: true, withMap: true, withSet: true, withTypedArray: true }),
  );
  const hostileBody = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array(), fc.json(), fc.anything());
  await fc.assert(
    fc.asyncProperty(hostileBody, hostileHeaders, async (body, headers) => {
      expect(await outcomeOf(body as string, headers as WebhookHeaders, { secret: [publicKey, secret] })).not.toBe(
        "accepted",
      );
    }),
    { numRuns: 1000 },
  );
});

test("for any signed content, the only error is a refusal", async () => {
  const signedBody = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array(), fc.json());
  await fc.assert(
    fc.asyncProperty(signedBody, async (body) => {
      expect(["accepted", "invalid_payload"]).toContain(await outcomeOf(body, await signedBy(secret, body)));
    }),
  );
});

test("for any secret, the only error is a refusal", async () => {
  const headers = await signedBy([secret, privateKey]);
  const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength }).map(base64);
  const ed25519Key = fc
    .tuple(fc.constantFrom("whsk_", "whpk_"), fc.oneof(fc.string(), bytes(0, 70), bytes(32, 32), bytes(64, 64)))
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), ed25519Key, fc.anything()), async (hostile) => {
      expect(await outcomeOf(payload, headers, { secret: hostile as string })).not.toBe("accepted");
    }),
    { numRuns: 500 },
  );
});

test.each(versions)("any flipped bit of a body signed with $version is refused", async ({ signing, verifying }) => {
  const headers = await signedBy(signing);
  const bytes = new TextEncoder().encode(payload);
  expect(await outcomeOf(bytes, headers, { secret: verifying })).toBe("accepted");
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    expect(await outcomeOf(flipBit(bytes, bit), headers, { secret: verifying }), `bit ${bit}`).toBe(
      "no_matching_signature",
    );
  }
});

test.each(versions)("any changed character of a header of $version is refused", async ({ signing, verifying }) => {
  const { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature } = await signedBy(signing);
  const headers = { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature };
  for (const [name, value] of Object.entries(headers)) {
    for (let bit = 0; bit < value.length * 8; bit++) {
      const changed = Buffer.from(flipBit(Buffer.from(value, "latin1"), bit)).toString("latin1");
      expect(
        await outcomeOf(payload, { ...headers, [name]: changed }, { secret: verifying }),
        `${name}: ${changed}`,
      ).not.toBe("accepted");
    }
  }
});

test("any byte removed, added or moved is refused", async () => {
  const headers = await signedBy(secret);
  const bytes = new TextEncoder().encode(payload);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (index, byte) => {
      const cut = new Uint8Array([...bytes.slice(0, index), ...bytes.slice(index + 1)]);
      const grown = new Uint8Array([...bytes.slice(0, index), byte, ...bytes.slice(index)]);
      expect(await outcomeOf(cut, headers)).toBe("no_matching_signature");
      expect(await outcomeOf(grown, headers)).toBe("no_matching_signature");
    }),
  );
});
