import type { SubscriptionListItem } from "@weft/sdk";
import type { Command } from "commander";
import { prefixed } from "../../domain/id.ts";
import { readId } from "../client.ts";
import { readEventTypes } from "../event-types.ts";
import { printAll, printTo } from "../output.ts";
import { printable } from "../terminal/printable.ts";
import { addTerms } from "../terms.ts";
import { withSuggestion } from "./event-type-suggestion.ts";
import { addRecordFlags, clientFor, type RecordFlags, readLimit, take } from "./record-flags.ts";
import { ageText, recordTable, type TableColumn } from "./record-table.ts";

const examples = `
Examples:
  weft subscriptions create https://example.com/hook --types 'sync.*'
  weft subscriptions list --search example.com
  weft subscriptions test 0197… --type sync.completed`;

export function addSubscriptions(program: Command, process: NodeJS.Process): void {
  const group = program
    .command("subscriptions")
    .description("List, create and change subscriptions")
    .addHelpText("after", examples);
  addTerms(group, ["subscription", "endpoint", "eventType", "signingSecret"]);
  addList(group, process);
  addShow(group, process);
  addCreate(group, process);
  addSwitch(group, process, "enable");
  addSwitch(group, process, "disable");
  addTest(group, process);
  addDelete(group, process);
}

interface ListFlags extends RecordFlags {
  readonly search?: string | undefined;
  readonly types?: readonly string[] | undefined;
  readonly limit: number;
}

function addList(group: Command, process: NodeJS.Process): void {
  const command = group
    .command("list")
    .description("List subscriptions, newest first, with their health")
    .option("--search <text>", "a part of the URL, the description or the uid")
    .option("--types <list>", "only those that receive one of these event types, such as sync.failed", readEventTypes)
    .option("--limit <number>", "the maximum number of subscriptions", readLimit, 100);
  addRecordFlags(command).action(async (flags: ListFlags) => {
    const { search, types, limit } = flags;
    const query = { search, event_types: types, limit: Math.min(limit, 250) };
    const found = await take(clientFor(flags, process.env).webhooks.eachSubscription(query), limit);
    const table = recordTable(columns, found, { isWide: flags.wide === true });
    printAll(process.stdout, flags, found, found.length === 0 ? "No subscriptions match." : table);
  });
}

const columns: readonly TableColumn<SubscriptionListItem>[] = [
  { heading: "ID", text: ({ id }) => prefixed("ep", id) },
  { heading: "STATE", text: ({ disabled, health_status: health }) => (disabled ? "disabled" : health) },
  { heading: "URL", text: ({ url }) => url, width: 42 },
  { heading: "TYPES", text: ({ filter_types: types }) => types.join(","), isWide: true },
  {
    heading: "REASON",
    text: ({ disabled_reason: reason, held_back: heldBack }) => reason ?? heldBack?.reason ?? "",
    isWide: true,
  },
];

function addShow(group: Command, process: NodeJS.Process): void {
  const command = group
    .command("show")
    .argument("<id>", "the id of the subscription, as a UUID or as ep_…", readId)
    .description("Show a subscription with its newest attempts");
  addRecordFlags(command).action(async (id: string, flags: RecordFlags) => {
    const found = await clientFor(flags, process.env).webhooks.getSubscription(id);
    const {
      url,
      filter_types: types,
      disabled,
      disabled_reason: reason,
      health_status: health,
      held_back: heldBack,
    } = found;
    const now = Date.now();
    const lines = [
      `${prefixed("ep", found.id)}  ${url}`,
      `State:       ${disabled ? `disabled. ${reason ?? ""}` : `enabled, ${health}`}`,
      `Event types: ${types.join(", ")}`,
      ...(heldBack === null ? [] : [`Waiting:     ${heldBack.reason}`]),
      ...found.delivery_attempts
        .slice(0, 10)
        .map(({ status, event_type, response_status_code: code, error, timestamp }) =>
          [
            `  ${status.padEnd(8)}`,
            String(code === 0 ? (error ?? "") : code),
            event_type,
            ageText(timestamp, now),
          ].join("  "),
        ),
    ];
    printTo(process.stdout, flags)(found, lines.map(printable).join("\n"));
  });
}

interface CreateFlags extends RecordFlags {
  readonly types: string[];
  readonly description?: string | undefined;
}

function addCreate(group: Command, process: NodeJS.Process): void {
  const command = group
    .command("create")
    .argument("<url>", "the URL that receives the webhooks")
    .description("Create a subscription and print its signing secret")
    .requiredOption("--types <list>", "its event types, such as sync.*,collection.created", readEventTypes)
    .option("--description <text>", "a description");
  addRecordFlags(command).action(async (url: string, flags: CreateFlags) => {
    const client = clientFor(flags, process.env);
    const { types, description } = flags;
    const body = { url, event_types: types, description };
    const made = await withSuggestion(client, types, () => client.webhooks.createSubscription(body));
    const { secret } = await client.webhooks
      .getSubscription(made.id, { include_secret: true })
      .catch(() => ({ secret: null }));
    const text = `Created the subscription ${prefixed("ep", made.id)}.\n${secret === null ? "The signing secret needs a key with the scope secrets." : `Signing secret: ${secret}`}`;
    printTo(process.stdout, flags)({ ...made, secret }, text);
  });
}

function addSwitch(group: Command, process: NodeJS.Process, action: "enable" | "disable"): void {
  const effect =
    action === "enable" ? "Send to a subscription again" : "Stop sending to a subscription; its events are kept";
  const command = group.command(action).argument("<id>", "the id of the subscription", readId).description(effect);
  addRecordFlags(command).action(async (id: string, flags: RecordFlags) => {
    const changed = await clientFor(flags, process.env).webhooks.updateSubscription(id, {
      disabled: action === "disable",
    });
    printTo(process.stdout, flags)(changed, `The subscription ${prefixed("ep", changed.id)} is ${action}d.`);
  });
}

function addTest(group: Command, process: NodeJS.Process): void {
  const command = group
    .command("test")
    .argument("<id>", "the id of the subscription", readId)
    .description("Send a test event to a subscription and print the result")
    .option("--type <event type>", "the event type whose example is sent", "sync.completed");
  addRecordFlags(command).action(async (id: string, flags: RecordFlags & { type: string }) => {
    const client = clientFor(flags, process.env);
    const result = await withSuggestion(client, [flags.type], () =>
      client.webhooks.sendTestEvent(id, { event_type: flags.type }),
    );
    const { status, response_status_code: code, error, duration_ms: tookMs } = result;
    const text =
      code === 0
        ? `The test event was not delivered: ${error ?? "no response"}.`
        : `The endpoint returned ${code} in ${tookMs} ms: ${status}.`;
    printTo(process.stdout, flags)(result, printable(text));
  });
}

function addDelete(group: Command, process: NodeJS.Process): void {
  const command = group
    .command("delete")
    .argument("<id>", "the id of the subscription", readId)
    .description("Delete a subscription; its pending deliveries are cancelled");
  addRecordFlags(command).action(async (id: string, flags: RecordFlags) => {
    const deleted = await clientFor(flags, process.env).webhooks.deleteSubscription(id);
    printTo(process.stdout, flags)(deleted, `Deleted the subscription ${prefixed("ep", deleted.id)}.`);
  });
}
