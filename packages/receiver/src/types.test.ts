import { expect, expectTypeOf, test } from "vitest";
import type { SyncCompletedEvent, WeftEvent, WeftEventByType, WeftEventType } from "./events.ts";
import type { ReceivedEvent, UnlistedEvent } from "./received-event.ts";
import { createRouter } from "./router.ts";
import { signedHeaders } from "./signature.ts";
import { verify } from "./verify.ts";

// `tsc` checks these promises; at run time they only have to be harmless.

test("the event's name narrows the event", () => {
  const describeEvent = (event: ReceivedEvent): string => {
    if (event.event_type === "sync.completed") {
      expectTypeOf(event).toEqualTypeOf<SyncCompletedEvent>();
      return `${event.collection_name}: ${event.entities_inserted ?? 0}`;
    }
    if (event.event_type === "collection.deleted") return event.source_connection_ids?.join() ?? "";
    // @ts-expect-error: only a completed sync counts entities
    return String(event.entities_inserted.toFixed());
  };
  expectTypeOf(describeEvent).returns.toBeString();
});

test("a switch over every known name leaves the unknown events, and cannot forget them", () => {
  const groupOf = (event: ReceivedEvent): string => {
    switch (event.event_type) {
      case "sync.pending":
      case "sync.running":
      case "sync.cancelling":
      case "sync.completed":
      case "sync.failed":
      case "sync.cancelled":
        return event.collection_name;
      case "source_connection.created":
      case "source_connection.auth_completed":
      case "source_connection.deleted":
        return String(event.is_authenticated);
      case "collection.created":
      case "collection.updated":
      case "collection.deleted":
        return event.collection_id;
      case "organization.created":
      case "organization.deleted":
      case "organization.member_added":
      case "organization.member_removed":
        return event.organization_name;
      case "search.started":
      case "search.completed":
      case "search.failed":
      case "search.reranking":
      case "search.thinking":
      case "search.tool_called":
        return event.request_id;
      case "query.processed":
        return String(event.queries);
      case "entity.batch_processed":
      case "access_control.batch_processed":
        return event.sync_job_id;
      default:
        expectTypeOf(event).toEqualTypeOf<UnlistedEvent>();
        return event.event_type;
    }
  };
  expectTypeOf(groupOf).parameter(0).toEqualTypeOf<ReceivedEvent>();
});

test("an unknown name is a string, and can be compared after it is widened", () => {
  const isMoved = (event: UnlistedEvent): boolean => {
    const name: string = event.event_type;
    return name === "warehouse.moved";
  };
  expectTypeOf(isMoved).returns.toBeBoolean();
});

test("names and events belong together", () => {
  expectTypeOf<WeftEvent["event_type"]>().toEqualTypeOf<WeftEventType>();
  expectTypeOf<WeftEventByType[WeftEventType]>().toEqualTypeOf<WeftEvent>();
});

test("a router's handler gets the event of its name", () => {
  const router = createRouter();
  router.on("source_connection.created", (event) => {
    expectTypeOf(event.is_authenticated).toBeBoolean();
    // @ts-expect-error: a source connection's event has no counts
    expectTypeOf(event.chunks_written).toBeNumber();
  });
  // @ts-expect-error: a misspelled name
  router.on("sync.complete", () => {});
  // @ts-expect-error: patterns are not names
  router.on("sync.*", () => {});
  router.onAny((event, context) => {
    expectTypeOf(event).toEqualTypeOf<ReceivedEvent>();
    expectTypeOf(context.messageId).toBeString();
  });
});

test("an event is read-only", async () => {
  const headers = await signedHeaders('{"event_type":"sync.failed"}', {
    id: "msg_1",
    timestamp: new Date(),
    secret: "a b",
  });
  const event = await verify('{"event_type":"sync.failed"}', headers, "a b");
  // @ts-expect-error: received events are read-only
  event.event_type = "sync.completed";
  expect(event).toBeDefined();
});
