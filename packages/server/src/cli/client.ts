import { createClient, type Weft, type WeftClient } from "@weft/sdk";
import { type Command, Option } from "commander";
import { CommandError } from "./failure.ts";
import { useLocalWeft } from "./local-weft.ts";
import { defaultProfile, type Profile, type Profiles, readProfiles } from "./profiles/profile-file.ts";
import { addDatabaseFlags, configFrom, type Environment, type SettingFlags } from "./settings.ts";

export interface RemoteFlags {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly profile?: string | undefined;
  readonly organization?: string | undefined;
}

export type ClientFlags = SettingFlags & RemoteFlags;

/** A running Weft and a client of it. */
export interface Connection {
  readonly url: string;
  readonly key: string | null;
  readonly client: WeftClient;
}

export const defaultUrl = "http://127.0.0.1:8001";

export function addRemoteFlags(command: Command): Command {
  return command
    .option("--url <url>", `the URL of a running Weft (WEFT_URL; default: that of the profile, or ${defaultUrl})`)
    .option("--key <key>", "the API key (prefer WEFT_API_KEY or a profile: other users can see the arguments)")
    .addOption(
      new Option("--profile <name>", 'a profile that `weft login` stored (WEFT_PROFILE; default: "default")').conflicts(
        "url",
      ),
    );
}

export function addClientFlags(command: Command): Command {
  return addDatabaseFlags(addRemoteFlags(command)).option(
    "--org, --organization <id>",
    "the organization (for operators)",
  );
}

/** An id among a command's arguments. */
export function readId(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  throw new CommandError(2, `"${text}" is not an id.`);
}

/**
 * Uses the API of the Weft that the flags, the environment or a profile select, or else the database itself. A database that
 * the flags or WEFT_DATABASE_URL select takes precedence over the default profile.
 */
export async function useClient<Result>(
  flags: ClientFlags,
  env: Environment,
  use: (client: Weft) => Promise<Result>,
): Promise<Result> {
  const isRemote = isSet(flags.url) || isSet(flags.profile);
  if (flags.data !== undefined || flags.databaseUrl !== undefined) {
    if (isRemote) throw new CommandError(2, contradiction);
    return await useLocalWeft(configFrom("serve", flags, env), flags.organization, use);
  }
  const selects = isRemote || isSet(env.WEFT_URL) || isSet(env.WEFT_PROFILE);
  if (selects || (!isSet(env.WEFT_DATABASE_URL) && readProfiles(env).has(defaultProfile))) {
    return await use(connect(flags, env).client);
  }
  return await useLocalWeft(configFrom("serve", flags, env), flags.organization, use);
}

const contradiction =
  "--url and --profile select a running Weft; --data and --database-url select a database. Set only one of them.";

/** Connects to the running Weft that the flags, the environment or a profile select, or else to one on this machine. */
export function connect(flags: RemoteFlags, env: Environment): Connection {
  const { url, key } = selectedWeft(flags, env);
  return { url, key, client: clientOf(url, key, flags.organization) };
}

/** Throws a CommandError for a text that is not a URL. */
export function clientOf(url: string, key: string | null, organizationId?: string): WeftClient {
  try {
    return createClient({ url, apiKey: key ?? undefined, organizationId });
  } catch (cause) {
    throw new CommandError(2, `"${url}" is not the URL of a Weft, such as ${defaultUrl}.`, { cause });
  }
}

/**
 * Flags take precedence over the environment, and the environment over the default profile. The key of a profile is never sent
 * to another URL.
 */
function selectedWeft(flags: RemoteFlags, env: Environment): Profile {
  if (isSet(flags.profile)) {
    const { url, key } = profileNamed(flags.profile, readProfiles(env));
    return { url, key: flags.key ?? key };
  }
  const givenUrl = givenUrlOf(flags, env);
  const givenKey = flags.key || env.WEFT_API_KEY || null;
  if (givenUrl !== null && givenKey !== null) return { url: givenUrl, key: givenKey };
  const profile = usualProfile(env);
  const url = givenUrl ?? profile?.url ?? defaultUrl;
  return { url, key: givenKey ?? (profile !== null && isSameUrl(profile.url, url) ? profile.key : null) };
}

/** The URL that the flags or the environment name, also by the port of a Weft on this machine. */
function givenUrlOf({ url }: RemoteFlags, { WEFT_URL, WEFT_PORT }: Environment): string | null {
  if (isSet(url)) return url;
  if (isSet(WEFT_URL)) return WEFT_URL;
  return WEFT_PORT !== undefined && /^[1-9]\d{0,4}$/.test(WEFT_PORT) ? `http://127.0.0.1:${WEFT_PORT}` : null;
}

/** The profile of WEFT_PROFILE, or the default one; null when the latter does not exist. */
function usualProfile(env: Environment): Profile | null {
  const profiles = readProfiles(env);
  if (isSet(env.WEFT_PROFILE)) return profileNamed(env.WEFT_PROFILE, profiles);
  return profiles.get(defaultProfile) ?? null;
}

/** Throws a CommandError with the names of the profiles when none has this one. */
export function profileNamed(name: string, profiles: Profiles): Profile {
  const profile = profiles.get(name);
  if (profile !== undefined) return profile;
  const known = [...profiles.keys()];
  const names = known.length === 0 ? "No profile is stored." : `The profiles are ${known.join(", ")}.`;
  throw new CommandError(2, `The profile "${name}" does not exist. ${names} Create one with \`weft login --profile\`.`);
}

function isSameUrl(left: string, right: string): boolean {
  return left.replace(/\/+$/, "") === right.replace(/\/+$/, "");
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}
