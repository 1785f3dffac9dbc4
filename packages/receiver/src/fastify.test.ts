import Fastify from "fastify";
import { describe, expect, test } from "vitest";
import { weftFastify } from "./fastify.ts";
import { adapterPromises, headersFor, payload, secret, sentAt } from "./promises/adapter-promises.ts";
import { post } from "./promises/listening-receiver.ts";
import { createRouter } from "./router.ts";

const path = "/webhooks/weft";

describe("Fastify", () => {
  adapterPromises(async (router, options) => {
    const app = Fastify();
    app.register(weftFastify, { ...options, router, path });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    return { send: (request) => post(origin + path, request), close: () => app.close() };
  });

  test("the other routes keep their own parsers and limits, and a prefix is respected", async () => {
    const app = Fastify();
    app.register(weftFastify, { router: createRouter(), path, secret, now: () => sentAt, prefix: "/v1" });
    app.post("/echo", async (request) => request.body);
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    const headers = { "content-type": "application/json" };
    const echoed = await post(`${origin}/echo`, { headers, body: '{"a":1}' });
    expect(await echoed.json()).toEqual({ a: 1 });
    expect((await post(`${origin}/echo`, { headers, body: "not JSON" })).status).toBe(400);
    expect((await post(`${origin}/v1${path}`, { headers: await headersFor(payload), body: payload })).status).toBe(204);
    await app.close();
  });
});
