/** Names that no public DNS has. Sources: RFC 6761, RFC 6762, RFC 8375, and ICANN's reservation of `internal`. */
const localSuffixes = ["localhost", "localdomain", "local", "internal", "lan", "home.arpa"];

/**
 * Whether a name belongs to a private network by its form. A proxy that resolves names would look it up in the operator's
 * network, where the address guard cannot check its address.
 */
export function isLocalName(host: string): boolean {
  const name = host.replace(/\.$/, "").toLowerCase();
  return !name.includes(".") || localSuffixes.some((suffix) => name.endsWith(`.${suffix}`));
}

/** Whether a name means the loopback of the machine that resolves it. Source: RFC 6761, section 6.3. */
export function isLoopbackName(host: string): boolean {
  const name = host.replace(/\.$/, "").toLowerCase();
  return name === "localhost" || name.endsWith(".localhost");
}
