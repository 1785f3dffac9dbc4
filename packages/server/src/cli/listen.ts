import { createHash } from "node:crypto";
import { hostname } from "node:os";
import type { Listener, WeftClient } from "@weft/sdk";
import type { Command } from "commander";
import { prefixed } from "../domain/id.ts";
import { addRemoteFlags, connect, type RemoteFlags } from "./client.ts";
import { readEventTypes } from "./event-types.ts";
import { CommandError, failureOf } from "./failure.ts";
import { acknowledge, type Forward, forwardingSender, forwardTo } from "./listening/forward.ts";
import { ListenScreen } from "./listening/listen-screen.ts";
import { type ListenedAttempt, Listening } from "./listening/listening.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { listenForStop, type StopSignals } from "./stop-signal.ts";
import { addTerms } from "./terms.ts";

interface Flags extends RemoteFlags, OutputFlags {
  readonly forwardTo?: URL | undefined;
  readonly types?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly secret?: string | undefined;
  readonly printSecret?: true | undefined;
  readonly timeout: number;
  readonly concurrency: number;
}

const help = `
Your program receives the same bytes and headers as every receiver, signed with
the secret of this listener. Weft records its responses as attempts, with
retries and history. No port is opened on this machine.
The API key needs the scopes write and secrets. Events wait for a disconnected
listener for an hour; after that, the listener is deleted.
A terminal shows a list with details. Elsewhere, and with --json, each line is a JSON object.

Examples:
  weft listen --forward-to http://localhost:3000/webhooks
  weft listen --forward-to 3000/webhooks --types 'sync.*,collection.created'
  weft listen --print-secret                             for WEFT_SIGNING_SECRET of your program
  WEFT_API_KEY=… weft listen --url https://weft.example.com --json | jq .event_type`;

export function addListen(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("listen")
    .description("Forward events from a Weft to a program on this machine, over an outgoing connection")
    .option("--forward-to <url>", "the URL of your program; without it, events are only shown and accepted", readTarget)
    .option("--types <list>", "only these event types, such as sync.*,collection.created", readEventTypes)
    .option("--name <name>", "reuse the listener with this name (default: from the host name and the URL)")
    .option(
      "--secret <secret>",
      "the signing secret, whsec_… or whsk_… (WEFT_SIGNING_SECRET; default: Weft generates one)",
    )
    .option("--print-secret", "print the signing secret and exit")
    .option("--timeout <seconds>", "the time limit for a response of your program", readSeconds, 30)
    .option("--concurrency <number>", "concurrent requests, 1 to 100", readConcurrency, 10)
    .addHelpText("after", help);
  addTerms(command, ["listener", "attempt"]);
  addOutputFlags(addRemoteFlags(command)).action(async (flags: Flags) => {
    const { env } = process;
    const { url, client } = connect(flags, env);
    const name = flags.name ?? nameFor(flags.forwardTo);
    const secret = flags.secret ?? (env.WEFT_SIGNING_SECRET || undefined);
    const listener = await client.webhooks.startListener({ name, event_types: flags.types, secret });
    if (flags.printSecret === true) {
      return printTo(process.stdout, flags)({ secret: listener.secret }, listener.secret);
    }
    using stop = listenForStop(process);
    const isSeen = process.stdout.isTTY === true && process.stdin.isTTY === true && flags.json !== true;
    await using sender = forwardingSender(flags.timeout * 1_000);
    const forward = flags.forwardTo === undefined ? acknowledge : forwardTo(flags.forwardTo, sender);
    const run = { client, listener, flags, forward, url, stop };
    await (isSeen ? runOnScreen(process, run) : runInLines(process, run));
  });
}

interface Run {
  readonly client: WeftClient;
  readonly listener: Listener;
  readonly flags: Flags;
  readonly forward: Forward;
  readonly url: string;
  readonly stop: StopSignals;
}

async function runInLines(process: NodeJS.Process, run: Run): Promise<void> {
  const { listener, flags, url, stop } = run;
  const print = printTo(process.stdout, { json: true });
  const { id, name } = listener;
  const listening = new Listening({
    ...partsOf(run),
    onSeen: (seen) => {
      if (seen.became !== null && seen.exchange !== null) print(factOf(seen), "");
    },
    onConnection: (state) =>
      print(state.isConnected ? { event: "connected" } : { event: "disconnected", reason: state.reason.message }, ""),
  });
  print({ event: "listening", url, subscription_id: id, name, forward_to: flags.forwardTo?.href ?? null }, "");
  void stop.received.then(() => listening.stop());
  await listening.run();
}

async function runOnScreen(process: NodeJS.Process, run: Run): Promise<void> {
  const { client, listener, flags, url, stop } = run;
  const listening = new Listening({
    ...partsOf(run),
    onSeen: () => screen.changed(),
    onConnection: (state) =>
      screen.update({ isConnected: state.isConnected, notice: state.isConnected ? "" : state.reason.message }),
  });
  const end = () => {
    screen.update({ notice: "Finishing what is under way …" });
    void listening.stop();
  };
  using screen = new ListenScreen(process, {
    title: `weft listen  ${url} → ${flags.forwardTo?.href ?? "this screen"}`,
    secret: listener.secret,
    seen: () => listening.seen,
    onQuit: end,
    onResend: (seen) => resend(client, listener, seen),
  });
  void stop.received.then(end);
  await listening.run();
}

function partsOf({ client, listener, flags, forward }: Run) {
  return { client, listenerId: listener.id, forward, concurrency: flags.concurrency };
}

async function resend(client: WeftClient, listener: Listener, { delivery }: ListenedAttempt): Promise<string> {
  try {
    await client.webhooks.resendMessage(delivery.message_id, { subscription_id: listener.id });
    return `Message ${prefixed("msg", delivery.message_id)} is re-queued.`;
  } catch (error) {
    return failureOf(error).text;
  }
}

function factOf({ delivery, exchange, became }: ListenedAttempt): object {
  const isAnswered = exchange?.kind === "answered";
  return {
    event: "delivery",
    message_id: delivery.message_id,
    event_type: delivery.event_type,
    attempt: delivery.attempt,
    status: isAnswered ? exchange.status : null,
    error: exchange?.kind === "unanswered" ? `${exchange.reason}: ${exchange.detail}` : null,
    duration_ms: exchange?.durationMs ?? null,
    became: became?.state ?? null,
    next_attempt_at: became?.nextAttemptAt ?? null,
    headers: delivery.headers,
    body: delivery.body,
  };
}

const nameLengthMax = 64;

/** The name is equal for one program on one machine, so that the listener is reused. */
function nameFor(target: URL | undefined): string {
  const text = target === undefined ? hostname() : `${hostname()}-${target.host}${target.pathname}`;
  const name = text.replaceAll(/[^A-Za-z0-9_.-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "listener";
  if (name.length <= nameLengthMax) return name;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return `${name.slice(0, nameLengthMax - digest.length - 1)}-${digest}`;
}

/** Also `3000` and `localhost:3000/webhooks`. */
function readTarget(text: string): URL {
  const withHost = /^\d+(\/|$)/.test(text) ? `localhost:${text}` : text;
  const full = /^\w+:\/\//.test(text) ? text : `http://${withHost}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return url;
  throw new CommandError(2, `"${text}" is not a URL to forward to, such as http://localhost:3000/webhooks.`);
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 3_600) return seconds;
  throw new CommandError(2, `--timeout is a number of seconds up to 3600; got "${text}".`);
}

function readConcurrency(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 100) return count;
  throw new CommandError(2, `--concurrency is a whole number from 1 to 100; got "${text}".`);
}
