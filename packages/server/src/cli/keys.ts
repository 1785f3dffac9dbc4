import type { ApiKey, CreateApiKeyBody, NewApiKey } from "@weft/sdk";
import type { Command } from "commander";
import { addClientFlags, type ClientFlags, readId, useClient } from "./client.ts";
import { CommandError } from "./failure.ts";
import { addOutputFlags, type OutputFlags, printAll, printTo } from "./output.ts";
import { addWideFlag, recordTable, type TableColumn, type WideFlag } from "./records/record-table.ts";
import { addDatabaseFlags, configFrom, type SettingFlags } from "./settings.ts";
import { addTerms } from "./terms.ts";

type Flags = ClientFlags & OutputFlags;

const examples = `
Examples:
  weft keys create --scopes admin --data /var/lib/weft   Weft may be running
  weft keys create --scopes admin --name operations      in the folder .weft
  weft keys create --scopes publish --url https://weft.example.com
  weft keys list --json`;

export function addKeys(program: Command, process: NodeJS.Process): void {
  const keys = program.command("keys").description("Create, rotate and delete API keys").addHelpText("after", examples);
  addTerms(keys, ["apiKey", "organization"]);
  addCreate(keys, process);
  addList(keys, process);
  addRotate(keys, process);
  addDelete(keys, process);
  addRotateMaster(keys, process);
}

interface CreateFlags extends Flags {
  readonly name?: string | undefined;
  readonly scopes?: CreateApiKeyBody["scopes"];
  readonly expiresAt?: string | undefined;
}

function addCreate(keys: Command, process: NodeJS.Process): void {
  const command = keys
    .command("create")
    .description("Create an API key and print it; it is not shown again")
    .option("--name <name>", "a name for people")
    .option(
      "--scopes <list>",
      "a list of read, write, secrets, publish, admin (default: read,write,publish)",
      splitList,
    )
    .option("--expires-at <time>", "the time when it expires, such as 2027-01-01T00:00:00Z")
    .addHelpText("after", examples);
  addOutputFlags(addClientFlags(command)).action(async (flags: CreateFlags) => {
    const { name, scopes, expiresAt } = flags;
    const key = await useClient(flags, process.env, (client) =>
      client.apiKeys.createApiKey({ name, scopes, expires_at: expiresAt }),
    );
    printTo(process.stdout, flags)(key, newKeyText(key));
  });
}

function addList(keys: Command, process: NodeJS.Process): void {
  const command = keys.command("list").description("List the organization's API keys, newest first");
  addWideFlag(addOutputFlags(addClientFlags(command))).action(async (flags: Flags & WideFlag) => {
    const found = await useClient(flags, process.env, async (client) => {
      const all: ApiKey[] = [];
      for await (const key of client.apiKeys.eachApiKey({ limit: 250 })) all.push(key);
      return all;
    });
    const table = recordTable(keyColumns, found, { isWide: flags.wide === true });
    printAll(process.stdout, flags, found, found.length === 0 ? "There are no API keys." : table);
  });
}

function addRotate(keys: Command, process: NodeJS.Process): void {
  const command = keys
    .command("rotate")
    .argument("<id>", "the id of the key", readId)
    .description("Replace an API key with a new one and print it; it is not shown again")
    .option("--overlap <seconds>", "the time for which the old key remains valid, at most 604800", readSeconds, 0);
  addOutputFlags(addClientFlags(command)).action(
    async (id: string, { overlap, ...flags }: Flags & { overlap: number }) => {
      const key = await useClient(flags, process.env, (client) => client.apiKeys.rotateApiKey(id, { overlap }));
      printTo(process.stdout, flags)(key, newKeyText(key));
    },
  );
}

function addDelete(keys: Command, process: NodeJS.Process): void {
  const command = keys
    .command("delete")
    .argument("<id>", "the id of the key", readId)
    .description("Delete an API key; it is refused immediately");
  addOutputFlags(addClientFlags(command)).action(async (id: string, flags: Flags) => {
    const key = await useClient(flags, process.env, (client) => client.apiKeys.deleteApiKey(id));
    printTo(process.stdout, flags)(key, `Deleted the API key "${key.name}" (${key.prefix}…).`);
  });
}

const rotateMasterExamples = `
If Weft keeps the key as master.key, stop Weft and run this command, which creates
a new key. Otherwise set WEFT_MASTER_KEY to the new key and
WEFT_MASTER_KEY_PREVIOUS to the old one. Nodes on PostgreSQL continue to run, with
both keys. If the command is interrupted, run it again to continue.

Examples:
  weft keys rotate-master --data /var/lib/weft
  WEFT_MASTER_KEY=new… WEFT_MASTER_KEY_PREVIOUS=old… weft keys rotate-master --database-url postgres://…`;

function addRotateMaster(keys: Command, process: NodeJS.Process): void {
  const command = keys
    .command("rotate-master")
    .description("Encrypt every stored secret with a new master key, and refuse the old one")
    .addHelpText("after", rotateMasterExamples);
  addOutputFlags(addDatabaseFlags(command)).action(async (flags: SettingFlags & OutputFlags) => {
    const config = configFrom("serve", flags, process.env);
    const { rotateMasterKey } = await import("../installation.ts");
    const printProgress = printTo(process.stderr, flags);
    const outcome = await rotateMasterKey(config, (sealed) =>
      printProgress({ sealed }, `Encrypted ${sealed} secrets with the new key …`),
    );
    if (outcome.end !== "ended") throw new CommandError(1, unfinishedText(outcome));
    const what = `Encrypted ${outcome.sealed} secrets with the new key. The old key is no longer accepted`;
    const next = config.masterKey === null ? "" : "; remove WEFT_MASTER_KEY_PREVIOUS from the settings";
    printTo(process.stdout, flags)({ ...outcome }, `${what}${next}.`);
  });
}

function unfinishedText({ end, unreadable }: { end: string; unreadable: number }): string {
  if (end === "nodes") {
    return "Nodes are running that still encrypt with the old key. Restart them with the new key as WEFT_MASTER_KEY and the old one as WEFT_MASTER_KEY_PREVIOUS, then run this again.";
  }
  if (unreadable > 0) {
    return `${unreadable} stored secrets cannot be opened with either key and were not changed, so the old key is still needed. Replace those secrets, then run this again.`;
  }
  return "A secret was encrypted with the old key in the meantime. Restart every Weft with the new key as WEFT_MASTER_KEY, then run this again.";
}

// The API knows the limit on their number.
function readSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isInteger(seconds) && seconds >= 0) return seconds;
  throw new CommandError(2, `--overlap is a whole number of seconds; got "${text}".`);
}

// The API knows the valid scopes.
function splitList(text: string): CreateFlags["scopes"] {
  return text.split(",").map((scope) => scope.trim()) as unknown as CreateFlags["scopes"];
}

function newKeyText({ id, name, scopes, key }: NewApiKey): string {
  return `${key}\n\nThe API key "${name}" (${scopes.join(", ")}), id ${id}. Store it now: it is not shown again.`;
}

const keyColumns: readonly TableColumn<ApiKey>[] = [
  { heading: "ID", text: ({ id }) => id },
  { heading: "NAME", text: ({ name }) => name, width: 18 },
  { heading: "SCOPES", text: ({ scopes }) => scopes.join(","), width: 22 },
  { heading: "KEY", text: ({ prefix }) => `${prefix}…`, isWide: true },
  { heading: "CREATED", text: ({ created_at: time }) => time, isWide: true },
  { heading: "LAST USED", text: ({ last_used_at: time }) => time ?? "never", isWide: true },
  { heading: "EXPIRES", text: ({ expires_at: time }) => time ?? "never", isWide: true },
];
