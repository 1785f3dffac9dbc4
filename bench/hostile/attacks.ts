// The attacks of a hostile tenant. Each is a load that continues until its signal aborts. A step that Weft refuses is a
// defence that works, so it is no failure of the benchmark.

import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { eventCatalogue } from "../../packages/server/src/domain/event-catalogue.ts";
import {
  endlessly,
  type Hostility,
  hostilePostgres,
  resultOf,
  row,
} from "../../packages/server/src/sync/sources/postgresql/fixtures/hostile-postgres.ts";
import { type Attacker, rest } from "./attacker.ts";

export interface Attack {
  readonly name: string;
  /** Runs until the attacker's signal aborts. */
  run(attacker: Attacker): Promise<void>;
}

/** The control: it occupies a core like an attacker's own program, and sends nothing to Weft. */
export const busyCore: Attack = { name: "control, a busy core", run: spin };

const subscriptionsPath = "/v1/webhooks/subscriptions";
/** No program listens on this port. */
const refusing = "http://127.0.0.1:9/hook";

export const attacks: readonly Attack[] = [
  { name: "keys of every object in headers", run: inheritedKeys },
  { name: "a template that repeats a large field", run: repeatingTemplate },
  { name: "a template of deep fields for every kind of destination", run: deepTemplates },
  { name: "a glob of a source that backtracks", run: backtrackingGlob },
  { name: "a pattern of a schema that backtracks", run: backtrackingSchema },
  { name: "a schema whose definitions double", run: doublingSchema },
  { name: "sign-ins with 100,000 unknown fields, never read", run: unknownFields },
  { name: "filters, headers and configs of 100,000 keys", run: manyKeys },
  { name: "lists of large payloads, never read", run: unreadLists },
  { name: "deeply nested bodies on every route", run: nestedBodies },
  { name: "1,000 subscriptions and batches of 1,000 events", run: largeFanOut },
  { name: "retries at once to an endpoint that refuses", run: refusedRetries },
  { name: "300 readers of a stream that do not read", run: unreadStreams },
  { name: "numbers and names that do not fit", run: oddParameters },
  { name: "a web site that takes all memory to parse", run: hungryPages },
  { name: "a database that sends rows without end", run: endlessRows },
  { name: "a database that sends malformed messages", run: malformedMessages },
  { name: "names that take long to resolve", run: slowNames },
];

async function spin({ signal }: Attacker): Promise<void> {
  const worker = new Worker("for (;;);", { eval: true });
  await once(signal, "abort");
  await worker.terminate();
}

async function inheritedKeys(attacker: Attacker): Promise<void> {
  const { id } = (await attacker.must("POST", subscriptionsPath, {
    url: refusing,
    event_types: ["collection.created"],
  })) as { id: string };
  const names = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"];
  await attacker.repeatedly(async () => {
    for (const name of names) {
      for (const field of ["headers", "filters"]) {
        await attacker.call("PATCH", `${subscriptionsPath}/${id}`, `{"${field}":{"${name}":"***"}}`);
      }
    }
  });
}

async function repeatingTemplate(attacker: Attacker): Promise<void> {
  await subscribeDestination(attacker, "slack", "{{a}}".repeat(790));
  await publishRepeatedly(attacker, { a: "<".repeat(200_000) });
}

async function deepTemplates(attacker: Attacker): Promise<void> {
  const paths = Array.from({ length: 16 }, (_, depth) => `{{deep${".0".repeat(depth)}}}`).join("");
  for (const kind of ["slack", "discord", "pagerduty"]) {
    await subscribeDestination(attacker, kind, `${paths.repeat(8)}{{a}}`);
  }
  await publishRepeatedly(attacker, { a: "\u2039".repeat(20_000) }, `${"[".repeat(90_000)}${"]".repeat(90_000)}`);
}

async function subscribeDestination(attacker: Attacker, destination: string, template: string): Promise<void> {
  const routing = destination === "pagerduty" ? { routing_key: "x".repeat(32) } : {};
  const body = { url: refusing, event_types: ["sync.failed"], destination, template, retry_schedule: [], ...routing };
  // Weft may bound the templates themselves.
  await attacker.call("POST", subscriptionsPath, body);
}

async function publishRepeatedly(attacker: Attacker, fields: object, deep = "null"): Promise<void> {
  const payload = JSON.stringify({ ...exampleOf("sync.failed"), ...fields, deep: 0 }).replace(
    '"deep":0',
    `"deep":${deep}`,
  );
  await attacker.repeatedly(() =>
    attacker.call("POST", "/v1/events", `{"event_type":"sync.failed","payload":${payload}}`),
  );
}

async function backtrackingGlob(attacker: Attacker): Promise<void> {
  const folder = join(attacker.filesFolder, "glob");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "a".repeat(60)), "text");
  const collection = await makeCollection(attacker);
  await attacker.repeatedly(async () => {
    for (const include of [["(a+)+c"], ["*a*a*a*a*a*a*a*a*b"], [`${"{a,a*}".repeat(20)}b`]]) {
      await connectSource(attacker, collection, "directory", { path: folder, include });
    }
  });
}

async function hungryPages(attacker: Attacker): Promise<void> {
  const page = `<html><body>${"<div><table><tr><td>".repeat(40_000)}</body></html>`;
  using site = await serve(page);
  const collection = await makeCollection(attacker);
  await attacker.repeatedly(() => connectSource(attacker, collection, "web", { start_urls: [site.url] }));
}

async function endlessRows(attacker: Attacker): Promise<void> {
  const rows = endlessly(
    Buffer.concat(Array.from({ length: 64 }, () => row("1", "x".repeat(1_000), "y".repeat(1_000)))),
  );
  await readHostileDatabase(attacker, (statement) =>
    statement.startsWith("fetch")
      ? (socket) => {
          socket.write(resultOf(["key_0", "cursor", "text"]));
          rows(socket);
        }
      : null,
  );
}

async function malformedMessages(attacker: Attacker): Promise<void> {
  await readHostileDatabase(attacker, (statement) =>
    statement.startsWith("fetch")
      ? Buffer.concat([resultOf(["text"]), Buffer.from("D\xff\xff\xff\xff", "latin1")])
      : null,
  );
}

async function readHostileDatabase(attacker: Attacker, result: NonNullable<Hostility["result"]>): Promise<void> {
  await using server = await hostilePostgres({ result });
  const collection = await makeCollection(attacker);
  const config = { host: "127.0.0.1", port: server.port, database: "d", ssl: "disable", tables: ["t"] };
  await attacker.repeatedly(() => connectSource(attacker, collection, "postgresql", config));
}

async function slowNames(attacker: Attacker): Promise<void> {
  for (let i = 0; i < 24; i++) {
    await attacker.call("POST", subscriptionsPath, {
      url: `http://${i}.slow.test/hook`,
      event_types: ["collection.created"],
    });
  }
  const event = { event_type: "collection.created", payload: exampleOf("collection.created") };
  await attacker.repeatedly(() => attacker.call("POST", "/v1/events", event));
}

async function serve(page: string): Promise<Disposable & { url: string }> {
  const server = createServer((request, response) => {
    const isPage = request.url?.endsWith(".txt") !== true;
    response.writeHead(isPage ? 200 : 404, { "content-type": "text/html" }).end(isPage ? page : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function makeCollection(attacker: Attacker): Promise<string> {
  const { readable_id } = (await attacker.must("POST", "/v1/collections", { name: "Hostile" })) as {
    readable_id: string;
  };
  return readable_id;
}

async function connectSource(attacker: Attacker, collection: string, name: string, config: object): Promise<void> {
  await attacker.call("POST", "/v1/source-connections", {
    name: "hostile",
    short_name: name,
    readable_collection_id: collection,
    config,
    sync_immediately: true,
  });
}

async function backtrackingSchema(attacker: Attacker): Promise<void> {
  const properties = { a: { type: "string", pattern: "^(a+)+$" } };
  await defineAndPublish(attacker, "hostile.pattern", { type: "object", properties }, { a: `${"a".repeat(28)}!` });
}

async function doublingSchema(attacker: Attacker): Promise<void> {
  const depth = 30;
  const definitions = Object.fromEntries(
    Array.from({ length: depth }, (_, level) => {
      const next = level + 1 < depth ? { $ref: `#/definitions/d${level + 1}` } : { type: "number" };
      return [`d${level}`, { anyOf: [{ properties: { x: next } }, { properties: { y: next } }] }];
    }),
  );
  const schema = { type: "object", definitions, allOf: [{ $ref: "#/definitions/d0" }] };
  await defineAndPublish(attacker, "hostile.doubling", schema, { x: { x: { x: "no number" } } });
}

async function defineAndPublish(attacker: Attacker, name: string, schema: object, payload: object): Promise<void> {
  const define = { name, description: "hostile", schemas: { 1: schema } };
  await attacker.call("POST", "/api/v1/event-type/", define);
  await attacker.repeatedly(() => attacker.call("POST", "/v1/events", { event_type: name, payload }));
}

async function unknownFields(attacker: Attacker): Promise<void> {
  const body = `{${Array.from({ length: 100_000 }, (_, index) => `"f${index}":1`).join(",")}}`;
  await attacker.repeatedly(async () => {
    if (attacker.unread < 24) attacker.sendUnread("POST", "/v1/session", body, { "content-type": "application/json" });
    await rest(20);
  });
}

async function manyKeys(attacker: Attacker): Promise<void> {
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, ["v"]]));
  const { id } = (await attacker.must("POST", subscriptionsPath, {
    url: refusing,
    event_types: ["collection.created"],
  })) as { id: string };
  const collection = await makeCollection(attacker);
  await attacker.repeatedly(async () => {
    await attacker.call("PATCH", `${subscriptionsPath}/${id}`, { filters: many });
    await attacker.call("PATCH", `${subscriptionsPath}/${id}`, { headers: many });
    await connectSource(attacker, collection, "directory", many);
    await attacker.call("POST", "/api/v1/app/", { name: "x", metadata: many });
  });
}

async function unreadLists(attacker: Attacker): Promise<void> {
  const payload = { ...exampleOf("sync.failed"), error: "x".repeat(250_000) };
  for (let i = 0; i < 250 && !attacker.signal.aborted; i++) {
    await attacker.call("POST", "/v1/events", { event_type: "sync.failed", payload });
  }
  await attacker.repeatedly(async () => {
    if (attacker.unread < 12) attacker.sendUnread("GET", "/v1/webhooks/messages?limit=250");
    await rest(20);
  });
}

async function nestedBodies(attacker: Attacker): Promise<void> {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  const small = `[${"{},".repeat(300_000)}{}]`;
  const routes = [
    subscriptionsPath,
    "/v1/collections",
    "/v1/source-connections",
    "/v1/events",
    "/api/v1/app/",
    "/v1/session",
  ];
  await attacker.repeatedly(async () => {
    for (const path of routes) {
      await attacker.call("POST", path, `{"name":"x","config":${deep},"sync_config":${deep}}`);
      await attacker.call("POST", path, `{"name":"x","config":${small},"metadata":${small}}`);
    }
  });
}

async function largeFanOut(attacker: Attacker): Promise<void> {
  const subscription = { url: refusing, event_types: ["collection.created"], retry_schedule: [86_400] };
  await Promise.all(
    Array.from({ length: 32 }, async (_, worker) => {
      for (let i = worker; i < 1_000; i += 32) await attacker.call("POST", subscriptionsPath, subscription);
    }),
  );
  const event = { event_type: "collection.created", payload: exampleOf("collection.created") };
  const batch = JSON.stringify(Array.from({ length: 1_000 }, () => event));
  await attacker.repeatedly(async () => {
    await attacker.call("POST", "/v1/events", batch);
    await rest(2_000);
  });
}

async function refusedRetries(attacker: Attacker): Promise<void> {
  const retries = Array.from({ length: 20 }, () => 0);
  await attacker.call("POST", subscriptionsPath, {
    url: refusing,
    event_types: ["collection.created"],
    retry_schedule: retries,
  });
  const event = { event_type: "collection.created", payload: exampleOf("collection.created") };
  const batch = JSON.stringify(Array.from({ length: 500 }, () => event));
  await attacker.repeatedly(async () => {
    await attacker.call("POST", "/v1/events", batch);
    await rest(1_000);
  });
}

async function unreadStreams(attacker: Attacker): Promise<void> {
  for (let reader = 0; reader < 300; reader++) attacker.sendUnread("GET", "/v1/stream");
  const payload = { ...exampleOf("sync.failed"), error: "x".repeat(20_000) };
  await attacker.repeatedly(() => attacker.call("POST", "/v1/events", { event_type: "sync.failed", payload }));
}

async function oddParameters(attacker: Attacker): Promise<void> {
  const paths = [
    "/v1/webhooks/stats?step=939699695h",
    "/v1/webhooks/messages?limit=99999999999999999999&cursor=%00",
    "/v1/webhooks/attempts?since=1e400",
    "/api/v1/event-type/a%2Ab",
    "/api/v1/app/%ff%fe/msg/",
  ];
  await attacker.repeatedly(async () => {
    for (const path of paths) await attacker.call("GET", path);
  });
}

function exampleOf(eventType: string): object {
  return eventCatalogue.find(({ name }) => name === eventType)?.example ?? {};
}
