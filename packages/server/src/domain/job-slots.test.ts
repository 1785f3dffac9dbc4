import fc from "fast-check";
import { expect, test } from "vitest";
import type { OrganizationId } from "./id.ts";
import { fullSlots } from "./job-slots.ts";
import { limits } from "./limits.ts";

const [one, two] = ["one", "two"] as [OrganizationId, OrganizationId];

test("a node without jobs has room for every organization", () => {
  expect(fullSlots([], () => 1)).toEqual({ organizations: [], sources: [] });
});

test("an organization is full at its limit, and no other one is", () => {
  const inSlots = Array.from({ length: limits.syncJobsPerOrganizationMax }, () => ({
    organizationId: one,
    source: "git",
  }));
  const other = { organizationId: two, source: "git" };
  expect(fullSlots([...inSlots.slice(1), other], () => 99).organizations).toEqual([]);
  expect(fullSlots([...inSlots, other], () => 99).organizations).toEqual([one]);
});

test("one organization never has all slots of a node", () => {
  expect(limits.syncJobsPerOrganizationMax).toBeLessThan(limits.syncJobsPerNodeMax);
});

test("a source is full exactly when it has as many running jobs as it may have", () => {
  const job = fc.record({ organizationId: fc.constantFrom(one, two), source: fc.constantFrom("a", "b", "c") });
  const atOnce: Record<string, number> = { a: 1, b: 3, c: Number.POSITIVE_INFINITY };
  fc.assert(
    fc.property(fc.array(job, { maxLength: 12 }), (inSlots) => {
      const count = (source: string) => inSlots.filter((one) => one.source === source).length;
      const { sources } = fullSlots(inSlots, (source) => atOnce[source] ?? 0);
      expect(sources.toSorted()).toEqual(["a", "b"].filter((source) => count(source) >= (atOnce[source] ?? 0)));
    }),
  );
});
