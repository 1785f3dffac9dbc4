import type { Socket } from "node:net";
import { SocksClient } from "socks";
import { HostUnreachableError, ProxyError } from "./proxy-error.ts";
import type { ProxyServer } from "./proxy-server.ts";

/**
 * Asks a SOCKS5 proxy, over a connection to it, to connect to a host. Returns the same connection as the tunnel. Throws a
 * HostUnreachableError when the proxy reports that the host is unreachable, and a ProxyError for any other failure.
 */
export async function openSocksTunnel(
  socket: Socket,
  { host, port, credentials }: ProxyServer,
  target: { readonly host: string; readonly port: number },
): Promise<Socket> {
  try {
    await SocksClient.createConnection({
      proxy: {
        ...{ host, port, type: 5 },
        ...(credentials !== null && { userId: credentials.user, password: credentials.password }),
      },
      command: "connect",
      destination: target,
      existing_socket: socket,
    });
    return socket;
  } catch (error) {
    throw understood(error instanceof Error ? error.message : "");
  }
}

/** The library has no codes: it appends the name of the proxy's reply to its message. */
const unreachable: readonly (readonly [reply: string, code: string])[] = [
  ["ConnectionRefused", "ECONNREFUSED"],
  ["HostUnreachable", "EHOSTUNREACH"],
  ["NetworkUnreachable", "ENETUNREACH"],
  ["TTLExpired", "EHOSTUNREACH"],
];

function understood(message: string): Error {
  const found = unreachable.find(([reply]) => message.endsWith(` - ${reply}`));
  if (found !== undefined) return new HostUnreachableError(found[1]);
  if (/auth/i.test(message)) {
    return new ProxyError("The outbound proxy of this Weft refused its credentials, or needs some.");
  }
  if (message.endsWith(" - NotAllowed")) {
    return new ProxyError("The outbound proxy of this Weft does not allow connections to this endpoint.");
  }
  if (/rejected/i.test(message)) return new ProxyError("The outbound proxy of this Weft failed to connect.");
  if (/version|handshake|response|internal error/i.test(message)) {
    return new ProxyError("The outbound proxy of this Weft did not respond with SOCKS5.");
  }
  return new ProxyError("The outbound proxy of this Weft ended the connection before it opened one to the endpoint.");
}
