import { createClient, type Weft, type WeftClient } from "@weft/sdk";
import type { Command } from "commander";
import { CommandError } from "./failure.ts";
import { useLocalWeft } from "./local-weft.ts";
import { addDatabaseFlags, configFrom, type Environment, type SettingFlags } from "./settings.ts";

export interface RemoteFlags {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
}

export interface ClientFlags extends SettingFlags, RemoteFlags {
  readonly organization?: string | undefined;
}

export function addRemoteFlags(command: Command): Command {
  return command
    .option("--url <url>", "the URL of a running Weft (WEFT_URL)")
    .option("--key <key>", "the API key (prefer WEFT_API_KEY: other users can see the arguments of a process)");
}

export function addClientFlags(command: Command): Command {
  return addDatabaseFlags(addRemoteFlags(command)).option("--organization <id>", "in this organization");
}

/** An id among a command's arguments. */
export function readId(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  throw new CommandError(2, `"${text}" is no id.`);
}

/**
 * Uses the API of the Weft at --url or WEFT_URL, or else the database itself, which no running Weft may use at the same
 * time.
 */
export async function useClient<Result>(
  flags: ClientFlags,
  env: Environment,
  use: (client: Weft) => Promise<Result>,
): Promise<Result> {
  const isLocal = flags.data !== undefined || flags.databaseUrl !== undefined;
  const url = flags.url ?? (isLocal ? undefined : env.WEFT_URL);
  if (url === undefined || url === "") {
    return useLocalWeft(configFrom("serve", flags, env), flags.organization, use);
  }
  if (isLocal)
    throw new CommandError(
      2,
      "--url selects a running Weft; --data and --database-url select a database. Set only one of them.",
    );
  return use(remoteClient(flags, env, url));
}

export const defaultUrl = "http://127.0.0.1:8001";

/** The URL of a Weft on this machine, at the port of WEFT_PORT. */
function localUrl({ WEFT_PORT: port }: Environment): string {
  return port === undefined || !/^[1-9]\d{0,4}$/.test(port) ? defaultUrl : `http://127.0.0.1:${port}`;
}

/** The URL of the Weft: --url, WEFT_URL or the default. */
export function runningUrl(flags: RemoteFlags, env: Environment): string {
  return flags.url ?? (env.WEFT_URL || localUrl(env));
}

/** A client of a running Weft. */
export function remoteClient(flags: ClientFlags, env: Environment, url: string): WeftClient {
  try {
    return createClient({ url, apiKey: flags.key ?? env.WEFT_API_KEY, organizationId: flags.organization });
  } catch (cause) {
    throw new CommandError(2, `"${url}" is not the URL of a Weft, such as http://127.0.0.1:8001.`, { cause });
  }
}
