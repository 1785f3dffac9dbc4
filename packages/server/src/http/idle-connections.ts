import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

const lookEveryMs = 25;

/**
 * Ends connections with nothing under way when the server closes, at once and as they become idle. Node ends those that are idle
 * in that moment, and counts as busy what never asked for anything, as browsers open connections ahead of need: either would hold
 * up every stop for as long as a stop may take.
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
