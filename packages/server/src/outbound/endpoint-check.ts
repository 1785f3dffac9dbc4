import type { Exchange } from "../domain/exchange.ts";
import { parseRequestUrl } from "./exchange.ts";
import type { HttpSender } from "./http-sender.ts";

export type Reachability = { reachable: true } | { reachable: false; detail: string };

/**
 * Checks that an endpoint exists with one HEAD request; any status is enough. There are only two errors, and a blocked address
 * looks the same as no response, so that a tenant cannot use the check to explore the operator's network.
 */
export async function checkEndpoint(
  url: string | URL,
  sender: Pick<HttpSender, "send">,
  { timeoutMs = 5_000, owner }: { timeoutMs?: number; owner?: string } = {},
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
  });
  return reachability(exchange);
}

function reachability(exchange: Exchange): Reachability {
  if (exchange.kind === "answered") return { reachable: true };
  return { reachable: false, detail: exchange.reason === "timeout" ? unresponsive : unconnected };
}

const headers = ["user-agent", "Weft"];
const unresponsive = "Endpoint did not respond within 5 seconds.";
const unconnected = "Could not connect to endpoint. Please check the URL is correct and the server is running.";
