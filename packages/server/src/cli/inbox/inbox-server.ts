import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PageRoutes, pagePath } from "./page-routes.ts";
import { type Taking, takeRequest } from "./take-request.ts";

export interface InboxServer extends AsyncDisposable {
  /** The address for requests, without a path. */
  readonly url: string;
  readonly pageUrl: string;
}

export interface ListenAddress {
  readonly host: string;
  /** 0 selects any free port. */
  readonly port: number;
}

/** Together with the largest body, this bounds the memory of requests that are under way. */
const connectionsMax = 100;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

/** Starts the inbox: the page below `/-/`, and a bin on every other path. Rejects when the port is taken. */
export async function startInbox({ host, port }: ListenAddress, taking: Taking): Promise<InboxServer> {
  const page = new PageRoutes(taking.arrivals, { host, hasSecret: taking.secrets.length > 0 });
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      response.on("error", () => {});
      const answered = route(request, response);
      // A request that ends early is handled here too.
      answered.catch(() => response.destroy());
    },
  );
  function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = "" } = request;
    if (url.startsWith(pagePath)) return page.answer(request, response);
    if (isPerson(request) && (url === "/" || url === pagePath.slice(0, -1))) return toPage(response);
    return takeRequest(request, response, taking);
  }
  server.maxConnections = connectionsMax;
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(port, host, listening.resolve);
  await listening.promise;
  server.off("error", listening.reject);
  const address = server.address() as AddressInfo;
  const url = `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
  return {
    url,
    pageUrl: url + pagePath,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A browser that opens the address probably expects the page. */
function isPerson({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers["sec-fetch-mode"] === "navigate";
}

async function toPage(response: ServerResponse): Promise<void> {
  response.writeHead(302, { location: pagePath }).end();
}
