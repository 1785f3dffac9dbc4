import { expect, test } from "vitest";
import type { EventType } from "../../domain/event-type.ts";
import { type OpenStore, t0, World } from "./samples.ts";

function invoicePaid(changes: Partial<EventType> = {}): EventType {
  return {
    name: "invoice.paid",
    description: "Somebody paid.",
    archived: false,
    deprecated: false,
    schemas: { "1": { type: "object", required: ["amount"] } },
    featureFlag: null,
    groupName: "invoice",
    createdAt: t0,
    updatedAt: t0,
    ...changes,
  };
}

export function eventTypePromises(open: OpenStore): void {
  test("an event type is read back as it was defined, and all are listed by name", async () => {
    await using world = await World.open(open);
    const plain = invoicePaid({ name: "a", schemas: null, groupName: null, featureFlag: "beta", archived: true });
    expect(await world.store.createEventType({ type: invoicePaid() })).toBe(true);
    expect(await world.store.createEventType({ type: plain })).toBe(true);
    expect(await world.store.readEventTypes({})).toEqual([plain, invoicePaid()]);
  });

  test("a name is defined once, however many define it at the same time", async () => {
    await using world = await World.open(open);
    const made = await Promise.all(
      ["one", "two", "three"].map((description) => world.store.createEventType({ type: invoicePaid({ description }) })),
    );
    expect(made.filter((isNew) => isNew)).toHaveLength(1);
    expect(await world.store.readEventTypes({})).toHaveLength(1);
  });

  test("every change of event types shows in their state", async () => {
    await using world = await World.open(open);
    const seen = [await world.store.readEventTypesState({})];
    expect(seen[0]).toMatchObject({ changedAt: null });
    const look = async () => seen.push(await world.store.readEventTypesState({}));
    await world.store.createEventType({ type: invoicePaid() });
    await look();
    await world.store.replaceEventTypes({ types: [invoicePaid({ updatedAt: t0 + 1 })] });
    await look();
    expect(seen.at(-1)).toMatchObject({ changedAt: t0 + 1 });
    await world.store.createEventType({ type: invoicePaid({ name: "invoice.sent" }) });
    await look();
    await world.store.replaceEventTypes({ types: [invoicePaid({ name: "invoice.sent", updatedAt: t0 + 1 })] });
    await look();
    await world.store.deleteEventType({ name: "invoice.sent" });
    await look();
    const states = seen.map(({ state }) => state);
    // The last deletion leads back to what was there before.
    expect(new Set(states).size).toBe(states.length - 1);
    expect(await world.store.readEventTypesState({})).toEqual(seen.at(-1));
  });

  test("a replaced event type keeps the time at which it was made; a deleted one is gone", async () => {
    await using world = await World.open(open);
    await world.store.replaceEventTypes({ types: [invoicePaid()] });
    const changed = invoicePaid({
      description: "Paid in full.",
      deprecated: true,
      createdAt: t0 + 5,
      updatedAt: t0 + 5,
    });
    const another = invoicePaid({ name: "invoice.sent" });
    await world.store.replaceEventTypes({ types: [changed, another] });
    expect(await world.store.readEventTypes({})).toEqual([{ ...changed, createdAt: t0 }, another]);
    await world.store.deleteEventType({ name: "invoice.sent" });
    await world.store.deleteEventType({ name: "invoice.paid" });
    expect(await world.store.readEventTypes({})).toEqual([]);
  });
}
