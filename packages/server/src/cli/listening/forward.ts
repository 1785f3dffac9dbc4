import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { ListenerDelivery } from "@weft/sdk";

/** What came of a delivery on this machine. */
export type Answer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly durationMs: number;
    }
  | {
      readonly kind: "unanswered";
      readonly error: "connect" | "timeout" | "closed" | "protocol";
      readonly detail: string;
      readonly durationMs: number;
    };

export type Forward = (delivery: ListenerDelivery, signal: AbortSignal) => Promise<Answer>;

/** More of an answer is not read; of that, Weft keeps 16 KiB. */
const bodyBytesMax = 64 * 1024;

/** Accepts every delivery, for whoever wants to see them only. */
export const acknowledge: Forward = async () => ({
  kind: "answered",
  status: 204,
  headers: {},
  body: "",
  durationMs: 0,
});

/** Sends deliveries to a URL, as Weft would: the same bytes and headers, no redirect followed, nothing decompressed. */
export function forwardTo(url: URL, timeoutMs: number): Forward {
  return ({ headers, body }, signal) => send(url, { headers, body, timeoutMs, signal });
}

interface Sending {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

function send(url: URL, { headers, body, timeoutMs, signal }: Sending): Promise<Answer> {
  const startedAt = performance.now();
  const tookMs = () => Math.round(performance.now() - startedAt);
  const timeout = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    const bytes = Buffer.from(body);
    const fail = (error: Error) =>
      resolve({ kind: "unanswered", ...reasonOf(error, url, timeout), durationMs: tookMs() });
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
      method: "POST",
      headers: { ...headers, "content-length": bytes.length },
      signal: AbortSignal.any([signal, timeout]),
      agent: false,
    });
    request.on("error", fail);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = () =>
        resolve({
          kind: "answered",
          status: response.statusCode ?? 0,
          headers: headersOf(response.rawHeaders),
          body: Buffer.concat(chunks).subarray(0, bodyBytesMax).toString(),
          durationMs: tookMs(),
        });
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size < bodyBytesMax) return;
        done();
        response.destroy();
      });
      response.on("end", done);
      response.on("error", fail);
    });
    request.end(bytes);
  });
}

function headersOf(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < raw.length; at += 2) headers[(raw[at] ?? "").toLowerCase()] = raw[at + 1] ?? "";
  return headers;
}

function reasonOf(error: Error, url: URL, timeout: AbortSignal) {
  const code = "code" in error ? String(error.code) : "";
  if (timeout.aborted) return { error: "timeout", detail: `${url.origin} did not answer in time.` } as const;
  if (code === "ECONNREFUSED") return { error: "connect", detail: `Nothing listens on ${url.host}.` } as const;
  if (code.startsWith("HPE_"))
    return { error: "protocol", detail: `${url.origin} does not speak HTTP: ${code}.` } as const;
  if (code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE") {
    return { error: "closed", detail: `${url.origin} closed the connection without an answer.` } as const;
  }
  return {
    error: "connect",
    detail: `${url.origin} cannot be reached: ${error.message}.`.slice(0, detailMax),
  } as const;
}

const detailMax = 1_000;
