import type { Exchange } from "../domain/exchange.ts";
import { parseRequestUrl } from "./exchange.ts";
import type { HttpSender } from "./http-sender.ts";
import type { TlsIdentity } from "./tls-identity.ts";

export type Reachability = { reachable: true } | { reachable: false; detail: string };

/**
 * Checks that an endpoint exists with one HEAD request; any status is enough. There are few errors, and a blocked address looks
 * the same as no response, so that a tenant cannot use the check to explore the operator's network.
 */
export async function checkEndpoint(
  url: string | URL,
  sender: Pick<HttpSender, "send">,
  { timeoutMs = 5_000, owner, tls }: { timeoutMs?: number; owner?: string; tls?: TlsIdentity | null } = {},
): Promise<Reachability> {
  const parsed = URL.parse(String(url));
  if (parsed === null) return { reachable: false, detail: unconnected };
  const exchange = await sender.send({
    url: parseRequestUrl(parsed),
    method: "HEAD",
    headers,
    body: "",
    timeoutMs,
    ...(owner !== undefined && { owner }),
    ...(tls != null && { tls }),
  });
  return reachability(exchange);
}

function reachability(exchange: Exchange): Reachability {
  if (exchange.kind === "answered") return { reachable: true };
  if (exchange.reason === "proxy") return { reachable: false, detail: exchange.detail };
  return { reachable: false, detail: exchange.reason === "timeout" ? unresponsive : unconnected };
}

const headers = ["user-agent", "Weft"];
const unresponsive = "Endpoint did not respond within 5 seconds.";
const unconnected = "Could not connect to endpoint. Please check the URL is correct and the server is running.";
