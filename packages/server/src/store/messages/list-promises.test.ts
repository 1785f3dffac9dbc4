import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptId, MessageId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { statusClasses } from "../../domain/status-class.ts";
import { anyAttempt, anyAttemptListItem, type ListAttemptItems, type ListAttempts } from "../attempts/interface.ts";
import type { DeliverySight, ListDeliveries } from "../deliveries/interface.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { eventTypes, type ListedStep, ListedWorld } from "../fixtures/listed-world.ts";
import { t0, World } from "../fixtures/samples.ts";
import type { Page, PageOf } from "../page.ts";
import { anyMessage, type ListMessages } from "./interface.ts";

bothStoresKeep("lists", (open) => {
  test("lists of messages contain every match page by page without a gap or a repeat, after any history", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(messageQuery, { minLength: 25, maxLength: 25 }), async (steps, queries) => {
        await using listed = await ListedWorld.open(open);
        for (const step of steps) await listed.take(step);
        for (const { subscription, ...query } of queries) {
          const filters = { ...query, subscriptionId: listed.subscriptionAt(subscription) };
          const params = { organizationId: listed.world.organizationId, ...filters };
          const shown = await readAll(query.limit, (page: PageOf<MessageId>) =>
            listed.world.store.listMessages({ ...params, ...page }),
          );
          expect(shown.map((message) => message.id)).toEqual(listed.expectedMessages(filters));
        }
      }),
      { numRuns: 6 },
    );
  });

  test("lists of attempts contain each attempt and each pending first attempt without a gap or a repeat, after any history", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(attemptQuery, { minLength: 25, maxLength: 25 }), async (steps, queries) => {
        await using listed = await ListedWorld.open(open);
        for (const step of steps) await listed.take(step);
        for (const { subscription, message, limit, ...filters } of queries) {
          const scope = {
            ...filters,
            subscriptionId: listed.subscriptionAt(subscription) ?? listed.first,
            messageId: listed.messageAt(message),
          };
          const params = { organizationId: listed.world.organizationId, ...scope };
          const shown = await readAll(limit, (page) => listed.world.store.listAttemptItems({ ...params, ...page }));
          const ids = shown.map((row) => (row.kind === "made" ? row.id : row.messageId));
          expect(ids).toEqual(listed.expectedAttempts(scope));
        }
      }),
      { numRuns: 6 },
    );
  });

  test("lists of finished attempts contain every match in both directions, after any history", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(madeQuery, { minLength: 25, maxLength: 25 }), async (steps, queries) => {
        await using listed = await ListedWorld.open(open);
        for (const step of steps) await listed.take(step);
        const { organizationId, store } = listed.world;
        for (const { subscription, message, ...query } of queries) {
          const messageId = listed.messageAt(message);
          const subscriptionId = listed.subscriptionAt(subscription) ?? (messageId === null ? listed.first : null);
          const filters = { ...query, messageId, subscriptionId };
          const shown = await readAll(query.limit, (page: PageOf<AttemptId>) =>
            store.listAttempts({ organizationId, ...filters, ...page }),
          );
          expect(shown.map((attempt) => attempt.id)).toEqual(listed.expectedMadeAttempts(filters));
        }
      }),
      { numRuns: 6 },
    );
  });

  test("lists of deliveries show the progress of each, and counts agree with them, after any history", async () => {
    const line = (id: string, { state, attempts }: DeliverySight) => `${id} ${state} ${attempts}`;
    await fc.assert(
      fc.asyncProperty(history, fc.array(deliveryQuery, { minLength: 25, maxLength: 25 }), async (steps, queries) => {
        await using listed = await ListedWorld.open(open);
        for (const step of steps) await listed.take(step);
        const { organizationId, store, now } = listed.world;
        for (const { subscription, message, ...query } of queries) {
          const subscriptionId = listed.subscriptionAt(subscription) ?? listed.first;
          const key = { organizationId, subscriptionId };
          const shown = await readAll(query.limit, (page: PageOf<MessageId>) =>
            store.listDeliveries({ ...key, ...query, ...page }),
          );
          expect(shown.map(({ id, delivery }) => line(id, delivery))).toEqual(
            listed.expectedDeliveries({ ...query, subscriptionId }),
          );
          const since = { since: 0, until: now + 1, limit: 1_000 };
          expect(await store.countDeliveries({ ...key, ...since })).toEqual(listed.expectedCounts(subscriptionId));
          const messageId = listed.messageAt(message);
          if (messageId === null) continue;
          const params = { organizationId, messageId, limit: 10, cursor: null };
          const receivers = await store.listReceivers({ ...params, newestFirst: false });
          expect(receivers.map(({ id, delivery }) => line(id, delivery))).toEqual(listed.expectedReceivers(messageId));
          expect(await store.listReceivers({ ...params, newestFirst: true })).toEqual(receivers.toReversed());
        }
      }),
      { numRuns: 6 },
    );
  });

  test("deliveries that wait for one subscription are listed although others have waited longer", async () => {
    await using world = await World.open(open);
    await world.subscribe({ eventTypes: ["sync.*"] });
    await world.subscribe({ eventTypes: ["collection.created"] });
    await world.accept({ eventType: "collection.created" });
    const matching = await world.accept({ eventType: "sync.failed" });
    for (let i = 0; i < 2; i++) await world.accept({ eventType: "sync.completed" });
    const params = { ...everything(world), status: "pending" as const, eventTypes: ["sync.failed"] };
    expect(await world.store.listMessages({ ...params, limit: 1, cursor: null })).toEqual({
      items: [matching],
      next: null,
    });
  });

  test("a list that examines very many rows returns short pages that lead to its end", async () => {
    await using world = await World.open(open);
    const { id } = await world.subscribe({ eventTypes: ["sync.failed"] });
    const found = await world.accept({ eventType: "sync.failed" });
    await world.settleAll(id, { state: "delivered" });
    await acceptMany(world, limits.examinedForPageMax + 1);
    const pages: number[] = [];
    const shown = await readAll(5, async (page: PageOf<MessageId>) => {
      const response = await world.store.listMessages({ ...everything(world), status: "success", ...page });
      pages.push(response.items.length);
      return response;
    });
    expect(shown.map((message) => message.id)).toEqual([found.id]);
    expect(pages).toEqual([0, 1]);
  });

  test("the messages of a rarely used subscription are found without reading the many others", async () => {
    await using world = await World.open(open);
    const rare = await world.subscribe({ eventTypes: ["sync.failed"] });
    const sent = await world.accept({ eventType: "sync.failed" });
    await world.settleAll(rare.id, { state: "delivered" });
    const waits = await world.accept({ eventType: "sync.failed" });
    await acceptMany(world, limits.examinedForPageMax + 1);
    const params = { ...everything(world), subscriptionId: rare.id, limit: 5, cursor: null };
    expect(await world.store.listMessages(params)).toEqual({ items: [waits, sent], next: null });
    expect(await world.store.listMessages({ ...params, status: "success" })).toEqual({ items: [sent], next: null });
  });

  test("messages are found by the publisher's own id, combined with every other filter", async () => {
    await using world = await World.open(open);
    const matching = await world.accept({ eventId: "order-7" });
    await world.accept({ eventId: "order-8" });
    await world.accept({ eventId: "order-7", organizationId: await world.addOrganization() });
    const found = async (filters: Partial<ListMessages>) => {
      const page = await world.store.listMessages({ ...everything(world), limit: 5, cursor: null, ...filters });
      expect(page.next).toBeNull();
      return page.items.map(({ id }) => id);
    };
    expect(await found({ eventId: "order-7" })).toEqual([matching.id]);
    expect(await found({ eventId: "order-7", oldestFirst: true, eventTypes: ["sync.completed"] })).toEqual([
      matching.id,
    ]);
    expect(await found({ eventId: "order-7", eventTypes: ["sync.failed"] })).toEqual([]);
    expect(await found({ eventId: "order-7", until: matching.createdAt })).toEqual([]);
    expect(await found({ eventId: "order-9" })).toEqual([]);
    expect(await found({ eventId: "order-7", cursor: matching.id })).toEqual([]);
  });

  test("test events are listed unless they are left out", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const subscription = await world.subscribe();
    const published = await world.accept();
    const message = world.message();
    await store.acceptMessages({ organizationId, messages: [message], idempotency: null, testOf: subscription.id });
    const list = async (includesTests: boolean) => {
      const page = await store.listMessages({ ...anyMessage, organizationId, includesTests, cursor: null, limit: 5 });
      return page.items.map(({ id }) => id);
    };
    expect(await list(true)).toEqual([message.id, published.id]);
    expect(await list(false)).toEqual([published.id]);
  });

  test("messages are found by fields of their payloads, in short pages that lead to the end", async () => {
    await using world = await World.open(open);
    const params = { ...everything(world), limit: 2 };
    const matching: MessageId[] = [];
    const deleted = await world.accept({ payload: '{"order":{"id":7},"kind":"a"}' });
    await world.store.deletePayload({
      organizationId: world.organizationId,
      messageId: deleted.id,
      now: world.now,
    });
    await world.accept({ payload: "order.id:7", contentType: "text/plain" });
    for (let i = 0; i < 3; i++) {
      matching.unshift((await world.accept({ payload: '{"order":{"id":7},"kind":"a"}' })).id);
      await world.accept({ payload: '{"order":{"id":7},"kind":"b"}' });
    }
    await acceptMany(world, limits.payloadsExaminedForPageMax + 1);
    const fields = [
      { field: "order.id", text: "7" },
      { field: "kind", text: "a" },
    ];
    const first = await world.store.listMessages({ ...params, payloadFields: fields, cursor: null });
    expect(first).toEqual({ items: [], next: expect.any(String) });
    const all = (more: Partial<ListMessages>) =>
      readAll(2, (page: PageOf<MessageId>) =>
        world.store.listMessages({ ...params, payloadFields: fields, ...more, ...page }),
      );
    expect((await all({})).map(({ id }) => id)).toEqual(matching);
    expect((await all({ oldestFirst: true })).map(({ id }) => id)).toEqual(matching.toReversed());
    expect(await all({ payloadFields: [...fields, { field: "kind", text: "b" }] })).toEqual([]);
    expect(await all({ eventTypes: ["sync.failed"] })).toEqual([]);
  });

  test("a search by payload finds a value however the payload writes it, and no value that only contains its text", async () => {
    await using world = await World.open(open);
    const find = async (field: string, text: string) => {
      const params = { ...everything(world), limit: 20, cursor: null, payloadFields: [{ field, text }] };
      return (await world.store.listMessages(params)).items.map(({ id }) => id);
    };
    const written = await world.accept({ payload: '{"name":"Zoë \\"Heron\\"","count":100,"none":1}' });
    const escaped = await world.accept({
      payload: '{"na\\u006de":"Zo\\u00eb \\u0022Heron\\u0022","count":1e2,"none":null}',
    });
    const other = await world.accept({ payload: '{"name":"Zoë","note":"Zoë \\"Heron\\"","count":1000}' });
    expect(await find("name", 'Zoë "Heron"')).toEqual([escaped.id, written.id]);
    expect(await find("name", "Zoë")).toEqual([other.id]);
    expect(await find("count", "100")).toEqual([escaped.id, written.id]);
    expect(await find("none", "null")).toEqual([other.id, escaped.id]);
    expect(await find("name", "Heron")).toEqual([]);
  });

  test("a search of large payloads returns short pages that lead to its end", async () => {
    await using world = await World.open(open.fresh);
    const { organizationId, store } = world;
    const large = (kind: string) => world.message({ payload: `{"kind":"${kind}","rest":"${"x".repeat(1_000_000)}"}` });
    // More bytes than one page may examine.
    const count = Math.ceil((1.2 * limits.payloadBytesExaminedForPageMax) / 1_000_000);
    const messages = Array.from({ length: count }, (_, index) => large(index % 7 === 0 ? "rare" : "usual"));
    for (const message of messages) {
      await store.acceptMessages({ organizationId, messages: [message], idempotency: null, testOf: null });
    }
    const rare = messages.filter((_, index) => index % 7 === 0).map(({ id }) => id);
    for (const oldestFirst of [false, true]) {
      const payloadFields = [{ field: "kind", text: "rare" }];
      const shown = await readAll(5, (page: PageOf<MessageId>) =>
        store.listMessages({ ...everything(world), ...page, payloadFields, oldestFirst }),
      );
      expect(shown.map(({ id }) => id)).toEqual(oldestFirst ? rare : rare.toReversed());
      const none = [{ field: "kind", text: "absent" }];
      const first = await store.listMessages({
        ...everything(world),
        ...{ payloadFields: none, oldestFirst, limit: 5, cursor: null },
      });
      expect(first).toEqual({ items: [], next: expect.any(String) });
    }
  });

  test("pages with large payloads end early, and continue without a gap or a repeat in both directions", async () => {
    await using world = await World.open(open);
    const { organizationId, store } = world;
    const { id: subscriptionId } = await world.subscribe();
    const sizes = [1, 200, 256, 1, 1_100, 600, 600, 1, 256, 256, 256, 256, 1, 1_024, 1];
    const made: Message[] = [];
    for (const kibibytes of sizes) {
      const text = "é".repeat((kibibytes * 1024) / 2);
      made.unshift(await world.accept({ payload: JSON.stringify({ kind: "a", text }) }));
    }
    const bytesOf = (items: readonly Message[]) =>
      items.reduce((sum, { payload }) => sum + Buffer.byteLength(payload), 0);
    for (const oldestFirst of [false, true]) {
      const expected = oldestFirst ? made.toReversed() : made;
      const any = { ...anyMessage, organizationId, oldestFirst };
      const lists = {
        messages: (page: PageOf<MessageId>) => store.listMessages({ ...any, ...page }),
        "with a field": (page: PageOf<MessageId>) =>
          store.listMessages({ ...any, ...page, payloadFields: [{ field: "kind", text: "a" }] }),
        deliveries: (page: PageOf<MessageId>) =>
          store.listDeliveries({ ...any, ...page, subscriptionId, progress: null }),
      };
      for (const [name, list] of Object.entries(lists)) {
        const shown = await readAll(10, async (page: PageOf<MessageId>) => {
          const found: Page<Message, MessageId> = await list(page);
          expect(found.items.length === 1 || bytesOf(found.items) <= limits.pageBytesMax, name).toBe(true);
          return found;
        });
        expect(
          shown.map(({ id, payload }) => [id, payload.length]),
          name,
        ).toEqual(expected.map(({ id, payload }) => [id, payload.length]));
      }
    }
    const messageIds = made.map(({ id }) => id);
    const { messages, unread } = await store.readMessages({ organizationId, messageIds });
    expect(bytesOf(messages)).toBeLessThanOrEqual(limits.pageBytesMax);
    expect([...messages.map(({ id }) => id), ...unread]).toEqual(messageIds);
    const large = await store.readMessages({ organizationId, messageIds: made.slice(10).map(({ id }) => id) });
    expect(large.messages).toHaveLength(1);
  });

  test("the few attempts with another outcome are found among many, in short pages that lead to the end", async () => {
    await using world = await World.open(open);
    const { id } = await world.subscribe();
    await world.accept();
    await world.settleAll(id, { state: "failed", gone: false });
    await acceptMany(world, limits.examinedForPageMax + 1);
    for (let left = limits.examinedForPageMax + 1; left > 0; ) {
      left -= await world.settleAll(id, { state: "delivered" }, 2_000);
    }
    const { organizationId } = world;
    const busy = { ...everything(world), subscriptionId: id, limit: 5, cursor: null };
    expect((await world.store.listMessages(busy)).items).toHaveLength(5);
    const params = {
      organizationId,
      subscriptionId: id,
      messageId: null,
      ...anyAttemptListItem,
      status: "failed" as const,
    };
    // Failed attempts have an index and are found directly; a filter without an index returns short pages.
    const first = await world.store.listAttemptItems({ ...params, limit: 5, cursor: null });
    expect(first).toEqual({ items: [expect.objectContaining({ responseStatus: 500 })], next: null });
    const made = { ...anyAttempt, organizationId, subscriptionId: id, limit: 5, cursor: null };
    const failed = await world.store.listAttempts({ ...made, outcome: "failed" });
    expect(failed).toEqual({ items: [expect.objectContaining({ responseStatus: 500 })], next: null });
    const tagged = await world.store.listAttempts({ ...made, tag: "nothing" });
    expect(tagged).toEqual({ items: [], next: expect.any(String) });
    const rest = (page: PageOf<AttemptId>) => world.store.listAttempts({ ...made, ...page, tag: "nothing" });
    expect(await readAll(5, rest)).toEqual([]);
  });
});

const index = fc.nat({ max: 1_000 });
const word = fc.constantFrom("a", "b", "A");
const history = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("accept"),
        eventType: fc.constantFrom(...eventTypes),
        words: fc.option(fc.array(word, { maxLength: 3 })),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("settle"),
        subscription: index,
        count: fc.integer({ min: 1, max: 4 }),
        outcome: fc.constantFrom("delivered", "failed", "due", "held"),
        refusal: fc.constantFrom(0, 302, 404, 500, 610),
        lastsMs: fc.nat({ max: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("resend"), message: index, subscription: index }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("disable"), subscription: index }) },
    { weight: 2, arbitrary: fc.constant({ kind: "wait" }) },
  ) as fc.Arbitrary<ListedStep>,
  { minLength: 20, maxLength: 60 },
);

const time = fc.option(fc.integer({ min: t0 - 2, max: t0 + 30 }));
const statusClass = fc.option(fc.constantFrom(...statusClasses));
const messageQuery = fc.record({
  includesTests: fc.constant(true),
  limit: fc.integer({ min: 1, max: 7 }),
  eventTypes: fc.option(fc.array(fc.constantFrom(...eventTypes, "nothing"), { minLength: 1, maxLength: 3 })),
  since: time,
  until: time,
  subscription: fc.option(index),
  status: fc.option(fc.constantFrom("success", "failed", "pending")),
  attempted: fc.option(fc.record({ statusClass, since: time, until: time })),
  channel: fc.option(word, { freq: 2 }),
  tag: fc.option(word, { freq: 2 }),
  eventId: fc.constant(null),
  payloadFields: fc.constant([]),
  oldestFirst: fc.boolean(),
}) as fc.Arbitrary<
  Omit<ListMessages, "organizationId" | "cursor" | "subscriptionId"> & { subscription: number | null }
>;

const filters = {
  limit: fc.integer({ min: 1, max: 7 }),
  eventTypes: fc.option(fc.array(fc.constantFrom(...eventTypes, "nothing"), { minLength: 1, maxLength: 3 }), {
    freq: 2,
  }),
  channel: fc.option(word, { freq: 2 }),
  tag: fc.option(word, { freq: 2 }),
  since: time,
  until: time,
  oldestFirst: fc.boolean(),
  message: fc.option(index, { freq: 2 }),
  subscription: fc.option(index),
};

const madeQuery = fc.record({
  ...filters,
  outcome: fc.option(fc.constantFrom("succeeded", "failed")),
  statusClass: fc.option(fc.constantFrom(0, 100, 200, 300, 400, 500), { freq: 2 }),
}) as fc.Arbitrary<Omit<ListAttempts, "organizationId" | "cursor" | "subscriptionId" | "messageId"> & Indexes>;

const deliveryQuery = fc.record({
  ...filters,
  progress: fc.option(fc.constantFrom("pending", "retrying", "delivered", "failed", "set_aside")),
}) as fc.Arbitrary<Omit<ListDeliveries, "organizationId" | "cursor" | "subscriptionId"> & Indexes>;

interface Indexes {
  readonly subscription: number | null;
  readonly message: number | null;
}

const attemptQuery = fc.record({
  limit: filters.limit,
  eventTypes: filters.eventTypes,
  since: time,
  until: time,
  subscription: index,
  message: fc.option(index, { freq: 2 }),
  status: fc.option(fc.constantFrom("success", "failed", "pending")),
  statusClass,
}) as fc.Arbitrary<
  Omit<ListAttemptItems, "organizationId" | "cursor" | "subscriptionId" | "messageId"> & {
    subscription: number;
    message: number | null;
  }
>;

/** Every page from the first to the end. */
async function readAll<Item, Cursor extends string>(
  limit: number,
  read: (page: PageOf<Cursor>) => Promise<Page<Item, Cursor>>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let cursor: Cursor | null = null; ; ) {
    const { items, next } = await read({ limit, cursor });
    expect(items.length).toBeLessThanOrEqual(limit);
    all.push(...items);
    if (next === null) return all;
    cursor = next;
  }
}

function everything(world: World): Omit<ListMessages, keyof PageOf<MessageId>> {
  const { organizationId } = world;
  return { organizationId, ...anyMessage };
}

/** In batches that one commit fans out to one subscription. */
async function acceptMany(world: World, count: number): Promise<void> {
  const { organizationId } = world;
  const messages: Message[] = Array.from({ length: count }, () => world.message());
  for (let at = 0; at < count; at += limits.fanOutPerOrganizationAndCommitMax) {
    const batch = messages.slice(at, at + limits.fanOutPerOrganizationAndCommitMax);
    await world.store.acceptMessages({ organizationId, messages: batch, idempotency: null, testOf: null });
  }
  await world.finishFanOuts();
}
