import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { explain, toleranceSecondsDefault } from "../verifying/explain.ts";
import type { ReceivedRequest } from "../verifying/received-request.ts";
import type { Arrivals } from "./arrivals.ts";
import type { InboxResponse } from "./response.ts";

export interface Taking {
  readonly arrivals: Arrivals;
  readonly secrets: readonly string[];
  readonly now: () => Date;
}

/** Larger bodies get a 413 and are not kept. Weft sends 1 MiB at most. */
export const bodyBytesMax = 1024 * 1024;

/** Stores a request in the inbox, and responds as the page or the command line says. */
export async function takeRequest(request: IncomingMessage, response: ServerResponse, taking: Taking): Promise<void> {
  const { arrivals, now } = taking;
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const read = await readBody(request);
  if (read === null) return;
  const at = now();
  const { body, bodyBytes } = read;
  const isTooLarge = bodyBytes > bodyBytesMax;
  const headers = pairsOf(request.rawHeaders);
  const answer = isTooLarge ? tooLarge : arrivals.answer;
  const arrivedAt = performance.now();
  const { method = "", url: path = "" } = request;
  // Weft sends a HEAD to check that an endpoint is reachable. It is never signed.
  const isSigned = !isTooLarge && method !== "HEAD";
  const explanation = isSigned ? await explained({ headers, body }, at, taking) : null;
  arrivals.add({ at, method, path, headers, body, bodyBytes, isTooLarge, explanation, answer });
  const restMs = answer.delay_seconds * 1_000 - (performance.now() - arrivedAt);
  // It rejects when the sender hangs up early. Then no response can be sent.
  if (restMs > 0) await sleep(restMs, undefined, { signal: gone.signal }).catch(() => {});
  if (!gone.signal.aborted) send(response, answer);
}

const tooLarge: InboxResponse = {
  status: 413,
  delay_seconds: 0,
  body: `The request body is larger than ${bodyBytesMax} bytes.\n`,
};

/**
 * A body that is too large is not kept. Its rest is read so that the sender gets the response. Null when the request
 * ended early.
 */
async function readBody(request: IncomingMessage): Promise<{ body: Buffer; bodyBytes: number } | null> {
  let chunks: Buffer[] = [];
  let bodyBytes = 0;
  try {
    for await (const chunk of request) {
      bodyBytes += chunk.length;
      if (bodyBytes <= bodyBytesMax) chunks.push(chunk);
      else chunks = [];
    }
  } catch {
    return null;
  }
  return { body: Buffer.concat(chunks), bodyBytes };
}

async function explained(request: ReceivedRequest, now: Date, { secrets }: Taking) {
  if (secrets.length === 0) return null;
  return explain({ request, secrets, now, toleranceSeconds: toleranceSecondsDefault });
}

function pairsOf(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at] ?? "", raw[2 * at + 1] ?? ""]);
}

function send(response: ServerResponse, { status, body }: InboxResponse): void {
  const hasBody = body !== "" && status !== 204 && status !== 205 && status !== 304;
  response.writeHead(status, {
    ...(hasBody && { "content-type": isJson(body) ? "application/json" : "text/plain; charset=utf-8" }),
    // It has the origin of the page, so no browser may render it as a page.
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  });
  response.end(hasBody ? body : undefined);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
