// Rules that clients of Svix' server rely on, over both databases, with ids in both spellings.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { type IdPrefix, parseId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { TestDatabases } from "../../store/postgres/fixtures/test-databases.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { organizationToken, startWeft } from "./fixtures/svix-clients.ts";

const databases = new TestDatabases();
let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.start();
  receiver.respond = (response, received) => status(received.path === "/busy" ? 503 : 200)(response, received);
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});

const spellings = [
  ["with a prefix", (_prefix: IdPrefix, id: string) => id],
  ["as UUIDs", (prefix: IdPrefix, id: string) => String(parseId(prefix, id))],
] as const;

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  let token: string;
  beforeAll(async () => {
    const url =
      database === "PostgreSQL"
        ? { WEFT_DATABASE_URL: await databases.fresh(), WEFT_MASTER_KEY: Buffer.alloc(32, 1).toString("base64") }
        : {};
    weft = await startWeft({ WEFT_RETRY_SCHEDULE: "1h", ...url });
    token = await organizationToken();
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  function call(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
    return weft.call(method, `/api/v1${path}`, { body, headers: { authorization } });
  }

  describe.each(spellings)("ids %s", (_, spelt) => {
    let app: string;
    beforeEach(async () => {
      app = spelt("app", (await call("POST", "/app", { name: "Acme" })).body.id);
    });

    async function endpoint(body: object = {}): Promise<string> {
      const made = await call("POST", `/app/${app}/endpoint`, { url: receiver.url("/"), ...body });
      expect(made.status, made.text).toBe(201);
      return spelt("ep", made.body.id);
    }

    async function publish(body: object = {}): Promise<string> {
      const made = await call("POST", `/app/${app}/msg`, { eventType: "a.b", payload: {}, ...body });
      expect(made.status, made.text).toBe(202);
      return made.body.id;
    }

    /** Publishes messages one after the other, each attempted before the next, and returns them newest first. */
    async function sentOneByOne(count: number): Promise<string[]> {
      const messages: string[] = [];
      for (let i = 0; i < count; i++) {
        const message = await publish();
        await attemptsOf(message, 1);
        messages.unshift(message);
      }
      return messages;
    }

    function attemptsOf(message: string, count: number) {
      return until(`${count} attempts of ${message}`, async () => {
        const { data } = (await call("GET", `/app/${app}/attempt/msg/${spelt("msg", message)}`)).body;
        return data.length === count && data;
      });
    }

    test("an endpoint cannot select no event type, an unknown or an archived one", async () => {
      await call("POST", "/event-type", { name: "known.type", description: "" });
      await call("POST", "/event-type", { name: "old.type", description: "" });
      await call("DELETE", "/event-type/old.type");
      const id = await endpoint({ filterTypes: ["known.type"] });
      const url = receiver.url("/");
      for (const [method, path, body] of [
        ["POST", `/app/${app}/endpoint`, { url }],
        ["PUT", `/app/${app}/endpoint/${id}`, { url }],
        ["PATCH", `/app/${app}/endpoint/${id}`, {}],
      ] as const) {
        for (const filterTypes of [[], ["no.type"], ["old.type"]]) {
          const refused = await call(method, path, { ...body, filterTypes });
          expect(refused.status, `${method} ${filterTypes}`).toBe(422);
        }
      }
      expect((await call("GET", `/app/${app}/endpoint/${id}`)).body.filterTypes).toEqual(["known.type"]);
      expect((await call("GET", `/app/${app}/endpoint`)).body.data).toHaveLength(1);
    });

    test("a change of an endpoint stores the given fields, its version among them, and keeps all others", async () => {
      const given = { uid: "one", description: "One", metadata: { a: "b" }, channels: ["x"], rateLimit: 5, version: 3 };
      const id = await endpoint(given);
      const path = `/app/${app}/endpoint/${id}`;
      expect((await call("GET", path)).body).toMatchObject(given);
      expect((await call("PATCH", path, { version: 4 })).body).toMatchObject({ ...given, version: 4 });
      expect((await call("PATCH", path, { description: "Two" })).body).toMatchObject({
        version: 4,
        description: "Two",
      });
      expect((await call("PATCH", path, { version: null })).body.version).toBe(1);
      expect((await call("PUT", path, { url: receiver.url("/"), version: 9 })).body.version).toBe(9);
      expect((await call("PUT", path, { url: receiver.url("/") })).body.version).toBe(1);
    });

    test("ten earlier secrets may sign besides the current one, and an eleventh rotation is refused", async () => {
      const path = `/app/${app}/endpoint/${await endpoint()}/secret/rotate`;
      for (let old = 1; old < limits.secretsLiveMax; old++) expect((await call("POST", path, {})).status).toBe(204);
      expect(await call("POST", path, {})).toMatchObject({ status: 400, body: { code: "limit_reached" } });
      const message = await publish();
      const { headers } = await until("the message", async () => receiver.received.find(({ id }) => id === message));
      expect(String(headers["svix-signature"]).split(" ")).toHaveLength(limits.secretsLiveMax);
      expect(limits.secretsLiveMax).toBe(11);
    });

    test("an application in the body has the uid of the path", async () => {
      for (const [path, rest] of [
        [(uid: string) => `/app/${uid}/msg`, { eventType: "a.b", payload: {} }],
        [(uid: string) => `/auth/app-portal-access/${uid}`, {}],
      ] as const) {
        const uid = `inline-${crypto.randomUUID()}`;
        const given = (application: object) => call("POST", path(uid), { ...rest, application });
        const loc = ["body", "application", "uid"];
        const missing = { status: 422, body: { detail: [{ loc, type: "application_uid_missing" }] } };
        const mismatch = { status: 422, body: { detail: [{ loc, type: "application_uid_mismatch" }] } };
        expect(await given({ name: "New" })).toMatchObject(missing);
        expect(await given({ name: "New", uid: "other" })).toMatchObject(mismatch);
        expect((await call("GET", `/app/${uid}`)).status).toBe(404);
        expect((await given({ name: "New", uid })).status).toBeLessThan(300);
        // It exists now, so that the application in the body is ignored.
        expect((await given({ name: "Newer" })).status).toBeLessThan(300);
        expect((await call("GET", `/app/${uid}`)).body.name).toBe("New");
      }
    });

    test("a replacement by uid keeps the uid, unless the body names another", async () => {
      const [appUid, uid] = [`put-${crypto.randomUUID()}`, `put-${crypto.randomUUID()}`];
      const url = receiver.url("/");
      for (const [path, body, own] of [
        [(named: string) => `/app/${named}`, { name: "A" }, appUid],
        [(named: string) => `/app/${app}/endpoint/${named}`, { url }, uid],
      ] as const) {
        expect(await call("PUT", path(own), body)).toMatchObject({ status: 201, body: { uid: own } });
        expect(await call("PUT", path(own), body)).toMatchObject({ status: 200, body: { uid: own } });
        const renamed = await call("PUT", path(own), { ...body, uid: `${own}-2` });
        expect(renamed).toMatchObject({ status: 200, body: { uid: `${own}-2` } });
        expect((await call("GET", path(own))).status).toBe(404);
      }
    });

    test("a list from a time on includes that time, a list before a time excludes it, and both read its spellings", async () => {
      const id = await endpoint();
      await sentOneByOne(4);
      for (const path of [`/msg`, `/attempt/endpoint/${id}`, `/endpoint/${id}/msg`]) {
        const read = async (query: object) => {
          const response = await call("GET", `/app/${app}${path}?${new URLSearchParams({ ...query })}`);
          expect(response.status, response.text).toBe(200);
          return response.body.data as { id: string; timestamp: string }[];
        };
        const all = await read({});
        const middle = all[1]?.timestamp ?? "";
        const inRust = `${middle.slice(0, -1).replace("T", " ")} UTC`;
        expect(inRust).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC$/);
        for (const time of [middle, inRust, middle.replace("Z", "000+00:00")]) {
          expect(await read({ after: time })).toEqual(all.slice(0, 2));
          expect(await read({ before: time })).toEqual(all.slice(2));
          expect(await read({ after: time, before: all[0]?.timestamp ?? "" })).toEqual(all.slice(1, 2));
        }
      }
      for (const time of ["2026-11-29 21:13:01", "29.11.2026", "2026-11-29 21:13:01 CET"]) {
        const path = `/app/${app}/msg?${new URLSearchParams({ after: time })}`;
        expect((await call("GET", path)).status, time).toBe(422);
      }
    });

    test("every list pages through all of its items by either iterator, also from a time on", async () => {
      const id = await endpoint();
      const messages = await sentOneByOne(5);
      const after = new Date(Date.now() - 600_000).toISOString();
      const several = spelt("msg", await publish());
      for (let i = 0; i < 4; i++) await endpoint();
      for (let i = 0; i < 5; i++) await call("PUT", `/event-type/paged.type-${i}`, { description: "" });
      for (const list of [
        `/app/${app}/msg`,
        `/app/${app}/attempt/endpoint/${id}`,
        `/app/${app}/endpoint/${id}/msg`,
        `/app/${app}/endpoint`,
        `/app/${app}/msg/${several}/endpoint`,
        "/app",
        "/event-type",
      ]) {
        const hasTimes = /msg$|attempt/.test(list);
        const all = await keysOf(`${list}?limit=250`);
        expect(await walked(list, "iterator")).toEqual(all);
        if (!hasTimes) continue;
        expect(await walked(`${list}?after=${after}`, "iterator"), list).toEqual(all);
        expect(await walked(`${list}?after=${after}`, "prevIterator"), list).toEqual(all);
        const soon = new Date(Date.now() + 60_000).toISOString();
        expect(await walked(`${list}?after=${after}&before=${soon}`, "iterator"), list).toEqual(all);
      }
      expect(messages).toHaveLength(5);
    });

    async function keysOf(path: string): Promise<string[]> {
      const { data } = (await call("GET", path)).body;
      return data.map((item: { id?: string; name: string }) => item.id ?? item.name);
    }

    /** Every item of a list, in its order: read in pages of two, which follow an iterator. */
    async function walked(list: string, field: "iterator" | "prevIterator"): Promise<string[]> {
      const pages: string[][] = [];
      const path = new URL(list, "http://list");
      path.searchParams.set("limit", "2");
      for (;;) {
        const { data, done, ...rest } = (await call("GET", path.pathname + path.search)).body;
        pages.push(data.map((item: { id?: string; name: string }) => item.id ?? item.name));
        if (done) break;
        path.searchParams.set("iterator", rest[field]);
      }
      const isBackwards = path.searchParams.get("iterator")?.startsWith("-") ?? false;
      return (isBackwards ? pages.reverse() : pages).flat();
    }

    test("filters that cannot match are refused: event types, channels, and iterators of event types", async () => {
      const id = await endpoint();
      for (const list of [`/msg`, `/attempt/endpoint/${id}`, `/endpoint/${id}/msg`]) {
        for (const [name, value] of [
          ["event_types", "a b"],
          ["event_types", "a.b,"],
          ["channel", "a/b"],
          ["channel", "x".repeat(257)],
        ]) {
          const refused = await call("GET", `/app/${app}${list}?${new URLSearchParams([[name ?? "", value ?? ""]])}`);
          expect(refused.status, `${list} ${name}`).toBe(422);
          expect(refused.body.detail[0].loc.slice(0, 2)).toEqual(["query", name]);
        }
      }
      for (const iterator of ["a b", "-a/b", "-"]) {
        const refused = await call("GET", `/event-type?${new URLSearchParams({ iterator })}`);
        expect(refused).toMatchObject({ status: 422, body: { detail: [{ loc: ["query", "iterator"] }] } });
      }
    });

    test("applications without endpoints, or with disabled ones only, can be left out of the list", async () => {
      const [none, disabled, mixed, enabled] = [
        (await call("POST", "/app", { name: "none" })).body.id,
        (await call("POST", "/app", { name: "disabled" })).body.id,
        (await call("POST", "/app", { name: "mixed" })).body.id,
        (await call("POST", "/app", { name: "enabled" })).body.id,
      ];
      const add = (to: string, body: object) =>
        call("POST", `/app/${to}/endpoint`, { url: receiver.url("/"), ...body });
      await add(disabled, { disabled: true });
      await add(mixed, { disabled: true });
      await add(mixed, {});
      await add(enabled, {});
      const deleted = (await call("POST", "/app", { name: "deleted" })).body.id;
      await call("DELETE", `/app/${deleted}/endpoint/${(await add(deleted, {})).body.id}`);
      const made = [none, disabled, mixed, enabled, deleted];
      for (const [query, left] of [
        ["exclude_apps_with_no_endpoints=true", [disabled, mixed, enabled]],
        ["exclude_apps_with_disabled_endpoints=true", [none, mixed, enabled, deleted]],
        ["exclude_apps_with_no_endpoints=true&exclude_apps_with_disabled_endpoints=true", [mixed, enabled]],
        ["exclude_apps_with_svix_play_endpoints=true", made],
      ] as const) {
        for (const order of ["ascending", "descending"]) {
          const shown = await walked(`/app?${query}&order=${order}`, "iterator");
          const expected = order === "ascending" ? left : left.toReversed();
          expect(
            shown.filter((id) => made.includes(id)),
            query,
          ).toEqual(expected);
        }
      }
    });

    test("the attempts of an endpoint are counted by whole hours", async () => {
      const [ok, busy] = [await endpoint(), await endpoint({ url: receiver.url("/busy") })];
      await attemptsOf(await publish(), 2);
      const stats = (id: string, query = "") => call("GET", `/app/${app}/endpoint/${id}/attempt-stats${query}`);
      expect((await stats(ok)).body).toEqual({ success: 1, fail: 0, canceled: 0 });
      expect((await stats(busy)).body).toEqual({ success: 0, fail: 1, canceled: 0 });
      // A window of a moment is widened to the hour that it is in.
      const now = new Date().toISOString();
      expect((await stats(ok, `?since=${now}&until=${now}`)).body.success).toBe(1);
      const [old, older] = [2, 3].map((days) => new Date(Date.now() - days * 86_400_000).toISOString());
      expect((await stats(ok, `?since=${older}&until=${old}`)).body.success).toBe(0);
      const far = new Date(Date.now() - 29 * 86_400_000).toISOString();
      const late = new Date(Date.now() + 86_400_000).toISOString();
      for (const query of [`?since=${far}`, `?until=${late}`, `?since=${old}&until=${older}`]) {
        expect(await stats(ok, query), query).toMatchObject({ status: 400, body: { code: "invalid_range" } });
      }
      expect((await stats("unknown")).status).toBe(404);
    });

    test("an example of an unknown event type is a 404, and an example with another payload is refused", async () => {
      const path = `/app/${app}/endpoint/${await endpoint()}/send-example`;
      expect((await call("POST", path, { eventType: "no.type" })).status).toBe(404);
      const refused = await call("POST", path, { eventType: "svix.ping", payload: { a: 1 } });
      expect(refused).toMatchObject({ status: 422, body: { detail: [{ loc: ["body", "payload"] }] } });
      expect((await call("POST", path, { eventType: "svix.ping" })).status).toBe(200);
    });

    test("deleting the payloads of no message changes nothing", async () => {
      for (const body of [{}, { ids: [] }]) {
        const response = await call("POST", `/app/${app}/msg/bulk-expunge`, body);
        expect(response).toMatchObject({ status: 200, body: { results: {} } });
      }
    });

    test("a payload that was deleted before is not found, and one with several names is deleted under each", async () => {
      const expunge = async (ids: string[]) =>
        (await call("POST", `/app/${app}/msg/bulk-expunge`, { ids })).body.results;
      const id = await publish({ eventId: "evt-1" });
      const names = [id, spelt("msg", id), "evt-1", id];
      expect(await expunge(names)).toEqual(Object.fromEntries(names.map((name) => [name, "expunged"])));
      expect(await expunge(names)).toEqual(Object.fromEntries(names.map((name) => [name, "not-found"])));
      const single = spelt("msg", await publish());
      expect((await call("DELETE", `/app/${app}/msg/${single}/content`)).status).toBe(204);
      expect(await expunge([single])).toEqual({ [single]: "not-found" });
    });
  });

  test("an unknown credential is a 401 in the words that clients know", async () => {
    for (const unknown of ["weft_unknown", "testsk_unknown", "a.b.c"]) {
      const refused = await call("GET", "/app", undefined, `Bearer ${unknown}`);
      expect(refused).toMatchObject({
        status: 401,
        body: { code: "authentication_failed", detail: "Invalid token" },
      });
    }
  });

  test("event types are listed in the requested order", async () => {
    for (const name of ["order.a", "order.b", "order.c"]) await call("PUT", `/event-type/${name}`, { description: "" });
    const names = async (query: string) =>
      (await call("GET", `/event-type?${query}`)).body.data.map(({ name }: { name: string }) => name);
    const ascending = await names("limit=250");
    expect(ascending).toEqual([...ascending].sort());
    expect(await names("limit=250&order=descending")).toEqual(ascending.toReversed());
    expect((await names("order=descending&iterator=order.c&limit=2")).slice(0, 2)).toEqual(["order.b", "order.a"]);
    expect((await names("order=descending&iterator=-order.a&limit=2")).slice(0, 2)).toEqual(["order.c", "order.b"]);
  });

  test("a rate under its older name wins over the newer one", async () => {
    const both = { throttleRate: 7, rateLimit: 8 };
    const app = (await call("POST", "/app", { name: "Acme", ...both })).body;
    expect(app).toMatchObject({ throttleRate: 7, rateLimit: 7 });
    const made = await call("POST", `/app/${app.id}/endpoint`, { url: receiver.url("/"), ...both });
    expect(made.body).toMatchObject({ throttleRate: 7, rateLimit: 7 });
    for (const path of [`/app/${app.id}`, `/app/${app.id}/endpoint/${made.body.id}`]) {
      const cleared = await call("PATCH", path, { throttleRate: null });
      expect(cleared.body, path).toMatchObject({ throttleRate: null, rateLimit: null });
    }
  });
});
