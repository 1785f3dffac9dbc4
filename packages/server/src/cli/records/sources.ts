import type { Source, SourceStreams } from "@weft/sdk";
import type { Command } from "commander";
import { CommandError } from "../failure.ts";
import { printAll, printTo } from "../output.ts";
import { printable } from "../terminal/printable.ts";
import { readTextFile } from "../text-file.ts";
import { addRecordFlags, clientFor, type RecordFlags } from "./record-flags.ts";
import { recordTable, type TableColumn } from "./record-table.ts";
import { withSourceSuggestion } from "./source-suggestion.ts";

const examples = `
Examples:
  weft source check github --config '{"repository": "example/handbook"}' --credentials-file github.json
  weft source check web --config '{"url": "https://example.com/"}'
  weft source discover singer/tap-github --credentials-file tap-github.json

The credentials of singer/TAP are the configuration of the tap.`;

/** A trial may take two minutes, and starts a program. */
const timeoutMs = 150_000;

export function addSources(program: Command, process: NodeJS.Process): void {
  const list = program.command("sources").description("List the sources that a collection can be filled from");
  addRecordFlags(list).action(async (flags: RecordFlags) => {
    const sources = await clientFor(flags, process.env).sources.listSources();
    printAll(process.stdout, flags, sources, recordTable(sourceColumns, sources, { isWide: flags.wide === true }));
  });
  const group = program
    .command("source")
    .description("Check the settings of a source without creating a connection")
    .addHelpText("after", examples);
  addDiscover(group, process);
  addCheck(group, process);
}

const sourceColumns: readonly TableColumn<Source>[] = [
  { heading: "SOURCE", text: ({ short_name: name }) => name },
  { heading: "OBJECTS", text: ({ output_entity_definitions: types }) => types.join(", "), width: 40 },
  { heading: "INCREMENTAL", text: ({ detects_changes: changes }) => changes ?? "", isWide: true },
  { heading: "DELETIONS", text: ({ detects_deletions: deletions }) => deletions ?? "", isWide: true },
  { heading: "AUTHENTICATION", text: authenticationText },
];

/** As in the table of the documentation. */
export function authenticationText({ auth_methods: methods, auth_fields: { fields } }: Source): string {
  const direct = methods.includes("direct");
  const isOptional = fields.every(({ required }) => !required);
  return [
    ...(direct && isOptional ? ["none"] : []),
    ...(direct && fields.length > 0 ? ["credentials"] : []),
    ...(methods.includes("oauth_browser") ? ["OAuth"] : []),
  ].join(", ");
}

interface TrialFlags extends RecordFlags {
  readonly config?: string | undefined;
  readonly credentialsFile?: string | undefined;
  readonly tokenFile?: string | undefined;
}

function addTrialFlags(command: Command): Command {
  return addRecordFlags(
    command
      .option("--config <json>", "the settings of the source, or @FILE")
      .option("--credentials-file <file>", "a JSON file with its credentials")
      .option("--token-file <file>", "a file with an access token, for sources with OAuth"),
  );
}

function addDiscover(group: Command, process: NodeJS.Process): void {
  const command = group
    .command("discover")
    .argument("<name>", "the source, such as singer/tap-github")
    .description("List the streams of a source that a connection can select");
  addTrialFlags(command).action(async (name: string, flags: TrialFlags) => {
    const { shortName, body } = trialOf(name, flags);
    const client = clientFor(flags, process.env);
    const { streams } = await withSourceSuggestion(client, shortName, () =>
      client.sources.discoverSource(shortName, body, { timeoutMs }),
    );
    const table = recordTable(streamColumns, streams, { isWide: flags.wide === true });
    printAll(process.stdout, flags, streams, streams.length === 0 ? "The source has no streams." : table);
  });
}

const streamColumns: readonly TableColumn<SourceStreams["streams"][number]>[] = [
  { heading: "STREAM", text: ({ id }) => id, width: 32 },
  { heading: "KEY", text: ({ key_properties: keys }) => keys.join(", "), width: 20 },
  { heading: "READ", text: ({ replication_method: method }) => method ?? "" },
  { heading: "INCREMENTAL BY", text: ({ replication_keys: keys }) => keys.join(", "), isWide: true },
  { heading: "SELECTED", text: ({ is_selected_by_default: isSelected }) => (isSelected ? "yes" : "no") },
];

function addCheck(group: Command, process: NodeJS.Process): void {
  const command = group
    .command("check")
    .argument("<name>", "the source, such as github")
    .description("Read the first entities of a source and print them, or the reason why it cannot be read");
  addTrialFlags(command).action(async (name: string, flags: TrialFlags) => {
    const { shortName, body } = trialOf(name, flags);
    const client = clientFor(flags, process.env);
    const result = await withSourceSuggestion(client, shortName, () =>
      client.sources.checkSource(shortName, body, { timeoutMs }),
    );
    if (result.error !== null) throw new CommandError(1, result.error);
    const lines = [
      ...result.entities.map(({ id, type, name: title }) => `${type}  ${id}  ${title}`),
      ...result.problems.map(({ id, reason }) => `failed  ${id}  ${reason}`),
    ];
    const text = lines.length === 0 ? "The source can be read and has no entities." : lines.map(printable).join("\n");
    printTo(process.stdout, flags)(result, text);
  });
}

/** `singer/TAP` is the source `singer` with a tap. */
function trialOf(name: string, { config, credentialsFile, tokenFile }: TrialFlags) {
  const [shortName = "", tap] = name.split("/", 2);
  const credentials = credentialsFile === undefined ? undefined : credentialsIn(credentialsFile, tap !== undefined);
  const settings = config === undefined ? {} : objectIn(settingsText(config), "--config");
  const accessToken = tokenFile === undefined ? undefined : readTextFile(tokenFile).trim();
  if (accessToken !== undefined && credentials !== undefined) {
    throw new CommandError(
      2,
      "--credentials-file and --token-file are two kinds of authentication. Set only one of them.",
    );
  }
  const authentication = accessToken === undefined ? credentials && { credentials } : { access_token: accessToken };
  const body = { config: tap === undefined ? settings : { tap, ...settings }, authentication };
  return { shortName, body };
}

/** The configuration of a tap stays a text, because large numbers would change if they were printed again. */
function credentialsIn(path: string, isTap: boolean): Record<string, unknown> {
  const text = readTextFile(path);
  const credentials = objectIn(text, path);
  return isTap ? { config: text } : credentials;
}

function settingsText(given: string): string {
  return given.startsWith("@") ? readTextFile(given.slice(1)) : given;
}

/** Throws a CommandError that does not repeat the text, which may contain secrets. */
function objectIn(text: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Reported below.
  }
  throw new CommandError(2, `${where} is not a JSON object.`);
}
