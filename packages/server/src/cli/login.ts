import { type Session, WeftApiError, type WeftClient } from "@weft/sdk";
import type { Command } from "commander";
import { clientOf, defaultUrl, profileNamed } from "./client.ts";
import { CommandError } from "./failure.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { defaultProfile, readProfiles, writeProfiles } from "./profiles/profile-file.ts";
import { readSecret } from "./terminal/read-secret.ts";

interface LoginFlags extends OutputFlags {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly profile: string;
}

const examples = `
The command reads the key from --key, from WEFT_API_KEY, or from the input, which
a terminal does not show. It checks the key and stores it in weft/profiles.json
in your configuration folder (XDG_CONFIG_HOME, or ~/.config). Only you can read
this file. Other commands use the profile "default" unless --profile, --url or a
WEFT_* variable selects another Weft.

Examples:
  weft login --url https://weft.example.com
  weft login --url https://staging.example.com --profile staging < key.txt
  weft messages --profile staging`;

export function addLogin(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("login")
    .description("Store the URL and the API key of a Weft in a profile, for other commands")
    .option("--url <url>", `the URL of a running Weft (WEFT_URL; default: ${defaultUrl})`)
    .option("--key <key>", "the API key (prefer the input: other users can see the arguments of a process)")
    .option("--profile <name>", "the name of the profile", readName, defaultProfile)
    .addHelpText("after", examples);
  addOutputFlags(command).action(async (flags: LoginFlags) => {
    const { env } = process;
    const url = flags.url ?? (env.WEFT_URL || defaultUrl);
    const given = flags.key ?? (env.WEFT_API_KEY || null);
    const { session, key } = await logIn(url, given, () => readSecret(process, `API key for ${url}: `));
    const path = writeProfiles(env, new Map([...readProfiles(env), [flags.profile, { url, key }]]));
    const { organization, scopes } = session;
    const fact = { profile: flags.profile, url, organization_id: organization.id, scopes, file: path };
    printTo(process.stdout, flags)(
      fact,
      `Logged in to ${url} as "${organization.name}" (${scopes.join(", ")}).\nThe profile "${flags.profile}" is stored in ${path}.`,
    );
  });
}

export function addLogout(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("logout")
    .description("Delete a profile with its API key from this machine")
    .option("--profile <name>", "the name of the profile", readName, defaultProfile);
  addOutputFlags(command).action((flags: Pick<LoginFlags, "profile" | "json">) => {
    const { profile: name } = flags;
    const profiles = new Map(readProfiles(process.env));
    const { url } = profileNamed(name, profiles);
    profiles.delete(name);
    writeProfiles(process.env, profiles);
    printTo(process.stdout, flags)(
      { profile: name, url },
      `Deleted the profile "${name}". Its API key is still valid at ${url}; \`weft keys delete\` deletes keys.`,
    );
  });
}

/** Checks the key. Without a given one, asks for a key only if this Weft requires one. */
async function logIn(
  url: string,
  given: string | null,
  ask: () => Promise<string>,
): Promise<{ session: Session; key: string | null }> {
  if (given === null) {
    const session = await sessionWithoutKey(clientOf(url, null));
    if (session !== null) return { session, key: null };
  }
  const key = given ?? (await ask());
  return { session: await clientOf(url, key).session.getSession(), key };
}

/** Null if this Weft requires a key. */
async function sessionWithoutKey(client: WeftClient): Promise<Session | null> {
  try {
    return await client.session.getSession();
  } catch (error) {
    if (error instanceof WeftApiError && error.status === 401) return null;
    throw error;
  }
}

function readName(text: string): string {
  if (/^[\w.-]{1,64}$/.test(text)) return text;
  throw new CommandError(2, `--profile is a name of letters, digits, ".", "_" and "-", up to 64; got "${text}".`);
}
