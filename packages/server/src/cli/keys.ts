import type { ApiKey, CreateApiKeyBody, NewApiKey } from "@weft/sdk";
import type { Command } from "commander";
import { addClientFlags, type ClientFlags, readId, useClient } from "./client.ts";
import { CommandError } from "./failure.ts";
import { addTellFlags, columns, type TellFlags, tellAll, tellOn } from "./tell.ts";

type Flags = ClientFlags & TellFlags;

const examples = `
Examples:
  weft keys create --scopes admin --name operations      directly in the database, while no Weft runs on it
  weft keys create --scopes publish --url https://weft.example.com
  weft keys list --json`;

export function addKeys(program: Command, process: NodeJS.Process): void {
  const keys = program.command("keys").description("Make and remove API keys").addHelpText("after", examples);
  addCreate(keys, process);
  addList(keys, process);
  addRotate(keys, process);
  addDelete(keys, process);
}

interface CreateFlags extends Flags {
  readonly name?: string | undefined;
  readonly scopes?: CreateApiKeyBody["scopes"];
  readonly expiresAt?: string | undefined;
}

function addCreate(keys: Command, process: NodeJS.Process): void {
  const command = keys
    .command("create")
    .description("Make an API key and print it, this once")
    .option("--name <name>", "what it is for")
    .option("--scopes <list>", "of read, write, secrets, publish, admin (default: read,write,publish)", splitList)
    .option("--expires-at <time>", "refused from then on, such as 2027-01-01T00:00:00Z")
    .addHelpText("after", examples);
  addTellFlags(addClientFlags(command)).action(async (flags: CreateFlags) => {
    const { name, scopes, expiresAt } = flags;
    const key = await useClient(flags, process.env, (client) =>
      client.apiKeys.createApiKey({ name, scopes, expires_at: expiresAt }),
    );
    tellOn(process.stdout, flags)(key, newKeyText(key));
  });
}

function addList(keys: Command, process: NodeJS.Process): void {
  const command = keys.command("list").description("List the organization's API keys, newest first");
  addTellFlags(addClientFlags(command)).action(async (flags: Flags) => {
    const found = await useClient(flags, process.env, async (client) => {
      const all: ApiKey[] = [];
      for await (const key of client.apiKeys.eachApiKey({ limit: 250 })) all.push(key);
      return all;
    });
    tellAll(process.stdout, flags, found, found.length === 0 ? "There are no API keys." : keyTable(found));
  });
}

function addRotate(keys: Command, process: NodeJS.Process): void {
  const command = keys
    .command("rotate")
    .argument("<id>", "the key's id", readId)
    .description("Replace an API key by a new one and print that, this once")
    .option("--overlap <seconds>", "how long the old one is taken as well; 604800 at most", readSeconds, 0);
  addTellFlags(addClientFlags(command)).action(
    async (id: string, { overlap, ...flags }: Flags & { overlap: number }) => {
      const key = await useClient(flags, process.env, (client) => client.apiKeys.rotateApiKey(id, { overlap }));
      tellOn(process.stdout, flags)(key, newKeyText(key));
    },
  );
}

function addDelete(keys: Command, process: NodeJS.Process): void {
  const command = keys
    .command("delete")
    .argument("<id>", "the key's id", readId)
    .description("Delete an API key; it is refused from now on");
  addTellFlags(addClientFlags(command)).action(async (id: string, flags: Flags) => {
    const key = await useClient(flags, process.env, (client) => client.apiKeys.deleteApiKey(id));
    tellOn(process.stdout, flags)(key, `Deleted the API key "${key.name}" (${key.prefix}…).`);
  });
}

// The API says how many there may be.
function readSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isInteger(seconds) && seconds >= 0) return seconds;
  throw new CommandError(2, `--overlap is a whole number of seconds; got "${text}".`);
}

// The API says which scopes there are.
function splitList(text: string): CreateFlags["scopes"] {
  return text.split(",").map((scope) => scope.trim()) as unknown as CreateFlags["scopes"];
}

function newKeyText({ id, name, scopes, key }: NewApiKey): string {
  return `${key}\n\nThe API key "${name}" (${scopes.join(", ")}), id ${id}. Keep it now: it is not shown again.`;
}

function keyTable(keys: readonly ApiKey[]): string {
  return columns(
    ["ID", "NAME", "KEY", "SCOPES", "CREATED", "EXPIRES"],
    keys.map(({ id, name, prefix, scopes, created_at, expires_at }) => [
      id,
      name,
      `${prefix}…`,
      scopes.join(","),
      created_at,
      expires_at ?? "never",
    ]),
  );
}
