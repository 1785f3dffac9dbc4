import { type Config, ConfigError } from "../config/config.ts";
import { NameResolver } from "../outbound/name-resolver.ts";
import { createOutboundProxy } from "../outbound/proxy/outbound-proxy.ts";
import { ProxyError } from "../outbound/proxy/proxy-error.ts";

/** Connects to the outbound proxy of the settings and closes the connection. Throws a ConfigError when that fails. */
export async function reachProxy(config: Config, now: () => number): Promise<void> {
  const names = new NameResolver({ servers: config.dnsServers, now });
  try {
    await createOutboundProxy(config, { lookup: names.lookup })?.check();
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    throw new ConfigError([`WEFT_OUTBOUND_PROXY: ${error.message} Start it, or correct its address.`]);
  }
}
