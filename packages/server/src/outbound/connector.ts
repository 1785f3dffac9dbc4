import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { buildConnector } from "undici";
import type { AddressGuard } from "./address-guard.ts";
import { boundResponses } from "./bounded-response.ts";
import { skipContinue } from "./interim-response.ts";
import type { KeepName, Lookup } from "./lookup.ts";
import { isLocalName, isLoopbackName } from "./proxy/local-name.ts";
import type { OutboundProxy } from "./proxy/outbound-proxy.ts";
import { ProxyError } from "./proxy/proxy-error.ts";
import { keepHeads } from "./received-head.ts";
import type { TlsIdentity } from "./tls-identity.ts";

/**
 * The guard rejected the address of a host. The message is suitable for a tenant; `address` and `range` are for the operator's
 * log.
 */
export class BlockedAddressError extends Error {
  override readonly name = "BlockedAddressError";
  readonly host: string;
  readonly address: string;
  readonly range: string;

  constructor(blocked: { host: string; address: string; range: string }) {
    super("Requests to this address are not allowed.");
    this.host = blocked.host;
    this.address = blocked.address;
    this.range = blocked.range;
  }
}

/** The connection failed, so that no byte of a request was sent. `code` is Node's or OpenSSL's; `cause` has the details. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly reason: "dns" | "connect" | "tls" | "timeout";
  readonly code: string;

  constructor(reason: ConnectError["reason"], cause: unknown) {
    super(`The connection failed: ${reason}.`, { cause });
    this.reason = reason;
    this.code = codeOf(cause);
  }
}

export interface ConnectorOptions {
  guard: AddressGuard;
  /** Limits name resolution, TCP and TLS together. */
  timeoutMs: number;
  /** Limits everything that is received for one request before the connection is closed. */
  readBytesMax: number;
  /** The system's resolver by default. */
  lookup?: Lookup | undefined;
  /** Called for every rejection, with the address that a tenant must not see. */
  onBlocked?: ((error: BlockedAddressError) => void) | undefined;
  /** Without it, connections are direct. */
  proxy?: OutboundProxy | undefined;
  /** The certificates of the connections. */
  tls?: TlsIdentity | undefined;
}

/**
 * Opens sockets for undici, to allowed addresses only. It fails with BlockedAddressError, ConnectError or ProxyError. A name is
 * resolved once per connection, and the socket connects to exactly the checked addresses. A proxy that resolves names receives
 * the name instead.
 */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const { guard, timeoutMs, readBytesMax, onBlocked, proxy, tls } = options;
  const shared = sharedLookup(options.lookup ?? lookupAll);
  // Node resolves only through this `lookup` and races all addresses that it returns (happy eyeballs).
  const connect = buildConnector({
    timeout: timeoutMs,
    lookup: guardedLookup(guard, shared),
    ...(tls !== undefined && { secureContext: tls.context }),
  });
  const openTunnel = async (
    { hostname, port, protocol }: buildConnector.Options,
    proxy: OutboundProxy,
  ): Promise<Socket> => {
    const hosts = await hostsFor(hostname, { guard, lookup: shared, proxy });
    return await proxy.connect(hosts, Number(port) || (protocol === "https:" ? 443 : 80), timeoutMs);
  };

  return (target, callback) => {
    const fail = (error: Error) => {
      if (error instanceof BlockedAddressError) onBlocked?.(error);
      callback(error, null);
    };
    try {
      // Node never calls `lookup` for an address, so that addresses are checked here.
      if (isIP(target.hostname) !== 0) refuseBlocked(guard, target.hostname, [target.hostname]);
    } catch (error) {
      // Deferred, because undici's own call must return before a failure is reported.
      queueMicrotask(() => fail(asConnectError(error, target.protocol)));
      return;
    }
    const use: buildConnector.Callback = (...[error, socket]) => {
      if (error !== null) {
        fail(asConnectError(error, target.protocol));
        return;
      }
      keepHeads(socket);
      boundResponses(socket, readBytesMax);
      skipContinue(socket);
      // An alert of the receiver is an error, followed by the end of the connection. undici would report only the end.
      if (target.protocol === "https:") socket.once("error", () => socket.destroy());
      callback(null, socket);
    };
    if (proxy?.serves(target.hostname) !== true) connect(target, use);
    else {
      openTunnel(target, proxy).then(
        (socket) =>
          target.protocol === "https:" ? connect({ ...target, httpSocket: socket }, use) : use(null, socket),
        (error) => fail(asConnectError(error, "http:")),
      );
    }
  };
}

/** The checked addresses of a host, or its name for a proxy that resolves names. */
async function hostsFor(
  hostname: string,
  { guard, lookup, proxy }: { guard: AddressGuard; lookup: Lookup; proxy: OutboundProxy | undefined },
): Promise<readonly string[]> {
  if (isIP(hostname) !== 0) {
    refuseBlocked(guard, hostname, [hostname]);
    return [hostname];
  }
  if (proxy?.serves(hostname) === true && proxy.resolvesNames) {
    refuseLocalName(guard, hostname);
    return [hostname];
  }
  return (await checkedAddresses(hostname, { guard, lookup })).map(({ address }) => address);
}

/** The proxy resolves names where the guard cannot check them, so that names of private networks are refused by their form. */
function refuseLocalName(guard: AddressGuard, hostname: string): void {
  if (isLoopbackName(hostname)) refuseBlocked(guard, hostname, ["127.0.0.1"]);
  else if (isLocalName(hostname)) {
    throw new BlockedAddressError({ host: hostname, address: hostname, range: "a name of a private network" });
  }
}

/** One blocked address blocks the name: a result that mixes public and private addresses is an attack or a mistake. */
function refuseBlocked(guard: AddressGuard, host: string, addresses: readonly string[]): void {
  for (const address of addresses) {
    const verdict = guard.check(address);
    if (!verdict.allowed) throw new BlockedAddressError({ host, address, range: verdict.reason });
  }
}

async function checkedAddresses(
  hostname: string,
  { guard, lookup }: { guard: AddressGuard; lookup: Lookup },
): Promise<[LookupAddress, ...LookupAddress[]]> {
  const [first, ...others] = await lookup(hostname).catch((cause) => Promise.reject(new ConnectError("dns", cause)));
  if (first === undefined) throw new ConnectError("dns", new Error("The host name has no address."));
  const addresses: [LookupAddress, ...LookupAddress[]] = [first, ...others];
  refuseBlocked(
    guard,
    hostname,
    addresses.map(({ address }) => address),
  );
  return addresses;
}

/**
 * Returns every address of a host, all of them checked, for code that opens its own connections, such as another program. It
 * fails as `createConnector` does. The caller must connect to these addresses and must not resolve the name again. For a proxy
 * that resolves names, it returns the name.
 */
export async function hostAddresses(
  host: string,
  {
    guard,
    lookup = lookupAll,
    onBlocked,
    proxy,
    keepName,
    owner,
  }: Omit<ConnectorOptions, "timeoutMs" | "readBytesMax"> & {
    keepName?: KeepName | undefined;
    owner?: string | undefined;
  },
): Promise<readonly string[]> {
  using _ = owner === undefined ? undefined : keepName?.(host, owner);
  try {
    return await hostsFor(host, { guard, lookup, proxy });
  } catch (error) {
    if (error instanceof BlockedAddressError) onBlocked?.(error);
    throw error;
  }
}

function guardedLookup(guard: AddressGuard, lookup: Lookup): LookupFunction {
  return (hostname, { all }, callback) => {
    checkedAddresses(hostname, { guard, lookup }).then(
      (addresses) => (all ? callback(null, addresses) : callback(null, addresses[0].address, addresses[0].family)),
      (error: Error) => callback(error, ""),
    );
  };
}

/** A burst of connections to one host shares one look-up, because the system's resolver has few threads. */
function sharedLookup(lookup: Lookup): Lookup {
  const underway = new Map<string, ReturnType<Lookup>>();
  return (hostname) => {
    const known = underway.get(hostname);
    if (known !== undefined) return known;
    const response = lookup(hostname).finally(() => underway.delete(hostname));
    underway.set(hostname, response);
    return response;
  };
}

function lookupAll(hostname: string): Promise<LookupAddress[]> {
  return systemLookup(hostname, { all: true });
}

function asConnectError(error: unknown, protocol: string): BlockedAddressError | ConnectError | ProxyError {
  if (error instanceof BlockedAddressError || error instanceof ConnectError || error instanceof ProxyError)
    return error;
  const code = codeOf(error);
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") return new ConnectError("timeout", error);
  // Node names the system call where TCP itself failed, and aggregates the failures of several addresses.
  const beforeTls =
    error instanceof AggregateError || (error instanceof Error && "syscall" in error && error.syscall === "connect");
  return new ConnectError(protocol === "https:" && !beforeTls ? "tls" : "connect", error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
