import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import type { ReceiverResponse } from "./response.ts";
import type { Router } from "./router.ts";

/** The part of a Fastify instance that the plugin uses. */
export interface FastifyScope {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    contentType: string,
    options: { parseAs: "buffer"; bodyLimit: number },
    parser: (request: unknown, body: Uint8Array, done: (error: null, body: Uint8Array) => void) => void,
  ): unknown;
  post(path: string, handler: (request: FastifyRequestPart, reply: FastifyReplyPart) => Promise<unknown>): unknown;
}

/** The part of a Fastify request that the plugin uses. */
export interface FastifyRequestPart {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** The part of a Fastify reply that the plugin uses. */
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
 * its own scope, so the parsers of all other routes do not change.
 */
export async function weftFastify(scope: FastifyScope, options: WeftFastifyOptions): Promise<void> {
  const receiver = createReceiver(options.router, options);
  scope.removeAllContentTypeParsers();
  const parsing = { parseAs: "buffer", bodyLimit: receiver.bodyBytesMax } as const;
  scope.addContentTypeParser("*", parsing, (_request, body, done) => done(null, body));
  scope.post(options.path, async (request, reply) => {
    // Fastify passes no body for an empty one.
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    return sendResponse(reply, await receiver.receive({ headers: request.headers, body }));
  });
}

function sendResponse(reply: FastifyReplyPart, response: ReceiverResponse): unknown {
  reply.code(response.status);
  reply.headers(response.headers);
  return reply.send(response.body);
}
