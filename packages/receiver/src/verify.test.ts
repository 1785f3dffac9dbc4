import { beforeAll, describe, expect, test } from "vitest";
import { type SignedHeaders, signedHeaders } from "./signature.ts";
import { verify, verifySignature } from "./verify.ts";
import type { WebhookHeaders } from "./webhook-headers.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const otherSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const payload = '{"event_type":"sync.completed","collection_name":"Sales Data"}';
const sentAt = 1614265330;
const now = new Date(sentAt * 1000);

let headers: SignedHeaders;
let svix: Record<string, string>;
let webhook: Record<string, string>;

beforeAll(async () => {
  headers = await signedHeaders(payload, { id: "msg_1", timestamp: sentAt, secret });
  svix = onlyFamily("svix");
  webhook = onlyFamily("webhook");
});

function onlyFamily(family: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(family)));
}

function refusal(given: WebhookHeaders, options = {}): Promise<unknown> {
  return verify(payload, given, secret, { now, ...options }).then(
    () => "accepted",
    (error) => error.code,
  );
}

test("a genuine webhook returns its event", async () => {
  expect(await verify(payload, headers, secret, { now })).toEqual(JSON.parse(payload));
});

test("verifying the signature alone returns the id, the time and the exact text, for any text", async () => {
  const text = " no JSON\r\n";
  const signed = await signedHeaders(text, { id: "msg_2", timestamp: sentAt, secret });
  expect(await verifySignature(text, signed, secret, { now })).toEqual({
    messageId: "msg_2",
    timestamp: now,
    text,
  });
});

describe("headers are read from", () => {
  test.each<[string, (plain: Record<string, string>) => WebhookHeaders]>([
    ["a web Headers", (plain) => new Headers(plain)],
    ["a plain record", (plain) => plain],
    ["a record with names in another case", (plain) => mapNames(plain, (name) => name.toUpperCase())],
    ["a record of lists", (plain) => Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, [value]]))],
    ["pairs", (plain) => Object.entries(plain)],
    [
      "a Map",
      (plain) => new Map(Object.entries(mapNames(plain, (name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`))),
    ],
    ["a record without prototype", (plain) => Object.assign(Object.create(null), plain)],
  ])("%s", async (_form, convert) => {
    expect(await refusal(convert({ ...svix, host: "example.com" }))).toBe("accepted");
    expect(await refusal(convert({ ...webhook, host: "example.com" }))).toBe("accepted");
  });

  function mapNames(plain: Record<string, string>, change: (name: string) => string): Record<string, string> {
    return Object.fromEntries(Object.entries(plain).map(([name, value]) => [change(name), value]));
  }
});

test("a repeated signature header is one list", async () => {
  const signature = svix["svix-signature"] ?? "";
  expect(await refusal({ ...svix, "svix-signature": ["v1,AAAA", signature] })).toBe("accepted");
});

test("of two headers whose names differ only in case, the first counts", async () => {
  expect(await refusal([...Object.entries(svix), ["SVIX-ID", "msg_other"]])).toBe("accepted");
  expect(await refusal([["SVIX-ID", "msg_other"], ...Object.entries(svix)])).toBe("no_matching_signature");
});

test("a header that is not text counts as missing", async () => {
  for (const name of Object.keys(svix)) {
    const hostile = { ...svix, [name]: 5 } as unknown as WebhookHeaders;
    await expect(verify(payload, hostile, secret, { now })).rejects.toThrow(`lacks ${name} (or`);
    const twice = [[name, 5], ...Object.entries(svix)] as unknown as WebhookHeaders;
    expect(await refusal(twice)).toBe("accepted");
  }
});

describe("the signature header", () => {
  const withSignature = (change: (genuine: string) => string): WebhookHeaders => {
    return { ...svix, "svix-signature": change(svix["svix-signature"] ?? "") };
  };

  test("may hold entries of other versions and of no version at all", async () => {
    expect(await refusal(withSignature((genuine) => `v1a,AAAA nonsense ,  ${genuine}`))).toBe("accepted");
  });

  test("is refused when no entry of it has a version and a signature", async () => {
    for (const nonsense of [",AAAA", ",v1,AAAA", "v1,", "v1", "nonsense"]) {
      expect(await refusal(withSignature(() => nonsense)), nonsense).toBe("invalid_signature_header");
    }
  });

  test("is read up to 4,096 characters", async () => {
    expect(await refusal(withSignature((genuine) => `${genuine} `.padEnd(4_096, "v")))).toBe("accepted");
    const longer = withSignature((genuine) => `${genuine} `.padEnd(4_097, "v"));
    expect(await refusal(longer)).toBe("invalid_signature_header");
  });

  test("has at most 32 examined entries", async () => {
    expect(await refusal(withSignature((genuine) => `${"v1,AAAA ".repeat(31)}${genuine}`))).toBe("accepted");
    expect(await refusal(withSignature((genuine) => `${"v1,AAAA ".repeat(32)}${genuine}`))).toBe(
      "no_matching_signature",
    );
  });
});

test("the svix headers are preferred if both families are complete", async () => {
  expect(await refusal({ ...svix, ...webhook, "webhook-signature": "v1,AAAA" })).toBe("accepted");
  expect(await refusal({ ...svix, ...webhook, "svix-signature": "v1,AAAA" })).toBe("no_matching_signature");
});

test("an incomplete family is ignored for a complete one, and never completed from the other", async () => {
  expect(await refusal({ ...webhook, "svix-id": "msg_other" })).toBe("accepted");
  const { "webhook-signature": _gone, ...incomplete } = webhook;
  expect(await refusal({ ...incomplete, "svix-signature": svix["svix-signature"] })).toBe("missing_header");
});

test("two incomplete families are distinguished from missing headers", async () => {
  const mixed = { "svix-id": "msg_1", "webhook-timestamp": String(sentAt), "webhook-signature": "v1,AAAA" };
  await expect(verify(payload, mixed, secret)).rejects.toThrow("both incomplete");
});

test("a message id of more than 256 characters is refused", async () => {
  expect(await refusal({ ...svix, "svix-id": "m".repeat(256) })).toBe("no_matching_signature");
  expect(await refusal({ ...svix, "svix-id": "m".repeat(257) })).toBe("invalid_message_id");
});

test("a missing header is named", async () => {
  const { "svix-timestamp": _gone, ...incomplete } = svix;
  await expect(verify(payload, incomplete, secret)).rejects.toThrow("lacks svix-timestamp (or webhook-timestamp)");
});

test.each([undefined, null, 7, "svix-id", [], {}, [["svix-id"]], { "svix-id": 5 }, [null, 7]])(
  "headers that are %j are refused without a crash",
  async (hostile) => {
    expect(await refusal(hostile as unknown as WebhookHeaders)).toBe("missing_header");
  },
);

test("a list with values other than texts is refused too, even if it cannot be converted to text", async () => {
  for (const value of [[5], [null], ["msg_1", undefined], [Symbol("msg_1")], [Object.create(null)]]) {
    expect(await refusal({ ...svix, "svix-id": value } as unknown as WebhookHeaders)).toBe("missing_header");
    expect(await refusal({ ...svix, cookie: value } as unknown as WebhookHeaders)).toBe("accepted");
  }
});

test("a body that was parsed already is refused with advice", async () => {
  const parsed = JSON.parse(payload);
  await expect(verify(parsed, headers, secret, { now })).rejects.toMatchObject({
    code: "invalid_payload",
    message: expect.stringContaining("raw body"),
  });
});

describe("while a subscription changes from v1 to v1a", () => {
  const privateKey = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
  const publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
  const otherPublicKey = `whpk_${Buffer.alloc(32, 7).toString("base64")}`;
  const signedWith = (...secrets: string[]) =>
    signedHeaders(payload, { id: "msg_1", timestamp: sentAt, secret: secrets });
  const passes = async (given: WebhookHeaders, secrets: string | string[]) =>
    verify(payload, given, secrets, { now }).then(
      () => true,
      (error) => (error.code === "no_matching_signature" ? false : error),
    );

  test("a request with both signatures is accepted with the secret, the public key, or both in either order", async () => {
    for (const both of [await signedWith(privateKey, secret), await signedWith(secret, privateKey)]) {
      for (const secrets of [secret, publicKey, [secret, publicKey], [publicKey, secret]]) {
        expect(await passes(both, secrets)).toBe(true);
      }
    }
  });

  test("a receiver with the secret and the public key accepts requests with either signature", async () => {
    for (const signing of [secret, privateKey]) {
      expect(await passes(await signedWith(signing), [otherSecret, otherPublicKey, secret, publicKey])).toBe(true);
      expect(await passes(await signedWith(signing), [otherSecret, otherPublicKey])).toBe(false);
    }
  });

  test("a signature counts for keys of its own version only", async () => {
    const genuine = (await signedWith(privateKey))["svix-signature"].slice("v1a,".length);
    expect(await passes({ ...svix, "svix-signature": `v1,${genuine}` }, publicKey)).toBe(false);
    expect(await passes(headers, publicKey)).toBe(false);
    expect(await passes(await signedWith(privateKey), secret)).toBe(false);
  });

  test("the right signature is found among wrong ones", async () => {
    const genuine = (await signedWith(privateKey))["svix-signature"];
    const wrong = `v1a,${Buffer.alloc(64, 1).toString("base64")}`;
    const among = `v1a,?? v1a,AAAA ${wrong} v1,AAAA ${genuine} ${wrong}`;
    expect(await passes({ ...svix, "svix-signature": among }, [otherPublicKey, publicKey])).toBe(true);
  });

  test("the private key, which only signs, is refused from a receiver, and the public one from a sender", async () => {
    await expect(verify(payload, headers, [secret, privateKey], { now })).rejects.toMatchObject({
      code: "invalid_secret",
      message: expect.stringContaining("sender's private key"),
    });
    await expect(signedWith(secret, publicKey)).rejects.toMatchObject({
      code: "invalid_secret",
      message: expect.stringContaining("cannot sign"),
    });
  });
});

test("while a secret rotates, messages with either secret are accepted", async () => {
  const both = [otherSecret, secret];
  expect(await verify(payload, headers, both, { now })).toMatchObject({ event_type: "sync.completed" });
  const rotated = await signedHeaders(payload, { id: "msg_1", timestamp: sentAt, secret: both });
  expect(await refusal(rotated)).toBe("accepted");
});

describe("the tolerance", () => {
  const at = (seconds: number) => ({ now: new Date((sentAt + seconds) * 1000) });

  test("is 300 seconds either way, inclusive", async () => {
    expect(await refusal(svix, at(300))).toBe("accepted");
    expect(await refusal(svix, at(300.999))).toBe("accepted");
    expect(await refusal(svix, at(301))).toBe("timestamp_too_old");
    expect(await refusal(svix, at(-300))).toBe("accepted");
    expect(await refusal(svix, at(-301))).toBe("timestamp_too_new");
  });

  test("can be narrower, none, or no check at all", async () => {
    expect(await refusal(svix, { tolerance: 10, ...at(11) })).toBe("timestamp_too_old");
    expect(await refusal(svix, { tolerance: 0, ...at(0) })).toBe("accepted");
    expect(await refusal(svix, { tolerance: 0, ...at(1) })).toBe("timestamp_too_old");
    expect(await refusal(svix, { tolerance: Number.POSITIVE_INFINITY, ...at(1e9) })).toBe("accepted");
  });

  test("reads a clock that is given as a function", async () => {
    expect(await refusal(svix, { now: () => new Date((sentAt + 301) * 1000) })).toBe("timestamp_too_old");
  });

  test("is measured against the real clock by default", async () => {
    expect(await refusal(svix, { now: undefined })).toBe("timestamp_too_old");
    const fresh = await signedHeaders(payload, { id: "msg_1", timestamp: new Date(), secret });
    expect(await refusal(fresh, { now: undefined })).toBe("accepted");
  });

  test.each([Number.NaN, -1])("of %s is refused, because it would accept everything or nothing", async (tolerance) => {
    expect(await refusal(svix, { tolerance })).toBe("invalid_option");
  });

  test("against an invalid Date is refused, because it would accept everything", async () => {
    expect(await refusal(svix, { now: new Date(Number.NaN) })).toBe("invalid_option");
  });
});
