import type { SubscriptionDetail } from "@weft/sdk";
import fc from "fast-check";
import { expect, test } from "vitest";
import { changeOf, creationOf, draftMistakes, draftOf, emptyDraft } from "./subscription-draft.ts";

const stored = {
  url: "https://example.com/hook",
  description: null,
  filter_types: ["sync.*"],
  filters: null,
  headers: { "x-team": "a", authorization: "***" },
  authentication: null,
  client_certificate: null,
  certificate_authority: null,
  retry_schedule: null,
  rate_limit: null,
  ordered: false,
  send_trace_context: false,
} as unknown as SubscriptionDetail;

test("filters survive a round trip through the form, with any values", () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom("1", "true", "a,b", '"'),
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.array(value, { minLength: 1, maxLength: 4 }), {
        minKeys: 1,
        maxKeys: 3,
      }),
      (filters) => {
        const draft = draftOf({ ...stored, filters } as SubscriptionDetail);
        expect(changeOf(draft, stored).filters).toEqual(filters);
      },
    ),
  );
});

test("unchanged filters are not sent back, and a number that would be rounded is a mistake", () => {
  const before = { ...stored, filters: { account_id: [Number("9007199254740993")] } } as SubscriptionDetail;
  const draft = draftOf(before);
  expect(changeOf(draft, before)).not.toHaveProperty("filters");
  expect(draftMistakes(draft, draft).filters).toBe(false);
  const changed = { ...draft, filters: [...draft.filters, { name: "kind", value: "a" }] };
  expect(draftMistakes(changed, draft).filters).toBe(true);
  const isMistake = (value: string) =>
    draftMistakes({ ...emptyDraft, filters: [{ name: "n", value }] }, emptyDraft).filters;
  expect(["9007199254740993", "1, 9007199254740992", "0.1234567890123456", "1e400", "1e-400"].map(isMistake)).toEqual(
    Array(5).fill(true),
  );
  expect(["9007199254740991", '"9007199254740993"', "1.10", "1e3", "0", "0.000", "x"].map(isMistake)).toEqual(
    Array(7).fill(false),
  );
});

test("unchanged headers are not sent back, because some were shown masked", () => {
  expect(changeOf(draftOf(stored), stored)).not.toHaveProperty("headers");
  const draft = { ...draftOf(stored), headers: [{ name: "x-team", value: "b" }] };
  expect(changeOf(draft, stored).headers).toEqual({ "x-team": "b" });
});

test("no retries, the default schedule and a custom schedule are distinguished", () => {
  expect(creationOf({ ...emptyDraft, retriesNone: true }).retry_schedule).toEqual([]);
  expect(creationOf(emptyDraft).retry_schedule).toBeNull();
  expect(creationOf({ ...emptyDraft, retries: "5 s, 5m" }).retry_schedule).toEqual([5, 300]);
});

test("a text that is not a delay or a number is reported before it is sent", () => {
  expect(draftMistakes({ ...emptyDraft, retries: "5, soon", rateLimit: "1.5" }, emptyDraft)).toEqual({
    filters: false,
    retries: true,
    rateLimit: true,
  });
  expect(draftMistakes({ ...emptyDraft, retries: "0.5,", rateLimit: "10" }, emptyDraft)).toEqual({
    filters: false,
    retries: false,
    rateLimit: false,
  });
});
