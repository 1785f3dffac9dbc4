import type { Svix } from "svix";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, majors, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let receiver: Receiver;
let token: string;
beforeAll(async () => {
  receiver = await Receiver.start();
  weft = await startWeft({ WEFT_RETRY_SCHEDULE: "10ms" });
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

let app: string;
beforeEach(async () => {
  app = (await call("POST", "/app", { name: "Acme" })).body.id;
  receiver.respond = status(204);
  receiver.received.length = 0;
});

async function endpoint(body: object = {}): Promise<string> {
  return (await call("POST", `/app/${app}/endpoint`, { url: receiver.url(), ...body })).body.id;
}

async function published(eventType = "user.signup", more: object = {}): Promise<string> {
  return (await call("POST", `/app/${app}/msg`, { eventType, payload: { n: 1 }, ...more })).body.id;
}

/** Waits for this many requests, and returns their message ids, without retries. */
async function arrived(count: number): Promise<string[]> {
  await until(`${count} arrived`, () => new Set(receiver.received.map(({ id }) => id)).size === count);
  return [...new Set(receiver.received.map(({ id }) => id))].sort();
}

/**
 * One message that was delivered, one that failed, one that the endpoint did not match at first, and one from before it
 * existed.
 */
async function history() {
  await published();
  const endpointId = await endpoint({ channels: ["none"] });
  const before = await published();
  await call("PATCH", `/app/${app}/endpoint/${endpointId}`, { channels: null });
  const delivered = await published("user.deleted", { channels: ["a"], tags: ["t"] });
  await arrived(1);
  receiver.respond = status(503);
  const failed = await published();
  await until("it failed for good", () => receiver.received.filter(({ id }) => id === failed).length === 2);
  const inApplication = { "x-api-key": adminKey, "x-organization-id": parseId("app", app) ?? "" };
  await until("its failure is stored", async () => {
    const path = `/v1/webhooks/messages/${parseId("msg", failed)}?include_attempts=true`;
    const { body } = await weft.get(path, { headers: inApplication });
    return body.delivery_attempts.filter((attempt: { status: string }) => attempt.status === "failed").length === 2;
  });
  receiver.respond = status(204);
  receiver.received.length = 0;
  return { before, endpointId, delivered, failed };
}

function finished(svix: Svix, taskId: string) {
  return until("the task finished", async () => {
    const task = await svix.backgroundTask.get(taskId);
    return task.status === "finished" && task;
  });
}

describe.each(majors)("the SDK of major %s", (_, client) => {
  let svix: Svix;
  beforeAll(() => {
    svix = client(token, weft.url);
  });

  test("recovers failed and missing deliveries", async () => {
    const { before, endpointId, failed } = await history();
    const task = await svix.endpoint.recover(app, endpointId, { since });
    expect(task).toMatchObject({ status: "running", task: "endpoint.recover", updatedAt: expect.any(Date) });
    expect(task.id).toMatch(/^qtask_[0-9A-Za-z]{22}$/);
    expect(await arrived(2)).toEqual([before, failed].sort());
    expect((await finished(svix, task.id)).data).toMatchObject({
      appId: app,
      endpointId,
      total: 2,
      done: 2,
      messagesSent: 2,
    });
  });

  test("replays only deliveries that were never sent", async () => {
    const { before, endpointId } = await history();
    const task = await svix.endpoint.replayMissing(app, endpointId, { since, until: new Date(Date.now() + 1_000) });
    expect(task).toMatchObject({ status: "running", task: "endpoint.replay" });
    expect(await arrived(1)).toEqual([before]);
    expect((await finished(svix, task.id)).data).toMatchObject({ messagesSent: 1 });
  });

  test("replays every delivery, delivered ones included", async () => {
    const { before, endpointId, delivered, failed } = await history();
    const task = await svix.endpoint.bulkReplay(app, endpointId, { since });
    expect(task).toMatchObject({ status: "running", task: "endpoint.bulk-replay" });
    expect(await arrived(3)).toEqual([before, delivered, failed].sort());
    expect((await finished(svix, task.id)).data).toMatchObject({ messagesSent: 3 });
  });

  test("replays matching deliveries: by event type, channel, tag, status and the class of the last response", async () => {
    const { endpointId, delivered, failed } = await history();
    const expected: [object, string][] = [
      [{ eventTypes: ["user.deleted"] }, delivered],
      [{ channel: "a" }, delivered],
      [{ tag: "t" }, delivered],
      [{ status: 0, statusCodeClass: 200 }, delivered],
      [{ status: 2 }, failed],
    ];
    for (const [filter, message] of expected) {
      receiver.received.length = 0;
      const task = await svix.endpoint.bulkReplay(app, endpointId, { since, ...filter });
      expect((await finished(svix, task.id)).data, JSON.stringify(filter)).toMatchObject({ total: 1, messagesSent: 1 });
      expect(await arrived(1)).toEqual([message]);
      await until("it is delivered", async () => {
        const none = await svix.endpoint.bulkReplay(app, endpointId, { since, status: 3 });
        const waiting = await svix.endpoint.bulkReplay(app, endpointId, { since, status: 1 });
        return (await finished(svix, none.id)).data.total === 0 && (await finished(svix, waiting.id)).data.total === 0;
      });
    }
    const none = await svix.endpoint.bulkReplay(app, endpointId, { since, statusCodeClass: 400 });
    expect((await finished(svix, none.id)).data).toMatchObject({ total: 0, messagesSent: 0 });
  });
});

test("a window leaves out messages from before and after it", async () => {
  await published();
  const endpointId = await endpoint();
  const past = { since, until: new Date(Date.now() - hour / 2) };
  for (const path of ["recover", "replay-missing", "bulk-replay"]) {
    const { status, body } = await call("POST", `/app/${app}/endpoint/${endpointId}/${path}`, past);
    expect([status, body.status]).toEqual([202, "running"]);
    await until("it finished", async () => {
      const task = (await call("GET", `/background-task/${body.id}`)).body;
      return task.status === "finished" && task.data.total === 0;
    });
  }
  expect(receiver.received).toEqual([]);
});

test("a task that is requested again with its idempotency key gets the first response, and runs once", async () => {
  const endpointId = await endpoint();
  const body = { since };
  for (const path of ["recover", "replay-missing", "bulk-replay"]) {
    const headers = { "idempotency-key": `once-${path}` };
    const first = await call("POST", `/app/${app}/endpoint/${endpointId}/${path}`, body, headers);
    const again = await call("POST", `/app/${app}/endpoint/${endpointId}/${path}`, body, headers);
    expect(again).toMatchObject({ status: 202, body: first.body });
    const other = { since: new Date(Date.now() - 1_000) };
    expect(await call("POST", `/app/${app}/endpoint/${endpointId}/${path}`, other, headers)).toMatchObject({
      status: 409,
      body: { code: "conflict" },
    });
  }
  expect(await tasksOf(app)).toHaveLength(3);
});

async function tasksOf(named: string): Promise<unknown[]> {
  const { body } = await call("GET", "/background-task?limit=250");
  return body.data.filter(({ data }: { data: { appId?: string } }) => data.appId === named);
}

test("mistakes in a request are reported, and nothing is stored", async () => {
  const endpointId = await endpoint();
  const ago = (hours: number) => new Date(Date.now() - hours * hour).toISOString();
  const wrong: [object, string][] = [
    [{}, "since"],
    [{ since: "yesterday" }, "since"],
    [{ since: ago(14 * 24 + 1) }, "since"],
    [{ since: ago(14 * 24 + 2), until: ago(1) }, "since"],
    [{ since: ago(-1) }, "since"],
    [{ since: ago(1), until: ago(2) }, "until"],
    [{ since: ago(1), until: ago(1) }, "until"],
    [{ since: ago(1), until: 5 }, "until"],
  ];
  const wrongReplay: [object, string][] = [
    [{ since, status: 5 }, "status"],
    [{ since, status: "success" }, "status"],
    [{ since, statusCodeClass: 404 }, "statusCodeClass"],
    [{ since, eventTypes: ["with space"] }, "eventTypes"],
    [{ since, eventTypes: Array.from({ length: 101 }, (_, n) => `type-${n}`) }, "eventTypes"],
    [{ since, channel: "" }, "channel"],
    [{ since, tag: "x".repeat(257) }, "tag"],
  ];
  for (const path of ["recover", "replay-missing", "bulk-replay"]) {
    for (const [body, field] of path === "bulk-replay" ? [...wrong, ...wrongReplay] : wrong) {
      const reply = await call("POST", `/app/${app}/endpoint/${endpointId}/${path}`, body);
      expect(reply.status, `${path} ${JSON.stringify(body)}`).toBe(422);
      expect(reply.body.detail).toMatchObject([{ type: "value_error" }]);
      expect(reply.body.detail[0].loc.slice(0, 2)).toEqual(["body", field]);
    }
    const slack = { since: ago(14 * 24 + 1 / 60) };
    expect((await call("POST", `/app/${app}/endpoint/${endpointId}/${path}`, slack)).status).toBe(202);
  }
  expect(await tasksOf(app)).toHaveLength(3);
});

test("an unknown endpoint, or one of another application, is not found, and a disabled one is refused", async () => {
  const endpointId = await endpoint();
  const other = (await call("POST", "/app", { name: "Other" })).body.id;
  const off = await endpoint({ disabled: true });
  for (const path of ["recover", "replay-missing", "bulk-replay"]) {
    for (const named of [
      `${other}/endpoint/${endpointId}`,
      `${app}/endpoint/ep_nobody`,
      `unknown/endpoint/${endpointId}`,
    ]) {
      expect(await call("POST", `/app/${named}/${path}`, { since })).toMatchObject({
        status: 404,
        body: { code: "not_found" },
      });
    }
    expect(await call("POST", `/app/${app}/endpoint/${off}/${path}`, { since })).toMatchObject({
      status: 409,
      body: { code: "conflict", detail: expect.stringContaining("Enable it") },
    });
  }
  expect([...(await tasksOf(app)), ...(await tasksOf(other))]).toEqual([]);
});

test("a token may resend with the capability for it, and a key with the scope for writing", async () => {
  const endpointId = await endpoint();
  const organizationId = parseId("app", app) as OrganizationId;
  const path = `/app/${app}/endpoint/${endpointId}/recover`;
  const request = async (capabilities: ("ViewBase" | "CreateAttempts" | "ManageEndpoint")[]) => {
    const made = { organizationId, featureFlags: [], capabilities, expiresAt: Date.now() + hour };
    const authorization = `Bearer ${await tokens().applicationToken(made)}`;
    return (await call("POST", path, { since }, { authorization })).status;
  };
  expect(await request(["ViewBase", "CreateAttempts"])).toBe(202);
  expect(await request(["ViewBase"])).toBe(403);
  expect(await request(["ViewBase", "ManageEndpoint"])).toBe(403);
  const inOrganization = { "x-api-key": adminKey, "x-organization-id": organizationId };
  const key = async (scope: string) => {
    const made = await weft.post("/v1/api-keys", { scopes: ["read", scope] }, { headers: inOrganization });
    return (await call("POST", path, { since }, { authorization: `Bearer ${made.body.key}` })).status;
  };
  expect([await key("write"), await key("publish")]).toEqual([202, 403]);
});
