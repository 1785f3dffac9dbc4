import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunningReceiver } from "./adapter-promises.ts";

export interface ListeningReceiver extends RunningReceiver {
  readonly url: string;
}

/** Serves a listener on a free port of the loopback, over real sockets. */
export async function listen(listener: RequestListener): Promise<ListeningReceiver> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/webhooks/weft`;
  return {
    url,
    send: (request) => post(url, request),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function post(url: string, request: Parameters<RunningReceiver["send"]>[0]): Promise<Response> {
  return fetch(url, { method: "POST", duplex: "half", ...request });
}
