import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export interface ConsoleSettings {
  /** The folder with the built pages, each file next to its compressed forms. */
  readonly folder: string;
  /** Origins of sites that may embed the console in a frame. */
  readonly frameAncestors: readonly string[];
}

const prefix = "/console";
const year = 365 * 24 * 3_600;

/**
 * Serves the pages below `/console/`, and redirects browsers there from `/`, where programs receive JSON. The pages call the
 * public API like any client, and resolve any path below `/console/` themselves.
 */
export function serveConsole(server: FastifyInstance, { folder, frameAncestors }: ConsoleSettings): void {
  const headers = pageHeaders(frameAncestors);
  server.addHook("onRequest", async (request, reply) => {
    if (requestsPage(request) && pathOf(request) === "/") return reply.redirect(`${prefix}/`, 302);
  });
  void server.register(
    async (pages) => {
      pages.addHook("onRequest", async (_request, reply) => void reply.headers(headers));
      if (!existsSync(join(folder, "index.html"))) {
        pages.get("/*", async (_request, reply) => reply.code(503).type("text/plain").send(notBuilt));
        return;
      }
      await pages.register(fastifyStatic, {
        root: folder,
        preCompressed: true,
        cacheControl: false,
        // The name of a built file changes with its content; the name of the HTML page does not.
        setHeaders: (reply, path) =>
          void reply.header(
            "cache-control",
            path.includes("/assets/") ? `public, max-age=${year}, immutable` : "no-cache",
          ),
      });
      pages.setNotFoundHandler((request, reply) => {
        if (pathOf(request).startsWith(`${prefix}/assets/`)) return notFound(reply);
        return reply.sendFile("index.html");
      });
    },
    { prefix },
  );
}

const notBuilt =
  "The console was not built. In the repository, run `npm run console`; the API works without it, see /openapi.json.\n";

// A browser with a page of an earlier version requests files that no longer exist. A page in their place would fail in
// confusing ways.
function notFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).header("cache-control", "no-store").type("text/plain").send("This file does not exist.\n");
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?", 1)[0] ?? url;
}

function requestsPage({ method, headers }: FastifyRequest): boolean {
  return (method === "GET" || method === "HEAD") && headers.accept?.includes("text/html") === true;
}

function pageHeaders(frameAncestors: readonly string[]): Record<string, string> {
  const policy = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": frameAncestors.length === 0 ? "'none'" : frameAncestors.join(" "),
    "require-trusted-types-for": "'script'",
  };
  return {
    "content-security-policy": Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join("; "),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    ...(frameAncestors.length === 0 && { "x-frame-options": "DENY" }),
  };
}
