import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

const lookEveryMs = 25;

/**
 * Closes connections without a running request when the server closes: at once, and as they become idle. Node closes only those
 * that are idle at that moment, and treats a connection that never sent a request as busy, as browsers open them in advance.
 * Either would delay every shutdown up to its limit.
 */
export function endIdleConnections(server: FastifyInstance): void {
  const unused = new Set<Socket>();
  server.server.on("connection", (socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.server.on("request", ({ socket }) => unused.delete(socket));
  let looking: NodeJS.Timeout | undefined;
  server.addHook("preClose", async () => {
    for (const socket of unused) socket.destroy();
    looking = setInterval(() => server.server.closeIdleConnections(), lookEveryMs);
  });
  server.addHook("onClose", async () => clearInterval(looking));
}
