import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "./limits.ts";
import { fillBucket, nextTokenAt, paidFor, type RateBucket, rateGrant, takeTokens } from "./rate-limit.ts";

test("a new bucket is full, and holds at most one second's tokens however long it is unused", () => {
  const full = fillBucket(null, 5, 1_000);
  expect(full).toEqual({ tokens: 5, filledAt: 1_000 });
  expect(fillBucket(full, 5, 100_000)).toEqual({ tokens: 5, filledAt: 100_000 });
});

test("an empty bucket has the next token at its time, and not earlier", () => {
  const empty = takeTokens(fillBucket(null, 3, 0), 3);
  expect(paidFor(empty)).toBe(0);
  const at = nextTokenAt(empty, 3);
  expect(at).toBe(334);
  expect(paidFor(fillBucket(empty, 3, at - 1))).toBe(0);
  expect(paidFor(fillBucket(empty, 3, at))).toBe(1);
});

test("a bucket with tokens gives one immediately", () => {
  expect(nextTokenAt({ tokens: 2, filledAt: 7 }, 10)).toBe(7);
});

test("fractions of tokens add up to whole ones", () => {
  let bucket: RateBucket = { tokens: 0, filledAt: 0 };
  for (let now = 1; now <= 1_000; now++) bucket = fillBucket(bucket, 7, now);
  expect(paidFor(bucket)).toBe(7);
});

test("no more tokens can be taken than the bucket has", () => {
  expect(takeTokens({ tokens: 1, filledAt: 0 }, 2)).toEqual({ tokens: 0, filledAt: 0 });
});

test("a lowered limit takes effect immediately", () => {
  expect(fillBucket({ tokens: 100, filledAt: 0 }, 2, 0).tokens).toBe(2);
  expect(fillBucket({ tokens: 100, filledAt: 10 }, 2, 0).tokens).toBe(2);
});

test("a clock that is slightly behind adds no token twice, and one that was set back does not stop the bucket", () => {
  const bucket = { tokens: 0, filledAt: 70_000 };
  expect(fillBucket(bucket, 5, 10_000)).toEqual(bucket);
  expect(fillBucket(bucket, 5, 9_999)).toEqual({ tokens: 0, filledAt: 9_999 });
});

test("in any period, the tokens are at most the limit and one second's worth", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: limits.rateLimitMax }),
      fc.array(fc.record({ restMs: fc.nat(3_000), needed: fc.nat(100_000) }), { minLength: 1, maxLength: 50 }),
      (limit, requests) => {
        let bucket: RateBucket | null = null;
        let now = 0;
        const taken: { at: number; count: number }[] = [];
        for (const { restMs, needed } of requests) {
          now += restMs;
          const filled = fillBucket(bucket, limit, now);
          const count = Math.min(needed, paidFor(filled));
          bucket = takeTokens(filled, count);
          taken.push({ at: now, count });
        }
        for (const [index, { at }] of taken.entries()) {
          const sum = taken.slice(index).reduce((total, { count }) => total + count, 0);
          expect(sum).toBeLessThanOrEqual(((now - at) * limit) / 1_000 + limit + 0.01);
        }
      },
    ),
  );
});

test("a grant has the number of claims that are possible now, and the time of the next one", () => {
  const grant = rateGrant({ tokens: 0, filledAt: 0 }, 4, 600);
  expect(grant).toMatchObject({ bucket: { tokens: 2.4, filledAt: 600 }, deliveries: 2 });
  expect(grant.nextTokenAt(2)).toBe(750);
  expect(grant.nextTokenAt(1)).toBe(600);
});
