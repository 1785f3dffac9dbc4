import type { Command } from "commander";
import { z } from "zod";
import { addRemoteFlags, connect, type RemoteFlags } from "./client.ts";
import { CommandError } from "./failure.ts";
import { type ImportedThing, importSvix } from "./importing/import-svix.ts";
import { SvixClient } from "./importing/svix-client.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { recordTable, type TableColumn } from "./records/record-table.ts";
import { printable } from "./terminal/printable.ts";

interface Flags extends RemoteFlags, OutputFlags {
  readonly from?: string | undefined;
  readonly token?: string | undefined;
  readonly dryRun?: true | undefined;
}

const examples = `
Event types, applications and endpoints are created with their uids, signing
secrets, headers and settings, so that receivers need no change. What exists
already stays as it is: an interrupted import can be repeated. Messages and
attempts are not copied.

Without --from, the token selects the server of its region.

Examples:
  SVIX_AUTH_TOKEN=sk_….eu weft import svix --dry-run
  SVIX_AUTH_TOKEN=sk_….eu weft import svix --url https://weft.example.com
  weft import svix --from https://svix.example.com --token "$(cat token)"`;

export function addImport(program: Command, process: NodeJS.Process): void {
  const group = program.command("import").description("Import the settings of another webhook system");
  const command = group
    .command("svix")
    .description("Copy event types, applications and endpoints from Svix, with their secrets")
    .option("--from <url>", "the URL of the Svix server (SVIX_SERVER_URL)")
    .option("--token <token>", "the token (prefer SVIX_AUTH_TOKEN: other users can see the arguments)")
    .option("--dry-run", "list what would be created, and write nothing")
    .addHelpText("after", examples);
  addOutputFlags(addRemoteFlags(command)).action(async (flags: Flags) => {
    const isDryRun = flags.dryRun === true;
    const from = new SvixClient(sourceOf(flags, process.env));
    const { url, key } = connect(flags, process.env);
    const to = new SvixClient({ url: withoutSlash(url), token: key, name: "Weft" });
    const counts = new Counts();
    const print = printTo(process.stdout, flags);
    try {
      for await (const thing of importSvix({ from, to, isDryRun })) {
        counts.add(thing);
        if (flags.json === true || thing.note !== null || isDryRun) print(thing, lineOf(thing));
      }
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      throw new CommandError(1, `The source returned an item in another form than Svix's: ${issueOf(error)}.`);
    }
    if (flags.json !== true) print({}, counts.table());
    if (counts.failed > 0) throw new CommandError(1, `${counts.failed} could not be imported. Run the command again.`);
  });
}

function sourceOf({ from, token }: Flags, { SVIX_SERVER_URL, SVIX_AUTH_TOKEN }: NodeJS.ProcessEnv) {
  const given = token ?? SVIX_AUTH_TOKEN ?? "";
  if (given === "") throw new CommandError(2, "The token of the Svix server is missing. Set SVIX_AUTH_TOKEN.");
  const url = from ?? SVIX_SERVER_URL ?? regionalUrl(given);
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new CommandError(2, `"${url}" is not the URL of a Svix server, such as https://api.eu.svix.com.`);
  }
  return { url: withoutSlash(url), token: given, name: "The Svix server" };
}

/** Svix's tokens end with the region of their server. */
function regionalUrl(token: string): string {
  const region = /\.(us|eu|in|ca|au)$/.exec(token)?.[1];
  return region === undefined ? "https://api.svix.com" : `https://api.${region}.svix.com`;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

const kinds = { event_type: "event types", application: "applications", endpoint: "endpoints" } as const;

function lineOf({ kind, id, name, outcome, note }: ImportedThing): string {
  const shown = name === id ? id : `${id} ${name}`;
  return `${outcome.padEnd(7)}  ${kind.replace("_", " ")} ${printable(shown)}${note === null ? "" : `: ${printable(note)}`}`;
}

/** The number of things of each kind by their outcome. */
class Counts {
  readonly #counts = new Map<string, number>();
  failed = 0;

  add({ kind, outcome }: ImportedThing): void {
    const key = `${kind} ${outcome}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    if (outcome === "failed") this.failed += 1;
  }

  table(): string {
    const rows = Object.entries(kinds).map(([kind, name]) => ({ kind, name }));
    const counted = (heading: string, outcome: ImportedThing["outcome"]): TableColumn<(typeof rows)[number]> => ({
      heading,
      text: ({ kind }) => String(this.#counts.get(`${kind} ${outcome}`) ?? 0),
    });
    return recordTable(
      [
        { heading: "KIND", text: ({ name }) => name },
        counted("CREATED", "created"),
        counted("NEW", "new"),
        counted("EXISTED", "exists"),
        counted("FAILED", "failed"),
      ],
      rows,
      { isWide: false },
    );
  }
}

function issueOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  return issue === undefined ? "unknown" : `${issue.path.join(".")} ${issue.message}`;
}
