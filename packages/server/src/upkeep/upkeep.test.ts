import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ManualClock, until } from "../delivery/fixtures/manual-clock.ts";
import { noAccess } from "../domain/receiver-access.ts";
import { undelivered } from "../domain/recovery.ts";
import type { Reporter } from "../report/reporter.ts";
import { World } from "../store/fixtures/samples.ts";
import { anyMessage } from "../store/messages/interface.ts";
import { openStoreWithoutThreads } from "../store/sqlite/fixtures/store-without-threads.ts";
import { Expiry } from "./expiry.ts";
import { recoverSubscription } from "./recover-subscription.ts";
import { Upkeep } from "./upkeep.ts";

const day = 86_400_000;
const quiet = new Proxy({} as Reporter, { get: () => () => {} });

async function openWorld() {
  const folder = mkdtempSync(join(tmpdir(), "weft-upkeep-"));
  const world = await World.open(() => openStoreWithoutThreads(join(folder, "weft.db"), 0));
  const clock = new ManualClock(world.now);
  const { store, newId } = world;
  const settings = { retentionMs: 90 * day, retentionEventTypes: new Map() };
  const upkeep = new Upkeep({
    ...{ store, clock, reporter: quiet, newId, retentionMs: settings.retentionMs, isArchived: false },
    expiry: new Expiry({ store, clock, reporter: quiet, nodeId: newId<"node">(), settings, archive: null }),
  });
  return {
    world,
    clock,
    upkeep,
    [Symbol.asyncDispose]: async () => {
      await upkeep.stop();
      await world[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

async function messages(world: World): Promise<string[]> {
  const all = {
    limit: 250,
    cursor: null,
    ...anyMessage,
  };
  const { items } = await world.store.listMessages({ organizationId: world.organizationId, ...all });
  return items.map(({ id }) => id);
}

test("messages older than the retention are deleted, however many there are, and newer ones stay", async () => {
  await using opened = await openWorld();
  const { world, clock, upkeep } = opened;
  for (let i = 0; i < 3; i++) await world.accept();
  world.now += 10 * day;
  const young = await world.accept();
  clock.advance(90 * day + 1);
  upkeep.start();
  await until("the old ones are gone", async () => (await messages(world)).length === 1);
  expect(await messages(world)).toEqual([young.id]);
});

test("a listener without a connection for an hour is deleted with its waiting deliveries, and others stay", async () => {
  await using opened = await openWorld();
  const { world, clock, upkeep } = opened;
  const { organizationId } = world;
  const silent = await world.subscribe({
    uid: "silent",
    target: { kind: "listener", url: "listener://silent", heardAt: world.now },
  });
  const heard = await world.subscribe({
    uid: "heard",
    target: { kind: "listener", url: "listener://heard", heardAt: world.now },
  });
  const message = await world.accept();
  clock.advance(3_600_001);
  await world.store.noteHeard({ organizationId, subscriptionId: heard.id, now: clock.now() });
  upkeep.start();
  const read = ({ id: subscriptionId }: { id: typeof silent.id }) =>
    world.store.readSubscription({ organizationId, subscriptionId });
  await until("it has ended", async () => (await read(silent)) === null);
  expect(await read(heard)).not.toBeNull();
  const [counted] = await world.store.countStates({ organizationId, messageIds: [message.id] });
  expect(counted?.counts).toEqual({ cancelled: 1, due: 1 });
});

test("a recovery advances by itself, step by step, until everything is due", async () => {
  await using opened = await openWorld();
  const { world, clock, upkeep } = opened;
  const subscription = await world.subscribe({ eventTypes: ["nothing.yet"] });
  for (let i = 0; i < 450; i++) await world.accept();
  const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
  const changes = { eventTypes: ["sync.*"] };
  await world.store.updateSubscription({
    ...key,
    changes,
    now: world.now,
    operationalEventIds: world.operationalEventIds,
  });
  world.now += 1;
  const recovery = await recoverSubscription(world.store, world.newId, key, {
    scope: undelivered,
    since: 0,
    until: world.now,
    now: world.now,
  });
  expect(recovery).toMatchObject({ total: null, status: "running" });
  upkeep.start();
  const nodeId = await world.node();
  let claimed = 0;
  await until("it completed", async () => {
    clock.advance(250);
    world.now = clock.now();
    claimed += (await world.claim(nodeId, subscription.id)).length;
    return (await world.store.readRecovery({ ...key, recoveryId: recovery.id }))?.status === "completed";
  });
  claimed += (await world.claim(nodeId, subscription.id, 1_000)).length;
  expect(claimed).toBe(450);
});

test("client certificates are announced thirty days before they expire", async () => {
  await using opened = await openWorld();
  const { world, clock, upkeep } = opened;
  const [soon, later] = [world.now + 30 * day, world.now + 31 * day];
  const ids = [];
  for (const expiresAt of [soon, later]) {
    const clientCertificate = { certificates: "PEM", privateKey: "PEM", subject: "CN=weft", expiresAt };
    ids.push((await world.subscribe({ access: { ...noAccess, clientCertificate } })).id);
  }
  const waiting = () => world.store.findExpiringCertificates({ before: later, limit: 10 });
  expect(await waiting()).toEqual(ids);
  upkeep.start();
  await until("the first certificate was announced", async () => (await waiting()).length === 1);
  expect(await waiting()).toEqual(ids.slice(1));
  clock.advance(day);
  await until("the second certificate was announced", async () => (await waiting()).length === 0);
});
