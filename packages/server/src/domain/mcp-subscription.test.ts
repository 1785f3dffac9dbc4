import fc from "fast-check";
import { expect, test } from "vitest";
import type { UnreachableReason } from "./attempt.ts";
import { limits } from "./limits.ts";
import {
  canonicalJson,
  eventCodeOf,
  grantedMs,
  McpError,
  mcpFailureOf,
  mcpFailureOfAttempt,
} from "./mcp-subscription.ts";

test("canonical JSON does not depend on the order of keys, and is the same value", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
      const reversed = Object.fromEntries(Object.entries(given).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(given));
      expect(canonicalJson(JSON.parse(JSON.stringify(given)))).toBe(canonicalJson(given));
    }),
  );
  expect(canonicalJson(JSON.parse('{"b":[1,{"d":null,"c":"x"}],"a":1.0}'))).toBe('{"a":1,"b":[1,{"c":"x","d":null}]}');
  expect(canonicalJson(JSON.parse('{"__proto__":1}'))).toBe('{"__proto__":1}');
});

test("a lifetime is granted between the bounds, an hour by default and the longest for null", () => {
  expect(grantedMs(undefined)).toBe(limits.mcpTtlMs);
  expect(grantedMs(null)).toBe(limits.mcpTtlMsMax);
  expect(grantedMs(0)).toBe(limits.mcpTtlMsMin);
  expect(grantedMs(limits.mcpTtlMsMin + 1)).toBe(limits.mcpTtlMsMin + 1);
  expect(grantedMs(Number.MAX_VALUE)).toBe(limits.mcpTtlMsMax);
});

test.each([
  [204, null],
  [302, "http_4xx"],
  [404, "http_4xx"],
  [410, "http_4xx"],
  [500, "http_5xx"],
  [503, "http_5xx"],
] as const)("the status %i is the category %s", (status, failure) => {
  expect(mcpFailureOf({ kind: "answered", status, headers: {}, body: "", truncated: null, durationMs: 1 })).toBe(
    failure,
  );
  const attempt = { succeeded: failure === null, responseStatus: status, error: null };
  expect(mcpFailureOfAttempt(attempt)).toBe(failure);
});

const reasons: Record<UnreachableReason, string> = {
  dns: "connection_refused",
  connect: "connection_refused",
  blocked_address: "connection_refused",
  closed: "connection_refused",
  protocol: "connection_refused",
  proxy: "connection_refused",
  authentication: "connection_refused",
  aborted: "connection_refused",
  internal: "connection_refused",
  timeout: "timeout",
  tls: "tls_error",
  too_large: "http_4xx",
};

test.each(Object.entries(reasons))("a failure with the reason %s is the category %s", (reason, failure) => {
  const unanswered = { kind: "unanswered", reason: reason as UnreachableReason, detail: "", durationMs: 1 } as const;
  expect(mcpFailureOf(unanswered)).toBe(failure);
  expect(mcpFailureOfAttempt({ succeeded: false, responseStatus: 0, error: `${reason}: A sentence.` })).toBe(failure);
});

test("the codes of both designs differ, except for invalid parameters", () => {
  for (const kind of ["not_found", "forbidden", "resource_exhausted", "unsupported", "callback_endpoint"] as const) {
    expect(eventCodeOf(kind, "sketch") - eventCodeOf(kind, "sep-3415")).toBe(12);
    expect(new McpError(kind, "A sentence.", {}).status).toBeGreaterThanOrEqual(400);
  }
  expect(eventCodeOf("invalid_params", "sketch")).toBe(eventCodeOf("invalid_params", "sep-3415"));
});
