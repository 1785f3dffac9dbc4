import { isIP } from "node:net";
import { isInNetworks, type Network, parseNetworks } from "../address-guard.ts";

const hostName = /^\.?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

/** The hosts that are reached without the proxy. */
export interface NoProxyList {
  /** A host is a name, or an address without brackets. */
  includes(host: string): boolean;
}

/**
 * Parses addresses, networks and names. A name includes its subdomains, with or without a dot before it. Addresses and networks
 * match only hosts that are addresses, because no name is resolved for this. Throws an Error with every invalid entry.
 */
export function parseNoProxy(entries: readonly string[]): NoProxyList {
  const networks: Network[] = [];
  const names: string[] = [];
  const mistakes: string[] = [];
  for (const entry of entries) {
    const network = networkOf(entry);
    if (network !== null) networks.push(network);
    else if (hostName.test(entry) && isIP(entry) === 0) names.push(entry.replace(/^\./, "").toLowerCase());
    else mistakes.push(`"${entry}"`);
  }
  if (mistakes.length > 0) throw new Error(`Neither an address nor a network nor a host name: ${mistakes.join(", ")}.`);
  return {
    includes(host) {
      if (isIP(host) !== 0) return isInNetworks(networks, host);
      const name = host.replace(/\.$/, "").toLowerCase();
      return names.some((known) => name === known || name.endsWith(`.${known}`));
    },
  };
}

function networkOf(entry: string): Network | null {
  const family = isIP(entry);
  const cidr = family === 0 ? entry : `${entry}/${family === 4 ? 32 : 128}`;
  try {
    return parseNetworks([cidr])[0] ?? null;
  } catch {
    return null;
  }
}
