import { readFile, stat } from "node:fs/promises";
import { isIP } from "node:net";

/** The machine's resolver files, read as its own resolver reads them. */
export interface ResolverFiles {
  /** Addresses by name in lower case, from the hosts file. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  /** The search domains for names with few dots, from resolv.conf. */
  readonly search: readonly string[];
  /** A name with this many dots is first tried unchanged. */
  readonly ndots: number;
}

const lookEveryMs = 5_000;
const fileBytesMax = 1024 * 1024;
const searchMax = 6;
const ndotsMax = 15;
/** `localhost` is always loopback (RFC 6761), whether the hosts file has it or not. */
const loopback = ["127.0.0.1", "::1"] as const;

/** Reads the files, and reads them again after a change; it checks every few seconds at most. */
export class WatchedResolverFiles {
  readonly #paths: { readonly hosts: string; readonly resolvConf: string };
  readonly #now: () => number;
  #known: { readonly files: ResolverFiles; readonly state: string; lookedAt: number } | null = null;
  #looking: Promise<ResolverFiles> | null = null;

  constructor(paths: { readonly hosts: string; readonly resolvConf: string }, now: () => number) {
    this.#paths = paths;
    this.#now = now;
  }

  /** Returns at once if the files were checked a moment ago. */
  read(): ResolverFiles | Promise<ResolverFiles> {
    if (this.#known !== null && this.#now() - this.#known.lookedAt < lookEveryMs) return this.#known.files;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(): Promise<ResolverFiles> {
    const { hosts, resolvConf } = this.#paths;
    const state = (await Promise.all([stateOf(hosts), stateOf(resolvConf)])).join();
    if (this.#known?.state === state) {
      this.#known.lookedAt = this.#now();
      return this.#known.files;
    }
    const files = { hosts: hostsIn(await textOf(hosts)), ...searchIn(await textOf(resolvConf)) };
    this.#known = { files, state, lookedAt: this.#now() };
    return files;
  }
}

async function stateOf(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  return stats === null ? "" : `${stats.ino}/${stats.size}/${stats.mtimeNs}`;
}

/** Empty for a file that does not exist, or is larger than any real one. */
async function textOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => null);
  if (stats === null || stats.size > fileBytesMax) return "";
  return await readFile(path, "utf8").catch(() => "");
}

export function hostsIn(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const [address = "", ...names] = (line.split("#", 1)[0] ?? "").trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = hosts.get(key) ?? [];
      hosts.set(key, known);
      if (!known.includes(address)) known.push(address);
    }
  }
  return hosts;
}

export function searchIn(text: string): Pick<ResolverFiles, "search" | "ndots"> {
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split(/\r?\n/)) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "search" || keyword === "domain") search = values.slice(0, searchMax);
    if (keyword !== "options") continue;
    const given = values.find((value) => /^ndots:\d{1,2}$/.test(value));
    if (given !== undefined) ndots = Math.min(Number(given.slice("ndots:".length)), ndotsMax);
  }
  return { search: search.map((domain) => domain.replace(/\.$/, "")).filter((domain) => domain !== ""), ndots };
}

/** The addresses that need no query; null when a server must be queried. */
export function knownAddresses({ hosts }: Pick<ResolverFiles, "hosts">, name: string): readonly string[] | null {
  const listed = hosts.get(name);
  if (listed !== undefined) return listed;
  return name === "localhost" || name.endsWith(".localhost") ? loopback : null;
}

/** The names to query in order, until one has addresses. */
export function candidatesOf({ search, ndots }: Pick<ResolverFiles, "search" | "ndots">, name: string): string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const dots = name.split(".").length - 1;
  const searched = search.map((domain) => `${name}.${domain}`);
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}
