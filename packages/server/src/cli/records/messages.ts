import type { Attempt, Message, MessageDelivery, MessageWithAttempts } from "@weft/sdk";
import type { Command } from "commander";
import { prefixed } from "../../domain/id.ts";
import { readId } from "../client.ts";
import { readEventTypes } from "../event-types.ts";
import { CommandError } from "../failure.ts";
import { printAll, printTo } from "../output.ts";
import { printable } from "../terminal/printable.ts";
import { addTerms } from "../terms.ts";
import { unknownTypeSentence } from "./event-type-suggestion.ts";
import { addRecordFlags, clientFor, type RecordFlags, readLimit, readTime, take } from "./record-flags.ts";
import { ageText, recordTable, type TableColumn } from "./record-table.ts";

interface ListFlags extends RecordFlags {
  readonly types?: readonly string[] | undefined;
  readonly status?: "success" | "failed" | "pending" | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly subscription?: string | undefined;
  readonly payload?: string | undefined;
  readonly limit: number;
}

const listExamples = `
Examples:
  weft messages --status failed --since 2h
  weft messages --types sync.completed --payload customer_id:42 --wide
  weft messages --json --limit 1000 | jq -r .id`;

export function addMessages(program: Command, process: NodeJS.Process): void {
  addList(program, process);
  addShow(program, process);
  addResend(program, process);
}

function addList(program: Command, process: NodeJS.Process): void {
  const now = () => Date.now();
  const command = program
    .command("messages")
    .description("List messages, newest first")
    .option("--types <list>", "only these event types, such as 'sync.*' or sync.completed,sync.failed", readEventTypes)
    .option("--status <status>", "only messages with this outcome: success, failed or pending", readStatus)
    .option("--since <time>", "accepted at this time or later: 2h ago, or an ISO time", readTime("--since", now))
    .option("--until <time>", "accepted before this time", readTime("--until", now))
    .option("--subscription <id>", "only messages to this subscription", readId)
    .option("--payload <field:value>", "only messages with this payload value, such as customer_id:42")
    .option("--limit <number>", "the maximum number of messages", readLimit, 20)
    .addHelpText("after", listExamples);
  addTerms(command, ["message", "delivery"]);
  addRecordFlags(command).action(async (flags: ListFlags) => {
    const { types, status, since, until, subscription, payload, limit } = flags;
    const query = {
      ...{ event_types: types, status, since, until, subscription_id: subscription, include_endpoints: true },
      ...(payload !== undefined && { payload: [payload] }),
      limit: Math.min(limit, 250),
    };
    const client = clientFor(flags, process.env);
    const messages = await take(client.webhooks.eachMessage(query), limit);
    const table = recordTable(messageColumns(now()), messages, { isWide: flags.wide === true });
    const unknown = messages.length > 0 ? null : await unknownTypeSentence(client, types ?? []);
    const nothing = unknown === null ? "No messages match." : `No messages match. ${unknown}`;
    printAll(process.stdout, flags, messages, messages.length > 0 ? table : nothing);
  });
}

function messageColumns(now: number): readonly TableColumn<Message>[] {
  return [
    { heading: "MESSAGE", text: ({ id }) => prefixed("msg", id) },
    { heading: "TYPE", text: ({ event_type }) => event_type, width: 22 },
    { heading: "DELIVERIES", text: deliveriesText, width: 18 },
    { heading: "AGE", text: ({ timestamp }) => ageText(timestamp, now) },
    { heading: "EVENT ID", text: ({ event_id }) => event_id ?? "", isWide: true },
    { heading: "LAST RESULT", text: lastResultText, isWide: true },
    { heading: "PAYLOAD", text: ({ excerpt }) => excerpt ?? "", isWide: true },
  ];
}

const stateNames = {
  failed: "failed",
  due: "pending",
  skipped: "skipped",
  cancelled: "cancelled",
  delivered: "delivered",
};

function deliveriesText({ deliveries }: Message): string {
  const parts = Object.entries(stateNames).flatMap(([state, name]) => {
    const count = deliveries[state as keyof typeof stateNames];
    return count === 0 ? [] : [count === 1 ? name : `${count} ${name}`];
  });
  return parts.length === 0 ? "none" : parts.join(", ");
}

function lastResultText({ endpoints = [] }: Message): string {
  const [first] = endpoints;
  if (first === undefined) return "";
  return `${first.url} ${first.error ?? first.response_status_code ?? ""}`.trim();
}

function addShow(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("message")
    .argument("<id>", "the id of the message, as msg_… or as a UUID", readId)
    .description("Show a message, its deliveries with their reasons, and its attempts");
  addTerms(command, ["message", "subscription", "delivery", "attempt"]);
  addRecordFlags(command).action(async (id: string, flags: RecordFlags) => {
    const { webhooks } = clientFor(flags, process.env);
    const [message, deliveries, payload] = await Promise.all([
      webhooks.getMessage(id, { include_attempts: true }),
      take(webhooks.eachMessageDelivery(id, { limit: 250 }), 1_000),
      webhooks.getMessagePayload(id).catch(() => null),
    ]);
    printTo(process.stdout, flags)(
      { ...message, subscriptions: deliveries },
      messageText({ message, deliveries, payload }, { isWide: flags.wide === true }),
    );
  });
}

interface ShownMessage {
  readonly message: MessageWithAttempts;
  readonly deliveries: readonly MessageDelivery[];
  /** Null when it was deleted. */
  readonly payload: string | null;
}

function messageText({ message, deliveries, payload }: ShownMessage, { isWide }: { isWide: boolean }): string {
  const now = Date.now();
  const facts = [
    `${prefixed("msg", message.id)}  ${message.event_type}  ${ageText(message.timestamp, now)}`,
    ...(message.event_id === null ? [] : [`Event id: ${message.event_id}`]),
  ];
  const attempts = message.delivery_attempts?.filter(({ status }) => status !== "pending") ?? [];
  const lines = [
    ...facts,
    "",
    deliveries.length === 0 ? "The organization had no subscriptions when it was accepted." : "Subscriptions:",
    ...deliveries.flatMap((delivery) => [
      ...deliveryLines(delivery, attempts, now),
      ...(isWide ? attemptLines(delivery, attempts) : []),
    ]),
    ...(payload === null
      ? ["", "The payload was deleted."]
      : ["", payload.length > payloadShownMax ? `${payload.slice(0, payloadShownMax)}…` : payload]),
  ];
  return lines.map(printable).join("\n");
}

const payloadShownMax = 4_000;

function deliveryLines(delivery: MessageDelivery, attempts: readonly Attempt[], now: number): string[] {
  const { subscription_id: id, url, outcome, reason, next_attempt_at: next } = delivery;
  const [last] = attempts.filter(({ endpoint_id }) => endpoint_id === id);
  const result = last === undefined ? "" : ` (${last.error ?? `status ${last.response_status_code}`})`;
  const filter = reason?.filter ?? null;
  return [
    `  ${outcome.padEnd(11)} ${url}${outcome === "delivered" ? "" : result}`,
    ...(reason === null ? [] : [`              ${reason.detail}`]),
    ...(filter === null
      ? []
      : [`              ${filter.path} is ${filter.value ?? "missing"}, and the filter accepts ${filter.wanted}.`]),
    ...(next === null
      ? []
      : [
          `              Attempt ${delivery.attempts + 1} of ${delivery.attempts + delivery.attempts_left} ${ageText(next, now)}.`,
        ]),
  ];
}

/** The attempts of a delivery, newest first, each with the response headers and the first line of the body. */
function attemptLines({ subscription_id: id }: MessageDelivery, attempts: readonly Attempt[]): string[] {
  return attempts
    .filter(({ endpoint_id }) => endpoint_id === id)
    .flatMap(
      ({
        attempt_number,
        timestamp,
        response_status_code,
        error,
        response_headers,
        response_headers_truncated,
        response,
      }) => [
        `              Attempt ${attempt_number}  ${timestamp}  ${error ?? response_status_code}`,
        ...Object.entries(response_headers ?? {}).map(([name, value]) => `                ${name}: ${value}`),
        ...(response_headers_truncated ? ["                (further response headers were not kept)"] : []),
        ...(response === null || response === "" ? [] : [`                ${firstLine(response)}`]),
      ],
    );
}

function firstLine(text: string): string {
  const [line = ""] = text.trimStart().split("\n", 1);
  return line.slice(0, 200);
}

function addResend(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("resend")
    .argument("<id>", "the id of the message, as msg_… or as a UUID", readId)
    .description("Resend a message to the subscriptions that it went to, or to one")
    .option("--subscription <id>", "only to this subscription", readId);
  addRecordFlags(command).action(async (id: string, flags: RecordFlags & { subscription?: string }) => {
    const body = flags.subscription === undefined ? {} : { subscription_id: flags.subscription };
    const resent = await clientFor(flags, process.env).webhooks.resendMessage(id, body);
    const count = resent.subscription_ids.length;
    printTo(process.stdout, flags)(resent, `Re-queued ${count === 1 ? "1 delivery" : `${count} deliveries`}.`);
  });
}

function readStatus(text: string): string {
  if (text === "success" || text === "failed" || text === "pending") return text;
  throw new CommandError(2, `--status is success, failed or pending; got "${text}".`);
}
