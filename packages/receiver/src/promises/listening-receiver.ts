import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunningReceiver } from "./adapter-promises.ts";

/** Serves a listener on a free port of the loopback, over real sockets. */
export async function listen(listener: RequestListener): Promise<RunningReceiver> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    send: (request) => post(`http://127.0.0.1:${port}/webhooks/weft`, request),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function post(url: string, request: Parameters<RunningReceiver["send"]>[0]): Promise<Response> {
  return fetch(url, { method: "POST", duplex: "half", ...request });
}
