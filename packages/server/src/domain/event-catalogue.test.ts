import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import {
  acceptedEventTypeNames,
  eventCatalogue,
  isOnlyAccepted,
  type OwnEventType,
  publishedEventTypeNames,
} from "./event-catalogue.ts";

const isoWithSubSecondDigits = /T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const validators = new Map<OwnEventType, ValidateFunction>();

// `format` is only an annotation here. The pattern next to it validates.
function validatorOf(eventType: OwnEventType): ValidateFunction {
  const known = validators.get(eventType);
  if (known !== undefined) return known;
  const compiled = new Ajv({ formats: { "date-time": true } }).compile(eventType.schema);
  validators.set(eventType, compiled);
  return compiled;
}

function eventTypeNamed(name: string): OwnEventType {
  const found = eventCatalogue.find((eventType) => eventType.name === name);
  if (found === undefined) throw new Error(`The catalogue lacks ${name}.`);
  return found;
}

function isValidFor(name: string, changes: Record<string, unknown>): boolean {
  const eventType = eventTypeNamed(name);
  return validatorOf(eventType)({ ...eventType.example, ...changes });
}

const names = eventCatalogue.map((eventType) => eventType.name);

// Read in the EventType enumeration of Airweave's Python SDK.
test("the catalogue has exactly the 25 event types of Airweave's SDKs", () => {
  expect([...names].sort()).toEqual([
    "access_control.batch_processed",
    "collection.created",
    "collection.deleted",
    "collection.updated",
    "entity.batch_processed",
    "organization.created",
    "organization.deleted",
    "organization.member_added",
    "organization.member_removed",
    "query.processed",
    "search.completed",
    "search.failed",
    "search.reranking",
    "search.started",
    "search.thinking",
    "search.tool_called",
    "source_connection.auth_completed",
    "source_connection.created",
    "source_connection.deleted",
    "sync.cancelled",
    "sync.cancelling",
    "sync.completed",
    "sync.failed",
    "sync.pending",
    "sync.running",
  ]);
});

test("the catalogue lists the types that Weft publishes first, and each other type says that Weft does not publish it", () => {
  expect(names).toEqual([...publishedEventTypeNames, ...acceptedEventTypeNames]);
  for (const { name, description } of eventCatalogue) {
    expect(description.endsWith("Only callers of the API publish it."), name).toBe(isOnlyAccepted(name));
  }
});

test("the catalogue is plain data", () => {
  expect(JSON.parse(JSON.stringify(eventCatalogue))).toStrictEqual(eventCatalogue);
});

describe.each(eventCatalogue)("$name", (eventType) => {
  const required = eventType.schema.required ?? [];

  test("its example is valid, for validators of draft 2020-12 with and without formats", () => {
    const ofBothDrafts = [
      validatorOf(eventType),
      new Ajv2020({ formats: { "date-time": true } }).compile(eventType.schema),
      new Ajv({ validateFormats: false }).compile(eventType.schema),
    ];
    for (const validate of ofBothDrafts)
      expect(validate(eventType.example), JSON.stringify(validate.errors)).toBe(true);
  });

  test("its example has exactly the fields of its schema, at a time with sub-second digits", () => {
    expect(Object.keys(eventType.example).sort()).toEqual(Object.keys(eventType.schema.properties ?? {}).sort());
    expect(eventType.example.timestamp).toMatch(isoWithSubSecondDigits);
  });

  test("its name has two parts of lower-case letters and underscores, separated by a dot", () => {
    expect(eventType.name).toMatch(/^[a-z_]+\.[a-z_]+$/);
  });

  test("its example has less than 2 kB, because it reports an event and carries no content", () => {
    expect(Buffer.byteLength(JSON.stringify(eventType.example))).toBeLessThan(2_000);
  });

  test("its group is the first part of its name", () => {
    expect(eventType.name.split(".")[0]).toBe(eventType.group);
  });

  test("a payload without any one of the required fields is refused", () => {
    for (const field of required) {
      const payload = { ...eventType.example };
      delete payload[field];
      expect(validatorOf(eventType)(payload), field).toBe(false);
    }
  });

  test("a payload with only the required fields is accepted, and so is one with additional fields", () => {
    const least = Object.fromEntries(required.map((field) => [field, eventType.example[field]]));
    expect(validatorOf(eventType)(least)).toBe(true);
    expect(validatorOf(eventType)({ ...least, region: "eu" })).toBe(true);
  });

  test("another event's name is refused", () => {
    for (const name of names.filter((each) => each !== eventType.name)) {
      expect(validatorOf(eventType)({ ...eventType.example, event_type: name }), name).toBe(false);
    }
  });

  test("a value of the wrong type is refused in every field", () => {
    for (const [field, schema] of Object.entries(eventType.schema.properties ?? {})) {
      const wrong = [schema.type].flat().includes("object") ? "text" : { nested: true };
      expect(validatorOf(eventType)({ ...eventType.example, [field]: wrong }), field).toBe(false);
    }
  });
});

test.each(eventCatalogue)("$name, its payload and each field of it are described in a sentence", (eventType) => {
  const { description = "", properties = {} } = eventType.schema;
  expect(description).toBe(eventType.description);
  for (const sentence of [description, ...Object.values(properties).map((field) => field.description)]) {
    expect(sentence).toMatch(/^[A-Z].+\.$/);
  }
});

describe("the examples form one story", () => {
  const exampleOf = (name: string) => eventTypeNamed(name).example;

  test("every field of the story has a value", () => {
    for (const { name, example } of eventCatalogue) {
      // Weft has no e-mail addresses and plans.
      const { owner_email: _email, plan: _plan, ...known } = example;
      for (const [field, value] of Object.entries(known)) expect(value, `${name}: ${field}`).not.toEqual("");
    }
  });

  test("the story has one sync of one connection, whose jobs have their own ids, and one of them failed with a reason", () => {
    const syncs = eventCatalogue.filter(({ group }) => group === "sync").map(({ example }) => example);
    expect(new Set(syncs.map((example) => example.sync_id)).size).toBe(1);
    expect(new Set(syncs.map((example) => example.sync_job_id)).size).toBe(3);
    expect(syncs.filter((example) => example.error !== null)).toEqual([exampleOf("sync.failed")]);
    for (const example of syncs) expect(example.job_id).toBe(example.sync_job_id);
  });

  test("its connection has credentials from its authentication until its deletion", () => {
    expect(exampleOf("source_connection.created").is_authenticated).toBe(false);
    expect(exampleOf("source_connection.auth_completed").is_authenticated).toBe(true);
    expect(exampleOf("source_connection.deleted").is_authenticated).toBe(false);
  });

  test("its collection is renamed once, and deleted with its connections", () => {
    const { collection_name: newName, ...updated } = exampleOf("collection.updated");
    const created = exampleOf("collection.created");
    const deleted = exampleOf("collection.deleted");
    expect(newName).not.toBe(created.collection_name);
    expect(deleted.collection_name).toBe(newName);
    expect([updated.collection_id, deleted.collection_id]).toEqual([created.collection_id, created.collection_id]);
    expect(deleted.source_connection_ids).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });
});

test.each([
  [
    "sync",
    ["collection_name", "collection_readable_id", "event_type", "source_connection_id", "source_type", "timestamp"],
  ],
  [
    "source_connection",
    ["collection_readable_id", "event_type", "is_authenticated", "source_connection_id", "source_type", "timestamp"],
  ],
  ["collection", ["collection_id", "collection_name", "collection_readable_id", "event_type", "timestamp"]],
  ["organization", ["event_type", "organization_id", "organization_name", "timestamp"]],
  ["search", ["event_type", "request_id", "timestamp"]],
])("%s events require exactly the fields on which all documents agree", (group, fields) => {
  for (const eventType of eventCatalogue.filter((each) => each.group === group)) {
    expect([...(eventType.schema.required ?? [])].sort(), eventType.name).toEqual(fields);
  }
});

test("every sync event counts entities and chunks, in whole numbers from zero", () => {
  for (const { name } of eventCatalogue.filter(({ group }) => group === "sync")) {
    expect(isValidFor(name, { entities_inserted: 0 })).toBe(true);
    expect(isValidFor(name, { entities_inserted: -1 })).toBe(false);
    expect(isValidFor(name, { chunks_written: 1.5 })).toBe(false);
    expect(isValidFor(name, { entities_skipped: "3" })).toBe(false);
  }
});

test("every example names the organization that the event concerns", () => {
  for (const { name, example } of eventCatalogue) expect(example.organization_id, name).toMatch(/^[0-9a-f-]{36}$/);
});

test("an id is any text, not only a UUID", () => {
  expect(isValidFor("sync.completed", { sync_job_id: "job-7", source_connection_id: "conn_8" })).toBe(true);
});

test("the connections that were deleted with a collection are listed as texts, and the list may be empty", () => {
  expect(isValidFor("collection.deleted", { source_connection_ids: [] })).toBe(true);
  expect(isValidFor("collection.deleted", { source_connection_ids: ["conn_8", 7] })).toBe(false);
});

test("a sync's status is the last part of its name", () => {
  expect(isValidFor("sync.failed", { status: "completed" })).toBe(false);
});

test.each([
  "2025-01-15T14:30:00Z",
  "2025-01-15T14:30:00.123456Z",
  "2025-01-15T14:30:00.5+02:00",
  "2024-02-29T23:59:60-11:30",
])("the time %s is accepted", (timestamp) => {
  expect(isValidFor("collection.created", { timestamp })).toBe(true);
});

test.each([
  "2025-01-15T14:30:00",
  "2025-01-15 14:30:00Z",
  "2025-13-15T14:30:00Z",
  "2025-01-15T24:30:00Z",
  "2025-01-15T14:30:00.Z",
  "1736951400",
  " 2025-01-15T14:30:00Z",
  "",
])("the time %j is refused", (timestamp) => {
  expect(isValidFor("collection.created", { timestamp })).toBe(false);
});
