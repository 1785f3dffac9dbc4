import fc from "fast-check";
import { expect, test } from "vitest";
import { rangeAround, rangeMs } from "./partitions.ts";

const hour = 3_600_000;
const day = 24 * hour;

test("a range lasts a twelfth of the retention, at least an hour and at most a week", () => {
  expect(rangeMs(90 * day)).toBe(7 * day);
  expect(rangeMs(12 * day)).toBe(day);
  expect(rangeMs(hour)).toBe(hour);
});

test("a new range contains its time and overlaps no existing range", () => {
  const times = fc.array(fc.integer({ min: 0, max: 400 * day }), { minLength: 1, maxLength: 30 });
  const lengths = fc.array(fc.integer({ min: 1, max: 168 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(times, lengths, (needed, hours) => {
      const ranges: { starts_at: number; ends_at: number }[] = [];
      for (const [index, time] of needed.entries()) {
        if (ranges.some((range) => range.starts_at <= time && time < range.ends_at)) continue;
        const range = rangeAround(time, (hours[index % hours.length] ?? 1) * hour, ranges);
        expect(range.starts_at).toBeLessThanOrEqual(time);
        expect(range.ends_at).toBeGreaterThan(time);
        for (const other of ranges)
          expect(range.ends_at <= other.starts_at || range.starts_at >= other.ends_at).toBe(true);
        ranges.push(range);
      }
    }),
  );
});
