import { expect, expectTypeOf, test } from "vitest";
import type { SyncCompletedEvent } from "../events.ts";
import { verify } from "../verify.ts";
import { eventTypes, fixtureOf, signFixture } from "./fixture.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";

test("every event type has a fixture that a receiver accepts as genuine", async () => {
  expect(eventTypes).toHaveLength(25);
  for (const type of eventTypes) {
    const { headers, body } = await signFixture(fixtureOf(type), { secret });
    expect(await verify(body, headers, secret)).toEqual(fixtureOf(type));
    expect(fixtureOf(type).event_type).toBe(type);
  }
});

test("a fixture has the given fields, typed by the event's name", () => {
  const event = fixtureOf("sync.completed", { collection_name: "Mine", entities_inserted: 7 });
  expectTypeOf(event).toEqualTypeOf<SyncCompletedEvent>();
  expect(event).toMatchObject({ event_type: "sync.completed", collection_name: "Mine", entities_inserted: 7 });
  // @ts-expect-error: only a sync counts entities
  fixtureOf("collection.created", { entities_inserted: 7 });
});

test("changing one fixture changes no other", () => {
  (fixtureOf("collection.deleted").source_connection_ids as string[]).push("changed");
  expect(fixtureOf("collection.deleted").source_connection_ids).not.toContain("changed");
});

test("a signed fixture has the requested id and time, or new ones", async () => {
  const timestamp = new Date("2025-01-15T14:30:00Z");
  const { headers } = await signFixture("text", { secret, id: "msg_1", timestamp });
  expect([headers["svix-id"], headers["webhook-timestamp"]]).toEqual(["msg_1", "1736951400"]);
  const ids = await Promise.all([1, 2].map(async () => (await signFixture({}, { secret })).headers["svix-id"]));
  expect(new Set(ids).size).toBe(2);
});
