import { Hono } from "hono";
import { describe, expect, test, vi } from "vitest";
import { toHonoHandler } from "./hono.ts";
import { adapterPromises, headersFor, payload, secret, sentAt } from "./promises/adapter-promises.ts";
import { createRouter } from "./router.ts";

const url = "http://localhost/webhooks/weft";

describe("Hono", () => {
  adapterPromises(async (router, options) => {
    const app = new Hono();
    app.post("/webhooks/weft", toHonoHandler(router, options));
    return {
      send: async (request) => app.fetch(new Request(url, { method: "POST", duplex: "half", ...request })),
      close: async () => {},
    };
  });

  test("middleware that read the body earlier gets a 500 that says what to change", async () => {
    const onError = vi.fn();
    const app = new Hono();
    app.use(async (context, next) => {
      await context.req.json();
      await next();
    });
    app.post("/webhooks/weft", toHonoHandler(createRouter(), { secret, now: () => sentAt, onError }));
    const response = await app.request(url, { method: "POST", headers: await headersFor(payload), body: payload });
    expect([response.status, await response.json()]).toEqual([
      500,
      { code: "body_already_read", detail: expect.stringContaining("Call the webhook handler first") },
    ]);
    expect(onError).toHaveBeenCalledOnce();
  });
});
