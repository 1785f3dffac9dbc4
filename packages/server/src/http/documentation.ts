import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { cacheControlOf, pageHeaders } from "./page-headers.ts";

export interface DocumentationSettings {
  /** The folder with the built site. Each file is compressed: `index.html.gz`. */
  readonly folder: string;
  /** Origins of sites that may embed the pages in a frame. */
  readonly frameAncestors: readonly string[];
}

/** A file of the site. */
interface SiteFile {
  readonly compressed: string;
  readonly tag: string;
}

const prefix = "/docs";

/** Vue writes the HTML of pages through a policy of this name. */
const trustedTypes = "vue";

const mediaTypes: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".svg", "image/svg+xml"],
  [".json", "application/json"],
  [".md", "text/markdown; charset=utf-8"],
  [".txt", "text/plain; charset=utf-8"],
]);

/** Serves the documentation below `/docs/`. */
export function serveDocumentation(server: FastifyInstance, { folder, frameAncestors }: DocumentationSettings): void {
  const headers = pageHeaders(frameAncestors, trustedTypes);
  let files: ReadonlyMap<string, SiteFile> | null = null;
  void server.register(
    async (pages) => {
      pages.addHook("onRequest", async (_request, reply) => void reply.headers(headers));
      if (!existsSync(join(folder, "index.html.gz"))) {
        pages.get("/*", async (_request, reply) => reply.code(503).type("text/plain").send(notBuilt));
        return;
      }
      const handle = async (request: FastifyRequest<{ Params: { "*"?: string } }>, reply: FastifyReply) => {
        // A path outside of the folder is not a name in this table.
        files ??= filesIn(folder);
        const path = (request.params["*"] ?? "").replace(/\/$/, "");
        const index = path === "" ? "index.html" : `${path}/index.html`;
        const name = files.has(path) ? path : index;
        const file = files.get(name);
        if (file !== undefined) return send(request, reply, name, file);
        void reply.code(404);
        const page = files.get("404.html");
        if (path.startsWith("assets/") || page === undefined)
          return reply.header("cache-control", "no-store").type("text/plain").send("This file does not exist.\n");
        return send(request, reply, "404.html", page);
      };
      pages.get("/", handle);
      pages.get("/*", handle);
    },
    { prefix },
  );
}

const notBuilt =
  "The documentation was not built. In the repository, run `npm run docs`; docs/ contains the same pages.\n";

function filesIn(folder: string): Map<string, SiteFile> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".gz"));
  return new Map(
    names.map((name) => {
      const compressed = join(folder, name);
      const { size, mtimeMs } = statSync(compressed);
      return [name.slice(0, -".gz".length).replaceAll("\\", "/"), { compressed, tag: `W/"${size}-${mtimeMs}"` }];
    }),
  );
}

function send(request: FastifyRequest, reply: FastifyReply, name: string, { compressed, tag }: SiteFile): FastifyReply {
  void reply.headers({
    "cache-control": cacheControlOf(`/${name}`),
    "content-type": mediaTypes.get(extname(name)) ?? "application/octet-stream",
    etag: tag,
    vary: "accept-encoding",
  });
  if (reply.statusCode === 200 && request.headers["if-none-match"] === tag) return reply.code(304).send();
  const file = createReadStream(compressed);
  if (acceptsGzip(request.headers["accept-encoding"])) return reply.header("content-encoding", "gzip").send(file);
  return reply.send(pipeline(file, createGunzip(), () => {}));
}

function acceptsGzip(header: string | string[] = ""): boolean {
  return String(header)
    .split(",")
    .some((part) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0+)?\s*$).*)?$/i.test(part));
}
