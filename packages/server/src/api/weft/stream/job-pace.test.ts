import fc from "fast-check";
import { expect, test } from "vitest";
import type { OrganizationId, SourceConnectionId, SyncId, SyncJobId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import { endJob, newJob, type SyncJob, startJob } from "../../../domain/sync-job.ts";
import { JobPace } from "./job-pace.ts";

function job(id: string, inserted: number): SyncJob {
  const pending = newJob({
    id: id as SyncJobId,
    organizationId: "o" as OrganizationId,
    sourceConnectionId: "c" as SourceConnectionId,
    syncId: "s" as SyncId,
    now: 0,
  });
  return { ...startJob(pending, 0), counts: { ...pending.counts, inserted } };
}

test("each job's newest change is sent eventually, and never two within the pause", () => {
  const changes = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom("a", "b")), { maxLength: 60 });
  fc.assert(
    fc.property(changes, (steps) => {
      const pace = new JobPace();
      const sent: { id: string; at: number; inserted: number }[] = [];
      let now = 0;
      function offer(some: SyncJob): void {
        if (pace.isDue(some, now)) sent.push({ id: some.id, at: now, inserted: some.counts.inserted });
      }
      const newest = new Map<string, number>();
      for (const [index, [waitMs, id]] of steps.entries()) {
        now += waitMs;
        for (const due of pace.due(now)) offer(due);
        offer(job(id, index));
        newest.set(id, index);
      }
      while (pace.isHolding) {
        now = pace.nextAt;
        for (const due of pace.due(now)) offer(due);
      }
      for (const [id, index] of newest) {
        const own = sent.filter((item) => item.id === id);
        expect(own.at(-1)?.inserted).toBe(index);
        for (const [at, item] of own.entries()) {
          expect(item.at - (own[at - 1]?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(
            limits.streamJobRestMs,
          );
        }
      }
      expect(pace.nextAt).toBe(Number.POSITIVE_INFINITY);
    }),
  );
});

test("the end of a job is sent immediately, and no earlier change after it", () => {
  const pace = new JobPace();
  const running = job("a", 1);
  expect([pace.isDue(running, 0), pace.isDue(running, 1), pace.isHolding]).toEqual([true, false, true]);
  if (running.state !== "running") throw new Error("It runs.");
  expect(pace.isDue(endJob(running, { kind: "done" }, 2), 2)).toBe(true);
  expect([pace.due(limits.streamJobRestMs * 2), pace.isHolding]).toEqual([[], false]);
});
