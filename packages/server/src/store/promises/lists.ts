import fc from "fast-check";
import { expect, test } from "vitest";
import type { MessageId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { ListAttempts } from "../delivery-store.ts";
import { anyMessage, type ListMessages } from "../message-store.ts";
import type { Page, PageOf } from "../store.ts";
import { eventTypes, ListedWorld, type Step } from "./listed-world.ts";
import { type OpenStore, t0, World } from "./samples.ts";

export function listPromises(open: OpenStore): void {
  test("whatever happened, lists of messages show what belongs to them, page by page, without a gap or a repeat", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(messageQuery, { minLength: 25, maxLength: 25 }), async (steps, queries) => {
        await using listed = await ListedWorld.open(open);
        for (const step of steps) await listed.take(step);
        for (const { subscription, ...query } of queries) {
          const filters = { ...query, subscriptionId: listed.subscriptionAt(subscription) };
          const ask = { organizationId: listed.world.organizationId, ...filters };
          const shown = await readAll(query.limit, (page: PageOf<MessageId>) =>
            listed.world.store.listMessages({ ...ask, ...page }),
          );
          expect(shown.map((message) => message.id)).toEqual(listed.expectedMessages(filters));
        }
      }),
      { numRuns: 6 },
    );
  });

  test("whatever happened, lists of attempts show each attempt and each first one to come, without a gap or a repeat", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(attemptQuery, { minLength: 25, maxLength: 25 }), async (steps, queries) => {
        await using listed = await ListedWorld.open(open);
        for (const step of steps) await listed.take(step);
        for (const { subscription, message, limit, status } of queries) {
          const scope = {
            subscriptionId: listed.subscriptionAt(subscription) ?? listed.first,
            messageId: listed.messageAt(message),
            status,
          };
          const ask = { organizationId: listed.world.organizationId, ...scope };
          const shown = await readAll(limit, (page) => listed.world.store.listAttempts({ ...ask, ...page }));
          const ids = shown.map((row) => (row.kind === "made" ? row.id : row.messageId));
          expect(ids).toEqual(listed.expectedAttempts(scope));
        }
      }),
      { numRuns: 6 },
    );
  });

  test("what waits for one subscription is not passed over for what has waited longer for another", async () => {
    await using world = await World.open(open);
    await world.subscribe({ eventTypes: ["sync.*"] });
    await world.subscribe({ eventTypes: ["collection.created"] });
    await world.accept({ eventType: "collection.created" });
    const wanted = await world.accept({ eventType: "sync.failed" });
    for (let i = 0; i < 2; i++) await world.accept({ eventType: "sync.completed" });
    const ask = { ...everything(world), status: "pending" as const, eventTypes: ["sync.failed"] };
    expect(await world.store.listMessages({ ...ask, limit: 1, cursor: null })).toEqual({ items: [wanted], next: null });
  });

  test("a list that would have to pass over very much answers short pages that lead to its end", async () => {
    await using world = await World.open(open);
    const { id } = await world.subscribe({ eventTypes: ["sync.failed"] });
    const found = await world.accept({ eventType: "sync.failed" });
    await world.settleAll(id, { state: "delivered" });
    await acceptMany(world, limits.examinedForPageMax + 1);
    const pages: number[] = [];
    const shown = await readAll(5, async (page: PageOf<MessageId>) => {
      const answer = await world.store.listMessages({ ...everything(world), status: "success", ...page });
      pages.push(answer.items.length);
      return answer;
    });
    expect(shown.map((message) => message.id)).toEqual([found.id]);
    expect(pages).toEqual([0, 1]);
  });

  test("what a rarely used subscription was sent is found at once among very many messages", async () => {
    await using world = await World.open(open);
    const rare = await world.subscribe({ eventTypes: ["sync.failed"] });
    const sent = await world.accept({ eventType: "sync.failed" });
    await world.settleAll(rare.id, { state: "delivered" });
    const waits = await world.accept({ eventType: "sync.failed" });
    await acceptMany(world, limits.examinedForPageMax + 1);
    const ask = { ...everything(world), subscriptionId: rare.id, limit: 5, cursor: null };
    expect(await world.store.listMessages(ask)).toEqual({ items: [waits, sent], next: null });
    expect(await world.store.listMessages({ ...ask, status: "success" })).toEqual({ items: [sent], next: null });
  });

  test("of many attempts the few with another outcome are found, in short pages that lead to the end", async () => {
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
    const ask = { organizationId, subscriptionId: id, messageId: null, status: "failed" as const };
    const first = await world.store.listAttempts({ ...ask, limit: 5, cursor: null });
    expect(first).toEqual({ items: [], next: expect.any(String) });
    expect(await readAll(5, (page) => world.store.listAttempts({ ...ask, ...page }))).toHaveLength(1);
  });
}

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
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("resend"), message: index, subscription: index }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("disable"), subscription: index }) },
    { weight: 2, arbitrary: fc.constant({ kind: "wait" }) },
  ) as fc.Arbitrary<Step>,
  { minLength: 20, maxLength: 60 },
);

const time = fc.option(fc.integer({ min: t0 - 2, max: t0 + 30 }));
const messageQuery = fc.record({
  limit: fc.integer({ min: 1, max: 7 }),
  eventTypes: fc.option(fc.array(fc.constantFrom(...eventTypes, "nothing"), { minLength: 1, maxLength: 3 })),
  since: time,
  until: time,
  subscription: fc.option(index),
  status: fc.option(fc.constantFrom("success", "failed", "pending")),
  channel: fc.option(word, { freq: 2 }),
  tag: fc.option(word, { freq: 2 }),
  oldestFirst: fc.boolean(),
}) as fc.Arbitrary<
  Omit<ListMessages, "organizationId" | "cursor" | "subscriptionId"> & { subscription: number | null }
>;

const attemptQuery = fc.record({
  limit: fc.integer({ min: 1, max: 7 }),
  subscription: index,
  message: fc.option(index, { freq: 2 }),
  status: fc.option(fc.constantFrom("success", "failed", "pending")),
}) as fc.Arbitrary<Pick<ListAttempts, "limit" | "status"> & { subscription: number; message: number | null }>;

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

async function acceptMany(world: World, count: number): Promise<void> {
  const { organizationId } = world;
  const messages: Message[] = Array.from({ length: count }, () => world.message());
  for (let at = 0; at < count; at += limits.eventsPerBatchMax) {
    const batch = messages.slice(at, at + limits.eventsPerBatchMax);
    await world.store.acceptMessages({ organizationId, messages: batch, idempotency: null, testOf: null });
  }
}
