import type { ReceiverResponse } from "./answer.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";

/** What the plugin uses of a Fastify instance. */
export interface FastifyScope {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    contentType: string,
    options: { parseAs: "buffer"; bodyLimit: number },
    parser: (request: unknown, body: Uint8Array, done: (error: null, body: Uint8Array) => void) => void,
  ): unknown;
  post(path: string, handler: (request: FastifyRequestPart, reply: FastifyReplyPart) => Promise<unknown>): unknown;
}

/** What the plugin uses of a Fastify request. */
export interface FastifyRequestPart {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** What the plugin uses of a Fastify reply. */
export interface FastifyReplyPart {
  code(status: number): unknown;
  headers(values: Readonly<Record<string, string>>): unknown;
  send(body: string): unknown;
}

export interface WeftFastifyOptions extends ReceiverOptions {
  readonly router: Pick<Router, "receive">;
  /** The route's path, such as `/webhooks/weft`. */
  readonly path: string;
}

/**
 * A Fastify plugin with one POST route: `app.register(weftFastify, { path, router, secret })`. It keeps bodies raw in
 * its own scope, so the parsers of all other routes stay as they are.
 */
export async function weftFastify(scope: FastifyScope, options: WeftFastifyOptions): Promise<void> {
  const receiver = createReceiver(options.router, options);
  scope.removeAllContentTypeParsers();
  const parsing = { parseAs: "buffer", bodyLimit: receiver.bodyBytesMax } as const;
  scope.addContentTypeParser("*", parsing, (_request, body, done) => done(null, body));
  scope.post(options.path, async (request, reply) => {
    // Fastify gives no body at all for an empty one.
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    return sendResponse(reply, await receiver.receive({ headers: request.headers, body }));
  });
}

function sendResponse(reply: FastifyReplyPart, answer: ReceiverResponse): unknown {
  reply.code(answer.status);
  reply.headers(answer.headers);
  return reply.send(answer.body);
}
