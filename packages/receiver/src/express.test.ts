import express5, { type Express } from "express";
import express4 from "express-4";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toExpressHandler } from "./express.ts";
import {
  adapterPromises,
  headersFor,
  payload,
  type RunningReceiver,
  secret,
  sentAt,
} from "./promises/adapter-promises.ts";
import { hangUpPromises } from "./promises/hang-up-promises.ts";
import { listen } from "./promises/listening-receiver.ts";
import { createRouter } from "./router.ts";

const path = "/webhooks/weft";

// Both majors have the same interface for these tests.
const versions = [
  { version: 4, express: express4 as unknown as typeof express5 },
  { version: 5, express: express5 },
];

describe.each(versions)("Express $version", ({ express }) => {
  describe("without a body parser", () => {
    adapterPromises(async (router, options) => {
      return listen(express().post(path, toExpressHandler(router, options)));
    });
    hangUpPromises(toExpressHandler);
  });

  describe("behind express.raw()", () => {
    adapterPromises(async (router, options) => {
      const raw = express.raw({ type: () => true, limit: "10mb" });
      return listen(express().post(path, raw, toExpressHandler(router, options)));
    });
  });

  describe("behind express.text()", () => {
    adapterPromises(async (router, options) => {
      const text = express.text({ type: () => true, limit: "10mb" });
      return listen(express().post(path, text, toExpressHandler(router, options)));
    });
  });

  describe("behind express.json()", () => {
    const onError = vi.fn();
    let receiver: RunningReceiver | undefined;

    beforeEach(() => void vi.resetAllMocks());
    afterEach(() => receiver?.close());

    async function sendBehind(parse: (app: Express) => unknown, contentType: string): Promise<Response> {
      const app = express();
      parse(app);
      app.post(path, toExpressHandler(createRouter(), { secret, now: () => sentAt, onError }));
      receiver = await listen(app);
      const headers = { ...(await headersFor(payload)), "content-type": contentType };
      return receiver.send({ headers, body: payload });
    }

    test("a parsed body gets a 500 that says what to change", async () => {
      const response = await sendBehind((app) => app.use(express.json()), "application/json");
      expect([response.status, await response.json()]).toEqual([
        500,
        { code: "body_already_read", detail: expect.stringContaining("before the parser, such as express.json()") },
      ]);
      expect(onError).toHaveBeenCalledOnce();
    });

    test("a body that the parser skipped is read", async () => {
      expect((await sendBehind((app) => app.use(express.json()), "text/plain")).status).toBe(204);
    });

    test("the raw bytes that a parser kept as rawBody are used", async () => {
      const keepRaw = express.json({
        verify: (request, _response, bytes) => void Object.assign(request, { rawBody: bytes }),
      });
      expect((await sendBehind((app) => app.use(keepRaw), "application/json")).status).toBe(204);
    });

    test("a parser after the route has no effect", async () => {
      const receiveFirst = (app: Express) =>
        app.post(path, toExpressHandler(createRouter(), { secret, now: () => sentAt })).use(express.json());
      expect((await sendBehind(receiveFirst, "application/json")).status).toBe(204);
    });
  });
});
