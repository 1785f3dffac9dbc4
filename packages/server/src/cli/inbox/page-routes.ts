import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Arrivals } from "./arrivals.ts";
import { detailOf } from "./facts.ts";
import { refusalOf } from "./page-guard.ts";
import { PageStreams } from "./page-streams.ts";
import { changedResponse, UnusableResponseError } from "./response.ts";

/** Every path below it belongs to the page; every other path is a request to keep. */
export const pagePath = "/-/";

const changeBytesMax = 512 * 1024;

const headers = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

const files = {
  [pagePath]: { name: "page.html", type: "text/html; charset=utf-8" },
  [`${pagePath}page.css`]: { name: "page.css", type: "text/css; charset=utf-8" },
  [`${pagePath}page.js`]: { name: "page.js", type: "text/javascript; charset=utf-8" },
  [`${pagePath}arrival.js`]: { name: "arrival.js", type: "text/javascript; charset=utf-8" },
} as const;

/** Serves the page, its data and its changes below `/-/`. */
export class PageRoutes {
  readonly #arrivals: Arrivals;
  readonly #host: string;
  readonly #streams: PageStreams;

  constructor(arrivals: Arrivals, { host, hasSecret }: { readonly host: string; readonly hasSecret: boolean }) {
    this.#arrivals = arrivals;
    this.#host = host;
    this.#streams = new PageStreams(arrivals, hasSecret);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const refusal = refusalOf(request, this.#host);
    if (refusal !== null) return sendJson(response, 403, { detail: refusal });
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (request.method === "POST") return this.#change(path, request, response);
    if (request.method === "GET") return this.#get(path, request, response);
    sendJson(response, 405, { detail: "The page supports GET and POST." });
  }

  #get(path: string, request: IncomingMessage, response: ServerResponse): void {
    const file = Object.entries(files).find(([name]) => name === path)?.[1];
    if (file !== undefined) {
      response.setHeader("content-type", file.type);
      response.end(readFileSync(new URL(`page/${file.name}`, import.meta.url)));
    } else if (path === `${pagePath}events`) this.#streams.open(response);
    else this.#getArrival(path, request, response);
  }

  #getArrival(path: string, { headers: { host } }: IncomingMessage, response: ServerResponse): void {
    const [, number = "", what] = /^\/-\/arrivals\/(\d{1,15})(\/body)?$/.exec(path) ?? [];
    const arrival = this.#arrivals.get(Number(number));
    if (arrival === undefined) sendJson(response, 404, { detail: "The request is no longer kept." });
    else if (what === undefined) sendJson(response, 200, detailOf(arrival, `http://${host}`));
    else {
      response.setHeader("content-type", "application/octet-stream");
      response.setHeader("content-disposition", `attachment; filename="request-${arrival.number}.body"`);
      response.end(arrival.body);
    }
  }

  async #change(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    if (text === null) return sendJson(response, 413, { detail: "The request body is too large." });
    if (path === `${pagePath}clear`) this.#arrivals.clear();
    else if (path !== `${pagePath}answer`) return sendJson(response, 404, { detail: "This change does not exist." });
    else {
      try {
        this.#arrivals.answer = changedResponse(this.#arrivals.answer, JSON.parse(text));
      } catch (error) {
        if (!(error instanceof UnusableResponseError || error instanceof SyntaxError)) throw error;
        return sendJson(response, 422, { detail: error.message });
      }
    }
    response.writeHead(204).end();
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= changeBytesMax) chunks.push(chunk);
  }
  return size > changeBytesMax ? null : Buffer.concat(chunks).toString("utf8");
}
