import { expect, test } from "vitest";
import { payloadValue, shownPayload } from "./message.ts";

test("a JSON payload is shown byte for byte", () => {
  const payload = '{"a": 1, "a":12345678901234567890}';
  expect(shownPayload({ payload, contentType: null, payloadDeletedAt: null })).toBe(payload);
});

test("a payload that was given as text is shown unchanged if it is an object, and otherwise as a raw payload", () => {
  const shown = (payload: string) => shownPayload({ payload, contentType: "text/plain", payloadDeletedAt: null });
  expect(shown('{"a": 1}')).toBe('{"a": 1}');
  for (const payload of ["[1]", "null", "1", "<a/>", ""]) {
    expect(JSON.parse(shown(payload))).toEqual({ rawPayload: payload });
  }
});

test("a deleted payload is shown as expired", () => {
  const deleted = { payload: "", payloadDeletedAt: 1 };
  expect(shownPayload({ ...deleted, contentType: null })).toBe('{"expired":true}');
  expect(shownPayload({ ...deleted, contentType: "text/plain" })).toBe('{"expired":true}');
});

test("filters read a payload if it is JSON, and no other", () => {
  expect(payloadValue({ payload: '{"a":1}', contentType: null })).toEqual({ a: 1 });
  expect(payloadValue({ payload: "[1]", contentType: "application/json" })).toEqual([1]);
  expect(payloadValue({ payload: "<a/>", contentType: "text/xml" })).toBeNull();
});
