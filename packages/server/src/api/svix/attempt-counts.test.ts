import fc from "fast-check";
import { expect, test } from "vitest";
import { type AttemptId, firstIdAt, type OrganizationId, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { CountAttempts } from "../../store/attempts/interface.ts";
import { type CountSizes, EndpointAttemptCounts } from "./attempt-counts.ts";

const hour = limits.attemptsSettledMs;
const key = (n: number) => ({
  organizationId: firstIdAt<"organization">(1),
  subscriptionId: firstIdAt<"subscription">(n),
});

interface CountedAttempt {
  readonly id: AttemptId;
  readonly subscriptionId: SubscriptionId;
  readonly failed: boolean;
}

/** Attempts in memory, in the order of their ids, with a count of those that were counted individually. */
class Attempts {
  now = 100 * hour;
  readonly made: CountedAttempt[] = [];
  examined = 0;

  add(subscriptionId: SubscriptionId, at: number, failed: boolean): void {
    const number = this.made.length.toString(16).padStart(12, "0");
    this.made.push({ id: `${firstIdAt(at).slice(0, 14)}7000-8000-${number}` as AttemptId, subscriptionId, failed });
    this.made.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  countAttempts = async ({
    subscriptionId,
    after,
    upTo,
    limit,
  }: CountAttempts & { organizationId: OrganizationId }) => {
    const found = this.made
      .filter((attempt) => attempt.subscriptionId === subscriptionId && attempt.id > after && attempt.id <= upTo)
      .slice(0, limit);
    this.examined += found.length;
    return { made: found.length, failed: found.filter(({ failed }) => failed).length, last: found.at(-1)?.id ?? null };
  };

  expected(subscriptionId: SubscriptionId, { since, until }: { since: number; until: number }) {
    const within = this.made.filter(
      ({ id, ...attempt }) =>
        attempt.subscriptionId === subscriptionId && id >= firstIdAt(since) && id < firstIdAt(until),
    );
    return { made: within.length, failed: within.filter(({ failed }) => failed).length };
  }

  counts(sizes: Partial<CountSizes> = {}): EndpointAttemptCounts {
    const small = { attemptsCountedAtOnce: 3, attemptsCountedMax: 1_000, stretchesRememberedMax: 10 };
    return new EndpointAttemptCounts(this, () => this.now, { ...small, ...sizes });
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("add" as const),
      ago: fc.nat({ max: 0.9 * hour }),
      failed: fc.boolean(),
      of: fc.nat({ max: 1 }),
    }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.nat({ max: hour }) }),
    fc.record({
      kind: fc.constant("count" as const),
      since: fc.nat({ max: 20 * hour }),
      until: fc.nat({ max: 20 * hour }),
      of: fc.nat({ max: 1 }),
      twice: fc.boolean(),
    }),
  ),
  { minLength: 50, maxLength: 150, size: "max" },
);

test("whatever is counted in whatever order, while attempts are added late, each attempt in a window counts once", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const attempts = new Attempts();
      const counts = attempts.counts();
      for (const step of taken) {
        if (step.kind === "wait") attempts.now += step.ms;
        else if (step.kind === "add") attempts.add(key(step.of).subscriptionId, attempts.now - step.ago, step.failed);
        else {
          const window = { since: attempts.now - step.since, until: attempts.now - step.until };
          const asked = Array.from({ length: step.twice ? 2 : 1 }, () => counts.count(key(step.of), window));
          const expected = attempts.expected(key(step.of).subscriptionId, window);
          for (const counted of await Promise.all(asked)) expect(counted).toEqual(expected);
        }
      }
    }),
    { numRuns: 300 },
  );
});

function fill(attempts: Attempts, count: number): void {
  for (let i = 0; i < count; i++) attempts.add(key(1).subscriptionId, attempts.now - 3 * hour + i, i % 2 === 0);
}

test("what was counted once is not counted again when the window moves on", async () => {
  const attempts = new Attempts();
  fill(attempts, 300);
  const counts = attempts.counts({ stretchesRememberedMax: 1_000 });
  const ask = (shift: number) => counts.count(key(1), { since: attempts.now - 4 * hour + shift, until: attempts.now });
  expect(await ask(0)).toEqual({ made: 300, failed: 150 });
  attempts.examined = 0;
  expect(await ask(0)).toEqual({ made: 300, failed: 150 });
  expect(await ask(1)).toEqual({ made: 300, failed: 150 });
  // Only the ends of the window are counted, where a range overlaps it partly.
  const inside = { since: attempts.now - 3 * hour + 100, until: attempts.now - 3 * hour + 200 };
  expect(await counts.count(key(1), inside)).toEqual({ made: 100, failed: 50 });
  expect(attempts.examined).toBeLessThanOrEqual(8);
});

test("a count of too many is refused, and goes on from there when it is asked for again", async () => {
  const attempts = new Attempts();
  fill(attempts, 100);
  const counts = attempts.counts({ attemptsCountedMax: 30, stretchesRememberedMax: 1_000 });
  const ask = () => counts.count(key(1), { since: 0, until: attempts.now });
  for (let i = 0; i < 3; i++) await expect(ask()).rejects.toMatchObject({ code: "unavailable", status: 503 });
  expect(await ask()).toEqual({ made: 100, failed: 50 });
  expect(attempts.examined).toBeLessThanOrEqual(102);
});

test("no more stretches are remembered than there is room for, and those asked for last stay", async () => {
  const attempts = new Attempts();
  fill(attempts, 30);
  for (let i = 0; i < 30; i++) attempts.add(key(2).subscriptionId, attempts.now - 3 * hour + i, false);
  const counts = attempts.counts({ stretchesRememberedMax: 15 });
  const ask = async (n: number) => {
    attempts.examined = 0;
    await counts.count(key(n), { since: 0, until: attempts.now });
    return attempts.examined;
  };
  expect([await ask(1), await ask(1), await ask(2), await ask(2)]).toEqual([30, 0, 30, 0]);
  expect(await ask(1)).toBe(30);
});
