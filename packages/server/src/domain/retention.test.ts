import fc from "fast-check";
import { expect, test } from "vitest";
import { dayMs, expiredRanges } from "./retention.ts";

const now = 1_000 * dayMs;
const installation = { retentionMs: 90 * dayMs, retentionEventTypes: new Map<string, number>() };
const unlimited = { retentionDays: null, eventTypeRetentionDays: {} };

test("without shorter times nothing expires besides what the retention of the installation deletes", () => {
  expect(expiredRanges(installation, unlimited, { now, includesAll: false })).toEqual([]);
  const longer = { retentionDays: 365, eventTypeRetentionDays: { "sync.failed": 365 } };
  expect(expiredRanges(installation, longer, { now, includesAll: false })).toEqual([]);
  expect(expiredRanges(installation, longer, { now, includesAll: true })).toEqual([
    { eventType: null, before: now - 90 * dayMs },
  ]);
});

test("the shortest of the times of the installation, the organization and the event type applies", () => {
  const settings = {
    retentionMs: 90 * dayMs,
    retentionEventTypes: new Map([
      ["sync.running", 2 * dayMs],
      ["sync.pending", 40 * dayMs],
      ["__proto__", 3 * dayMs],
    ]),
  };
  const own = { retentionDays: 30, eventTypeRetentionDays: { "sync.running": 7, "sync.failed": 1, constructor: 4 } };
  expect(expiredRanges(settings, own, { now, includesAll: false })).toEqual([
    { eventType: "sync.running", before: now - 2 * dayMs },
    { eventType: "__proto__", before: now - 3 * dayMs },
    { eventType: "sync.failed", before: now - dayMs },
    { eventType: "constructor", before: now - 4 * dayMs },
    { eventType: null, before: now - 30 * dayMs },
  ]);
});

test("a message expires exactly when it is older than the shortest time that applies to it", () => {
  const days = fc.integer({ min: 1, max: 120 });
  const name = fc.constantFrom("a", "b", "c");
  const times = fc.dictionary(name, days);
  fc.assert(
    fc.property(days, times, fc.option(days), times, name, days, (kept, types, own, ownTypes, eventType, age) => {
      const settings = {
        retentionMs: kept * dayMs,
        retentionEventTypes: new Map(Object.entries(types).map(([type, value]) => [type, value * dayMs])),
      };
      const ranges = expiredRanges(
        settings,
        { retentionDays: own, eventTypeRetentionDays: ownTypes },
        { now, includesAll: true },
      );
      const acceptedAt = now - age * dayMs;
      const isExpired = ranges.some(
        (range) => (range.eventType === null || range.eventType === eventType) && acceptedAt < range.before,
      );
      const shortest = Math.min(kept, own ?? kept, types[eventType] ?? kept, ownTypes[eventType] ?? kept);
      expect(isExpired).toBe(age > shortest);
    }),
  );
});
