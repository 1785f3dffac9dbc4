import { expect, test } from "vitest";
import type { MessageId } from "../../domain/id.ts";
import { undelivered } from "../../domain/recovery.ts";
import type { Application, OpenWithApplication, Publishing } from "../fixtures/application.ts";
import { bothStoresKeepWithApplication } from "../fixtures/both-stores.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";

const eventType = "collection.updated";
const payload =
  '{ "event_type":"collection.updated", "timestamp":"2026-01-15T14:30:00.123Z",\n "collection_id":"7", "collection_name":"Ü€😀", ' +
  '"collection_readable_id":"sales", "big": 123456789012345678901234567890.10, "a":1, "a":2, "lone":"\\ud800" }';

class Together implements AsyncDisposable {
  readonly world: World;
  readonly #application: Application;

  private constructor(world: World, application: Application) {
    this.world = world;
    this.#application = application;
  }

  static async open(open: OpenWithApplication): Promise<Together> {
    let application: Application | null = null;
    const world = await World.open(async () => {
      const opened = await open();
      application = opened.application;
      return opened.store;
    });
    if (application === null) throw new Error("No application was opened.");
    // Published events carry the real time, and their deliveries are due from then on.
    world.now = Date.now() + 60_000;
    return new Together(world, application);
  }

  async publish(changes: Partial<Publishing> = {}): Promise<MessageId> {
    const [id] = await this.publishAll([changes], "commit");
    if (id === undefined) throw new Error("Nothing was published.");
    return id;
  }

  publishAll(changes: readonly Partial<Publishing>[], end: "commit" | "rollback"): Promise<MessageId[]> {
    const { organizationId } = this.world;
    return this.#application.publish(
      changes.map((change) => ({ organizationId, eventType, payload, eventId: null, ...change })),
      end,
    );
  }

  async takeAll(): Promise<number> {
    return await this.world.store.takeOutbox({ limit: 1_000 });
  }

  read(messageId: MessageId) {
    return this.world.store.readMessage({ organizationId: this.world.organizationId, messageId });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

bothStoresKeepWithApplication("events published in transactions", (open) => {
  test("an event that an application commits is accepted byte for byte under the id that the application got", async () => {
    await using together = await Together.open(open);
    const before = Date.now();
    const id = await together.publish({ eventId: "order-1" });
    expect(await together.world.store.outboxWaits({})).toBe(true);
    expect(await together.takeAll()).toBe(1);
    const message = await together.read(id);
    expect(message).toMatchObject({ id, eventType, eventId: "order-1", payload });
    expect(message?.createdAt).toBeGreaterThanOrEqual(before - 1_000);
    expect(await together.world.store.outboxWaits({})).toBe(false);
    expect(await together.takeAll()).toBe(0);
  });

  test("an event in a rolled-back transaction was never published", async () => {
    await using together = await Together.open(open);
    const [id] = await together.publishAll([{ eventId: "order-1" }], "rollback");
    expect(await together.world.store.outboxWaits({})).toBe(false);
    expect(await together.takeAll()).toBe(0);
    expect(await together.read(id as MessageId)).toBeNull();
    expect(await together.publish({ eventId: "order-1" })).not.toBe(id);
  });

  test("ids ascend in the order of publishing, and a bounded step takes the oldest first", async () => {
    await using together = await Together.open(open);
    const ids = await together.publishAll(
      Array.from({ length: 5 }, () => ({})),
      "commit",
    );
    expect(ids).toEqual([...ids].sort());
    expect(await together.world.store.takeOutbox({ limit: 2 })).toBe(2);
    expect(await Promise.all(ids.map(async (id) => (await together.read(id)) !== null))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(await together.takeAll()).toBe(3);
  });

  test("an accepted event goes to matching subscriptions: in memory while there is room, otherwise due, or skipped if disabled", async () => {
    await using together = await Together.open(open);
    const { world } = together;
    const matching = await world.subscribe({ eventTypes: ["collection.*"] });
    const elsewhere = await world.subscribe({ eventTypes: ["sync.*"] });
    const filtering = await world.subscribe({ eventTypes: ["*"], filters: '{"collection_id":["8"]}' });
    const disabled = await world.subscribe({ eventTypes: ["*"], disabledReason: "by_request" });
    const ordered = await world.subscribe({ eventTypes: ["*"], ordered: true });
    const engine = new NotingEngine(await world.node(), 1);
    world.store.handOverTo(engine);
    const [first, second] = await together.publishAll([{}, {}], "commit");
    await together.takeAll();
    expect(engine.taken).toMatchObject([{ messageId: first, subscriptionId: matching.id, payload }]);
    expect(new Set(engine.backlogged)).toEqual(new Set([matching.id, ordered.id]));
    const due = await world.claim(await world.node(), matching.id);
    expect(due.map(({ messageId }) => messageId)).toEqual([second]);
    for (const { id } of [elsewhere, filtering, disabled]) {
      expect(await world.claim(await world.node(), id), id).toEqual([]);
    }
    const skipped = { subscriptionId: disabled.id, organizationId: world.organizationId };
    expect(await world.recoverable({ ...skipped, scope: undelivered, since: 0, until: world.now })).toBe(2);
    const next = await world.claim(await world.node(), ordered.id, 1);
    expect(next.map(({ messageId }) => messageId)).toEqual([first]);
  });

  test("an event that is published twice under its id is one event, even before it is accepted", async () => {
    await using together = await Together.open(open);
    const [first, twin] = await together.publishAll([{ eventId: "order-1" }, { eventId: "order-1" }], "commit");
    expect(twin).toBe(first);
    expect(await together.publish({ eventId: "order-1" })).toBe(first);
    expect(await together.takeAll()).toBe(1);
    expect(await together.publish({ eventId: "order-1" })).toBe(first);
    expect(await together.takeAll()).toBe(0);
  });

  test("an event id with different content is refused together with the application's transaction", async () => {
    await using together = await Together.open(open);
    await together.publish({ eventId: "order-1" });
    const other = { eventId: "order-1", payload: payload.replace("sales", "other") };
    await expect(together.publishAll([{}, other], "commit")).rejects.toThrow("order-1");
    expect(await together.takeAll()).toBe(1);
    await expect(together.publishAll([{}, other], "commit")).rejects.toThrow("order-1");
    expect(await together.takeAll()).toBe(0);
  });

  test("an event id names one event in transactions and in the API", async () => {
    await using together = await Together.open(open);
    const { world } = together;
    const waiting = await together.publish({ eventId: "order-1" });
    const content = { eventId: "order-1", eventType, payload };
    const accept = (message: ReturnType<World["message"]>) =>
      world.store.acceptMessages({
        organizationId: world.organizationId,
        messages: [message],
        idempotency: null,
        testOf: null,
      });
    const twin = { kind: "accepted", messages: [{ id: waiting, duplicate: true }] };
    expect(await accept(world.message(content))).toMatchObject(twin);
    expect(await accept(world.message({ ...content, payload: "{}" }))).toMatchObject({ kind: "event_id_conflict" });
    await together.takeAll();
    expect(await accept(world.message(content))).toMatchObject(twin);
    const accepted = await world.accept({ ...content, eventId: "order-2" });
    expect(await together.publish({ eventId: "order-2" })).toBe(accepted.id);
    expect(await together.takeAll()).toBe(0);
  });

  test("deleting an organization deletes its waiting outbox events", async () => {
    await using together = await Together.open(open);
    const organizationId = await together.world.addOrganization();
    await together.publish({ organizationId });
    const { store, now } = together.world;
    expect(await store.deleteOrganization({ organizationId, now })).toBe("deleted");
    while (await store.purgeOrganizations({ limit: 10 }));
    expect(await store.outboxWaits({})).toBe(false);
  });
});
