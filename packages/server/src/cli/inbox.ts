import type { Command } from "commander";
import { addRemoteFlags, connect, type RemoteFlags } from "./client.ts";
import { readEventTypes } from "./event-types.ts";
import { CommandError } from "./failure.ts";
import { textOf } from "./inbox/arrival-lines.ts";
import { Arrivals } from "./inbox/arrivals.ts";
import { lineOf } from "./inbox/facts.ts";
import { startInbox } from "./inbox/inbox-server.ts";
import { newInboxSecret, subscribeInbox } from "./inbox/inbox-subscription.ts";
import { changedResponse, type InboxResponse, UnusableResponseError } from "./inbox/response.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { addSecretFlag, type SecretFlag, secretsFrom } from "./secret-flag.ts";
import { readPort } from "./settings.ts";
import { listenForStop } from "./stop-signal.ts";

interface Flags extends OutputFlags, SecretFlag, RemoteFlags {
  readonly host: string;
  readonly port: number;
  readonly status: number;
  readonly delay: number;
  readonly body: string;
  readonly subscribe?: readonly string[] | true | undefined;
}

const limits = { countMax: 500, bytesMax: 32 * 1024 * 1024 } as const;

const help = `
The inbox accepts requests on every path. The page lists them, newest first,
with their headers, their exact body, and the result of the verification with
WEFT_SIGNING_SECRET. The response can be changed on the page, to try retries.
The inbox keeps the newest ${limits.countMax} requests in memory, and nothing on disk.

With --subscribe, the inbox creates a subscription at a running Weft, verifies
with its secret, and deletes it when the inbox stops.

Examples:
  weft inbox --subscribe 'sync.*'
  WEFT_SIGNING_SECRET=whsec_… weft inbox
  weft inbox --status 503 --delay 2
  weft inbox --json | jq .event_type`;

export function addInbox(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("inbox")
    .description("Receive webhooks, show them on a page, and verify their signatures")
    .option("--host <address>", "listen on this address; everyone who can reach it can see the requests", "127.0.0.1")
    .option("--port <number>", "listen on this port; 0 selects a free one", readPort, 8010)
    .option("--status <number>", "the status of responses", Number, 200)
    .option("--delay <seconds>", "the delay of responses", Number, 0)
    .option("--body <text>", "the body of responses", "")
    .option("--subscribe [list]", "subscribe to these event types, such as sync.* (default: all)", readEventTypes)
    .addHelpText("after", help);
  addOutputFlags(addRemoteFlags(addSecretFlag(command))).action(async (flags: Flags) => {
    const print = printTo(process.stdout, flags);
    const { subscribe } = flags;
    const secrets = subscribe === undefined ? secretsFrom(flags, process.env) : [newInboxSecret()];
    const arrivals = new Arrivals(limits, responseFrom(flags));
    arrivals.follow((change) => {
      if (change.kind === "arrived") print(lineOf(change.arrival), textOf(change.arrival));
    });
    using stop = listenForStop(process);
    await using server = await startInbox(flags, { arrivals, secrets, now: () => new Date() });
    const { url, pageUrl } = server;
    const verifying = secrets.length > 0 ? "" : "\nSet --secret or WEFT_SIGNING_SECRET to verify signatures.";
    print(
      { event: "listening", url, page_url: pageUrl, verifies: secrets.length > 0 },
      `Receiving webhooks at ${url}/ (any path)\nShowing them at ${pageUrl}${verifying}`,
    );
    if (subscribe === undefined) return void (await stop.received);
    const eventTypes = subscribe === true ? ["*"] : subscribe;
    const [secret = ""] = secrets;
    const { url: weftUrl, client } = connect(flags, process.env);
    await using subscription = await subscribeInbox(client, { url: `${url}/`, eventTypes, secret });
    print(
      { event: "subscribed", subscription_id: subscription.id, event_types: eventTypes, weft_url: weftUrl },
      `Subscribed to ${eventTypes.join(", ")} at ${weftUrl}`,
    );
    await stop.received;
  });
}

function responseFrom({ status, delay, body }: Flags): InboxResponse {
  try {
    return changedResponse({ status: 200, delay_seconds: 0, body: "" }, { status, delay_seconds: delay, body });
  } catch (cause) {
    if (!(cause instanceof UnusableResponseError)) throw cause;
    throw new CommandError(2, cause.message, { cause });
  }
}
