import { describe, expect, test } from "vitest";
import { useWeftAndReceiver } from "../api/fixtures/weft-and-receiver.ts";
import { headerMistake } from "./own-headers.ts";

const { used, subscribe } = useWeftAndReceiver();

const both = ["svix", "webhook"].flatMap((family) =>
  ["id", "timestamp", "signature"].map((part) => `${family}-${part}`),
);

test.each(both)(
  "no subscription can have %s as a header of its own, in any case, when created or changed",
  async (name) => {
    const { id } = (await subscribe({ headers: { "x-team": "search" } })).body;
    for (const spelled of [name, name.toUpperCase(), `${name.charAt(0).toUpperCase()}${name.slice(1)}`]) {
      const headers = { [spelled]: "forged" };
      const changed = await used.weft.patch(`/webhooks/subscriptions/${id}`, { headers });
      for (const refused of [await subscribe({ headers }), changed]) {
        expect(refused.status).toBe(422);
        expect(refused.body.errors[0].loc).toEqual(["body", "headers", spelled]);
      }
    }
    expect((await used.weft.get(`/webhooks/subscriptions/${id}`)).body.headers).toEqual({ "x-team": "search" });
  },
);

test("a masked value that is sent back keeps the stored value, and only if there was one", async () => {
  const { id } = (await subscribe({ headers: { authorization: "Bearer kept", "x-team": "a" } })).body;
  const path = `/webhooks/subscriptions/${id}`;
  await used.weft.patch(path, { headers: { authorization: "***", "x-team": "b", "x-new": "***" } });
  const attempt = (await used.weft.post(`${path}/test`, { event_type: "sync.completed" })).body;
  expect(attempt.status).toBe("success");
  expect(used.receiver.received.at(-1)?.headers).toMatchObject({
    authorization: "Bearer kept",
    "x-team": "b",
    "x-new": "***",
  });
});

const reserved = { message: "This header is set by Weft or reserved." };

describe("the name is reserved, in any case:", () => {
  test.each([
    ...[
      "accept-encoding",
      "connection",
      "date",
      "expect",
      "host",
      "http2-settings",
      "proxy-connection",
      "trailer",
      "via",
    ],
    ...["user-agent", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding"],
    ...["upgrade", "age", "cache-control", "clear-site-data", "expires", "pragma", "warning"],
    ...["content-length", "content-type", "content-encoding", "content-language", "content-location"],
  ])("%s", (name) => {
    expect(headerMistake({ [name]: "x" })).toMatchObject([reserved]);
    expect(headerMistake({ [name.toUpperCase()]: "x" })).toMatchObject([reserved]);
    expect(headerMistake({ [`x-${name}`]: "x", [`${name}-x`]: "x" })).toEqual([]);
  });
});

describe("every name is reserved that begins with", () => {
  test.each([
    "svix-",
    "x-svix-",
    "webhook-",
    "weft-",
    "x-amz-",
    "x-amzn-",
    "x-azure-",
    "x-fd-",
    "x-gfe",
    "x-goog-",
    "x-google",
  ])("%s", (prefix) => {
    expect(headerMistake({ [prefix]: "x" })).toMatchObject([reserved]);
    expect(headerMistake({ [`${prefix}anything`]: "x" })).toMatchObject([reserved]);
    expect(headerMistake({ [`${prefix}Anything`.toUpperCase()]: "x" })).toMatchObject([reserved]);
    expect(headerMistake({ [`my-${prefix}anything`]: "x" })).toEqual([]);
  });
});

test("names that only resemble a reserved one are allowed", () => {
  const names = ["authorization", "accept", "x-api-key", "x-webhook-id", "svix", "webhook", "weft", "x-team"];
  expect(headerMistake(Object.fromEntries(names.map((name) => [name, "x"])))).toEqual([]);
});

test("a header that is repeated, has no name or an invalid value is refused with its location", () => {
  const sentences = (headers: Record<string, string>) =>
    headerMistake(headers).map(({ path, message }) => [path, message]);
  expect(sentences({ "X-A": "1", "x-a": "2" })).toEqual([[["x-a"], "This header is given twice."]]);
  for (const name of ["", "a b", "a:", "ü", "n".repeat(129)]) {
    expect(sentences({ [name]: "x" }), name).toEqual([[[name], "This is not a valid header name."]]);
  }
  for (const value of ["a\r\nb", "a\u0000", "☃"]) expect(sentences({ "x-a": value })).toHaveLength(1);
  expect(sentences({ "x-a": "v".repeat(4_097) })).toEqual([[["x-a"], "A header value has at most 4096 bytes."]]);
  expect(sentences({ "x-a": "v".repeat(4_096) })).toEqual([]);
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`x-${index}`, "x"]));
  expect(sentences(many)).toEqual([[[], "At most 50 headers are allowed."]]);
});
