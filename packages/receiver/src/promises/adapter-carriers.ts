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

/** The options of every carrier's adapter. */
export const carriedOptions: ReceiverOptions = { secret, now: () => sentAt, bodyBytesMax: 10_000, onError: () => {} };

/** The response of an adapter. */
export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

/** Passes one request through one adapter, with any content. */
export type Carry = (router: Pick<Router, "receive">, headers: unknown, body: unknown) => Promise<HttpResponse>;

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

async function responseTo(response: Promise<Response>): Promise<HttpResponse> {
  const { status } = await response;
  return { status, body: await (await response).text() };
}

/** Every adapter, called directly, so that it also gets requests that a framework would refuse. */
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
  web: (to, headers, body) => responseTo(toWebHandler(to, carriedOptions)(webRequest(headers, body))),
  hono: (to, headers, body) =>
    responseTo(toHonoHandler(to, carriedOptions)({ req: { raw: webRequest(headers, body) } })),
  next: (to, headers, body) => responseTo(toNextHandler(to, carriedOptions)(webRequest(headers, body))),
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
