import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { PortalLogo } from "../domain/portal-brand.ts";
import { cacheControlOf, pageHeaders } from "./page-headers.ts";

export interface ConsoleSettings {
  /** The folder with the built pages, each file next to its compressed forms. */
  readonly folder: string;
  /** Origins of sites that may embed the console in a frame. */
  readonly frameAncestors: readonly string[];
  /** The platform's logo in the portal. */
  readonly portalLogo: PortalLogo | null;
}

const prefix = "/console";
const logoPath = "/portal-logo";
const year = 365 * 24 * 3_600;

/**
 * Serves the pages below `/console/`, and redirects browsers there from `/`, where programs receive JSON. The pages call the
 * public API like any client, and resolve any path below `/console/` themselves.
 */
export function serveConsole(server: FastifyInstance, { folder, frameAncestors, portalLogo }: ConsoleSettings): void {
  const headers = pageHeaders(frameAncestors, null);
  server.addHook("onRequest", (request, reply, done) => {
    if (requestsPage(request) && pathOf(request) === "/") void reply.redirect(`${prefix}/`, 302);
    else done();
  });
  void server.register(
    async (pages) => {
      pages.addHook("onRequest", async (_request, reply) => void reply.headers(headers));
      if (portalLogo !== null) serveLogo(pages, portalLogo);
      if (!existsSync(join(folder, "index.html"))) {
        pages.get("/*", async (_request, reply) => reply.code(503).type("text/plain").send(notBuilt));
        return;
      }
      await pages.register(fastifyStatic, {
        root: folder,
        preCompressed: true,
        cacheControl: false,
        setHeaders: (reply, path) => void reply.header("cache-control", cacheControlOf(path)),
      });
      pages.setNotFoundHandler((request, reply) => {
        if (pathOf(request).startsWith(`${prefix}/assets/`)) return notFound(reply);
        return reply.sendFile("index.html");
      });
    },
    { prefix },
  );
}

/** The address of a logo, which another content does not have. */
export function portalLogoPath({ version }: PortalLogo): string {
  return `${prefix}${logoPath}/${version}`;
}

function serveLogo(pages: FastifyInstance, logo: PortalLogo): void {
  pages.get(`${logoPath}/:version`, async (request, reply) => {
    if ((request.params as { version: string }).version !== logo.version) return notFound(reply);
    return reply
      .header("cache-control", `public, max-age=${year}, immutable`)
      .type(logo.mediaType)
      .send(Buffer.from(logo.bytes));
  });
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
