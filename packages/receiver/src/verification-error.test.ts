import { expect, test } from "vitest";
import { sign, signedHeaders } from "./signature.ts";
import { WebhookVerificationError } from "./verification-error.ts";
import { verify } from "./verify.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const sentAt = 1614265330;
const now = new Date(sentAt * 1000);
const payload = '{"event_type":"sync.completed"}';

async function verifySigned(body: string | Uint8Array, changed: Record<string, string> = {}, options = {}) {
  const headers = await signedHeaders(body, { id: "msg_1", timestamp: sentAt, secret });
  return verify(body, { ...headers, ...changed }, secret, { now, ...options });
}

const at = (seconds: number) => ({ now: new Date((sentAt + seconds) * 1000) });
const signedAs = (changes: object) => sign(payload, { id: "msg_1", timestamp: sentAt, secret, ...changes });

test.each<[string, string, () => Promise<unknown>]>([
  ["missing_header", "lacks svix-id (or webhook-id), svix-timestamp", () => verify(payload, {}, secret)],
  ["invalid_message_id", "longer than 256 characters", () => verifySigned(payload, { "svix-id": "m".repeat(257) })],
  ["invalid_timestamp", "not a whole number of Unix seconds", () => verifySigned(payload, { "svix-timestamp": "1e9" })],
  ["invalid_signature_header", 'list of "version,signature"', () => verifySigned(payload, { "svix-signature": "v1" })],
  ["invalid_signature_header", "longer than 4096", () => verifySigned(payload, { "svix-signature": "v".repeat(4097) })],
  ["timestamp_too_old", "signed 301 seconds ago; 300 are allowed", () => verifySigned(payload, {}, at(301))],
  ["timestamp_too_new", "signed 302 seconds in the future; 300 are", () => verifySigned(payload, {}, at(-302))],
  ["no_matching_signature", "check that the secret", () => verifySigned(payload, { "svix-id": "msg_2" })],
  ["invalid_payload", "not UTF-8", () => verifySigned(Uint8Array.of(0xff))],
  ["invalid_payload", "not JSON", () => verifySigned("{")],
  ["invalid_payload", "not a JSON object with a string event_type", () => verifySigned("7")],
  ["invalid_option", "tolerance must be seconds from 0", () => verifySigned(payload, {}, { tolerance: -1 })],
  ["invalid_secret", "64 bytes; this one for 3", () => signedAs({ secret: "whsk_AAAA" })],
  ["invalid_secret", "not base64", () => signedAs({ secret: "whsec_?" })],
  ["invalid_secret", "secret is empty", () => signedAs({ secret: "" })],
  ["invalid_secret", "list of signing secrets is empty", () => signedAs({ secret: [] })],
  ["invalid_message_id", "visible ASCII characters without a dot", () => signedAs({ id: "a.b" })],
  ["invalid_timestamp", "not milliseconds", () => signedAs({ timestamp: sentAt * 1000 })],
])("%s is explained in a sentence: %s", async (code, words, refuse) => {
  const error = await refuse().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WebhookVerificationError);
  expect(error).toMatchObject({ name: "WebhookVerificationError", code, message: expect.stringContaining(words) });
});

test.each([
  ["text that is not JSON", "{", SyntaxError],
  ["bytes that are not UTF-8", Uint8Array.of(0xff), TypeError],
])("the error for %s keeps its cause", async (_what, body, kind) => {
  await expect(verifySigned(body)).rejects.toMatchObject({ cause: expect.any(kind) });
});
