import { createHmac, generateKeyPairSync } from "node:crypto";
import { formatPublicKey, signedHeaders } from "@weft/receiver";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Explanation, explain } from "./explain.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const now = new Date("2026-01-15T14:30:00Z");
const seconds = now.getTime() / 1_000;
const event = {
  event_type: "sync.completed",
  name: "Grüße/👋 <a>",
  rate: 1,
  list: [],
  nested: { a: [1, { b: null }] },
};
const compact = JSON.stringify(event);

type Pairs = [string, string][];

async function headersOf(body: string | Buffer, at = seconds, key = secret, id = "msg_1"): Promise<Pairs> {
  return Object.entries(await signedHeaders(body, { id, timestamp: at, secret: key }));
}

interface ExplainRequest {
  readonly headers: Pairs;
  readonly body?: string | Buffer;
  readonly secrets?: readonly string[];
}

function explained({ headers, body = compact, secrets = [secret] }: ExplainRequest): Promise<Explanation> {
  return explain({ request: { headers, body: Buffer.from(body) }, secrets, now, toleranceSeconds: 300 });
}

function with_(headers: Pairs, changes: Record<string, string | null>): Pairs {
  return headers.flatMap(([name, value]): Pairs => {
    const changed = changes[name];
    return changed === null ? [] : [[name, changed ?? value]];
  });
}

function codesOf({ findings }: Explanation): string[] {
  return findings.map(({ code }) => code);
}

test("a genuine request verifies, without findings", async () => {
  const explanation = await explained({ headers: await headersOf(compact) });
  expect(explanation).toMatchObject({ verifies: true, code: null, message_id: "msg_1", age_seconds: 0, findings: [] });
});

test.each([
  ["pretty", JSON.stringify(event, null, 2)],
  ["pretty by 4", JSON.stringify(event, null, 4)],
  ["tabs", JSON.stringify(event, null, "\t")],
  ["python", '{"event_type": "a", "n": [1.0, 2e3], "text": "Gr\\u00fc\\u00dfe"}'],
  ["ascii", '{"event_type":"a","text":"Gr\\u00fc\\u00dfe \\ud83d\\udc4b"}'],
  ["php", '{"event_type":"a","url":"https:\\/\\/example.com\\/"}'],
  ["big numbers and keys twice", '{"event_type":"a","n":12345678901234567890,"n":1.50}'],
])("a body that was serialized again is recognized, in any common form: %s", async (_name, signed) => {
  const headers = await headersOf(signed);
  // JSON.parse keeps neither digits nor repeated keys, so the counterexamples are printed by hand.
  const again =
    signed.includes("1234") || signed.includes("1.0") ? signed.replaceAll(/(?<=[:,])|(?<=[{])/g, " ") : null;
  const body = again ?? ` ${JSON.stringify(JSON.parse(signed), null, 3)}`;
  const explanation = await explained({ headers, body });
  expect(codesOf(explanation)).toEqual(["body_changed"]);
  expect(explanation.findings[0]?.text).toMatch(/bytes were signed, \d+ were received\.$/);
});

test.each([
  ["a line end was added", `${compact}\n`],
  ["a byte order mark was added", `\ufeff${compact}`],
  ["it was printed as a JSON string", JSON.stringify(compact)],
])("a changed body is recognized: %s", async (_name, body) => {
  const explanation = await explained({ headers: await headersOf(compact), body });
  expect([explanation.code, codesOf(explanation)]).toEqual(["no_matching_signature", ["body_changed"]]);
});

test.each([
  ["a line end was taken", `${compact}\n`, compact],
  ["LF became CRLF", "a\nb\n", "a\r\nb\r\n"],
  ["CRLF became LF", "a\r\nb", "a\nb"],
  ["the byte order mark was taken", `\ufeff${compact}`, compact],
])("a truncated or stripped body is recognized: %s", async (_name, signed, body) => {
  expect(codesOf(await explained({ headers: await headersOf(signed), body }))).toEqual(["body_changed"]);
});

test("any JSON that was serialized again is recognized", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.constantFrom(undefined, 2, 4, "\t"), async (value, indent) => {
      const signed = JSON.stringify(value, null, indent);
      const body = ` ${JSON.stringify(value, null, 3)}`;
      expect(codesOf(await explained({ headers: await headersOf(signed), body }))).toEqual(["body_changed"]);
    }),
    { numRuns: 40 },
  );
});

test.each([
  ["late", -301, "timestamp_too_old", "stale", "301 seconds ago, and at most 300"],
  ["early", 4_000, "timestamp_too_new", "early", "4000 seconds in the future, and at most 300"],
])("a wrong clock is recognized with its seconds, and nothing else: %s", async (_name, off, code, finding, text) => {
  const explanation = await explained({ headers: await headersOf(compact, seconds + off) });
  expect(explanation).toMatchObject({ verifies: false, code, age_seconds: -off });
  expect(explanation.findings).toEqual([{ code: finding, text: expect.stringContaining(text) }]);
  expect(explanation.findings[0]?.text).toContain("The signature itself is valid.");
});

test("a wrong clock together with a wrong secret are both recognized", async () => {
  const headers = await headersOf(compact, seconds - 1_000, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const explanation = await explained({ headers });
  expect(codesOf(explanation)).toEqual(["stale", "wrong_secret"]);
});

test("with the secret of another subscription, no signature matches", async () => {
  const explanation = await explained({
    headers: await headersOf(compact, seconds, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
  });
  expect(codesOf(explanation)).toEqual(["wrong_secret"]);
});

/** Signs with the bytes that the sender used as the key. */
function signedWith(key: Buffer): Pairs {
  const digest = createHmac("sha256", key).update(`msg_1.${seconds}.${compact}`).digest("base64");
  return [
    ["webhook-id", "msg_1"],
    ["webhook-timestamp", String(seconds)],
    ["webhook-signature", `v1,${digest}`],
  ];
}

const digits = secret.slice("whsec_".length);

test.each([
  ["its text is the key", secret, Buffer.from(digits), "did not decode the base64"],
  ["its text with the prefix is the key", secret, Buffer.from(secret), "its text with whsec_"],
  ["it was given with quotes", `"${secret}"`, Buffer.from(digits, "base64"), "spaces or quotes"],
  ["it was given with a line end", `${secret}\n`, Buffer.from(digits, "base64"), "spaces or quotes"],
  ["plain text that is base64 by chance", digits, Buffer.from(digits), "did not decode the base64"],
])("the right secret that is decoded differently is recognized: %s", async (_name, given, key, text) => {
  const explanation = await explained({ headers: signedWith(key), secrets: [given] });
  expect(explanation.findings).toContainEqual({
    code: "secret_read_differently",
    text: expect.stringContaining(text),
  });
});

function keyPair(): { whsk: string; whpk: string } {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  const publicKey = new Uint8Array(Buffer.from(x, "base64url"));
  const whsk = `whsk_${Buffer.concat([Buffer.from(d, "base64url"), publicKey]).toString("base64")}`;
  return { whsk, whpk: formatPublicKey({ publicKey }) };
}

test("a signature of the other version is recognized, either way", async () => {
  const { whsk, whpk } = keyPair();
  const asymmetric = await explained({ headers: await headersOf(compact, seconds, whsk) });
  expect(asymmetric.findings).toEqual([{ code: "other_version", text: expect.stringContaining("whpk_") }]);
  const symmetric = await explained({ headers: await headersOf(compact), secrets: [whpk] });
  expect(symmetric.findings).toEqual([{ code: "other_version", text: expect.stringContaining("whsec_") }]);
});

test("the sender's private key in place of the public key is recognized", async () => {
  const { whsk } = keyPair();
  const explanation = await explained({ headers: await headersOf(compact, seconds, whsk), secrets: [whsk] });
  expect([explanation.code, codesOf(explanation)]).toEqual(["invalid_secret", ["secret_read_differently"]]);
});

test("one unreadable secret prevents a list from verifying, and is recognized", async () => {
  const explanation = await explained({ headers: await headersOf(compact), secrets: [secret, "whsec_!"] });
  expect([explanation.code, codesOf(explanation)]).toEqual(["invalid_secret", ["secret_unreadable"]]);
});

test("a changed family of headers is recognized by the other family", async () => {
  const explanation = await explained({ headers: with_(await headersOf(compact), { "svix-id": "msg_2" }) });
  expect(explanation.findings).toEqual([
    { code: "header_changed", text: expect.stringContaining("svix-id was changed") },
  ]);
});

test("missing headers are named, with the signature headers of the request", async () => {
  const headers: Pairs = [
    ["Webhook-Id", "msg_1"],
    ["x-hub-signature-256", "sha256=0"],
  ];
  const { findings } = await explained({ headers });
  expect(findings.map(({ code }) => code)).toEqual(["missing_header"]);
  expect(findings[0]?.text).toContain("webhook-timestamp");
  expect(findings[0]?.text).toContain("It has webhook-id, x-hub-signature-256.");
});

test.each([
  ["a timestamp in milliseconds", "timestamp", (text: string) => `${text}000`],
  ["entries separated by commas", "signature", (text: string) => `${text},v1,AAAA`],
  ["a signature without its version", "signature", (text: string) => text.slice(3)],
])("a changed header is recognized: %s", async (_name, part, change) => {
  const headers = (await headersOf(compact)).map(([name, value]): [string, string] => [
    name,
    name.endsWith(part) ? change(value) : value,
  ]);
  expect(codesOf(await explained({ headers }))).toEqual(["header_changed"]);
});

test("two mistakes together are both recognized", async () => {
  const explanation = await explained({
    headers: signedWith(Buffer.from(digits)),
    body: JSON.stringify(event, null, 2),
  });
  expect(codesOf(explanation)).toEqual(["secret_read_differently", "body_changed"]);
});

test("a truncated body is recognized by its Content-Length", async () => {
  const headers: Pairs = [...(await headersOf(compact)), ["Content-Length", String(compact.length + 10)]];
  expect(codesOf(await explained({ headers, body: compact.slice(0, 20) }))).toEqual(["body_cut"]);
});

test("a signed body that is not UTF-8 verifies", async () => {
  const body = Buffer.from([0xff, 0xfe, 0x00]);
  expect((await explained({ headers: await headersOf(body), body })).verifies).toBe(true);
});

test("any request gets an explanation, and no explanation contains a secret", async () => {
  const text = fc.string({ unit: "binary", maxLength: 40 });
  const name = fc.constantFrom(
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "svix-id",
    "svix-signature",
    "x",
  );
  const given = fc
    .oneof(
      text,
      text.map((tail) => `whsec_${tail}`),
    )
    .filter((one) => one !== "");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, text)), text, given, async (headers, body, one) => {
      const explanation = await explained({ headers, body, secrets: [`${one}-hush-hush`] });
      expect(explanation.verifies || explanation.findings.length > 0).toBe(true);
      expect(JSON.stringify(explanation)).not.toContain("hush-hush");
    }),
    { numRuns: 60 },
  );
});

test("deep and large bodies are explained too", async () => {
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  const large = JSON.stringify({ event_type: "a", text: "x".repeat(2_000_000) });
  for (const signed of [deep, large]) {
    const explanation = await explained({ headers: await headersOf(signed), body: `${signed}\n` });
    expect(codesOf(explanation)).toEqual(["body_changed"]);
  }
});
