import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { type Config, ConfigError, maskUrls, readConfig } from "../config/config.ts";
import type { Mode } from "../config/mode.ts";
import { CommandError } from "./failure.ts";

/** Flags that set a variable and take precedence over it. */
export interface SettingFlags {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly data?: string | undefined;
  readonly databaseUrl?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function addDatabaseFlags(command: Command): Command {
  return command
    .addOption(new Option("--data <folder>", "the folder of the embedded database, weft.db").conflicts("databaseUrl"))
    .option("--database-url <url>", "the database: sqlite:PATH or postgres://… (WEFT_DATABASE_URL)");
}

export function addListenFlags(command: Command): Command {
  return command
    .option("--host <address>", "listen on this address (WEFT_HOST)")
    .option("--port <number>", "listen on this port; 0 selects a free one (WEFT_PORT)", readPort);
}

export function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new CommandError(2, `--port is a whole number from 0 to 65535; got "${text}".`);
}

/** The settings from the variables and the flags together. Throws a ConfigError with every mistake. */
export function configFrom(mode: Mode, flags: SettingFlags, env: Environment): Config {
  const { host, port, data, databaseUrl = data === undefined ? undefined : `sqlite:${join(data, "weft.db")}` } = flags;
  if (data !== undefined && databaseUrl !== undefined) requireSameDatabase(databaseUrl, env.WEFT_DATABASE_URL);
  const given = {
    WEFT_HOST: host,
    WEFT_PORT: port === undefined ? undefined : String(port),
    WEFT_DATABASE_URL: databaseUrl,
  };
  return readConfig(mode, {
    ...env,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  });
}

/** Throws a ConfigError when --data and WEFT_DATABASE_URL name two databases, because either could be meant. */
function requireSameDatabase(flagged: string, variable: string | undefined): void {
  if (variable === undefined || variable === "" || pathOf(variable) === pathOf(flagged)) return;
  throw new ConfigError([
    `--data selects ${flagged}, and WEFT_DATABASE_URL selects ${maskUrls(variable)}. Set only one of them, or set --database-url.`,
  ]);
}

function pathOf(url: string): string {
  return url.startsWith("sqlite:") ? resolve(url.slice("sqlite:".length)) : url;
}
