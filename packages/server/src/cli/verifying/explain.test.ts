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

function ask({ headers, body = compact, secrets = [secret] }: ExplainRequest): Promise<Explanation> {
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
  const explanation = await ask({ headers: await headersOf(compact) });
  expect(explanation).toMatchObject({ verifies: true, code: null, message_id: "msg_1", age_seconds: 0, findings: [] });
  expect(explanation.notes).toEqual([]);
});

test.each([
  ["pretty", JSON.stringify(event, null, 2)],
  ["pretty by 4", JSON.stringify(event, null, 4)],
  ["tabs", JSON.stringify(event, null, "\t")],
  ["python", '{"event_type": "a", "n": [1.0, 2e3], "text": "Gr\\u00fc\\u00dfe"}'],
  ["ascii", '{"event_type":"a","text":"Gr\\u00fc\\u00dfe \\ud83d\\udc4b"}'],
  ["go", '{"event_type":"a","text":"\\u003cb\\u003e \\u0026"}\n'],
  ["php", '{"event_type":"a","url":"https:\\/\\/example.com\\/"}'],
  ["big numbers and keys twice", '{"event_type":"a","n":12345678901234567890,"n":1.50}'],
])("a body that was printed again is told, however it was signed: %s", async (_name, signed) => {
  const headers = await headersOf(signed);
  // JSON.parse keeps neither digits nor repeated keys, so what is not the case here is printed by hand.
  const again =
    signed.includes("1234") || signed.includes("1.0") ? signed.replaceAll(/(?<=[:,])|(?<=[{])/g, " ") : null;
  const body = again ?? ` ${JSON.stringify(JSON.parse(signed), null, 3)}`;
  const explanation = await ask({ headers, body });
  expect(codesOf(explanation)).toEqual(["body_changed"]);
  expect(explanation.findings[0]?.text).toMatch(/were signed, \d+ came, and they differ from byte \d+ on\.$/);
});

test.each([
  ["a line end was added", `${compact}\n`],
  ["CRLF was added", `${compact}\r\n`],
  ["a byte order mark was added", `\ufeff${compact}`],
  ["it was printed twice", JSON.stringify(compact)],
])("what became of the body on its way is told: %s", async (_name, body) => {
  const explanation = await ask({ headers: await headersOf(compact), body });
  expect([explanation.code, codesOf(explanation)]).toEqual(["no_matching_signature", ["body_changed"]]);
});

test.each([
  ["a line end was taken", `${compact}\n`, compact],
  ["LF became CRLF", "a\nb\n", "a\r\nb\r\n"],
  ["CRLF became LF", "a\r\nb", "a\nb"],
  ["the byte order mark was taken", `\ufeff${compact}`, compact],
])("what was taken from the body is told: %s", async (_name, signed, body) => {
  expect(codesOf(await ask({ headers: await headersOf(signed), body }))).toEqual(["body_changed"]);
});

test("whatever JSON is signed, its being printed in another way is found", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.constantFrom(undefined, 2, 4, "\t"), async (value, indent) => {
      const signed = JSON.stringify(value, null, indent);
      const body = ` ${JSON.stringify(value, null, 3)}`;
      expect(codesOf(await ask({ headers: await headersOf(signed), body }))).toEqual(["body_changed"]);
    }),
    { numRuns: 40 },
  );
});

test.each([
  ["late", -301, "timestamp_too_old", "stale", "1 more than the 300"],
  ["early", 4_000, "timestamp_too_new", "early", "3700 more than the 300"],
])("a clock that is off is told with its seconds, and that it is all: %s", async (_name, off, code, finding, text) => {
  const explanation = await ask({ headers: await headersOf(compact, seconds + off) });
  expect(explanation).toMatchObject({ verifies: false, code, age_seconds: -off, verifies_with_clock_ignored: true });
  expect(explanation.findings).toEqual([{ code: finding, text: expect.stringContaining(text) }]);
});

test("a clock that is off is not taken for all when the secret is wrong too", async () => {
  const headers = await headersOf(compact, seconds - 1_000, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const explanation = await ask({ headers });
  expect(explanation.verifies_with_clock_ignored).toBe(false);
  expect(codesOf(explanation)).toEqual(["stale", "wrong_secret"]);
});

test("with another subscription's secret, nothing fits, and that is said", async () => {
  const explanation = await ask({
    headers: await headersOf(compact, seconds, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
  });
  expect(codesOf(explanation)).toEqual(["wrong_secret"]);
});

/** Signs with bytes that the sender took for the key. */
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
  ["its text is the key", secret, Buffer.from(digits), "base64 was not decoded"],
  ["its text with the prefix is the key", secret, Buffer.from(secret), "the prefix was not taken off"],
  ["it was given with quotes", `"${secret}"`, Buffer.from(digits, "base64"), "without the spaces or quotes"],
  ["it was given with a line end", `${secret}\n`, Buffer.from(digits, "base64"), "without the spaces or quotes"],
  ["plain text that is base64 by chance", digits, Buffer.from(digits), "base64 was not decoded"],
  ["hexadecimal digits", "00ff".repeat(8), Buffer.from("00ff".repeat(8), "hex"), "hexadecimal"],
  ["base64url", "whsec_-_-_AAAA", Buffer.from("-_-_AAAA", "base64url"), "base64url"],
])("the right key that is read differently is told: %s", async (_name, given, key, text) => {
  const explanation = await ask({ headers: signedWith(key), secrets: [given] });
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

test("a signature of the other version is told, either way", async () => {
  const { whsk, whpk } = keyPair();
  const asymmetric = await ask({ headers: await headersOf(compact, seconds, whsk) });
  expect(asymmetric.findings).toEqual([{ code: "other_version", text: expect.stringContaining("whpk_") }]);
  const symmetric = await ask({ headers: await headersOf(compact), secrets: [whpk] });
  expect(symmetric.findings).toEqual([{ code: "other_version", text: expect.stringContaining("whsec_") }]);
});

test("the sender's private key in place of the public one is told", async () => {
  const { whsk } = keyPair();
  const explanation = await ask({ headers: await headersOf(compact, seconds, whsk), secrets: [whsk] });
  expect([explanation.code, codesOf(explanation)]).toEqual(["invalid_secret", ["secret_read_differently"]]);
});

test("one secret that cannot be read keeps a list from verifying, and that is told", async () => {
  const explanation = await ask({ headers: await headersOf(compact), secrets: [secret, "whsec_!"] });
  expect([explanation.code, codesOf(explanation)]).toEqual(["invalid_secret", ["secret_unreadable"]]);
});

test("of several secrets, the one that fits is named", async () => {
  const { notes } = await ask({
    headers: await headersOf(compact),
    secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", secret],
  });
  expect(notes).toEqual(["Secret 2 of 2 fits."]);
});

test.each([
  ["in other case", "MSG_1", compact],
  ["without its prefix", "1", compact],
  ["an id of the body", "something", '{"event_type":"a","event_id":"msg_1"}'],
])("an id that was changed is told: %s", async (_name, id, body) => {
  const signed = await headersOf(body);
  const explanation = await ask({ headers: with_(signed, { "svix-id": id, "webhook-id": id }), body });
  expect(codesOf(explanation)).toEqual(["id_changed"]);
});

test("a family of headers that was changed is told where the other one fits", async () => {
  const explanation = await ask({ headers: with_(await headersOf(compact), { "svix-id": "msg_2" }) });
  expect(explanation.findings).toEqual([{ code: "other_family", text: expect.stringContaining("svix-id") }]);
});

test("headers of which some of each family are missing are put together", async () => {
  const headers = with_(await headersOf(compact), { "svix-id": null, "webhook-signature": null });
  const explanation = await ask({ headers });
  expect([explanation.code, codesOf(explanation)]).toEqual(["missing_header", ["other_family"]]);
});

test("a request with one family alone verifies, with a note for libraries that read the other", async () => {
  const headers = (await headersOf(compact)).filter(([name]) => name.startsWith("webhook-"));
  const { verifies, notes } = await ask({ headers });
  expect([verifies, notes]).toEqual([true, [expect.stringContaining("reads svix-* alone")]]);
});

test("missing headers are named, with those that are there and those of other schemes", async () => {
  const headers: Pairs = [
    ["Webhook-Id", "msg_1"],
    ["x-hub-signature-256", "sha256=0"],
  ];
  const { findings } = await ask({ headers });
  expect(findings.map(({ code }) => code)).toEqual(["missing_header"]);
  expect(findings[0]?.text).toContain("webhook-timestamp");
  expect(findings[0]?.text).toContain("came webhook-id");
  expect(findings[0]?.text).toContain("x-hub-signature-256 is there, of another scheme");
});

test.each([
  ["a timestamp in milliseconds", { timestamp: `${seconds}000` }, "timestamp_changed"],
  ["a timestamp as a date", { timestamp: now.toISOString() }, "timestamp_changed"],
  ["entries separated by commas", { signature: (text: string) => `${text},v1,AAAA` }, "signature_changed"],
  ["a signature without version", { signature: (text: string) => text.slice(3) }, "signature_changed"],
])("a header that was changed is told: %s", async (_name, change, code) => {
  const headers = await headersOf(compact);
  const signature = headers.find(([name]) => name === "svix-signature")?.[1] ?? "";
  const changed = {
    ...("timestamp" in change && { "svix-timestamp": change.timestamp, "webhook-timestamp": change.timestamp }),
    ...("signature" in change && {
      "svix-signature": change.signature(signature),
      "webhook-signature": change.signature(signature),
    }),
  };
  expect(codesOf(await ask({ headers: with_(headers, changed as Record<string, string>) }))).toEqual([code]);
});

test("two things that are wrong at once are both told", async () => {
  const explanation = await ask({ headers: signedWith(Buffer.from(digits)), body: JSON.stringify(event, null, 2) });
  expect(codesOf(explanation)).toEqual(["secret_read_differently", "body_changed"]);
});

test("a body that was cut is told by its Content-Length", async () => {
  const headers: Pairs = [...(await headersOf(compact)), ["Content-Length", String(compact.length + 10)]];
  expect(codesOf(await ask({ headers, body: compact.slice(0, 20) }))).toEqual(["body_cut"]);
});

test("bytes that are no UTF-8 verify, and it is noted that they are no event", async () => {
  const body = Buffer.from([0xff, 0xfe, 0x00]);
  const { verifies, notes } = await ask({ headers: await headersOf(body), body });
  expect([verifies, notes]).toEqual([true, [expect.stringContaining("no event of Weft")]]);
});

test("whatever comes, an explanation is given, and no secret is in it", async () => {
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
      const explanation = await ask({ headers, body, secrets: [`${one}-hush-hush`] });
      expect(explanation.verifies || explanation.findings.length > 0).toBe(true);
      expect(JSON.stringify(explanation)).not.toContain("hush-hush");
    }),
    { numRuns: 60 },
  );
});

test("a deep and a large body are explained as any other", async () => {
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  const large = JSON.stringify({ event_type: "a", text: "x".repeat(2_000_000) });
  for (const signed of [deep, large]) {
    const explanation = await ask({ headers: await headersOf(signed), body: `${signed}\n` });
    expect(codesOf(explanation)).toEqual(["body_changed"]);
  }
});
