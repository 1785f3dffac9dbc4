import { expect, test } from "vitest";
import type { MessageId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { MessageStatus } from "../../domain/message.ts";
import { undelivered } from "../../domain/recovery.ts";
import { anyAttemptListItem } from "../attempts/interface.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { NotingEngine, t0, World } from "../fixtures/samples.ts";
import { anyMessage, type ListMessages } from "./interface.ts";

const day = 86_400_000;

bothStoresKeep("messages", (open) => {
  test("an accepted message is read byte for byte", async () => {
    await using world = await World.open(open);
    const payload =
      '{ "big": 123456789012345678901234567890.10, "a":1, "a":2, "nul":"\\u0000", "lone":"\\ud800", "ü":"€" }';
    const message = await world.accept({ payload, eventId: "evt-1" });
    expect(await world.store.readMessage({ organizationId: world.organizationId, messageId: message.id })).toEqual(
      message,
    );
  });

  test("the publisher's details of a message are read as they were given", async () => {
    await using world = await World.open(open);
    const message = await world.accept({
      payload: "<a/>",
      contentType: "text/xml",
      channels: ["a", "b"],
      tags: ["t"],
      deliverAt: t0 + 1_000,
      payloadUntil: t0 + 5 * day,
    });
    const { organizationId } = world;
    expect(await world.store.readMessage({ organizationId, messageId: message.id })).toEqual(message);
  });

  test("a message keeps its trace context, and each claim of its deliveries has it, with the time when it was due", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const traceContext = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 acme=1";
    const engine = new NotingEngine(await world.node(), 1);
    store.handOverTo(engine);
    const [first, second] = [await world.subscribe(), await world.subscribe()];
    const { id: messageId, createdAt: dueAt } = await world.accept({ traceContext });
    expect(await store.readMessage({ organizationId, messageId })).toMatchObject({ traceContext });
    const [handedOver] = engine.taken;
    expect(handedOver).toMatchObject({ messageId, traceContext, dueAt });
    const other = handedOver?.subscriptionId === first.id ? second : first;
    expect(await world.claim(await world.node(), other.id)).toMatchObject([{ messageId, traceContext, dueAt }]);
  });

  test("a message is found by its event id in its own organization", async () => {
    await using world = await World.open(open);
    const message = await world.accept({ eventId: "evt-1" });
    const { organizationId } = world;
    expect(await world.store.findMessage({ organizationId, eventId: "evt-1" })).toEqual(message);
    expect(await world.store.findMessage({ organizationId, eventId: "evt-2" })).toBeNull();
    const other = await world.addOrganization();
    expect(await world.store.findMessage({ organizationId: other, eventId: "evt-1" })).toBeNull();
  });

  test("deleting a payload cancels its waiting deliveries and prevents resends and recoveries", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const subscription = await world.subscribe();
    const message = await world.accept();
    const { id: messageId } = message;
    const other = await world.addOrganization();
    expect(await store.deletePayload({ organizationId: other, messageId, now: t0 })).toBe("not_found");
    expect(await store.deletePayload({ organizationId, messageId, now: t0 + 1 })).toBe("deleted");
    expect(await store.deletePayload({ organizationId, messageId, now: t0 + 2 })).toBe("already_deleted");
    const deleted = { ...message, payload: "", payloadDeletedAt: t0 + 1 };
    expect(await store.readMessage({ organizationId, messageId })).toEqual(deleted);
    expect(await world.claim(await world.node(), subscription.id)).toEqual([]);
    const params = { organizationId, messageId, now: world.now };
    expect(await store.resendMessage({ ...params, subscriptionId: null })).toEqual({ kind: "payload_deleted" });
    const key = { organizationId, subscriptionId: subscription.id };
    expect(await world.recoverable({ ...key, scope: undelivered, since: t0, until: t0 + day })).toBe(0);
  });

  test("a delivery that is being sent while its payload is deleted ends when it is due again", async () => {
    for (const ordered of [false, true]) {
      await using world = await World.open(open.fresh);
      const { store, organizationId } = world;
      const subscription = await world.subscribe({ ordered });
      const message = await world.accept();
      const node = await world.node();
      const [delivery] = await world.claim(node, subscription.id);
      if (delivery === undefined) throw new Error("Nothing was claimed.");
      await store.deletePayload({ organizationId, messageId: message.id, now: t0 });
      const again = world.record(delivery, { state: "due", dueAt: t0, scheduleStep: 1 });
      expect(await store.recordAttempts({ nodeId: node, records: [again], now: t0 })).toEqual([true]);
      const next = await world.accept({ payload: "{}" });
      expect((await world.claim(node, subscription.id)).map(({ messageId }) => messageId)).toEqual([next.id]);
      expect(await store.findDueLanes({ limit: 10 })).toEqual([]);
    }
  });

  test("expired payloads are deleted in steps, and no others", async () => {
    await using world = await World.open(open.fresh);
    const { store, organizationId } = world;
    const until = [t0 + 1, t0 + 2, t0 + 3, null];
    const made = [];
    for (const payloadUntil of until) made.push(await world.accept({ payloadUntil }));
    expect(await store.deleteExpiredPayloads({ now: t0 + 2, limit: 1 })).toBe(1);
    expect(await store.deleteExpiredPayloads({ now: t0 + 2, limit: 5 })).toBe(1);
    expect(await store.deleteExpiredPayloads({ now: t0 + 2, limit: 5 })).toBe(0);
    const read = await Promise.all(made.map(({ id: messageId }) => store.readMessage({ organizationId, messageId })));
    expect(read.map((message) => message?.payload)).toEqual(["", "", '{"n":1}', '{"n":1}']);
  });

  test("a message exists whether or not anyone subscribed", async () => {
    await using world = await World.open(open.fresh);
    const message = await world.accept();
    expect(await list(world)).toEqual([message.id]);
    expect(await world.store.findDueLanes({ limit: 10 })).toEqual([]);
  });

  test("a message is not found through another organization", async () => {
    await using world = await World.open(open);
    const message = await world.accept();
    const other = await world.addOrganization();
    expect(await world.store.readMessage({ organizationId: other, messageId: message.id })).toBeNull();
    expect(await list(world, { organizationId: other })).toEqual([]);
  });

  test("an event id is accepted once, and a repeat returns the first message", async () => {
    await using world = await World.open(open);
    const first = await world.accept({ eventId: "evt-1" });
    world.now += 5;
    const again = world.message({ eventId: "evt-1" });
    expect(await accept(world, [again])).toEqual({
      kind: "accepted",
      messages: [{ id: first.id, createdAt: first.createdAt, duplicate: true }],
    });
    expect(await list(world)).toEqual([first.id]);
  });

  test("an event id with different content is a conflict, and nothing of its batch is stored", async () => {
    await using world = await World.open(open);
    const first = await world.accept({ eventId: "evt-1" });
    const batch = [world.message(), world.message({ eventId: "evt-1", payload: '{"n":2}' })];
    expect(await accept(world, batch)).toEqual({ kind: "event_id_conflict", index: 1 });
    expect(await list(world)).toEqual([first.id]);
  });

  test("two events of one batch with one event id become one message", async () => {
    await using world = await World.open(open);
    const result = await accept(world, [world.message({ eventId: "twin" }), world.message({ eventId: "twin" })]);
    expect(result).toMatchObject({ kind: "accepted", messages: [{ duplicate: false }, { duplicate: true }] });
    expect(await list(world)).toHaveLength(1);
  });

  test("an event id names different events in different organizations", async () => {
    await using world = await World.open(open);
    await world.accept({ eventId: "evt-1" });
    const other = await world.addOrganization();
    const message = world.message({ eventId: "evt-1", organizationId: other, payload: "{}" });
    expect(await accept(world, [message])).toMatchObject({ kind: "accepted", messages: [{ duplicate: false }] });
  });

  test("an event id with NUL or half a surrogate pair names one event too", async () => {
    await using world = await World.open(open);
    for (const eventId of ["a\0b", "half \ud83d", "\udc00"]) {
      const first = await world.accept({ eventId });
      const again = await accept(world, [world.message({ eventId }), world.message({ eventId })]);
      const twin = { id: first.id, createdAt: first.createdAt, duplicate: true };
      expect(again).toEqual({ kind: "accepted", messages: [twin, twin] });
    }
    expect(await list(world)).toHaveLength(3);
  });

  test("a publish under the same idempotency key is stored once and returns the same response", async () => {
    await using world = await World.open(open);
    const [first, second] = [await keyed(world, "key", "hash"), await keyed(world, "key", "hash")];
    expect(second).toEqual(first);
    expect(await list(world)).toHaveLength(1);
  });

  test("the same idempotency key with another request is a conflict", async () => {
    await using world = await World.open(open);
    await keyed(world, "key", "hash");
    expect(await keyed(world, "key", "other")).toEqual({ kind: "idempotency_conflict" });
    expect(await list(world)).toHaveLength(1);
  });

  test("an unfinished request reserves its key, and a finished one returns its response again", async () => {
    await using world = await World.open(open);
    const request = { organizationId: world.organizationId, key: "k", requestHash: "h", createdAt: t0, now: t0 };
    expect(await world.store.beginIdempotent(request)).toEqual({ kind: "begun" });
    expect(await world.store.beginIdempotent(request)).toEqual({ kind: "in_progress" });
    expect(await world.store.beginIdempotent({ ...request, requestHash: "x" })).toEqual({ kind: "conflict" });
    const response = { status: 200, body: '{"key":"weft_secret"}' };
    await world.store.finishIdempotent({ ...request, response });
    expect(await world.store.beginIdempotent(request)).toEqual({ kind: "answered", ...response });
  });

  test("a request that failed, crashed or is a day old frees its key", async () => {
    await using world = await World.open(open);
    const request = { organizationId: world.organizationId, key: "k", requestHash: "h", createdAt: t0, now: t0 };
    await world.store.beginIdempotent(request);
    await world.store.finishIdempotent({ ...request, response: null });
    expect(await world.store.beginIdempotent(request)).toEqual({ kind: "begun" });
    const later = t0 + limits.idempotencyUnfinishedMs;
    expect(await world.store.beginIdempotent({ ...request, now: later })).toEqual({ kind: "begun" });
    await world.store.finishIdempotent({ ...request, response: { status: 200, body: "{}" } });
    const nextDay = later + limits.idempotencyKeptMs;
    expect(await world.store.beginIdempotent({ ...request, requestHash: "new", now: nextDay })).toEqual({
      kind: "begun",
    });
  });

  test("old idempotency records are deleted in bounded steps", async () => {
    await using world = await World.open(open.fresh);
    for (const key of ["a", "b", "c"]) await keyed(world, key, "h");
    const step = { before: t0 + 1, limit: 2 };
    expect(await world.store.deleteIdempotencyBefore(step)).toBe(2);
    expect(await world.store.deleteIdempotencyBefore(step)).toBe(1);
    expect(await world.store.deleteIdempotencyBefore(step)).toBe(0);
  });

  test("messages are listed newest first, page by page, without a gap or a repeat", async () => {
    await using world = await World.open(open);
    const made: MessageId[] = [];
    for (let i = 0; i < 7; i++) made.unshift((await world.accept()).id);
    const seen: MessageId[] = [];
    for (let cursor: MessageId | null = null; ; cursor = seen.at(-1) ?? null) {
      const page = await list(world, { limit: 3, cursor });
      seen.push(...page);
      if (page.length === 0) break;
    }
    expect(seen).toEqual(made);
  });

  test("messages are filtered by event type and by time", async () => {
    await using world = await World.open(open);
    const early = await world.accept({ eventType: "sync.failed" });
    world.now += 1_000;
    const late = await world.accept({ eventType: "sync.completed" });
    expect(await list(world, { eventTypes: ["sync.failed", "nothing"] })).toEqual([early.id]);
    expect(await list(world, { since: t0 + 1_000 })).toEqual([late.id]);
    expect(await list(world, { until: t0 + 1_000 })).toEqual([early.id]);
    expect(await list(world, { since: t0, until: t0 })).toEqual([]);
  });

  test("messages are filtered by the state of their deliveries", async () => {
    await using world = await World.open(open);
    const quiet = await world.accept({ eventType: "collection.created" });
    const subscription = await world.subscribe();
    const delivered = await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    const failed = await world.accept();
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    const waiting = await world.accept();
    const byStatus = (status: MessageStatus) => list(world, { status });
    expect(await byStatus("success")).toEqual([delivered.id]);
    expect(await byStatus("failed")).toEqual([failed.id]);
    expect(await byStatus("pending")).toEqual([waiting.id]);
    expect(await list(world, { subscriptionId: subscription.id })).toEqual([waiting.id, failed.id, delivered.id]);
    expect(await list(world, { subscriptionId: subscription.id, status: "failed" })).toEqual([failed.id]);
    expect(await list(world)).toContain(quiet.id);
  });

  test("old messages are deleted with their deliveries and attempts in bounded steps, and newer ones are kept", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    for (let i = 0; i < 3; i++) await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    world.now += 100 * day;
    const kept = await world.accept();
    const step = { before: t0 + 50 * day, limit: 2, onlyEmpty: false };
    expect(await world.store.forgetBefore(step)).toBe(true);
    while (await world.store.forgetBefore(step)) expect(await list(world)).toContain(kept.id);
    expect(await list(world)).toEqual([kept.id]);
    expect(await attempts(world, subscription.id)).toEqual([
      expect.objectContaining({ kind: "pending", messageId: kept.id }),
    ]);
  });

  test("with onlyEmpty no message is forgotten, however old it is", async () => {
    await using world = await World.open(open.fresh);
    const old = await world.accept();
    world.now += 400 * day;
    const young = await world.accept();
    const forget = async () => {
      while (await world.store.forgetBefore({ before: t0 + 50 * day, limit: 2, onlyEmpty: true }));
      return await list(world);
    };
    expect(await forget()).toEqual([young.id, old.id]);
    await world.store.deleteMessages({ organizationId: world.organizationId, messageIds: [old.id] });
    expect(await forget()).toEqual([young.id]);
  });

  test("an event id returns its message while the message is kept, and is free afterwards", async () => {
    await using world = await World.open(open.fresh);
    const eventIds = Array.from({ length: 7 }, (_, index) => `event-${index}`);
    const first = new Set<MessageId>();
    for (const eventId of eventIds) first.add((await world.accept({ eventId })).id);
    world.now += 100 * day;
    const before = t0 + 50 * day;
    let isMore = true;
    while (isMore) {
      isMore = await world.store.forgetBefore({ before, limit: 3, onlyEmpty: false });
      const kept = await list(world, { until: before });
      for (const eventId of eventIds) {
        const response = await accept(world, [world.message({ eventId })]);
        const [found] = response.kind === "accepted" ? response.messages : [];
        expect(found, eventId).toBeDefined();
        if (found?.duplicate === true && first.has(found.id)) expect(kept).toContain(found.id);
      }
    }
    expect(await list(world, { until: before })).toEqual([]);
    expect(await list(world)).toHaveLength(eventIds.length);
  });
});

function accept(world: World, messages: readonly ReturnType<World["message"]>[]) {
  const organizationId = messages[0]?.organizationId ?? world.organizationId;
  return world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
}

function keyed(world: World, key: string, requestHash: string) {
  const { organizationId } = world;
  const idempotency = { organizationId, key, requestHash, createdAt: world.now };
  return world.store.acceptMessages({ organizationId, messages: [world.message()], idempotency, testOf: null });
}

async function list(world: World, changes: Partial<ListMessages> = {}): Promise<MessageId[]> {
  const { items } = await world.store.listMessages({
    organizationId: world.organizationId,
    limit: 50,
    cursor: null,
    ...anyMessage,
    ...changes,
  });
  return items.map((message) => message.id);
}

async function attempts(world: World, subscriptionId: Awaited<ReturnType<World["subscribe"]>>["id"]) {
  const { organizationId } = world;
  const { items } = await world.store.listAttemptItems({
    organizationId,
    subscriptionId,
    messageId: null,
    ...anyAttemptListItem,
    cursor: null,
    limit: 50,
  });
  return items;
}
