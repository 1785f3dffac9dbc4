// Payloads up to the setting WEFT_PAYLOAD_MAX, over both databases.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../delivery/fixtures/receiver.ts";
import { limits } from "../../domain/limits.ts";
import { TestDatabases } from "../../store/postgres/fixtures/test-databases.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, organizationToken, startWeft } from "./fixtures/svix-clients.ts";

const databases = new TestDatabases();
let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.start();
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});

/** A payload of exactly this many bytes. */
function payloadOf(bytes: number): string {
  return `{"text":"${"x".repeat(bytes - '{"text":""}'.length)}"}`;
}

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  async function start(max: string): Promise<RunningWeft> {
    const masterKey = Buffer.alloc(32, 1).toString("base64");
    const url =
      database === "PostgreSQL" ? { WEFT_DATABASE_URL: await databases.fresh(), WEFT_MASTER_KEY: masterKey } : {};
    return await startWeft({ WEFT_PAYLOAD_MAX: max, WEFT_ATTEMPT_TIMEOUT: "30s", ...url });
  }

  test.each([
    ["64KiB", 64 * 1024],
    ["1MiB", 1024 * 1024],
  ])(
    "with a limit of %s, a payload of that size is accepted, listed and delivered, and a larger one is a 413 in both APIs",
    async (max, bytes) => {
      await using weft = await start(max);
      const headers = { authorization: `Bearer ${await organizationToken()}`, "content-type": "application/json" };
      const app = (await weft.post("/api/v1/app", { name: "Acme" }, { headers })).body.id;
      await weft.post(`/api/v1/app/${app}/endpoint`, { url: receiver.url("/") }, { headers });
      const publish = (payload: string) =>
        weft.call("POST", `/api/v1/app/${app}/msg`, { text: `{"eventType":"a.b","payload":${payload}}`, headers });
      const accepted = [await publish(payloadOf(bytes)), await publish(payloadOf(bytes))];
      expect(accepted.map(({ status }) => status)).toEqual([202, 202]);
      const ids = accepted.map(({ body }) => body.id);
      const received = await until("both are delivered", async () => {
        const own = receiver.received.filter(({ id }) => ids.includes(id));
        return own.length === 2 && own;
      });
      for (const { body } of received) expect(body === payloadOf(bytes)).toBe(true);
      // A page of large payloads is short, and its iterator leads on.
      const listed: string[] = [];
      for (let iterator = ""; ; ) {
        const { body } = await weft.get(`/api/v1/app/${app}/msg?limit=10&iterator=${iterator}`, { headers });
        listed.push(...body.data.map(({ id }: { id: string }) => id));
        expect(body.data.length * bytes).toBeLessThanOrEqual(Math.max(bytes, limits.pageBytesMax));
        if (body.done) break;
        iterator = body.iterator;
      }
      expect(listed).toEqual(ids.toReversed());
      expect((await publish(payloadOf(bytes + 1))).status).toBe(413);
      const own = await weft.call("POST", "/v1/events", {
        text: `{"event_type":"a.b","payload":${payloadOf(bytes + 1)}}`,
        headers: { "content-type": "application/json", authorization: `Bearer ${adminKey}` },
      });
      expect(own.status).toBe(413);
      const settings = await weft.get("/v1/settings", { headers: { authorization: `Bearer ${adminKey}` } });
      expect(settings.body.limits.payload_bytes).toBe(bytes);
    },
  );
});
