import { createClient, type Fetch, type Weft, WeftConnectionError } from "@weft/sdk";
import { type Config, sqlitePathOf } from "../config/config.ts";
import { readLocalAccess } from "../local-access.ts";
import { CommandError, isDatabaseInUse } from "./failure.ts";

/**
 * Uses the API over a database, or that of the Weft that runs on it: only one process may write to a SQLite database. A caller
 * who can open the database may do everything in it, so no key is required: this is how the first key is created.
 */
export async function useLocalWeft<Result>(
  config: Config,
  organizationId: string | undefined,
  use: (client: Weft) => Promise<Result>,
): Promise<Result> {
  try {
    return await useDatabase(config, organizationId, use);
  } catch (error) {
    if (isDatabaseInUse(error)) return await useRunningWeft(error, config, organizationId, use);
    throw error;
  }
}

/** Uses the API over a database that no Weft runs on. It opens no port and delivers nothing. */
export async function useDatabase<Result>(
  config: Config,
  organizationId: string | undefined,
  use: (client: Weft) => Promise<Result>,
): Promise<Result> {
  const { assembleWeft } = await import("../main.ts");
  // A log would mix with the lines of the result.
  await using weft = await assembleWeft(
    { ...config, auth: "none", logLevel: "silent" },
    { command: "a weft command", logFormat: "json" },
  );
  return await use(createClient({ url: "http://localhost", organizationId, fetch: fetchFrom(weft.server) }));
}

async function useRunningWeft<Result>(
  inUse: Error,
  config: Config,
  organizationId: string | undefined,
  use: (client: Weft) => Promise<Result>,
): Promise<Result> {
  const path = sqlitePathOf(config);
  const access = path === null ? null : readLocalAccess(path);
  if (access === null) throw databaseInUse(inUse);
  try {
    return await use(createClient({ url: access.url, apiKey: access.key, organizationId }));
  } catch (error) {
    // Such as a Weft in a container, whose address this process cannot reach.
    if (error instanceof WeftConnectionError) throw databaseInUse(inUse);
    throw error;
  }
}

function databaseInUse(cause: Error): CommandError {
  const hint = "Or call that process: set --url to its address, and an admin key with --key or WEFT_API_KEY.";
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
