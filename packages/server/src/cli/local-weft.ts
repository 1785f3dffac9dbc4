import { createClient, type Fetch, type Weft } from "@weft/sdk";
import type { Config } from "../config.ts";
import { CommandError, isDatabaseInUse } from "./failure.ts";

/**
 * Uses the API over a database that no Weft is running on. It opens no port and delivers nothing. The caller who can
 * open the database may do everything in it, so no key is required: this is how the first key is created.
 */
export async function useLocalWeft<Result>(
  config: Config,
  organizationId: string | undefined,
  use: (client: Weft) => Promise<Result>,
): Promise<Result> {
  const { assembleWeft } = await import("../main.ts");
  // A log would mix with the lines of the result.
  const opened = assembleWeft(
    { ...config, auth: "none", logLevel: "silent" },
    { command: "a weft command", logFormat: "json" },
  );
  await using weft = await opened.catch((error: unknown) => {
    throw isDatabaseInUse(error) ? databaseInUse(error) : error;
  });
  return await use(createClient({ url: "http://localhost", organizationId, fetch: fetchFrom(weft.server) }));
}

function databaseInUse(cause: Error): CommandError {
  const hint = "Or let that process do it: pass its address with --url, and an admin key with --key or WEFT_API_KEY.";
  return new CommandError(1, `${cause.message}\n${hint}`, { cause });
}

type Server = Awaited<ReturnType<typeof import("../main.ts")["assembleWeft"]>>["server"];

/** A `fetch` that passes requests to a server in this process, without a socket. */
function fetchFrom(server: Server): Fetch {
  return async (url, init) => {
    const request = new Request(url, init);
    const response = await server.inject({
      method: request.method as "GET" | "POST" | "PATCH" | "DELETE",
      url: url.slice(new URL(url).origin.length),
      headers: { ...Object.fromEntries(request.headers), host: "localhost" },
      payload: await request.text(),
    });
    const headers = Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]);
    return new Response(response.body, { status: response.statusCode, headers });
  };
}
