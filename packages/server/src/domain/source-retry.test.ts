import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "./limits.ts";
import { sourceRetries } from "./source-retry.ts";

const minute = 60_000;
const plain = sourceRetries(() => 0);

test("a source is read again after 1 s, 5 s, 30 s, 2 and 5 minutes, and then no more", () => {
  const delays = [1, 2, 3, 4, 5, 6, 7].map((tries) => plain({ tries, waitedMs: 0, retryAfterMs: null }));
  expect(delays).toEqual([1_000, 5_000, 30_000, 2 * minute, 5 * minute, null, null]);
});

test("jitter lengthens a wait by a tenth at most", () => {
  const most = sourceRetries(() => 1);
  expect(most({ tries: 2, waitedMs: 0, retryAfterMs: null })).toBe(5_500);
});

test("the time that a source requests is respected, unless it is too long", () => {
  expect(plain({ tries: 1, waitedMs: 0, retryAfterMs: 20_000 })).toBe(20_000);
  expect(plain({ tries: 3, waitedMs: 0, retryAfterMs: 20_000 })).toBe(30_000);
  expect(plain({ tries: 1, waitedMs: 0, retryAfterMs: 15 * minute })).toBe(15 * minute);
  expect(plain({ tries: 1, waitedMs: 0, retryAfterMs: 15 * minute + 1 })).toBeNull();
  expect(plain({ tries: 1, waitedMs: 1, retryAfterMs: 15 * minute })).toBeNull();
});

test("a job reads its source at most six times and waits at most 15 minutes, for any requests of the source", () => {
  const requestedMs = fc.option(fc.integer({ min: 0, max: 3_600_000 }));
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.array(requestedMs, { minLength: 6, maxLength: 6 }), chance, (responses, random) => {
      const policy = sourceRetries(() => random);
      let [tries, waitedMs] = [0, 0];
      for (const retryAfterMs of responses) {
        tries += 1;
        const delayMs = policy({ tries, waitedMs, retryAfterMs });
        if (delayMs === null) return;
        expect(delayMs).toBeGreaterThanOrEqual(limits.sourceRetryDelaysMs[tries - 1] ?? Number.NaN);
        expect(delayMs).toBeGreaterThanOrEqual(retryAfterMs ?? 0);
        waitedMs += delayMs;
        expect(waitedMs).toBeLessThanOrEqual(limits.sourceRetryMsMax);
      }
      expect.unreachable("a seventh try");
    }),
  );
});
