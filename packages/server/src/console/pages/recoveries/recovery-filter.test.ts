import { expect, test } from "vitest";
import { anyFailure, recoveryBody } from "./recovery-filter.ts";

const now = Date.UTC(2026, 0, 15, 12);

test("a time window, event types and states become a request", () => {
  expect(recoveryBody({ ...anyFailure, eventTypes: ["sync.completed"] }, now)).toEqual({
    since: "2026-01-14T12:00:00.000Z",
    event_types: ["sync.completed"],
    status: ["failed", "skipped", "missing"],
  });
});

test("selected messages replace the time window", () => {
  const filter = { ...anyFailure, messageIds: ["a", "b"], subscriptionIds: ["s"] };
  expect(recoveryBody(filter, now)).toEqual({
    message_ids: ["a", "b"],
    subscription_ids: ["s"],
    status: ["failed", "skipped", "missing"],
  });
});

test.each([
  ["source_type:github", { source_type: ["github"] }],
  ["customer_id:42", { customer_id: ["42", 42] }],
  ["customer_id:9007199254740993", { customer_id: ["9007199254740993"] }],
  ["is_new:true", { is_new: ["true", true] }],
  ["parent:null", { parent: ["null", null] }],
  ["url:https://a.b/", { url: ["https://a.b/"] }],
])("the payload value %s is matched as a text and as the JSON value that it spells", (payload, expected) => {
  expect(recoveryBody({ ...anyFailure, payload }, now).payload).toEqual(expected);
});

test("the class of a response and the time of attempts become a request", () => {
  const filter = { ...anyFailure, statusClass: "5xx" as const, attempted: { since: "2026-01-15T10:00:00Z" } };
  expect(recoveryBody(filter, now)).toEqual({
    since: "2026-01-14T12:00:00.000Z",
    status: ["failed", "skipped", "missing"],
    status_class: "5xx",
    attempted_since: "2026-01-15T10:00:00.000Z",
  });
});
