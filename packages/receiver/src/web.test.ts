import { describe, expect, test, vi } from "vitest";
import { adapterPromises, secret } from "./promises/adapter-promises.ts";
import { createRouter } from "./router.ts";
import { toWebHandler } from "./web.ts";

const url = "http://localhost/webhooks/weft";

describe("a handler of web-standard requests", () => {
  adapterPromises(async (router, options) => {
    const handle = toWebHandler(router, options);
    return {
      send: (request) => handle(new Request(url, { method: "POST", duplex: "half", ...request })),
      close: async () => {},
    };
  });

  test("an endless body is read up to the limit", async () => {
    const cancel = vi.fn();
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1000)), cancel });
    const handle = toWebHandler(createRouter(), { secret, bodyBytesMax: 10_000 });
    expect((await handle(new Request(url, { method: "POST", duplex: "half", body }))).status).toBe(413);
    expect(cancel).toHaveBeenCalledOnce();
  });

  test("a body that was read before gets a 500 that says what to change", async () => {
    const onError = vi.fn();
    const request = new Request(url, { method: "POST", body: "{}" });
    await request.text();
    const response = await toWebHandler(createRouter(), { secret, onError })(request);
    expect([response.status, await response.json()]).toEqual([
      500,
      { code: "body_already_read", detail: expect.stringMatching(/read this request's body already.* clone/) },
    ]);
    expect(onError).toHaveBeenCalledOnce();
  });
});
