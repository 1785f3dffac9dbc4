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
  retry_schedule: null,
  rate_limit: null,
  ordered: false,
} as unknown as SubscriptionDetail;

test("filters survive a round through the form, whatever their values are", () => {
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

test("headers that were not touched are not written back, since some were shown masked", () => {
  expect(changeOf(draftOf(stored), stored)).not.toHaveProperty("headers");
  const draft = { ...draftOf(stored), headers: [{ name: "x-team", value: "b" }] };
  expect(changeOf(draft, stored).headers).toEqual({ "x-team": "b" });
});

test("no retries, those of the installation, and own waits are three things", () => {
  expect(creationOf({ ...emptyDraft, retriesNone: true }).retry_schedule).toEqual([]);
  expect(creationOf(emptyDraft).retry_schedule).toBeNull();
  expect(creationOf({ ...emptyDraft, retries: "5, 300" }).retry_schedule).toEqual([5, 300]);
});

test("what is no number is told before it is sent", () => {
  expect(draftMistakes({ ...emptyDraft, retries: "5, soon", rateLimit: "1.5" })).toEqual({
    retries: true,
    rateLimit: true,
  });
  expect(draftMistakes({ ...emptyDraft, retries: "0.5,", rateLimit: "10" })).toEqual({
    retries: false,
    rateLimit: false,
  });
});
