import fc from "fast-check";
import { expect, test } from "vitest";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { latencyOf } from "../../domain/latency.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { t0, World } from "../fixtures/samples.ts";
import type { AttemptCount } from "./interface.ts";

const minute = 60_000;
const hour = 60 * minute;

bothStoresKeep("attempt counts", (open) => {
  test("attempts are counted by start time, outcome and latency, for a subscription and for its organization", async () => {
    await using world = await World.open(open);
    const [one, other] = [await world.subscribe(), await world.subscribe()];
    await attempt(world, one.id, { at: t0 + 5, durationMs: 7 }, { at: t0 + minute - 1, durationMs: 6 });
    await attempt(world, one.id, { at: t0 + minute, durationMs: 7, failed: true });
    await attempt(world, other.id, { at: t0, durationMs: 40_000 });
    const seven = latencyOf(7);
    const ofOne: AttemptCount[] = [
      { startsAt: t0, statusClass: "2xx", latency: seven, attempts: 2 },
      { startsAt: t0 + minute, statusClass: "5xx", latency: seven, attempts: 1 },
    ];
    expect(await attemptCounts(world, one.id)).toEqual(ofOne);
    const slow: AttemptCount = { startsAt: t0, statusClass: "2xx", latency: latencyOf(40_000), attempts: 1 };
    expect(await attemptCounts(world, other.id)).toEqual([slow]);
    expect(inOrder(await attemptCounts(world, null))).toEqual(inOrder([...ofOne, slow]));
    expect(await attemptCounts(world, null, { since: t0 + minute, until: t0 + 2 * minute })).toEqual(ofOne.slice(1));
  });

  test("attempts are counted by the class of their status, over minutes and hours", async () => {
    await using world = await World.open(open.fresh);
    const { id } = await world.subscribe();
    const statuses = [0, 204, 301, 404, 410, 503, 999];
    const made = statuses.map((status) => ({ at: t0, durationMs: 3, failed: status !== 204, status }));
    await attempt(world, id, ...made);
    const classes = async () =>
      Object.fromEntries((await attemptCounts(world, id)).map(({ statusClass, attempts }) => [statusClass, attempts]));
    const expected = { no_response: 1, "2xx": 1, "3xx": 1, "4xx": 2, "5xx": 1, other: 1 };
    expect(await classes()).toEqual(expected);
    await world.store.rollUpAttemptCounts({ before: t0 + hour, limit: 100 });
    expect(await classes()).toEqual(expected);
  });

  test("an attempt that is not recorded is not counted", async () => {
    await using world = await World.open(open);
    const { id } = await world.subscribe();
    await world.accept();
    const [delivery] = await world.claim(await world.node(), id);
    if (delivery === undefined) throw new Error("Nothing was claimed.");
    const records = [world.record(delivery, { state: "delivered" })];
    expect(await world.store.recordAttempts({ nodeId: await world.node(), records, now: world.now })).toEqual([false]);
    expect(await attemptCounts(world, id)).toEqual([]);
  });

  test("no attempt of another organization's subscription is counted", async () => {
    await using world = await World.open(open);
    const { id } = await world.subscribe();
    await attempt(world, id, { at: t0, durationMs: 1 });
    const organizationId = await world.addOrganization();
    for (const subscriptionId of [id, null])
      expect(await attemptCounts(world, subscriptionId, {}, organizationId)).toEqual([]);
  });

  test("attempts that several nodes record are counted together", async () => {
    await using world = await World.open(open);
    const { id } = await world.subscribe();
    for (let i = 0; i < 3; i++) await attempt(world, id, { at: t0, durationMs: 3 }, { at: t0 + 1, durationMs: 3 });
    for (const subject of [id, null]) {
      expect(await attemptCounts(world, subject)).toEqual([
        { startsAt: t0, statusClass: "2xx", latency: 3, attempts: 6 },
      ]);
    }
  });

  test("rolling minutes up into hours never changes the counts of whole hours", async () => {
    const made = fc.record({
      subscription: fc.nat({ max: 1 }),
      after: fc.integer({ min: 0, max: 3 * hour }),
      durationMs: fc.integer({ min: 0, max: 90_000 }),
      failed: fc.boolean(),
    });
    const history = fc.array(fc.array(made, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 1, max: 9 }), async (batches, limit) => {
        await using world = await World.open(open.fresh);
        const ids = [(await world.subscribe()).id, (await world.subscribe()).id];
        const before = t0 + 2 * hour;
        const hours = () =>
          Promise.all([...ids, null].map(async (id) => inOrder(await attemptCounts(world, id, { stepMs: hour }))));
        for (const batch of batches) {
          for (const { subscription, after, ...rest } of batch) {
            await attempt(world, ids[subscription] as SubscriptionId, { at: t0 + after, ...rest });
          }
          const expected = await hours();
          while ((await world.store.rollUpAttemptCounts({ before, limit })) > 0)
            expect(await hours()).toEqual(expected);
          expect(await hours()).toEqual(expected);
        }
        const minutesLeft = await attemptCounts(world, null, { since: t0, until: before });
        for (const { startsAt } of minutesLeft) expect(startsAt % hour).toBe(0);
      }),
      { numRuns: 5 },
    );
  });

  test("old counts of minutes and hours are deleted in bounded steps", async () => {
    await using world = await World.open(open.fresh);
    const { id } = await world.subscribe();
    for (const hours of [0, 1, 2]) await attempt(world, id, { at: t0 + hours * hour, durationMs: 1 });
    await world.store.rollUpAttemptCounts({ before: t0 + hour, limit: 100 });
    const forget = () => world.store.deleteAttemptCountsBefore({ before: t0 + 2 * hour, limit: 3 });
    expect([await forget(), await forget(), await forget()]).toEqual([3, 1, 0]);
    expect((await attemptCounts(world, null)).map(({ startsAt }) => startsAt)).toEqual([t0 + 2 * hour]);
  });
});

interface Made {
  readonly at: number;
  readonly durationMs: number;
  readonly failed?: boolean;
  readonly status?: number;
}

/** Makes attempts to a subscription, recorded together. */
async function attempt(world: World, subscriptionId: SubscriptionId, ...made: Made[]): Promise<void> {
  for (const _ of made) await world.accept();
  const nodeId = await world.node();
  const deliveries = await world.claim(nodeId, subscriptionId, made.length);
  const records = deliveries.map((delivery, index) => {
    const { at, durationMs, failed = false, status = failed ? 500 : 200 } = made[index] as Made;
    const settled = failed ? ({ state: "failed", gone: false } as const) : ({ state: "delivered" } as const);
    return world.record(delivery, settled, { startedAt: at, durationMs, responseStatus: status });
  });
  await world.store.recordAttempts({ nodeId, records, now: world.now });
}

function attemptCounts(
  world: World,
  subscriptionId: SubscriptionId | null,
  window: { since?: number; until?: number; stepMs?: number } = {},
  organizationId: OrganizationId = world.organizationId,
): Promise<AttemptCount[]> {
  const params = { since: t0, until: t0 + 4 * hour, stepMs: minute, ...window };
  return world.store.readAttemptCounts({ organizationId, subscriptionId, ...params });
}

function inOrder(rows: readonly AttemptCount[]): AttemptCount[] {
  const key = (row: AttemptCount) => `${row.startsAt} ${row.statusClass} ${String(row.latency).padStart(2, "0")}`;
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
