import { expect, test } from "vitest";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { newSubscription } from "../domain/subscription.ts";
import type { McpTarget } from "../domain/target.ts";
import { unlimited, type World } from "../store/fixtures/samples.ts";
import { until } from "./fixtures/manual-clock.ts";
import { delayed, Receiver } from "./fixtures/receiver.ts";
import { RunningEngine } from "./fixtures/running-engine.ts";

const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;

interface Agent {
  readonly principal: string;
  readonly url: string;
  readonly organizationId: OrganizationId;
}

async function subscribe(world: World, { principal, url, organizationId }: Agent, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const target: McpTarget = {
      ...{ kind: "mcp", url, principal, keyId: null, arguments: "{}", expiresAt: world.now + 3_600_000 },
      mcpId: `sub_${principal}_${index}`,
    };
    const subscription = newSubscription({
      ...{ id: world.newId<"subscription">(), organizationId, target },
      ...{ eventTypes: ["sync.completed"], createdAt: world.now },
    });
    await world.store.putMcpSubscription({
      ...{ subscription: { ...subscription, target }, secret, turn: null, now: world.now, overlapUntil: world.now },
      ...{ ofPrincipalMax: unlimited, ofOrganizationMax: unlimited },
      operationalEventIds: world.operationalEventIds,
    });
  }
}

test("an agent gets its event while the thousand subscriptions of an agent of another organization all hang", async () => {
  await using hanging = await Receiver.start();
  await using healthy = await Receiver.start();
  await using running = await RunningEngine.start({ timeoutMs: 60_000 });
  const { world } = running;
  const hold = delayed();
  hanging.respond = hold.respond;
  const other = await world.addOrganization();
  const { organizationId } = world;
  await subscribe(world, { principal: "many", url: hanging.url(), organizationId }, 1_000);
  await subscribe(world, { principal: "one", url: healthy.url(), organizationId: other }, 1);
  await world.accept();
  await until("all of them hang", () => hanging.open === 1_000);
  await world.accept({ organizationId: other });
  await until("the other agent got its event", () => healthy.received.length === 1);
  expect(hanging.open).toBe(1_000);
  hold.release();
});

test("an agent gets its event while another agent of its organization, at the limit of its subscriptions, hangs with many events", async () => {
  await using hanging = await Receiver.start();
  await using healthy = await Receiver.start();
  await using running = await RunningEngine.start({ timeoutMs: 60_000 });
  const { world } = running;
  const hold = delayed();
  hanging.respond = hold.respond;
  const { organizationId } = world;
  const count = limits.mcpSubscriptionsOfPrincipalMax;
  await subscribe(world, { principal: "many", url: hanging.url(), organizationId }, count);
  for (let event = 0; event < limits.laneConcurrencyFirst + 2; event++) await world.accept();
  const hangingMax = count * limits.laneConcurrencyFirst;
  await until("every lane is full", () => hanging.open === hangingMax);
  await subscribe(world, { principal: "one", url: healthy.url(), organizationId }, 1);
  await world.accept();
  await until("the other agent got its event", () => healthy.received.length === 1);
  expect(hanging.open).toBe(hangingMax);
  hold.release();
});
