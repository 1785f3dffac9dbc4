import { expect, test } from "vitest";
import type { EventType } from "../../domain/event-type.ts";
import { type OpenStore, t0, World } from "../fixtures/samples.ts";

function invoicePaid(changes: Partial<EventType> = {}): EventType {
  return {
    name: "invoice.paid",
    description: "Somebody paid.",
    archived: false,
    deprecated: false,
    schemas: { "1": '{"type":"object","required":["amount"],"properties":{"amount":{"maximum":9007199254740993}}}' },
    featureFlag: null,
    groupName: "invoice",
    createdAt: t0,
    updatedAt: t0,
    ...changes,
  };
}

export function eventTypePromises(open: OpenStore): void {
  test("an event type is read as it was defined, and all are listed by name", async () => {
    await using world = await World.open(open.fresh);
    const plain = invoicePaid({ name: "a", schemas: null, groupName: null, featureFlag: "beta", archived: true });
    expect(await world.store.createEventType({ type: invoicePaid(), typesMax: 10 })).toBe("created");
    expect(await world.store.createEventType({ type: plain, typesMax: 10 })).toBe("created");
    expect(await world.store.readEventTypes({})).toEqual([plain, invoicePaid()]);
  });

  test("a name is defined once, even by concurrent callers", async () => {
    await using world = await World.open(open.fresh);
    const made = await Promise.all(
      ["one", "two", "three"].map((description) =>
        world.store.createEventType({ type: invoicePaid({ description }), typesMax: 10 }),
      ),
    );
    expect(made.toSorted()).toEqual(["created", "exists", "exists"]);
    expect(await world.store.readEventTypes({})).toHaveLength(1);
  });

  test("the number of event types is bounded, even when concurrent callers define them, one by one or together", async () => {
    await using world = await World.open(open.fresh);
    const named = (name: string) => invoicePaid({ name });
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) => world.store.createEventType({ type: named(`a.${at}`), typesMax: 5 })),
    );
    expect(made.filter((result) => result === "created")).toHaveLength(5);
    const [known] = await world.store.readEventTypes({});
    const types = [known ?? named("none"), named("b")];
    expect(await world.store.replaceEventTypes({ types, typesMax: 5 })).toBe("full");
    expect(await world.store.replaceEventTypes({ types: types.slice(0, 1), typesMax: 5 })).toBe("replaced");
    expect(await world.store.replaceEventTypes({ types, typesMax: 6 })).toBe("replaced");
    expect(await world.store.createEventType({ type: named("b"), typesMax: 6 })).toBe("exists");
    expect(await world.store.readEventTypes({})).toHaveLength(6);
  });

  test("every change of event types changes their state", async () => {
    await using world = await World.open(open.fresh);
    const seen = [await world.store.readEventTypesState({})];
    expect(seen[0]).toMatchObject({ changedAt: null });
    const look = async () => seen.push(await world.store.readEventTypesState({}));
    await world.store.createEventType({ typesMax: 10, type: invoicePaid() });
    await look();
    await world.store.replaceEventTypes({ typesMax: 10, types: [invoicePaid({ updatedAt: t0 + 1 })] });
    await look();
    expect(seen.at(-1)).toMatchObject({ changedAt: t0 + 1 });
    await world.store.createEventType({ typesMax: 10, type: invoicePaid({ name: "invoice.sent" }) });
    await look();
    await world.store.replaceEventTypes({
      typesMax: 10,
      types: [invoicePaid({ name: "invoice.sent", updatedAt: t0 + 1 })],
    });
    await look();
    await world.store.deleteEventType({ name: "invoice.sent" });
    await look();
    const states = seen.map(({ state }) => state);
    // The last deletion restores the original state.
    expect(new Set(states).size).toBe(states.length - 1);
    expect(await world.store.readEventTypesState({})).toEqual(seen.at(-1));
  });

  test("a replaced event type keeps its creation time, and a deleted one is not found", async () => {
    await using world = await World.open(open.fresh);
    await world.store.replaceEventTypes({ types: [invoicePaid()], typesMax: 10 });
    const changed = invoicePaid({
      description: "Paid in full.",
      deprecated: true,
      createdAt: t0 + 5,
      updatedAt: t0 + 5,
    });
    const another = invoicePaid({ name: "invoice.sent" });
    await world.store.replaceEventTypes({ types: [changed, another], typesMax: 10 });
    expect(await world.store.readEventTypes({})).toEqual([{ ...changed, createdAt: t0 }, another]);
    await world.store.deleteEventType({ name: "invoice.sent" });
    await world.store.deleteEventType({ name: "invoice.paid" });
    expect(await world.store.readEventTypes({})).toEqual([]);
  });
}
