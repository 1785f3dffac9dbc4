import type { IncomingMessage, ServerResponse } from "node:http";
import Koa, { type Middleware } from "koa";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toKoaMiddleware } from "./koa.ts";
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

/** Reads the whole body before the webhook's middleware, as Koa's body parsers do. */
function parserThatKeeps(keep: (bytes: Buffer) => object): Middleware {
  return async (context, next) => {
    const chunks: Buffer[] = [];
    for await (const chunk of context.req) chunks.push(chunk);
    Object.assign(context.request, keep(Buffer.concat(chunks)));
    await next();
  };
}

describe("Koa", () => {
  describe("without a body parser", () => {
    adapterPromises(async (router, options) => {
      const handle = toKoaMiddleware(router, options);
      const isWebhook = (path: string) => path === "/webhooks/weft";
      return listen(new Koa().use((context, next) => (isWebhook(context.path) ? handle(context) : next())).callback());
    });
    hangUpPromises((router, options) => {
      // Koa itself prints errors of sockets.
      const app = Object.assign(new Koa(), { silent: true });
      const callback = app.use(toKoaMiddleware(router, options)).callback();
      return (request: IncomingMessage, response: ServerResponse) => callback(request, response);
    });
  });

  describe("behind a parser that keeps the raw text", () => {
    adapterPromises(async (router, options) => {
      const parser = parserThatKeeps((bytes) => ({ body: {}, rawBody: bytes.toString() }));
      return listen(new Koa().use(parser).use(toKoaMiddleware(router, options)).callback());
    });
  });

  describe("behind a parser that keeps nothing raw", () => {
    const onError = vi.fn();
    let receiver: RunningReceiver | undefined;

    beforeEach(() => void vi.resetAllMocks());
    afterEach(() => receiver?.close());

    test("the response is a 500 that says what to change", async () => {
      const parser = parserThatKeeps((bytes) => ({ body: JSON.parse(bytes.toString()) }));
      const middleware = toKoaMiddleware(createRouter(), { secret, now: () => sentAt, onError });
      receiver = await listen(new Koa().use(parser).use(middleware).callback());
      const response = await receiver.send({ headers: await headersFor(payload), body: payload });
      expect([response.status, await response.json()]).toEqual([
        500,
        { code: "body_already_read", detail: expect.stringContaining("before the parser") },
      ]);
      expect(onError).toHaveBeenCalledOnce();
    });
  });
});
