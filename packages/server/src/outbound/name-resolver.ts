import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { limits } from "../domain/limits.ts";
import type { KeepName, Lookup } from "./lookup.ts";
import { candidatesOf, knownAddresses, WatchedResolverFiles } from "./resolver-files.ts";
import { WaitingLookUps } from "./waiting-look-ups.ts";

export interface NameResolverOptions {
  /** DNS servers, as `ADDRESS` or `ADDRESS:PORT`; empty for those of the machine. */
  readonly servers: readonly string[];
  /** A monotonic clock (ms). */
  readonly now: () => number;
  /** The machine's by default. */
  readonly files?: { readonly hosts: string; readonly resolvConf: string };
  /** The time limit for one name (ms). */
  readonly timeoutMs?: number;
}

/** Whether a text is `ADDRESS` or `ADDRESS:PORT`, the form of a server in the settings. */
export function isDnsServer(text: string): boolean {
  const [, host = "", port = "53"] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = host.startsWith("[") ? isIP(host.slice(1, -1)) === 6 : isIP(host) === 4;
  return (isAddress && Number(port) > 0 && Number(port) <= 65_535) || isIP(text) === 6;
}

interface LookupResult {
  readonly addresses: readonly LookupAddress[];
  /** The error code of the failure; null when there are addresses. */
  readonly code: string | null;
  readonly until: number;
}

/** The machine's DNS servers may change while Weft runs. */
const resolverMsMax = 30_000;
/** The defaults of the system's resolver. */
const tryMs = 5_000;
const tries = 2;

/**
 * Looks names up by querying the servers directly. The system's own function occupies one of the process's four threads, which
 * files also use, for as long as a look-up takes. Names in the hosts file, and `localhost`, are not queried.
 */
export class NameResolver {
  readonly #options: NameResolverOptions;
  readonly #files: WatchedResolverFiles;
  readonly #waiting = new WaitingLookUps({
    together: limits.nameLookUpsMax,
    ofOwner: limits.nameLookUpsOfOrganizationMax,
    waiting: limits.nameLookUpsWaitingMax,
  });
  readonly #found = new Map<string, LookupResult>();
  readonly #underWay = new Map<string, Promise<LookupResult>>();
  #resolver: { readonly resolver: Resolver; readonly madeAt: number } | null = null;

  constructor(options: NameResolverOptions) {
    this.#options = options;
    this.#files = new WatchedResolverFiles(
      options.files ?? { hosts: "/etc/hosts", resolvConf: "/etc/resolv.conf" },
      options.now,
    );
  }

  /** Every address of a name. Rejects with an Error with a code when it has none. */
  readonly lookup: Lookup = async (hostname) => {
    const name = hostname.toLowerCase();
    const { addresses, code } = this.#remembered(name) ?? (await this.#lookUp(name));
    if (code === null) return addresses;
    throw Object.assign(new Error(`The name ${hostname.slice(0, 255)} could not be resolved (${code}).`), { code });
  };

  readonly keepName: KeepName = (hostname, owner) => this.#waiting.keep(hostname.toLowerCase(), owner);

  #remembered(name: string): LookupResult | null {
    const found = this.#found.get(name);
    return found !== undefined && found.until > this.#options.now() ? found : null;
  }

  #lookUp(name: string): Promise<LookupResult> {
    const known = this.#underWay.get(name);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<LookupResult>();
    this.#underWay.set(name, promise);
    const settle = (found: LookupResult) => {
      this.#underWay.delete(name);
      resolve(found);
    };
    const isTaken = this.#waiting.add(name, async () => {
      const found = await this.#resolve(name);
      this.#remember(name, found);
      settle(found);
    });
    if (!isTaken) settle(failed("EBUSY", 0));
    return promise;
  }

  #remember(name: string, found: LookupResult): void {
    this.#found.delete(name);
    this.#found.set(name, found);
    const [oldest] = this.#found.keys();
    if (this.#found.size > limits.namesRememberedMax && oldest !== undefined) this.#found.delete(oldest);
  }

  /** Never rejects. */
  async #resolve(name: string): Promise<LookupResult> {
    const files = await this.#files.read();
    const now = this.#options.now();
    const known = knownAddresses(files, name.replace(/\.$/, ""));
    if (known !== null) return { addresses: known.map(withFamily), code: null, until: now + limits.nameKeptMsMin };
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), this.#options.timeoutMs ?? limits.nameLookUpMs);
    const resolver = this.#currentResolver();
    let code = "ENOTFOUND";
    for (const candidate of candidatesOf(files, name)) {
      const found = await this.#addressesOf(resolver, candidate, timeout.signal);
      if (found.code === null || timeout.signal.aborted) {
        clearTimeout(timer);
        return found;
      }
      code = found.code;
    }
    clearTimeout(timer);
    return failed(code, now + limits.nameFailureKeptMs);
  }

  async #addressesOf(resolver: Resolver, name: string, signal: AbortSignal): Promise<LookupResult> {
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(Object.assign(new Error("timeout"), { code: "ETIMEOUT" }));
    signal.addEventListener("abort", onAbort, { once: true });
    // IPv4 comes first: on a machine without IPv6, a connection to each of its addresses would fail.
    const families = await Promise.allSettled([
      Promise.race([resolver.resolve4(name, { ttl: true }), aborted.promise]),
      Promise.race([resolver.resolve6(name, { ttl: true }), aborted.promise]),
    ]);
    signal.removeEventListener("abort", onAbort);
    const now = this.#options.now();
    const records = families.flatMap((family) => (family.status === "fulfilled" ? family.value : []));
    if (records.length === 0) {
      const codes = families.map((family) => (family.status === "rejected" ? codeOf(family.reason) : "ENODATA"));
      return failed(
        codes.find((code) => !/ENODATA|ENOTFOUND/.test(code)) ?? codes[0] ?? "",
        now + limits.nameFailureKeptMs,
      );
    }
    const seconds = Math.min(...records.map(({ ttl }) => ttl));
    const keptMs = Math.min(Math.max(seconds * 1_000, limits.nameKeptMsMin), limits.nameKeptMsMax);
    const addresses = records.map(({ address }) => withFamily(address));
    return { addresses, code: null, until: now + keptMs };
  }

  #currentResolver(): Resolver {
    const { servers, now } = this.#options;
    if (this.#resolver !== null && now() - this.#resolver.madeAt < resolverMsMax) return this.#resolver.resolver;
    const resolver = new Resolver({ timeout: tryMs, tries });
    if (servers.length > 0) resolver.setServers(servers);
    this.#resolver = { resolver, madeAt: now() };
    return resolver;
  }
}

function failed(code: string, until: number): LookupResult {
  return { addresses: [], code, until };
}

function withFamily(address: string): LookupAddress {
  return { address, family: isIP(address) };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
