import fc from "fast-check";
import { expect, test } from "vitest";
import { payloadExcerpt } from "./payload-excerpt.ts";

function excerptOf(payload: object | string): string | null {
  return payloadExcerpt({
    payload: typeof payload === "string" ? payload : JSON.stringify(payload),
    eventType: "sync.failed",
  });
}

test("an excerpt has the first fields that are neither ids nor times nor the event type", () => {
  const payload = {
    event_type: "sync.failed",
    job_id: "550e8400-e29b-41d4-a716-446655440000",
    timestamp: "2026-01-15T14:30:00Z",
    source_type: "github",
    error: "Token\nexpired",
    nested: { a: 1 },
    count: 3,
    more: "x",
  };
  expect(excerptOf(payload)).toBe("source_type: github, error: Token expired, count: 3");
});

test("numbers are shown as they are written", () => {
  expect(excerptOf('{"account_id": 9007199254740993, "amount": 1.10}')).toBe(
    "account_id: 9007199254740993, amount: 1.10",
  );
});

test("long values are cut, and payloads without simple fields have no excerpt", () => {
  expect(excerptOf({ error: "é".repeat(100_000) })).toMatch(/^error: é{59}…$/);
  for (const payload of [{}, [], "text", { a: null, b: "", c: [] }]) expect(excerptOf(payload)).toBeNull();
});

test("any payload has an excerpt of bounded length, or none", () => {
  const text = fc.string({ unit: "binary", maxLength: 2_000 });
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 20 }), fc.oneof(text, fc.double(), fc.jsonValue())), (payload) => {
      const excerpt = excerptOf(payload);
      expect(excerpt === null || excerpt.length <= 3 * (60 + 20 + 4)).toBe(true);
    }),
  );
});
