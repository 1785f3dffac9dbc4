import type { Command } from "commander";
import { CommandError } from "./failure.ts";
import { textOf } from "./inbox/arrival-lines.ts";
import { Arrivals } from "./inbox/arrivals.ts";
import { lineOf } from "./inbox/facts.ts";
import { startInbox } from "./inbox/inbox-server.ts";
import { changedResponse, type InboxResponse, UnusableResponseError } from "./inbox/response.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { addSecretFlag, type SecretFlag, secretsFrom } from "./secret-flag.ts";
import { listenForStop } from "./stop-signal.ts";

interface Flags extends OutputFlags, SecretFlag {
  readonly host: string;
  readonly port: number;
  readonly status: number;
  readonly delay: number;
  readonly body: string;
}

const limits = { countMax: 500, bytesMax: 32 * 1024 * 1024 } as const;

const help = `
Whatever arrives on any path is shown on a page, newest first, and told here: headers, the body byte for byte, whether it verifies with
WEFT_SIGNING_SECRET and why not. The page sets what is answered, to try retries by hand. It keeps ${limits.countMax} requests in memory, and nothing on disk.

Examples:
  WEFT_SIGNING_SECRET=whsec_… weft inbox
  weft inbox --status 503 --delay 2
  weft inbox --json | jq .event_type`;

export function addInbox(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("inbox")
    .description("Take whatever arrives, show it on a page, and say whether it verifies: a receiver to look into")
    .option("--host <address>", "listen on this address; whoever reaches it sees what arrives", "127.0.0.1")
    .option("--port <number>", "listen on this port, or on any free one for 0", readPort, 8010)
    .option("--status <number>", "answer with this status", Number, 200)
    .option("--delay <seconds>", "answer after this time", Number, 0)
    .option("--body <text>", "answer with this body", "")
    .addHelpText("after", help);
  addOutputFlags(addSecretFlag(command)).action(async (flags: Flags) => {
    const print = printTo(process.stdout, flags);
    const secrets = secretsFrom(flags, process.env);
    const arrivals = new Arrivals(limits, responseFrom(flags));
    arrivals.follow((change) => {
      if (change.kind === "arrived") print(lineOf(change.arrival), textOf(change.arrival));
    });
    using stop = listenForStop(process);
    await using server = await startInbox(flags, { arrivals, secrets, now: () => new Date() });
    const { url, pageUrl } = server;
    const verifying = secrets.length > 0 ? "" : "\nWithout --secret or WEFT_SIGNING_SECRET nothing is verified.";
    print(
      { event: "listening", url, page_url: pageUrl, verifies: secrets.length > 0 },
      `Takes webhooks at ${url}/ (any path). The page is ${pageUrl}${verifying}`,
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

function readPort(text: string): number {
  const port = Number(text);
  if (text !== "" && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new CommandError(2, `--port is a whole number from 0 to 65535; got "${text}".`);
}
