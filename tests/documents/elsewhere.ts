import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { serveGit } from "../../packages/server/src/sync/sources/git/fixtures/git-http-server.ts";
import { TestRepository } from "../../packages/server/src/sync/sources/git/fixtures/test-repository.ts";

/**
 * One server for all hosts that documents name: a receiver, a website below `/docs/`, and the repository
 * `handbook.git`.
 */
export interface Elsewhere extends AsyncDisposable {
  readonly origin: string;
}

export async function startElsewhere(): Promise<Elsewhere> {
  const repository = new TestRepository();
  repository.commit({ "docs/herons.md": "Herons wait." });
  symlinkSync(repository.folder, join(repository.root, "handbook.git"));
  const server = await serveGit(repository.root, {
    respond: ({ method, url = "" }, response) => {
      if (url.startsWith("/handbook.git")) return false;
      const isPage = method === "GET" && url === "/docs/";
      response.writeHead(isPage ? 200 : 204, { "content-type": "text/html" }).end(isPage ? "<p>Herons wait." : "");
      return true;
    },
  });
  return {
    origin: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      repository[Symbol.dispose]();
    },
  };
}
