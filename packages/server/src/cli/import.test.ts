import { createServer, type RequestListener } from "node:http";
import { createClient } from "@weft/sdk";
import { Svix, Webhook } from "svix";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Receiver } from "../delivery/fixtures/receiver.ts";
import { listening } from "../outbound/fixtures/local-receiver.ts";
import { jsonLines, runWeft, startWeft, temporaryFolder, type WeftProcess } from "./fixtures/weft-process.ts";

const folder = temporaryFolder();
let source: WeftProcess;
let target: WeftProcess;
let receiver: Receiver;

// A Weft serves Svix's API, and so it is the source too.
beforeAll(async () => {
  [source, target, receiver] = await Promise.all([
    startWeft(["dev", "--data", `${folder.path}/source`]),
    startWeft(["dev", "--data", `${folder.path}/target`]),
    Receiver.start(),
  ]);
});

afterAll(async () => {
  await Promise.all([source, target, receiver].map((running) => running[Symbol.asyncDispose]()));
  folder[Symbol.dispose]();
});

const token = "testsk_example";

function importFrom(url: string, ...more: string[]) {
  return runWeft(["import", "svix", "--from", url, ...more], { SVIX_AUTH_TOKEN: token, WEFT_URL: target.url });
}

function svixOf({ url }: WeftProcess): Svix {
  return new Svix(token, { serverUrl: url });
}

/** The outcomes of all things that are not Weft's own event types, which exist everywhere. */
function outcomesIn(stdout: string): string[] {
  return jsonLines(stdout)
    .filter(({ kind, outcome }) => kind !== "event_type" || outcome !== "exists")
    .map(({ kind, outcome }) => `${String(kind)} ${String(outcome)}`);
}

test("event types, applications and endpoints are imported with their secrets, once", async () => {
  const [from, to] = [svixOf(source), svixOf(target)];
  const schema = { type: "object", properties: { amount: { type: "integer" } } };
  await from.eventType.create({ name: "invoice.paid", description: "Paid.", schemas: { "1": schema } });
  const acme = await from.application.create({ name: "Acme", uid: "acme", metadata: { plan: "gold" } });
  const plain = await from.application.create({ name: "No uid" });
  const made = await from.endpoint.create(acme.id, {
    url: receiver.url("/acme"),
    uid: "acme-1",
    description: "Their CRM",
    filterTypes: ["invoice.paid"],
    channels: ["eu"],
    metadata: { team: "crm" },
    rateLimit: 50,
    headers: { "x-tenant": "acme", "x-api-key": "hidden" },
  });
  await from.endpoint.create(plain.id, { url: receiver.url("/plain"), disabled: true });

  const dry = await importFrom(source.url, "--dry-run", "--json");
  // One application is the first organization of the source.
  const applications = Array(3).fill("application new");
  expect(outcomesIn(dry.stdout).sort()).toEqual([...applications, "endpoint new", "endpoint new", "event_type new"]);
  await expect(to.application.get("acme")).rejects.toThrow();

  const imported = await importFrom(source.url);
  expect(imported.exitCode).toBe(0);
  expect(imported.stdout).toContain("Set these headers again, because their values are hidden: x-api-key.");
  expect(imported.stdout).toMatch(/applications +3 +0 +0 +0\nendpoints +2 +0 +0 +0\n$/);

  expect((await to.eventType.get("invoice.paid")).schemas).toEqual({ "1": schema });
  expect(await to.application.get("acme")).toMatchObject({ name: "Acme", metadata: { plan: "gold" } });
  expect(await to.endpoint.get("acme", "acme-1")).toMatchObject({
    url: made.url,
    description: "Their CRM",
    filterTypes: ["invoice.paid"],
    channels: ["eu"],
    metadata: { team: "crm" },
    rateLimit: 50,
    disabled: false,
  });
  expect((await to.endpoint.getHeaders("acme", "acme-1")).headers).toEqual({ "x-tenant": "acme" });
  expect((await to.endpoint.list(`svix-${plain.id}`)).data).toMatchObject([
    { url: receiver.url("/plain"), disabled: true },
  ]);

  const again = await importFrom(source.url, "--json");
  expect(outcomesIn(again.stdout).filter((outcome) => !outcome.endsWith(" exists"))).toEqual([]);
  expect(jsonLines(again.stdout).filter(({ kind }) => kind === "endpoint")).toHaveLength(2);

  await to.message.create("acme", { eventType: "invoice.paid", channels: ["eu"], payload: { amount: 1 } });
  await expect.poll(() => receiver.received.length).toBe(1);
  const [request] = receiver.received;
  const { key } = await from.endpoint.getSecret(acme.id, made.id);
  const headers = request?.headers as Record<string, string>;
  expect(new Webhook(key).verify(String(request?.body), headers)).toEqual({ amount: 1 });
});

test("a thing that the target refuses is reported, and the others are imported", async () => {
  const from = svixOf(source);
  const { id } = await from.application.create({ name: "Half" });
  await from.endpoint.create(id, { url: receiver.url("/half"), uid: "half-1" });
  const long = "x".repeat(2_000);
  const server = await serve((request, response) => {
    const url = new URL(request.url ?? "/", "http://source");
    const list = (data: unknown[]) => response.end(JSON.stringify({ data, done: true, iterator: null }));
    if (url.pathname.endsWith("/event-type")) list([{ name: "not a name" }, { name: "order.sent" }]);
    else if (url.pathname.endsWith("/app"))
      list([
        { id: "app_1", name: long },
        { id: "app_2", name: "Fine" },
      ]);
    else list([]);
  });
  const { exitCode, stdout, stderr } = await importFrom(server);
  expect([exitCode, stderr]).toEqual([1, "2 could not be imported. Run the command again.\n"]);
  expect(stdout).toMatch(/^failed {3}event type not a name: 422: /m);
  expect(stdout).toMatch(/event types +1 +0 +0 +1\napplications +1 +0 +0 +1\n/);
  const { items } = await createClient({ url: target.url }).webhooks.listEventTypes();
  expect(items.map(({ name }) => name)).toContain("order.sent");
});

test("a busy source is asked again after the time that it names", async () => {
  let calls = 0;
  const server = await serve((_request, response) => {
    calls += 1;
    if (calls === 1) response.writeHead(429, { "retry-after": "0" }).end();
    else response.end(JSON.stringify({ data: [], done: true }));
  });
  expect((await importFrom(server)).exitCode).toBe(0);
  expect(calls).toBe(3);
});

test.each<[string, RequestListener, string]>([
  ["a page", (_, response) => response.end("<html>"), "returned no list of Svix's API at /event-type"],
  ["a refusal", (_, response) => response.writeHead(401).end('{"detail":"Invalid token"}'), "401: Invalid token"],
  [
    "the same page again and again",
    (_, response) => response.end(JSON.stringify({ data: [{ name: "invoice.paid" }], done: false, iterator: "same" })),
    "returned no list of Svix's API at /event-type",
  ],
  [
    "items of another form",
    (_, response) => response.end('{"data":[{"title":1}],"done":true}'),
    "returned an item in another form than Svix's: name",
  ],
  [
    "a redirect",
    (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    "could not be reached",
  ],
  [
    "a response without end",
    (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 32);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    },
    "sent a response of more than 32 MiB",
  ],
])("a source that returns %s ends the import with a sentence", async (_, listener, sentence) => {
  const { exitCode, stderr } = await importFrom(await serve(listener));
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining(sentence)]);
});

test("a missing token and an invalid URL are usage errors", async () => {
  const without = await runWeft(["import", "svix", "--from", "http://127.0.0.1:1"], { WEFT_URL: target.url });
  expect([without.exitCode, without.stderr]).toEqual([2, expect.stringContaining("Set SVIX_AUTH_TOKEN")]);
  expect((await importFrom("nowhere")).stderr).toContain('"nowhere" is not the URL of a Svix server');
});

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(listener))}`;
}
