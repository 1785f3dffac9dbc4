import fc from "fast-check";
import { expect, test } from "vitest";
import type { ResponseHeaders } from "./exchange.ts";
import { hasHeadersLeftOut, headersByName, keptHeaders } from "./kept-headers.ts";
import { limits } from "./limits.ts";

function kept(headers: ResponseHeaders) {
  const text = keptHeaders({ kind: "answered", status: 200, headers, body: "", truncated: null, durationMs: 1 });
  return text === null ? null : headersByName(text);
}

test("headers are kept in their order, and the values of a repeated header are joined", () => {
  const headers = { server: "nginx", "retry-after": "5", via: ["a", "b"], "x-empty": "", "x-time": "10:30: late" };
  expect(kept(headers)).toEqual({ ...headers, via: "a, b" });
  expect(Object.keys(kept(headers) ?? {})).toEqual(Object.keys(headers));
});

test("nothing is kept without a response or without headers", () => {
  expect(kept({})).toBeNull();
  expect(keptHeaders({ kind: "unanswered", reason: "dns", detail: "No such host.", durationMs: 1 })).toBeNull();
});

test.each([
  ["set-cookie", "session=abc", "***"],
  ["x-api-key", "abc", "***"],
  ["www-authenticate", "Basic realm=a", "***"],
  ["x-debug", "sent Bearer abc.def", "***"],
  ["x-debug", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "***"],
  ["x-debug", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "***"],
  ["location", "https://user:hidden@example.com/?a=1", "https://***@example.com/?a=1"],
  ["location", "/signed-in?access_token=hidden&a=1", "/signed-in?access_token=***&a=1"],
  ["location", "/signed-in?%74oken=hidden", "/signed-in?%74oken=***"],
])("the credential in %s: %s is not kept", (name, value, shown) => {
  expect(kept({ [name]: value })).toEqual({ [name]: shown });
});

test("a long value is cut, also when it needs to be masked", () => {
  const long = "a".repeat(limits.responseHeaderLengthKept);
  expect(kept({ "x-long": `${long}b` })).toEqual({ "x-long": `${long}…` });
  expect(kept({ location: `/?b=${long}&token=hidden` })?.location).not.toContain("hidden");
});

test("any headers become lines within the limits, which read back as headers", () => {
  const values = fc.oneof(fc.string({ unit: "binary" }), fc.string({ maxLength: 3_000 }));
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_-]{1,9}$/), fc.oneof(values, fc.array(values))), (headers) => {
      const exchange = { kind: "answered", status: 200, headers, body: "", truncated: null, durationMs: 1 } as const;
      const text = keptHeaders(exchange) ?? "";
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.responseHeadersBytesKept);
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toContain("\0");
      const lines = text === "" ? [] : text.split("\n").filter((line) => line !== "…");
      expect(lines.length).toBeLessThanOrEqual(limits.responseHeadersKept);
      for (const line of lines) expect(Object.keys(headers)).toContain(line.slice(0, line.indexOf(": ")));
    }),
  );
});

test("headers beyond the limits are marked as left out", () => {
  const text = (count: number, value: string) => {
    const headers = Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, value]));
    return keptHeaders({ kind: "answered", status: 200, headers, body: "", truncated: null, durationMs: 1 }) ?? "";
  };
  expect(hasHeadersLeftOut(text(limits.responseHeadersKept, "…"))).toBe(false);
  expect(hasHeadersLeftOut(text(limits.responseHeadersKept + 1, "a"))).toBe(true);
  expect(hasHeadersLeftOut(text(5, "a".repeat(1_000)))).toBe(true);
  expect(Object.keys(headersByName(text(limits.responseHeadersKept + 1, "a")))).toHaveLength(
    limits.responseHeadersKept,
  );
});

test("the number of kept headers is limited, and so are the values of one header", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x-${index}`, "a"]));
  expect(Object.keys(kept(many) ?? {})).toHaveLength(limits.responseHeadersKept);
  const repeated = kept({ "x-a": Array.from({ length: 100 }, () => "a") });
  expect(repeated?.["x-a"]?.split(", ")).toHaveLength(limits.responseHeadersKept);
});
