import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Lookup } from "../lookup.ts";
import { openHttpTunnel } from "./http-tunnel.ts";
import { type NoProxyList, parseNoProxy } from "./no-proxy.ts";
import { codeOf, HostUnreachableError, ProxyError } from "./proxy-error.ts";
import { hostAndPort, type ProxyServer, parseProxyUrl, proxyUrl } from "./proxy-server.ts";
import { openSocksTunnel } from "./socks-tunnel.ts";

export interface OutboundProxyOptions {
  readonly server: ProxyServer;
  readonly noProxy: NoProxyList;
  /** Resolves the proxy's own name. The guard does not apply, because the operator configured it. */
  readonly lookup: Lookup;
  /** Called with each failure, for the operator's log. It must not throw. */
  readonly onFailure?: (failure: { readonly proxy: string; readonly detail: string }) => void;
}

/** Limits the connection to the proxy and its connection to the host together. */
const handshakeMsMax = 10_000;
/** The addresses of one host that are tried in order when the proxy cannot reach the first. */
const addressesTriedMax = 3;

/** The proxy of the settings; undefined when connections are direct. Throws for settings that `parseProxyUrl` refuses. */
export function createOutboundProxy(
  {
    outboundProxy,
    outboundNoProxy,
  }: { readonly outboundProxy: string | null; readonly outboundNoProxy: readonly string[] },
  parts: Pick<OutboundProxyOptions, "lookup" | "onFailure">,
): OutboundProxy | undefined {
  if (outboundProxy === null) return undefined;
  return new OutboundProxy({ server: parseProxyUrl(outboundProxy), noProxy: parseNoProxy(outboundNoProxy), ...parts });
}

/** Opens connections through the operator's proxy. */
export class OutboundProxy {
  readonly #options: OutboundProxyOptions;
  readonly #lookup: LookupFunction;

  constructor(options: OutboundProxyOptions) {
    this.#options = options;
    this.#lookup = lookupFunction(options.lookup);
  }

  /** Whether the proxy receives names and resolves them. Otherwise it receives checked addresses. */
  get resolvesNames(): boolean {
    return this.#options.server.protocol !== "socks5";
  }

  /** Whether connections to this host use the proxy. */
  serves(host: string): boolean {
    return !this.#options.noProxy.includes(host);
  }

  /** The proxy for programs that open their own connections to this host, with credentials; null for none. */
  urlFor(host: string): string | null {
    return this.serves(host) ? proxyUrl(this.#options.server) : null;
  }

  /**
   * Opens a connection to the first of these hosts that the proxy can reach, within a share of `timeoutMs`. Throws a ProxyError
   * when the proxy fails, and an error with a code when it reports that the host is unreachable.
   */
  async connect(hosts: readonly string[], port: number, timeoutMs: number): Promise<Socket> {
    // The caller's own limit must not be reached first: it could not tell the proxy from the receiver.
    const limitMs = Math.min(handshakeMsMax, Math.floor(timeoutMs / 2));
    const time = AbortSignal.timeout(limitMs);
    try {
      return await this.#connectFirst(hosts.slice(0, addressesTriedMax), port, time);
    } catch (error) {
      if (error instanceof HostUnreachableError) throw error;
      const failure = time.aborted ? new ProxyError(tooSlow(limitMs)) : asProxyError(error);
      const { host, port } = this.#options.server;
      this.#options.onFailure?.({ proxy: hostAndPort(host, port), detail: failure.message });
      throw failure;
    }
  }

  /** Opens a connection to the proxy itself and closes it. Throws a ProxyError. */
  async check(): Promise<void> {
    const time = AbortSignal.timeout(handshakeMsMax);
    try {
      (await this.#reach(time)).destroy();
    } catch (error) {
      throw time.aborted ? new ProxyError(tooSlow(handshakeMsMax)) : asProxyError(error);
    }
  }

  async #connectFirst(hosts: readonly string[], port: number, time: AbortSignal): Promise<Socket> {
    let unreachable: unknown = new ProxyError("The outbound proxy of this Weft has no address to connect to.");
    for (const host of hosts) {
      try {
        return await this.#tunnel({ host, port }, time);
      } catch (error) {
        if (!(error instanceof HostUnreachableError) || time.aborted) throw error;
        unreachable = error;
      }
    }
    throw unreachable;
  }

  async #tunnel(target: { host: string; port: number }, time: AbortSignal): Promise<Socket> {
    const { server } = this.#options;
    const socket = await this.#reach(time);
    const onTimeout = () => socket.destroy(new Error("timeout"));
    time.addEventListener("abort", onTimeout, { once: true });
    try {
      const open = server.protocol.startsWith("socks") ? openSocksTunnel : openHttpTunnel;
      return await open(socket, server, target);
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      time.removeEventListener("abort", onTimeout);
    }
  }

  /** A connection to the proxy. */
  #reach(time: AbortSignal): Promise<Socket> {
    const { protocol, host, port } = this.#options.server;
    const isTls = protocol === "https";
    const options = { host, port, lookup: this.#lookup };
    const socket = isTls
      ? connectTls({ ...options, ...(isIP(host) === 0 && { servername: host }), ALPNProtocols: ["http/1.1"] })
      : connectTcp(options);
    socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
    // The connection passes through several owners, and an error between two of them must not end the process.
    socket.on("error", () => {});
    return new Promise((resolve, reject) => {
      const onTimeout = () => socket.destroy(new Error("timeout"));
      time.addEventListener("abort", onTimeout, { once: true });
      const end = () => time.removeEventListener("abort", onTimeout);
      const onError = (error: Error) => {
        end();
        reject(new ProxyError(unreached(error, isTls)));
      };
      socket.once("error", onError);
      socket.once(isTls ? "secureConnect" : "connect", () => {
        end();
        socket.off("error", onError);
        resolve(socket);
      });
    });
  }
}

const keepAliveMs = 60_000;

function lookupFunction(lookup: Lookup): LookupFunction {
  return (hostname, { all }, callback) => {
    lookup(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) callback(Object.assign(new Error("no address"), { code: "ENOTFOUND" }), "");
        else if (all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ""),
    );
  };
}

function unreached(error: Error, isTls: boolean): string {
  // Node names the system call where TCP itself failed, and aggregates the failures of several addresses.
  const beforeTls = error instanceof AggregateError || "syscall" in error;
  return isTls && !beforeTls
    ? `The TLS handshake with the outbound proxy of this Weft failed (${codeOf(error)}).`
    : `The outbound proxy of this Weft could not be reached (${codeOf(error)}).`;
}

function tooSlow(limitMs: number): string {
  return `The outbound proxy of this Weft opened no connection to the endpoint within ${limitMs / 1_000} seconds.`;
}

function asProxyError(error: unknown): ProxyError {
  return error instanceof ProxyError ? error : new ProxyError("The outbound proxy of this Weft failed.");
}
