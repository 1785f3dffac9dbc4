import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Decides which addresses Weft may connect to: public unicast, and networks that the operator allowed. */
export interface AddressGuard {
  /** `reason` is the range and is only for the operator's log: a tenant must not learn the addresses of a name. */
  check(address: string): AddressVerdict;
}

export type AddressVerdict = { allowed: true } | { allowed: false; reason: string };

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Network = readonly [range: Address, prefixBits: number];

/** Throws an Error with a sentence when an entry of `allowNetworks` is not a network in CIDR form. */
export function createAddressGuard({ allowNetworks }: { allowNetworks: readonly string[] }): AddressGuard {
  const allowed = parseNetworks(allowNetworks);
  return {
    check(text) {
      const address = canonicalAddress(text);
      if (address === null) return refused("not a plain IP address");
      if (allowed.some((network) => contains(network, address))) return { allowed: true };
      return address instanceof ipaddr.IPv4 ? judgeV4(address) : judgeV6(address);
    },
  };
}

/** Parses CIDRs such as `10.0.0.0/8` or `fd00::/8`. Throws one Error that lists every invalid entry. */
export function parseNetworks(list: readonly string[]): Network[] {
  const networks: Network[] = [];
  const mistakes: string[] = [];
  for (const text of list) {
    const network = parseNetwork(text.trim());
    if (network === null) mistakes.push(`"${text}"`);
    else networks.push(network);
  }
  if (mistakes.length === 0) return networks;
  throw new Error(`Not a network in CIDR form, such as 10.0.0.0/8 or fd00::/8: ${mistakes.join(", ")}.`);
}

/** False for a text that is not an address. */
export function isInNetworks(networks: readonly Network[], text: string): boolean {
  const address = canonicalAddress(text);
  return address !== null && networks.some((network) => contains(network, address));
}

function parseNetwork(text: string): Network | null {
  const [, range = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const canonical = canonicalAddress(range);
  if (canonical === null) return null;
  // A v4-mapped network (::ffff:10.0.0.0/104) is the v4 network that it maps (10.0.0.0/8).
  const mapped = isIP(range) === 6 && canonical instanceof ipaddr.IPv4;
  const prefixBits = Number(bits) - (mapped ? 96 : 0);
  const prefixBitsMax = canonical instanceof ipaddr.IPv4 ? 32 : 128;
  return prefixBits >= 0 && prefixBits <= prefixBitsMax ? [canonical, prefixBits] : null;
}

/** A canonical value for every spelling of an address; v4-mapped becomes v4. Null for zone ids and invalid addresses. */
function canonicalAddress(text: string): Address | null {
  const family = isIP(text);
  if (family === 4) return ipaddr.IPv4.parse(text);
  if (family === 0 || text.includes("%")) return null;
  // URL writes the address in hexadecimal; ipaddr.js alone would read ::10.0.0.1 as the mapped ::ffff:10.0.0.1.
  const address = ipaddr.IPv6.parse(new URL(`http://[${text}]`).hostname.slice(1, -1));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function contains([range, prefixBits]: Network, address: Address): boolean {
  if (range instanceof ipaddr.IPv4) return address instanceof ipaddr.IPv4 && address.match(range, prefixBits);
  return address instanceof ipaddr.IPv6 && address.match(range, prefixBits);
}

function judgeV4(address: ipaddr.IPv4): AddressVerdict {
  return firstRefusal(refusedV4, address) ?? { allowed: true };
}

function judgeV6(address: ipaddr.IPv6): AddressVerdict {
  const refusal = firstRefusal(refusedV6, address) ?? refusedEmbedded(address);
  if (refusal !== null) return refusal;
  const translated = translations.some(({ network }) => contains(network, address));
  return translated || contains(globalUnicast, address) ? { allowed: true } : refused("not global unicast (2000::/3)");
}

function firstRefusal(table: readonly RefusedNetwork[], address: Address): AddressVerdict | null {
  const row = table.find(({ network }) => contains(network, address));
  return row === undefined ? null : refused(row.reason);
}

/** An address that contains a v4 address leads to it, through a gateway or a tunnel. */
function refusedEmbedded(address: ipaddr.IPv6): AddressVerdict | null {
  const bytes = address.toByteArray();
  const carriers: Carrier[] = translations.filter(({ network }) => contains(network, address));
  if (hasIsatapMark(bytes)) carriers.push({ firstByte: 12, name: "ISATAP" });
  for (const { firstByte, name } of carriers) {
    const verdict = judgeV4(new ipaddr.IPv4(bytes.slice(firstByte, firstByte + 4)));
    if (!verdict.allowed) return refused(`${name} of ${verdict.reason}`);
  }
  return null;
}

/** ISATAP uses any prefix: its mark is the interface id 0000:5efe or 0200:5efe. */
function hasIsatapMark(bytes: readonly number[]): boolean {
  return (bytes[8] === 0 || bytes[8] === 2) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}

interface Carrier {
  firstByte: number;
  name: string;
}

interface RefusedNetwork {
  network: Network;
  reason: string;
}

const refusedV4: readonly RefusedNetwork[] = [
  refusedNetwork("0.0.0.0/8", "this network"),
  refusedNetwork("10.0.0.0/8", "private"),
  refusedNetwork("100.64.0.0/10", "carrier-grade NAT"),
  refusedNetwork("127.0.0.0/8", "loopback"),
  refusedNetwork("169.254.0.0/16", "link-local, cloud metadata"),
  refusedNetwork("172.16.0.0/12", "private"),
  refusedNetwork("192.0.0.0/24", "IETF protocol assignments"),
  refusedNetwork("192.0.2.0/24", "documentation"),
  refusedNetwork("192.88.99.0/24", "6to4 relay anycast"),
  refusedNetwork("192.168.0.0/16", "private"),
  refusedNetwork("198.18.0.0/15", "benchmarking"),
  refusedNetwork("198.51.100.0/24", "documentation"),
  refusedNetwork("203.0.113.0/24", "documentation"),
  refusedNetwork("224.0.0.0/4", "multicast"),
  refusedNetwork("255.255.255.255/32", "broadcast"),
  refusedNetwork("240.0.0.0/4", "reserved"),
];

const refusedV6: readonly RefusedNetwork[] = [
  refusedNetwork("::/128", "unspecified"),
  refusedNetwork("::1/128", "loopback"),
  refusedNetwork("64:ff9b:1::/48", "local-use NAT64"),
  refusedNetwork("100::/64", "discard-only"),
  refusedNetwork("2001::/32", "Teredo"),
  refusedNetwork("2001::/23", "IETF protocol assignments"),
  refusedNetwork("2001:db8::/32", "documentation"),
  refusedNetwork("3fff::/20", "documentation"),
  refusedNetwork("5f00::/16", "segment routing (SRv6)"),
  refusedNetwork("fc00::/7", "unique local"),
  refusedNetwork("fe80::/10", "link-local"),
  refusedNetwork("fec0::/10", "site-local"),
  refusedNetwork("ff00::/8", "multicast"),
];

/**
 * Ranges that are checked by the contained v4 address. Networks that the operator allowed in v4 are not allowed through them.
 */
const translations: readonly (Carrier & { network: Network })[] = [
  { network: networkOf("::/96"), firstByte: 12, name: "v4-compatible" },
  { network: networkOf("64:ff9b::/96"), firstByte: 12, name: "NAT64" },
  { network: networkOf("2002::/16"), firstByte: 2, name: "6to4" },
];

const globalUnicast = networkOf("2000::/3");

function refused(reason: string): AddressVerdict {
  return { allowed: false, reason };
}

function refusedNetwork(cidr: string, reason: string): RefusedNetwork {
  return { network: networkOf(cidr), reason: `${reason} (${cidr})` };
}

function networkOf(cidr: string): Network {
  return ipaddr.parseCIDR(cidr);
}
