import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { codeOf, ProxyError } from "./proxy-error.ts";
import { hostAndPort, type ProxyServer } from "./proxy-server.ts";

/** A proxy needs few headers for its response, which has no body. */
const headerBytesMax = 16 * 1024;

/**
 * Asks an HTTP proxy, over a connection to it, for a tunnel to a host. Returns the same connection as the tunnel. Throws a
 * ProxyError when the proxy refuses.
 */
export function openHttpTunnel(
  socket: Socket,
  { credentials }: Pick<ProxyServer, "credentials">,
  target: { readonly host: string; readonly port: number },
): Promise<Socket> {
  const authority = hostAndPort(target.host, target.port);
  const asking = request({
    method: "CONNECT",
    path: authority,
    headers: {
      host: authority,
      "user-agent": "Weft",
      ...(credentials !== null && { "proxy-authorization": basic(credentials) }),
    },
    createConnection: () => socket,
    maxHeaderSize: headerBytesMax,
  });
  return new Promise((resolve, reject) => {
    // Node reports every response to CONNECT with this event, and leaves the connection to its listener.
    asking.once("connect", ({ statusCode = 0 }: IncomingMessage, _socket: unknown, head: Buffer) => {
      if (statusCode < 200 || statusCode > 299) {
        reject(new ProxyError(refusal(statusCode)));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asking.once("error", (error) => reject(new ProxyError(failure(error))));
    asking.end();
  });
}

function basic({ user, password }: NonNullable<ProxyServer["credentials"]>): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function refusal(status: number): string {
  // tinyproxy returns a 401.
  if (status === 407 || status === 401) {
    return `The outbound proxy of this Weft refused its credentials, or needs some (${status}).`;
  }
  if (status === 403) return "The outbound proxy of this Weft does not allow connections to this endpoint (403).";
  return `The outbound proxy of this Weft returned ${status} instead of a connection to the endpoint.`;
}

function failure(error: Error): string {
  const code = codeOf(error);
  if (code === "HPE_HEADER_OVERFLOW") return "The response headers of the outbound proxy of this Weft are too large.";
  if (code.startsWith("HPE_")) return "The outbound proxy of this Weft did not respond with HTTP.";
  return `The outbound proxy of this Weft ended the connection before it opened one to the endpoint (${code}).`;
}
