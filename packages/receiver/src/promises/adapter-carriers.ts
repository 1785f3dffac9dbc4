import { EventEmitter } from "node:events";
import { type ExpressRequest, toExpressHandler } from "../express.ts";
import { weftFastify } from "../fastify.ts";
import { toHonoHandler } from "../hono.ts";
import { type KoaContext, toKoaMiddleware } from "../koa.ts";
import { type LambdaEvent, toLambdaHandler } from "../lambda.ts";
import { toNextHandler } from "../next.ts";
import { toNodeHandler } from "../node.ts";
import type { ReceiverOptions } from "../receive-request.ts";
import type { Router } from "../router.ts";
import { toWebHandler } from "../web.ts";
import { secret, sentAt } from "./adapter-promises.ts";

/** With what every carrier's adapter is made. */
export const carriedOptions: ReceiverOptions = { secret, now: () => sentAt, bodyBytesMax: 10_000, onError: () => {} };

/** What an adapter answered. */
export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Carries one request through one adapter, with whatever it holds. */
export type Carry = (router: Pick<Router, "receive">, headers: unknown, body: unknown) => Promise<Answered>;

function nodeRequest(headers: unknown, sent: unknown) {
  const request = Object.assign(new EventEmitter(), { headers: (headers ?? {}) as ExpressRequest["headers"] });
  queueMicrotask(() => {
    if (sent instanceof Uint8Array) request.emit("data", sent);
    if (typeof sent === "string") request.emit("data", Buffer.from(sent));
    request.emit("end");
  });
  return request;
}

function nodeResponse() {
  const answered = { status: 0, body: "" };
  const response = {
    statusCode: 0,
    setHeader: () => {},
    end(body: string) {
      answered.status = response.statusCode;
      answered.body = body;
    },
  };
  return { response, answered };
}

function webRequest(headers: unknown, body: unknown): Request {
  const kept = new Headers();
  for (const [name, value] of Object.entries((headers ?? {}) as object)) {
    try {
      kept.append(name, value);
    } catch {
      // No request can carry it.
    }
  }
  const sent = typeof body === "string" || body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : null;
  return new Request("http://localhost/", { method: "POST", headers: kept, body: sent });
}

async function answeredBy(response: Promise<Response>): Promise<Answered> {
  const { status } = await response;
  return { status, body: await (await response).text() };
}

/** Every adapter, fed by hand, so that it meets what no framework would let through. */
export const carriers: Readonly<Record<string, Carry>> = {
  node: async (to, headers, body) => {
    const { response, answered } = nodeResponse();
    await toNodeHandler(to, carriedOptions)(nodeRequest(headers, body), response);
    return answered;
  },
  express: async (to, headers, body) => {
    const { response, answered } = nodeResponse();
    const request = Object.assign(nodeRequest(headers, null), { body, rawBody: body, readableDidRead: true });
    await toExpressHandler(to, carriedOptions)(request, response);
    return answered;
  },
  koa: async (to, headers, body) => {
    const req = nodeRequest(headers, body);
    const context: KoaContext = { req, request: {}, status: 0, body: null, set: () => {} };
    await toKoaMiddleware(to, carriedOptions)(context);
    return { status: context.status, body: String(context.body ?? "") };
  },
  fastify: async (to, headers, body) => {
    const answered = { status: 0, body: "" };
    const reply = {
      code(status: number) {
        answered.status = status;
      },
      headers: () => {},
      send(text: string) {
        answered.body = text;
      },
    };
    type Route = Parameters<Parameters<typeof weftFastify>[0]["post"]>[1];
    let route: Route = async () => {};
    const scope = {
      removeAllContentTypeParsers: () => {},
      addContentTypeParser: () => {},
      post: (_path: string, handler: Route) => {
        route = handler;
      },
    };
    await weftFastify(scope, { ...carriedOptions, router: to, path: "/" });
    await route({ headers: (headers ?? {}) as Record<string, string>, body }, reply);
    return answered;
  },
  web: (to, headers, body) => answeredBy(toWebHandler(to, carriedOptions)(webRequest(headers, body))),
  hono: (to, headers, body) =>
    answeredBy(toHonoHandler(to, carriedOptions)({ req: { raw: webRequest(headers, body) } })),
  next: (to, headers, body) => answeredBy(toNextHandler(to, carriedOptions)(webRequest(headers, body))),
  lambda: async (to, headers, body) => {
    const event = {
      headers,
      multiValueHeaders: headers,
      body,
      isBase64Encoded: typeof body === "string" && body.length % 2 === 0,
    };
    const { statusCode, body: text } = await toLambdaHandler(to, carriedOptions)(event as LambdaEvent);
    return { status: statusCode, body: text };
  },
};
