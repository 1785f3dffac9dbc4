import { once } from "node:events";
import type { ConnectionState } from "@weft/sdk";
import type { Command } from "commander";
import { addRemoteFlags, connect, type RemoteFlags, readId } from "./client.ts";
import { readEventTypes } from "./event-types.ts";
import { CommandError } from "./failure.ts";
import { addOutputFlags, type OutputFlags } from "./output.ts";
import { listenForStop } from "./stop-signal.ts";
import { TailConnection } from "./tailing/tail-connection.ts";
import { queryOf, TailFilter } from "./tailing/tail-filter.ts";
import { factOf, lineOf } from "./tailing/tail-lines.ts";

interface Flags extends RemoteFlags, OutputFlags {
  readonly types?: readonly string[] | undefined;
  readonly status?: string | undefined;
  readonly subscription?: string | undefined;
}

const help = `
After a restart of Weft or a broken connection, the command continues without
missing or repeating a line. The API key needs the scope read.
A terminal shows readable lines. Elsewhere, and with --json, each line is a JSON
object.

Examples:
  weft tail --types 'sync.*,collection.created'
  weft tail --status failed
  WEFT_API_KEY=… weft tail --url https://weft.example.com --json | jq .event_type`;

export function addTail(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("tail")
    .description("Follow new messages and attempts of a running Weft")
    .option("--types <list>", "only these event types, such as sync.*,collection.created", readEventTypes)
    .option("--status <status>", "only attempts: success, failed, a status such as 503, or 5xx", readStatus)
    .option("--subscription <id>", "only attempts to this subscription", readId)
    .addHelpText("after", help);
  addOutputFlags(addRemoteFlags(command)).action(async (flags: Flags) => {
    const { env, stdout } = process;
    const { client } = connect(flags, env);
    const { types: eventTypes = null, status = null, subscription: subscriptionId } = flags;
    const isJson = flags.json === true || stdout.isTTY !== true;
    const filters = { eventTypes, status, subscriptionId };
    using stop = listenForStop(process);
    const over = new AbortController();
    void stop.received.then(() => over.abort());
    // The reader of the lines, such as `head`, has ended.
    stdout.on("error", () => over.abort());
    const write = async (fact: object, line: string) => {
      const isTaken = stdout.write(`${isJson ? JSON.stringify(fact) : line}\n`);
      if (!isTaken) await once(stdout, "drain", { signal: over.signal }).catch(() => {});
    };
    const filter = new TailFilter(filters);
    const connection = new TailConnection(over, (fact, line) => void write(fact, line));
    const options = { signal: over.signal, onConnection: (state: ConnectionState) => connection.changed(state) };
    for await (const item of client.stream(queryOf(filters), options)) {
      if (filter.lets(item)) await write(factOf(item), lineOf(item));
    }
    if (connection.failure !== null) throw connection.failure;
  });
}

function readStatus(text: string): string {
  if (/^(success|failed|[1-5]\d\d|[1-5]xx)$/.test(text)) return text;
  throw new CommandError(2, `--status is success, failed, a status such as 503, or 5xx; got "${text}".`);
}
