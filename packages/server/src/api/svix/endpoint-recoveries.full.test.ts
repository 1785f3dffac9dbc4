import { expect, test } from "vitest";
import { startWeft as startProcess, temporaryFolder } from "../../cli/fixtures/weft-process.ts";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { delayed, Receiver } from "../../delivery/fixtures/receiver.ts";
import { parseId } from "../../domain/id.ts";
import { completed } from "../fixtures/weft-and-receiver.ts";
import { adminKey } from "./fixtures/svix-clients.ts";

const since = new Date(Date.now() - 3_600_000);

test("recoveries of every kind and a purge continue after the process was killed", async () => {
  using folder = temporaryFolder();
  await using slow = await Receiver.start();
  const { respond, release } = delayed();
  slow.respond = respond;
  const variables = {
    WEFT_ADMIN_KEY: adminKey,
    WEFT_ALLOW_HTTP: "true",
    WEFT_ALLOW_NETWORKS: "127.0.0.0/8",
    WEFT_VERIFY_ENDPOINTS: "false",
    WEFT_LOG_LEVEL: "error",
  };
  const start = () => startProcess(["serve", "--data", folder.path], variables);
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes.
  const request = async (url: string, method: string, path: string, body?: unknown, headers = {}): Promise<any> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(response.ok, `${path}: ${response.status}`).toBe(true);
    return response.json();
  };
  const taskIds: string[] = [];
  const kinds = ["recover", "replay-missing", "bulk-replay"];
  let expected: string[];
  {
    await using first = await start();
    const api = (method: string, path: string, body?: unknown) => request(first.url, method, `/api/v1${path}`, body);
    const [named, purged] = [await api("POST", "/app", { name: "A" }), await api("POST", "/app", { name: "B" })];
    // Each batch is fanned out in its own commit, so that the changes below come after all fan-outs.
    const publish = async (id: string, event: object) => {
      const batch = Array.from({ length: 300 }, () => event);
      const headers = { "x-organization-id": parseId("app", id) };
      const accepted: { id: string }[] = [];
      for (let n = 0; n < 3; n++) accepted.push(...(await request(first.url, "POST", "/v1/events", batch, headers)));
      return accepted;
    };
    const endpointIds = new Map<string, string>();
    for (const kind of kinds) {
      const { id } = await api("POST", `/app/${named.id}/endpoint`, { url: slow.url(`/${kind}`), channels: ["none"] });
      endpointIds.set(kind, id);
    }
    const accepted = await publish(named.id, completed());
    expected = accepted.map(({ id }: { id: string }) => id).sort();
    await publish(purged.id, completed());
    const other = { eventType: "something.else", payload: {} };
    for (let n = 0; n < 5; n++) await api("POST", `/app/${named.id}/msg`, other);
    for (const kind of kinds) {
      const filter = kind === "bulk-replay" ? { eventTypes: ["sync.completed"] } : {};
      const path = `/app/${named.id}/endpoint/${endpointIds.get(kind)}`;
      await api("PATCH", path, { channels: null, eventTypes: ["sync.completed"] });
      const task = await api("POST", `${path}/${kind}`, { since, ...filter });
      taskIds.push(task.id);
      // The endpoint now matches more than the replay selects.
      if (kind === "bulk-replay") await api("PATCH", path, { eventTypes: null });
    }
    await until("each is in the middle", async () => {
      const tasks = await Promise.all(taskIds.map((id) => api("GET", `/background-task/${id}`)));
      return tasks.every(({ status, data }) => status === "running" && data.done > 0 && data.done < data.total);
    });
    taskIds.push((await api("POST", `/app/${purged.id}/msg/expunge-all-contents`)).id);
    first.send("SIGKILL");
    await first.ended;
  }
  release();
  await using second = await start();
  for (const id of taskIds) {
    const done = await until(`${id} finished`, async () => {
      const task = await request(second.url, "GET", `/api/v1/background-task/${id}`);
      return task.status === "finished" && task;
    });
    expect(done.data).toMatchObject({ total: 900, done: 900 });
  }
  for (const kind of kinds) {
    const ids = () =>
      new Set(slow.received.filter(({ path }) => path === `/${kind}`).map(({ id }) => parseId("msg", id)));
    await until(`everything arrived of ${kind}`, () => ids().size >= 900);
    expect([...ids()].sort()).toEqual(expected);
  }
}, 60_000);
