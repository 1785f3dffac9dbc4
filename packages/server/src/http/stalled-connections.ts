import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { type Clock, loop, untilNextLook } from "../domain/clock.ts";
import { limits } from "../domain/limits.ts";

interface WriteProgress {
  /** Bytes that the peer, or the kernel on its behalf, has received. */
  readonly bytes: number;
  /** When this number was reached (Unix ms). */
  readonly since: number;
}

/**
 * Closes connections whose peer does not read: bytes are waiting, and no write has completed for a while. A slow peer has this
 * long for each write, and a slow handler is no reason to close.
 */
export function endStalledConnections(server: FastifyInstance, clock: Clock): void {
  const connections = new Map<Socket, WriteProgress>();
  server.server.on("connection", (socket) => {
    connections.set(socket, { bytes: 0, since: clock.now() });
    socket.once("close", () => connections.delete(socket));
  });
  function look(): void {
    const now = clock.now();
    for (const [socket, taken] of connections) {
      const waiting = socket.writableLength;
      const bytes = socket.bytesWritten - waiting;
      if (waiting === 0 || bytes !== taken.bytes) connections.set(socket, { bytes, since: now });
      else if (now - taken.since >= limits.responseStalledMsMax) socket.destroy();
    }
  }
  const closed = new AbortController();
  server.addHook("onListen", async () => {
    void loop(clock, closed.signal, async () => {
      look();
      return untilNextLook(clock.now(), limits.responseLookMs);
    });
  });
  server.addHook("onClose", async () => closed.abort());
}
