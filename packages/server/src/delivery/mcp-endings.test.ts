import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import type { Clock } from "../domain/clock.ts";
import { newSubscription } from "../domain/subscription.ts";
import type { McpTarget } from "../domain/target.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import { HttpSender } from "../outbound/http-sender.ts";
import { t0, unlimited, World } from "../store/fixtures/samples.ts";
import { openStoreWithoutThreads } from "../store/sqlite/fixtures/store-without-threads.ts";
import { Receiver } from "./fixtures/receiver.ts";
import { McpEndings, type OfferedEvent } from "./mcp-endings.ts";

const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
/** Waits are short, and time does not pass. */
const clock: Clock = { now: () => t0, sleep: (_, signal) => sleep(1, undefined, { signal }).catch(() => {}) };

/** Ends subscriptions of a receiver, with an event that a test changes. */
class EndingWorld implements AsyncDisposable {
  readonly world: World;
  readonly receiver: Receiver;
  readonly #sender = new HttpSender({
    guard: createAddressGuard({ allowNetworks: ["127.0.0.0/8"] }),
    ...{ timeoutMs: 10_000, responseBytesMax: 65_536, responseBytesKept: 16_384 },
  });
  readonly #endings: McpEndings;
  event: OfferedEvent | null = { version: "1", accepts: () => true };
  /** How often the subscriptions of each version of the event were examined. */
  readonly examined = new Map<string, number>();

  readonly #folder: string;

  private constructor(world: World, receiver: Receiver, folder: string) {
    this.#folder = folder;
    this.world = world;
    this.receiver = receiver;
    this.#endings = new McpEndings({
      ...{ store: world.store, sender: this.#sender, clock, newId: world.newId, userAgent: "Weft/test" },
      reporter: { internalOperationFailed: ({ error }) => expect.fail(String(error)) },
      errorCodes: "sketch",
      eventOf: () => this.event,
    });
    this.#endings.start();
  }

  static async start(): Promise<EndingWorld> {
    const folder = mkdtempSync(join(tmpdir(), "weft-endings-"));
    const [world, receiver] = await Promise.all([
      World.open(() => openStoreWithoutThreads(join(folder, "weft.db"), 0)),
      Receiver.start(),
    ]);
    return new EndingWorld(world, receiver, folder);
  }

  async subscribe(argumentsText: string): Promise<string> {
    const { world } = this;
    const mcpId = `sub_${argumentsText.length}${"0".repeat(20)}`;
    const target: McpTarget = {
      ...{ kind: "mcp", url: this.receiver.url(), mcpId, principal: "agent", keyId: null },
      ...{ arguments: argumentsText, expiresAt: t0 + 3_600_000 },
    };
    const subscription = newSubscription({
      ...{ id: world.newId<"subscription">(), organizationId: world.organizationId, target },
      ...{ eventTypes: ["sync.completed"], createdAt: t0 },
    });
    await world.store.putMcpSubscription({
      ...{ subscription: { ...subscription, target }, secret, turn: null, now: t0 },
      ...{ overlapUntil: t0, ofPrincipalMax: unlimited, ofOrganizationMax: unlimited },
      operationalEventIds: world.operationalEventIds,
    });
    return mcpId;
  }

  async isLive(mcpId: string): Promise<boolean> {
    const { store, organizationId } = this.world;
    return (await store.findMcpSubscription({ organizationId, mcpId, now: t0 })) !== null;
  }

  /** An event whose examined arguments are counted. */
  offer(version: string, accepts: (text: string) => boolean): void {
    this.event = {
      version,
      accepts: (text) => {
        this.examined.set(version, (this.examined.get(version) ?? 0) + 1);
        return accepts(text);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endings.stop();
    await Promise.all([this.#sender.destroy(), this.receiver[Symbol.asyncDispose]()]);
    await this.world[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

test("a subscription whose arguments no longer fit the event ends with a signed notice, and others continue", async () => {
  await using ending = await EndingWorld.start();
  const [fits, other] = [await ending.subscribe('{"kind":"a"}'), await ending.subscribe('{"removed":"a"}')];
  ending.offer("2", (text) => !text.includes("removed"));
  await expect.poll(() => ending.receiver.received.length, { timeout: 10_000 }).toBe(1);
  const [notice] = ending.receiver.received;
  expect(JSON.parse(notice?.body ?? "")).toEqual({
    type: "terminated",
    error: {
      code: -32_014,
      message: "The event no longer has these arguments.",
      data: { feature: "payloadSchema", reason: "schema_changed" },
    },
  });
  const at = new Date(t0);
  const id = String(notice?.headers["webhook-id"]);
  expect(notice?.headers["webhook-signature"]).toBe(new Webhook(secret).sign(id, at, notice?.body ?? ""));
  expect(await ending.isLive(other)).toBe(false);
  expect(await ending.isLive(fits)).toBe(true);
});

test("the subscriptions of a version are examined at two looks, and not again until the event changes", async () => {
  await using ending = await EndingWorld.start();
  await ending.subscribe('{"kind":"a"}');
  ending.offer("2", () => true);
  await expect.poll(() => ending.examined.get("2"), { timeout: 10_000 }).toBe(2);
  ending.offer("3", () => true);
  await expect.poll(() => ending.examined.get("3"), { timeout: 10_000 }).toBe(2);
  expect(ending.examined.get("2")).toBe(2);
});

test("a removed event ends all of its subscriptions with another reason", async () => {
  await using ending = await EndingWorld.start();
  const mcpId = await ending.subscribe("{}");
  ending.event = null;
  await expect.poll(() => ending.receiver.received.length, { timeout: 10_000 }).toBe(1);
  expect(JSON.parse(ending.receiver.received[0]?.body ?? "")).toMatchObject({
    type: "terminated",
    error: { code: -32_011, data: { kind: "event" } },
  });
  expect(await ending.isLive(mcpId)).toBe(false);
});
