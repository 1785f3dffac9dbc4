import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../packages/server/src/domain/limits.ts";
import type { Store } from "../../packages/server/src/store/store.ts";
import { AuthorizedWorld } from "../../packages/server/src/sync/fixtures/authorized.ts";
import { gate, scriptedSource, thing } from "../../packages/server/src/sync/fixtures/scripted-source.ts";
import { anotherOrganization, keyOf, localFetch } from "../../packages/server/src/sync/fixtures/test-weft.ts";
import { AccessTokens } from "../../packages/server/src/sync/oauth/access-tokens.ts";
import { TokenRequests } from "../../packages/server/src/sync/oauth/provider.ts";
import type { Changed } from "../../packages/server/src/sync/source.ts";
import { SyncNodes } from "./sync-nodes.ts";

const poll = { timeout: 30_000, interval: 20 };
let nodes: SyncNodes;

beforeAll(async () => {
  nodes = await SyncNodes.open();
});

afterAll(() => nodes[Symbol.asyncDispose]());

test("a change that two nodes notice at different times has one job, even when the later one notices it during the job", async () => {
  const state = { now: "first" };
  const [isReading, goOn] = [gate(), gate()];
  const changes: Changed[] = [];
  const source = () =>
    scriptedSource(
      async function* () {
        const seen = state.now;
        yield thing("a", seen);
        if (seen === "second") {
          isReading.open();
          await goOn.opened;
        }
        yield { kind: "cursor", value: seen };
      },
      async ({ signal }, changed) => {
        changes.push(changed);
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    );
  const [one, other] = [await nodes.start([source()]), await nodes.start([source()])];
  const noted = [notesOf(one.store), notesOf(other.store)];
  const key = keyOf(await one.connect("scripted", { schedule: { continuous: true } }));
  const runs = async () => (await one.store.readSourceConnection(key))?.runs;
  await expect.poll(() => changes.length, poll).toBe(2);
  const [early, late] = changes as [Changed, Changed];

  early("first");
  await expect.poll(runs, poll).toEqual({ total: 1, completed: 1, failed: 0 });
  late("first");
  state.now = "second";
  early("second");
  await isReading.opened;
  // Intermediate states that no job has read do not matter any more.
  late("in between");
  late("second");
  goOn.open();
  await expect.poll(runs, poll).toEqual({ total: 2, completed: 2, failed: 0 });
  // The last reported change is examined last: when this one is recorded, all earlier ones have been examined.
  state.now = "third";
  late("third");
  await expect.poll(() => noted.flat().length, poll).toBe(3);
  const { lastJob, nextRunAt } = (await one.store.readSourceConnection(key)) ?? {};
  expect(nextRunAt).toBe((lastJob?.createdAt ?? 0) + limits.watchFloorMs);
  await Promise.all([one.runner.stop(), other.runner.stop()]);
  expect(noted.flat()).toEqual([true, true, true]);
});

test("each node runs a bounded number of jobs of one organization, and a full fleet has room for another's", async () => {
  const goOn = gate();
  const running = [0, 0];
  const source = (index: number) =>
    scriptedSource(async function* () {
      running[index] = (running[index] ?? 0) + 1;
      await goOn.opened;
      yield thing("a");
    });
  const [one, other] = [await nodes.start([source(0)]), await nodes.start([source(1)])];
  const jobCount = 2 * limits.syncJobsPerOrganizationMax + 4;
  const many = await Promise.all(Array.from({ length: jobCount }, () => one.connect("scripted")));
  for (const connection of many) await one.connections.run(keyOf(connection));
  other.runner.wake();
  const each = limits.syncJobsPerOrganizationMax;
  await expect.poll(() => running, poll).toEqual([each, each]);

  const organizationId = await anotherOrganization(one.store, one.origin);
  const theirs = keyOf(await one.connect("scripted", { organizationId }));
  const { id } = await one.connections.run(theirs);
  await one.job(theirs, id, (job) => job.state === "running");
  // A job is running before its source is read.
  await expect.poll(() => (running[0] ?? 0) + (running[1] ?? 0), poll).toBe(2 * each + 1);
  goOn.open();
  for (const connection of many) {
    await expect
      .poll(async () => (await one.store.readSourceConnection(keyOf(connection)))?.runs.completed, poll)
      .toBe(1);
  }
});

test("jobs on two nodes that need a new token concurrently renew it once, and both use the renewed one", async () => {
  const [here, there] = [await nodes.store(), await nodes.store()];
  await using world = await AuthorizedWorld.open({ store: here });
  const connection = await world.connected();
  world.clock.forward(hour);
  const refused = gate();
  // The provider responds after one node has noticed that another is renewing.
  world.provider.onTokenRequest = () => refused.opened;
  const got = await Promise.all([tokenBy(here), tokenBy(there), tokenBy(there)]);
  expect(new Set(got).size).toBe(1);
  expect(got[0]).toBe((await world.tokens({ sourceConnectionId: connection.id })).tokens.accessToken);
  expect(world.provider.granted).toEqual(["authorization_code", "refresh_token"]);
  expect(world.provider.refused).toEqual([]);

  async function tokenBy(store: Store): Promise<string> {
    const { weft, clock } = world;
    await using web = localFetch();
    const source = weft.runner.sources.find("oauth-stub");
    if (source === null) throw new Error("The source is not offered.");
    const parts = {
      store: {
        readTokens: store.readTokens.bind(store),
        renewTokens: store.renewTokens.bind(store),
        refuseTokens: store.refuseTokens.bind(store),
        claimRenewal: async (claim: Parameters<Store["claimRenewal"]>[0]) => {
          const isClaimed = await store.claimRenewal(claim);
          if (!isClaimed) refused.open();
          return isClaimed;
        },
      },
      sources: weft.runner.sources,
      requests: new TokenRequests(web, () => clock.now()),
      clock,
    };
    const plan = { job: { id: weft.origin.newId<"syncJob">() }, connection };
    return await new AccessTokens(parts, plan, source, new AbortController().signal).get();
  }
});

const hour = 3_600_000;

/** The result of the changes that a store was notified of. */
function notesOf(store: Store): boolean[] {
  const noted: boolean[] = [];
  const noteChange = store.noteChange.bind(store);
  Object.defineProperty(store, "noteChange", {
    value: async (change: Parameters<Store["noteChange"]>[0]) => {
      const isNoted = await noteChange(change);
      noted.push(isNoted);
      return isNoted;
    },
  });
  return noted;
}
