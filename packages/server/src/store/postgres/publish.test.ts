import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import type { EventType } from "../../domain/event-type.ts";
import type { MessageId, OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { newMessage } from "../../domain/message.ts";
import { defaultNamespace, newOrganization } from "../../domain/organization.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import type { Store } from "../store.ts";
import { PostgresServer } from "./fixtures/postgres-server.ts";
import { PublishingApplication } from "./fixtures/publishing-application.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { migratePostgres, openPostgresStore } from "./postgres-store.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const organizationId = "00000000-0000-7000-8000-000000000001" as OrganizationId;
const eventType = "collection.deleted";
const payload =
  '{"event_type":"collection.deleted","collection_id":"7","collection_name":"Sales","collection_readable_id":"sales",' +
  '"source_connection_ids":[],"timestamp":"2026-01-15T14:30:00.123Z"}';
const event = { organizationId, eventType, payload, eventId: null };

function settingsFor(url: string) {
  return {
    url,
    masterKey: "a master key for the tests",
    retentionMs: 90 * 86_400_000,
    connectionsMax: 4,
    preparesStatements: true,
  };
}

async function openNode(url: string): Promise<Store> {
  const store = await openPostgresStore(settingsFor(url), machineClock);
  if ((await store.readFirstOrganization({})) === null) {
    await store.createOrganization({
      organization: newOrganization(organizationId, 0, { name: "Acme" }),
    });
  }
  return store;
}

async function rowsOf(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** The URL of the same database for a new user with these attributes. */
async function userOf(url: string, attributes: string): Promise<{ name: string; url: string }> {
  const name = `weft_test_user_${randomBytes(6).toString("hex")}`;
  await rowsOf(url, `create role ${name} login password 'secret' ${attributes}`);
  const own = new URL(url);
  own.username = name;
  own.password = "secret";
  return { name, url: own.href };
}

test("nodes that drain the outbox concurrently take each event once and leave none", async () => {
  const url = await databases.fresh();
  await using first = await openNode(url);
  await using second = await openNode(url);
  await using application = await PublishingApplication.connect(url);
  const ids = await application.publish(
    Array.from({ length: 600 }, () => event),
    "commit",
  );
  const takeAll = async (store: Store) => {
    let taken = 0;
    while (await store.outboxWaits({})) taken += await store.takeOutbox({ limit: 7 });
    return taken;
  };
  const counts = await Promise.all([takeAll(first), takeAll(second)]);
  expect(counts[0] + counts[1]).toBe(600);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  for (const messageId of ids) expect(await first.readMessage({ organizationId, messageId })).not.toBeNull();
});

test("a custom event type is accepted, and an undefined one is refused", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  await using application = await PublishingApplication.connect(url);
  const invoicePaid = { ...event, eventType: "invoice.paid", payload: '{"amount":5}' };
  await expect(application.publish([invoicePaid], "commit")).rejects.toThrow(/invoice\.paid.* is not in the catalogue/);
  await store.createEventType({
    namespace: defaultNamespace,
    namespaceTypesMax: 10,
    type: {
      name: "invoice.paid",
      description: "An invoice was paid.",
      archived: false,
      deprecated: false,
      schemas: null,
      featureFlag: null,
      groupName: null,
      metadata: {},
      createdAt: 0,
      updatedAt: 0,
    },
    typesMax: 10,
  });
  const [id] = await application.publish([invoicePaid], "commit");
  expect(await store.takeOutbox({ limit: 1 })).toBe(1);
  const message = await store.readMessage({ organizationId, messageId: id as MessageId });
  expect(message).toMatchObject({ eventType: "invoice.paid", payload: '{"amount":5}' });
});

test("an organization that accepts unknown event types gets them, under a name that an event type can have", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  await using application = await PublishingApplication.connect(url);
  await store.updateOrganization({ organizationId, changes: { unknownEventTypes: "accept" }, now: 1 });
  const orderPaid = { ...event, eventType: "order.paid", payload: '{"id":42}' };
  const [id] = await application.publish([orderPaid], "commit");
  expect(await store.takeOutbox({ limit: 1 })).toBe(1);
  const message = await store.readMessage({ organizationId, messageId: id as MessageId });
  expect(message).toMatchObject({ eventType: "order.paid", payload: '{"id":42}' });
  for (const eventType of ["order paid", "order.paid\n", "", "x".repeat(257)]) {
    await expect(application.publish([{ ...orderPaid, eventType }], "commit")).rejects.toThrow("is not a name");
  }
  await application.publish([{ ...orderPaid, eventType: "x".repeat(256) }], "commit");
});

test("events that another node is taking are skipped without waiting", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  await using application = await PublishingApplication.connect(url);
  await using other = await PublishingApplication.connect(url);
  const [first, second] = await application.publish([event, event], "commit");
  await other.client.query("begin");
  await other.client.query("select from weft.outbox where id = $1 for update", [first]);
  expect(await store.takeOutbox({ limit: 1 })).toBe(1);
  expect(await store.readMessage({ organizationId, messageId: second as MessageId })).not.toBeNull();
  expect(await store.takeOutbox({ limit: 10 })).toBe(0);
  await other.client.query("rollback");
  expect(await store.takeOutbox({ limit: 10 })).toBe(1);
});

test("events of an open transaction are accepted after its commit, and delay no others until then", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  await using slow = await PublishingApplication.connect(url);
  await using quick = await PublishingApplication.connect(url);
  await slow.client.query("begin");
  const early = await slow.publishOne(event);
  const [late] = await quick.publish([event], "commit");
  expect(await store.takeOutbox({ limit: 10 })).toBe(1);
  expect(await store.readMessage({ organizationId, messageId: late as MessageId })).not.toBeNull();
  expect(await store.readMessage({ organizationId, messageId: early })).toBeNull();
  await slow.client.query("commit");
  expect(await store.takeOutbox({ limit: 10 })).toBe(1);
  expect(await store.readMessage({ organizationId, messageId: early })).not.toBeNull();
  expect(early < (late as MessageId)).toBe(true);
});

test("a publisher whose event id another transaction uses waits for its end, and then gets its result", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  await using first = await PublishingApplication.connect(url);
  await using second = await PublishingApplication.connect(url);
  for (const end of ["commit", "rollback"]) {
    const named = { ...event, eventId: `order, ${end}` };
    await first.client.query("begin");
    const held = await first.publishOne(named);
    const waiting = second.publishOne(named);
    await first.client.query(end);
    if (end === "commit") expect(await waiting).toBe(held);
    else expect(await waiting).not.toBe(held);
  }
  expect(await store.takeOutbox({ limit: 10 })).toBe(2);
});

test("an API caller who sends the event id of an open transaction gets the result of that transaction", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  await using application = await PublishingApplication.connect(url);
  await application.client.query("begin");
  const held = await application.publishOne({ ...event, eventId: "order-1" });
  const message = newMessage({ ...event, id: newId(), eventId: "order-1", createdAt: Date.now() });
  const accepting = store.acceptMessages({ organizationId, messages: [message], idempotency: null, testOf: null });
  await application.client.query("commit");
  expect(await accepting).toMatchObject({ kind: "accepted", messages: [{ id: held, duplicate: true }] });
});

test("the role weft_publisher can publish, and can read, write and call nothing else", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  const publisher = await userOf(url, "in role weft_publisher");
  await using application = await PublishingApplication.connect(publisher.url);
  const [id] = await application.publish([event], "commit");
  await store.takeOutbox({ limit: 10 });
  expect(await store.readMessage({ organizationId, messageId: id as MessageId })).not.toBeNull();

  const tables = await rowsOf(url, "select relname, relkind from pg_class where relnamespace = 'weft'::regnamespace");
  const readable = tables.filter(({ relkind }) => ["r", "p", "v", "m"].includes(String(relkind)));
  expect(readable.length).toBeGreaterThan(20);
  for (const { relname } of readable) {
    await expect(application.client.query(`select * from weft.${relname}`), String(relname)).rejects.toThrow(
      "permission denied",
    );
  }
  await expect(application.client.query("delete from weft.outbox")).rejects.toThrow("permission denied");
  await expect(application.client.query("create table weft.mine ()")).rejects.toThrow("permission denied");
  const callable = await rowsOf(
    url,
    `select proname from pg_proc where pronamespace = 'weft'::regnamespace
     and has_function_privilege('${publisher.name}', oid, 'execute')`,
  );
  expect(callable).toEqual([{ proname: "publish" }]);
});

test("a role without the right to publish cannot publish", async () => {
  const url = await databases.fresh();
  await using _store = await openNode(url);
  const stranger = await userOf(url, "");
  await using application = await PublishingApplication.connect(stranger.url);
  await expect(application.publish([event], "commit")).rejects.toThrow("permission denied");
});

test("a publisher's own tables and operators do not replace Weft's", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  const publisher = await userOf(url, "in role weft_publisher");
  await using application = await PublishingApplication.connect(publisher.url);
  await application.client.query("create temporary table organization (id uuid)");
  await application.client.query("create temporary table outbox (like organization)");
  await application.client.query("set search_path to pg_temp");
  await application.publish([event], "commit");
  expect(await store.takeOutbox({ limit: 10 })).toBe(1);
});

test("if Weft's user may not create roles, another user grants the right to publish later", async () => {
  await using server = await PostgresServer.start({ isDurable: false });
  const url = server.url(await server.database());
  const weft = await userOf(url, "nocreaterole");
  await rowsOf(url, `grant create on database ${new URL(url).pathname.slice(1)} to ${weft.name}`);
  await migratePostgres(settingsFor(weft.url), machineClock);
  expect(await rowsOf(url, "select from pg_roles where rolname = 'weft_publisher'")).toEqual([]);
  await using store = await openNode(weft.url);
  await using owner = await PublishingApplication.connect(weft.url);
  await owner.publish([event], "commit");

  await rowsOf(
    url,
    `create role weft_publisher nologin; grant usage on schema weft to weft_publisher;
     grant execute on function weft.publish to weft_publisher`,
  );
  const publisher = await userOf(url, "in role weft_publisher");
  await using application = await PublishingApplication.connect(publisher.url);
  await application.publish([event], "commit");
  expect(await store.takeOutbox({ limit: 10 })).toBe(2);
});

test("invalid events are refused with a sentence, and the transaction stores nothing", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  await using application = await PublishingApplication.connect(url);
  const nobody = "00000000-0000-7000-8000-00000000dead" as OrganizationId;
  const refused: [Partial<typeof event | { eventId: string }>, string, string][] = [
    [{ organizationId: nobody }, nobody, "23503"],
    [{ eventType: "order.paid" }, "order.paid", "22023"],
    [{ payload: "[1]" }, "object", "22023"],
    [{ payload: '{"a":' }, "JSON", "22023"],
    [{ payload: "{'a': 1}" }, "JSON", "22023"],
    [{ payload: '{"a": 01}' }, "JSON", "22023"],
    [{ payload: '{"a": "\u0001"}' }, "JSON", "22023"],
    [{ payload: "{}" }, "timestamp", "22023"],
    [{ payload: '{"\\u0000": "\\ud800"}' }, "timestamp", "22023"],
    [{ payload: payload.replace(eventType, "sync.failed") }, eventType, "22023"],
    [{ payload: `${payload.slice(0, -1)}, "ü": "${"ü".repeat(131_072)}"}` }, "262144", "54000"],
    [{ eventId: "" }, "event", "22023"],
    [{ eventId: "x".repeat(257) }, "event", "22023"],
    [{ payload: null as never }, "null", "22004"],
  ];
  for (const [bad, sentence, code] of refused) {
    const publishing = application.publish([event, { ...event, ...bad }], "commit");
    await expect(publishing, sentence).rejects.toMatchObject({
      code,
      message: expect.stringContaining(sentence),
      hint: expect.stringMatching(/\.$/),
    });
  }
  expect(await store.outboxWaits({})).toBe(false);
});

test("the limit of a payload is that of the node that started last", async () => {
  const url = await databases.fresh();
  const large = { ...event, payload: `${payload.slice(0, -1)}, "more": "${"x".repeat(700_000)}"}` };
  await using application = await PublishingApplication.connect(url);
  await using _store = await openNode(url);
  await expect(application.publish([large], "commit")).rejects.toThrow("at most 262144 are accepted");
  await using _larger = await openPostgresStore({ ...settingsFor(url), payloadBytesMax: 1024 * 1024 }, machineClock);
  expect(await application.publish([large], "commit")).toHaveLength(1);
});

test("an organization publishes the event types of its namespace", async () => {
  const url = await databases.fresh();
  await using store = await openNode(url);
  await using application = await PublishingApplication.connect(url);
  const inNamespace = newOrganization("00000000-0000-7000-8000-0000000000aa" as OrganizationId, 0, {
    namespace: "org_a",
  });
  await store.createOrganization({ organization: inNamespace });
  const publish = (given: Partial<typeof event>) =>
    application.publish([{ ...event, organizationId: inNamespace.id, ...given }], "commit");
  await expect(publish({})).rejects.toThrow("is not in the catalogue");
  const type = typeOf("invoice.paid");
  const room = { typesMax: 10, namespaceTypesMax: 10 };
  await store.createEventType({ namespace: "org_a", type, ...room });
  expect(await publish({ eventType: "invoice.paid", payload: '{"amount":5}' })).toHaveLength(1);
  await expect(application.publish([{ ...event, eventType: "invoice.paid", payload: "{}" }], "commit")).rejects.toThrow(
    "is not in the catalogue",
  );
  // A type of this name has its own schema here.
  await store.createEventType({ namespace: "org_a", type: typeOf(eventType), ...room });
  expect(await publish({ payload: "{}" })).toHaveLength(1);
});

function typeOf(name: string): EventType {
  return {
    name,
    description: "",
    archived: false,
    deprecated: false,
    schemas: null,
    featureFlag: null,
    groupName: null,
    metadata: {},
    createdAt: 0,
    updatedAt: 0,
  };
}

test("the fan-out can read everything that Postgres accepts as a JSON object", async () => {
  const url = await databases.fresh();
  await using _store = await openNode(url);
  await using application = await PublishingApplication.connect(url);
  const members = ['"a":1.', '"a":+1', '"a":1e5', '"a":-0.0E+9', '"a":.5', '"a":"\t"', '"a":"\\x"', '"a":"\\u00g0"'];
  members.push(
    '"a":tru',
    '"a":NaN',
    '"a":1,',
    ",",
    '"a":"\u2028"',
    '"a":"\\udc00\\ud800"',
    '"a":[[[]]]',
    '"__proto__":1',
  );
  const taken: string[] = [];
  for (const member of members) {
    const text = ` \r\n\t${payload.slice(0, -1)},${member}} `;
    const published = application.publish([{ ...event, payload: text }], "rollback");
    if (
      await published.then(
        () => true,
        () => false,
      )
    )
      taken.push(text);
  }
  expect(taken.length).toBeGreaterThan(4);
  for (const text of taken) expect(() => JSON.parse(text), text).not.toThrow();
});

test("the limits in the database equal those of the program", async () => {
  const url = await databases.fresh();
  await using _store = await openNode(url);
  const [row] = await rowsOf(url, "select prosrc from pg_proc where proname = 'publish'");
  expect(row?.prosrc).toContain(`event_type_length_max constant integer := ${limits.uidLengthMax};`);
  expect(row?.prosrc).toContain(`event_id_length_max constant integer := ${limits.eventIdLengthMax};`);
});

function newId(): MessageId {
  const digits = Date.now().toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-${randomBytes(6).toString("hex")}` as MessageId;
}
