import { expect, test } from "vitest";
import type { EventType } from "../../domain/event-type.ts";
import { defaultNamespace } from "../../domain/organization.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { t0, World } from "../fixtures/samples.ts";

function invoicePaid(changes: Partial<EventType> = {}): EventType {
  return {
    name: "invoice.paid",
    description: "An invoice was paid.",
    archived: false,
    deprecated: false,
    schemas: { "1": '{"type":"object","required":["amount"],"properties":{"amount":{"maximum":9007199254740993}}}' },
    featureFlag: null,
    groupName: "invoice",
    metadata: { owner: "billing" },
    createdAt: t0,
    updatedAt: t0,
    ...changes,
  };
}

bothStoresKeep("event types", (open) => {
  test("an event type is read as it was defined, and all are listed by name", async () => {
    await using world = await World.open(open.fresh);
    const plain = invoicePaid({ name: "a", schemas: null, groupName: null, featureFlag: "beta", archived: true });
    expect(
      await world.store.createEventType({
        namespace: defaultNamespace,
        type: invoicePaid(),
        typesMax: 10,
        namespaceTypesMax: 10,
      }),
    ).toBe("created");
    expect(
      await world.store.createEventType({
        namespace: defaultNamespace,
        type: plain,
        typesMax: 10,
        namespaceTypesMax: 10,
      }),
    ).toBe("created");
    expect(await world.store.readEventTypes({})).toEqual([
      { namespace: defaultNamespace, ...plain },
      { namespace: defaultNamespace, ...invoicePaid() },
    ]);
  });

  test("a name is defined once, even by concurrent callers", async () => {
    await using world = await World.open(open.fresh);
    const made = await Promise.all(
      ["one", "two", "three"].map((description) =>
        world.store.createEventType({
          namespace: defaultNamespace,
          type: invoicePaid({ description }),
          typesMax: 10,
          namespaceTypesMax: 10,
        }),
      ),
    );
    expect(made.toSorted()).toEqual(["created", "exists", "exists"]);
    expect(await world.store.readEventTypes({})).toHaveLength(1);
  });

  test("the number of event types is bounded, even when concurrent callers define them, one by one or together", async () => {
    await using world = await World.open(open.fresh);
    const named = (name: string) => invoicePaid({ name });
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        world.store.createEventType({
          namespace: defaultNamespace,
          type: named(`a.${at}`),
          typesMax: 5,
          namespaceTypesMax: 5,
        }),
      ),
    );
    expect(made.filter((result) => result === "created")).toHaveLength(5);
    const [known] = await world.store.readEventTypes({});
    const types = [known ?? named("none"), named("b")];
    expect(
      await world.store.replaceEventTypes({ namespace: defaultNamespace, types, typesMax: 5, namespaceTypesMax: 5 }),
    ).toBe("full");
    expect(
      await world.store.replaceEventTypes({
        namespace: defaultNamespace,
        types: types.slice(0, 1),
        typesMax: 5,
        namespaceTypesMax: 5,
      }),
    ).toBe("replaced");
    expect(
      await world.store.replaceEventTypes({ namespace: defaultNamespace, types, typesMax: 6, namespaceTypesMax: 6 }),
    ).toBe("replaced");
    expect(
      await world.store.createEventType({
        namespace: defaultNamespace,
        type: named("b"),
        typesMax: 6,
        namespaceTypesMax: 6,
      }),
    ).toBe("exists");
    expect(await world.store.readEventTypes({})).toHaveLength(6);
  });

  test("every change of event types changes their state", async () => {
    await using world = await World.open(open.fresh);
    const seen = [await world.store.readEventTypesState({})];
    expect(seen[0]).toMatchObject({ changedAt: null });
    const look = async () => seen.push(await world.store.readEventTypesState({}));
    await world.store.createEventType({
      namespace: defaultNamespace,
      typesMax: 10,
      namespaceTypesMax: 10,
      type: invoicePaid(),
    });
    await look();
    await world.store.replaceEventTypes({
      namespace: defaultNamespace,
      typesMax: 10,
      namespaceTypesMax: 10,
      types: [invoicePaid({ updatedAt: t0 + 1 })],
    });
    await look();
    expect(seen.at(-1)).toMatchObject({ changedAt: t0 + 1 });
    await world.store.createEventType({
      namespace: defaultNamespace,
      typesMax: 10,
      namespaceTypesMax: 10,
      type: invoicePaid({ name: "invoice.sent" }),
    });
    await look();
    await world.store.replaceEventTypes({
      namespace: defaultNamespace,
      typesMax: 10,
      namespaceTypesMax: 10,
      types: [invoicePaid({ name: "invoice.sent", updatedAt: t0 + 1 })],
    });
    await look();
    await world.store.deleteEventType({ namespace: defaultNamespace, name: "invoice.sent" });
    await look();
    const states = seen.map(({ state }) => state);
    // The last deletion restores the original state.
    expect(new Set(states).size).toBe(states.length - 1);
    expect(await world.store.readEventTypesState({})).toEqual(seen.at(-1));
  });

  test("a replaced event type keeps its creation time, and a deleted one is not found", async () => {
    await using world = await World.open(open.fresh);
    await world.store.replaceEventTypes({
      namespace: defaultNamespace,
      types: [invoicePaid()],
      typesMax: 10,
      namespaceTypesMax: 10,
    });
    const changed = invoicePaid({
      description: "Paid in full.",
      deprecated: true,
      createdAt: t0 + 5,
      updatedAt: t0 + 5,
    });
    const another = invoicePaid({ name: "invoice.sent" });
    await world.store.replaceEventTypes({
      namespace: defaultNamespace,
      types: [changed, another],
      typesMax: 10,
      namespaceTypesMax: 10,
    });
    expect(await world.store.readEventTypes({})).toEqual([
      { namespace: defaultNamespace, ...changed, createdAt: t0 },
      { namespace: defaultNamespace, ...another },
    ]);
    await world.store.deleteEventType({ namespace: defaultNamespace, name: "invoice.sent" });
    await world.store.deleteEventType({ namespace: defaultNamespace, name: "invoice.paid" });
    expect(await world.store.readEventTypes({})).toEqual([]);
  });

  test("each namespace has event types of its own, within a limit of its own", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const room = { typesMax: 10, namespaceTypesMax: 2 };
    const inNamespace = (namespace: string, changes: Partial<EventType> = {}) => ({
      namespace,
      type: invoicePaid({ description: namespace, ...changes }),
      ...room,
    });
    const names = [defaultNamespace, "org_a", "org_b"];
    for (const namespace of names) expect(await store.createEventType(inNamespace(namespace))).toBe("created");
    for (const namespace of names) expect(await store.createEventType(inNamespace(namespace))).toBe("exists");
    const shown = async () =>
      (await store.readEventTypes({})).map(({ namespace, name, description }) => `${namespace} ${name} ${description}`);
    expect((await shown()).sort()).toEqual(names.map((namespace) => `${namespace} invoice.paid ${namespace}`).sort());
    const { state } = await store.readEventTypesState({});
    const types = [invoicePaid({ description: "New.", updatedAt: t0 + 1 })];
    expect(await store.replaceEventTypes({ namespace: "org_a", types, ...room })).toBe("replaced");
    expect((await store.readEventTypesState({})).state).not.toBe(state);
    expect(await shown()).toContain("org_a invoice.paid New.");
    expect(await shown()).toContain("org_b invoice.paid org_b");
    expect(await store.createEventType(inNamespace("org_a", { name: "invoice.sent" }))).toBe("created");
    expect(await store.createEventType(inNamespace("org_a", { name: "invoice.lost" }))).toBe("full");
    expect(await store.createEventType(inNamespace(defaultNamespace, { name: "a.b" }))).toBe("created");
    expect(await store.createEventType(inNamespace(defaultNamespace, { name: "a.c" }))).toBe("created");
    await store.deleteEventType({ namespace: "org_a", name: "invoice.paid" });
    expect((await shown()).filter((line) => line.includes("invoice.paid")).sort()).toEqual(
      ["org_b invoice.paid org_b", `${defaultNamespace} invoice.paid ${defaultNamespace}`].sort(),
    );
  });
});
