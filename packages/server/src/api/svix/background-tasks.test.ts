import { Ordering, type Svix } from "svix";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { delayed, Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, majors, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let receiver: Receiver;
let token: string;
beforeAll(async () => {
  receiver = await Receiver.start();
  weft = await startWeft();
  token = await organizationToken();
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return weft.call(method, `/api/v1${path}`, { body, headers: { authorization: `Bearer ${token}`, ...headers } });
}

const hour = 3_600_000;
const since = new Date(Date.now() - hour);
const soon = () => new Date(Date.now() + hour);

let app: string;
let endpointId: string;
beforeEach(async () => {
  receiver.respond = status(204);
  receiver.received.length = 0;
  app = (await call("POST", "/app", { name: "Acme" })).body.id;
  endpointId = (await call("POST", `/app/${app}/endpoint`, { url: receiver.url() })).body.id;
});

async function published(count: number, named = app): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    ids.push((await call("POST", `/app/${named}/msg`, { eventType: "user.signup", payload: { n } })).body.id);
  }
  return ids;
}

const delivered = (count: number) => until(`${count} arrived`, () => receiver.received.length === count);

async function tokenOf(named: string): Promise<string> {
  const organizationId = parseId("app", named) as OrganizationId;
  return await tokens().applicationToken({ organizationId, featureFlags: [], expiresAt: Date.now() + hour });
}

describe.each(majors)("the SDK of major %s", (_, client) => {
  let svix: Svix;
  beforeAll(() => {
    svix = client(token, weft.url);
  });

  function finished(taskId: string) {
    return until("the task finished", async () => {
      const task = await svix.backgroundTask.get(taskId);
      return task.status === "finished" && task;
    });
  }

  test("deletes the payloads of all existing messages, and of no later ones", async () => {
    const messages = await published(3);
    await delivered(3);
    const other = (await call("POST", "/app", { name: "Other" })).body.id;
    const [foreign] = await published(1, other);
    const task = await svix.message.expungeAllContents(app);
    expect(task).toMatchObject({ status: "running", task: "application.purge_content", updatedAt: expect.any(Date) });
    expect((await finished(task.id)).data).toEqual({ appId: app, total: 3, done: 3, messagesPurged: 3 });
    const [later] = await published(1);
    const payload = async (named: string, id: string | undefined) =>
      (await call("GET", `/app/${named}/msg/${id}`)).body.payload;
    for (const id of messages) expect(await payload(app, id)).toEqual({ expired: true });
    expect([await payload(app, later), await payload(other, foreign)]).toEqual([{ n: 0 }, { n: 0 }]);
    const again = await svix.message.expungeAllContents(app);
    expect((await finished(again.id)).data).toMatchObject({ total: 4, messagesPurged: 1 });
  });

  test("counts delivered messages for each application", async () => {
    const uid = `customer-${app}`;
    await call("PATCH", `/app/${app}`, { uid });
    await call("POST", `/app/${app}/endpoint`, { url: receiver.url("/second") });
    await published(3);
    const silent = (await call("POST", "/app", { name: "Silent" })).body.id;
    await published(1, silent);
    await delivered(6);
    const stats = (more: object) => svix.statistics.aggregateAppStats({ since, until: soon(), ...more });
    const counted = await until("all of them are recorded", async () => {
      const task = await stats({ appIds: [uid, silent, "unknown", app] });
      expect(task).toMatchObject({ task: "application.stats", unresolvedAppIds: ["unknown"] });
      const { data } = await finished(task.id);
      return data.appStats[0].messageDestinations === 6 && data;
    });
    expect(counted).toMatchObject({
      total: 2,
      done: 2,
      appStats: [
        { appId: app, appUid: uid, messageDestinations: 6 },
        { appId: silent, appUid: null, messageDestinations: 0 },
      ],
    });
    const all = (await finished((await stats({})).id)).data.appStats;
    expect(all).toEqual(expect.arrayContaining(counted.appStats));
    const earlier = await svix.statistics.aggregateAppStats({ since: new Date(0), until: since, appIds: [app] });
    expect((await finished(earlier.id)).data.appStats[0].messageDestinations).toBe(0);
    await expect(stats({ appIds: ["unknown"] })).rejects.toMatchObject({ code: 422 });
    await expect(stats({ until: since })).rejects.toMatchObject({ code: 422 });
  });

  test("collects the event types that endpoints name", async () => {
    const named = (await call("POST", "/app", { name: "Named" })).body.id;
    for (const eventTypes of [["sync.completed", "sync.failed"], ["sync.failed"]]) {
      await call("POST", `/app/${named}/endpoint`, { url: receiver.url(), eventTypes });
    }
    const task = await svix.statistics.aggregateEventTypes();
    expect(task.task).toBe("event-type.aggregate");
    const { event_types } = (await finished(task.id)).data;
    expect(event_types).toEqual(
      expect.arrayContaining([
        { appId: app, explicitlySubscribedEventTypes: [], hasCatchAllEndpoint: true },
        {
          appId: named,
          explicitlySubscribedEventTypes: ["sync.completed", "sync.failed"],
          hasCatchAllEndpoint: false,
        },
      ]),
    );
  });

  test("lists tasks of all kinds, newest first, forwards and backwards, by status and by kind", async () => {
    await published(1);
    await delivered(1);
    const made = [
      (await svix.endpoint.recover(app, endpointId, { since })).id,
      (await svix.message.expungeAllContents(app)).id,
      (await svix.endpoint.replayMissing(app, endpointId, { since })).id,
    ].reverse();
    const own = client(await tokenOf(app), weft.url).backgroundTask;
    const ids = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);
    const first = await own.list({ limit: 2 });
    const second = await own.list({ limit: 2, iterator: first.iterator ?? "" });
    expect([first, second].flatMap(ids)).toEqual(made);
    expect([first.done, second.done]).toEqual([false, true]);
    expect(ids(await own.list({ limit: 2, iterator: second.prevIterator ?? "" }))).toEqual(made.slice(0, 2));
    expect(ids(await own.list({ order: Ordering.Ascending }))).toEqual(made.toReversed());
    for (const id of made) await finished(id);
    const by = async (options: object) => ids(await own.list(options));
    expect(await by({ status: "finished" })).toEqual(made);
    expect([await by({ status: "running" }), await by({ status: "failed" })]).toEqual([[], []]);
    expect(await by({ task: "endpoint.replay" })).toEqual([made[0]]);
    expect(await by({ task: "application.purge_content" })).toEqual([made[1]]);
    expect(await by({ task: "sdk.generate" })).toEqual([]);
    expect(ids(await svix.backgroundTask.list())).toEqual(expect.arrayContaining(made));
  });
});

test("a recovery fails when its endpoint is deleted while it runs", async () => {
  const { respond, release } = delayed();
  receiver.respond = respond;
  await call("PATCH", `/app/${app}/endpoint/${endpointId}`, { disabled: true });
  const organization = { "x-organization-id": parseId("app", app) ?? "", "x-api-key": adminKey };
  const example = (await weft.get("/v1/webhooks/event-types", { headers: organization })).body[0];
  const event = { event_type: example.name, payload: example.example };
  await weft.post(
    "/v1/events",
    Array.from({ length: 900 }, () => event),
    { headers: organization },
  );
  await call("PATCH", `/app/${app}/endpoint/${endpointId}`, { disabled: false });
  const { id } = (await call("POST", `/app/${app}/endpoint/${endpointId}/recover`, { since })).body;
  const task = async () => (await call("GET", `/background-task/${id}`)).body;
  await until("it is in the middle", async () => (await task()).data.done > 0);
  await call("DELETE", `/app/${app}/endpoint/${endpointId}`);
  expect(await task()).toMatchObject({ status: "failed", data: { total: 900, endpointId } });
  release();
});

test("an application's own token sees its own tasks, and neither others nor the operator's", async () => {
  const other = (await call("POST", "/app", { name: "Other" })).body.id;
  const own = (await call("POST", `/app/${app}/msg/expunge-all-contents`)).body.id;
  const foreign = (await call("POST", `/app/${other}/msg/expunge-all-contents`)).body.id;
  const everybodys = (await call("PUT", "/stats/usage/event-types")).body.id;
  const headers = { authorization: `Bearer ${await tokenOf(app)}` };
  const read = async (id: string) => (await call("GET", `/background-task/${id}`, undefined, headers)).status;
  expect([await read(own), await read(foreign), await read(everybodys)]).toEqual([200, 404, 404]);
  const listed = (await call("GET", "/background-task", undefined, headers)).body.data;
  expect(listed.map(({ id }: { id: string }) => id)).toEqual([own]);
  for (const [method, path, body] of [
    ["POST", `/app/${app}/msg/expunge-all-contents`, undefined],
    ["POST", "/stats/usage/app", { since, until: soon() }],
    ["PUT", "/stats/usage/event-types", undefined],
  ] as const) {
    expect((await call(method, path, body, headers)).status, path).toBe(403);
  }
  expect((await call("POST", `/app/${other}/msg/expunge-all-contents`, undefined, headers)).status).toBe(403);
});

test("a task that is requested again with its idempotency key runs once", async () => {
  for (const [path, body] of [
    [`/app/${app}/msg/expunge-all-contents`, undefined],
    ["/stats/usage/app", { since, until: soon(), appIds: [app] }],
  ] as const) {
    const headers = { "idempotency-key": `once-${app}-${path.length}` };
    const first = await call("POST", path, body, headers);
    expect(await call("POST", path, body, headers)).toMatchObject({ status: 202, body: first.body });
  }
});

test("mistakes in a request are reported", async () => {
  for (const query of ["limit=251", "limit=0", "iterator=qtask_x", "iterator=msg_000"]) {
    expect((await call("GET", `/background-task?${query}`)).status, query).toBe(422);
  }
  for (const query of ["limit=many", "status=completed", "task=nothing", "order=up"]) {
    const response = await call("GET", `/background-task?${query}`);
    expect(response, query).toMatchObject({ status: 400, body: { code: "generic_error" } });
  }
  for (const id of ["qtask_x", "nothing", `qtask_${"0".repeat(22)}`]) {
    expect(await call("GET", `/background-task/${id}`)).toMatchObject({ status: 404, body: { code: "not_found" } });
  }
  const many = { since, until: soon(), appIds: Array.from({ length: 1_001 }, (_, n) => `app-${n}`) };
  for (const body of [{ since }, { until: soon() }, { since: soon(), until: since }, many]) {
    expect((await call("POST", "/stats/usage/app", body)).status).toBe(422);
  }
});
