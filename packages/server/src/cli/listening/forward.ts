import type { ListenerDelivery } from "@weft/sdk";
import type { Exchange } from "../../domain/exchange.ts";
import { limits } from "../../domain/limits.ts";
import { createAddressGuard } from "../../outbound/address-guard.ts";
import { parseRequestUrl } from "../../outbound/exchange.ts";
import { HttpSender } from "../../outbound/http-sender.ts";

export type Forward = (delivery: ListenerDelivery, signal: AbortSignal) => Promise<Exchange>;

/** Accepts every delivery, for a developer who only wants to see them. */
export const acknowledge: Forward = async () => ({
  kind: "answered",
  status: 204,
  headers: {},
  body: "",
  truncated: null,
  durationMs: 0,
});

/** The sender that Weft itself sends with. The developer chose the address, so all networks are allowed. */
export function forwardingSender(timeoutMs: number): HttpSender {
  return new HttpSender({
    guard: createAddressGuard({ allowNetworks: ["0.0.0.0/0", "::/0"] }),
    timeoutMs,
    responseBytesMax: limits.responseBytesReadMax,
    responseBytesKept: limits.responseBytesKept,
  });
}

/** Sends deliveries to a URL with the same bytes and headers, and by the same rules, as Weft sends them to an endpoint. */
export function forwardTo(url: URL, sender: Pick<HttpSender, "send">): Forward {
  const target = parseRequestUrl(url);
  return ({ headers, body }, signal) =>
    sender.send({ url: target, method: "POST", headers: Object.entries(headers).flat(), body, signal });
}
