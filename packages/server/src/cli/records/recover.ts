import { setTimeout as sleep } from "node:timers/promises";
import type { FilteredRecovery, RecoverByFilterBody, RecoveryTask, WeftClient } from "@weft/sdk";
import { type Command, Option } from "commander";
import { type StatusClass, statusClasses } from "../../domain/status-class.ts";
import { readId } from "../client.ts";
import { readEventTypes } from "../event-types.ts";
import { CommandError } from "../failure.ts";
import { printAll } from "../output.ts";
import { addTerms } from "../terms.ts";
import { unknownTypeSentence } from "./event-type-suggestion.ts";
import { addRecordFlags, clientFor, type RecordFlags, readTime } from "./record-flags.ts";
import { recordTable, type TableColumn } from "./record-table.ts";

type Standing = NonNullable<RecoverByFilterBody["status"]>[number];

interface Flags extends RecordFlags {
  readonly types?: readonly string[] | undefined;
  readonly status?: readonly Standing[] | undefined;
  readonly statusClass?: StatusClass | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly subscription?: readonly string[] | undefined;
  readonly message?: readonly string[] | undefined;
  readonly dryRun?: true | undefined;
  readonly wait?: true | undefined;
}

const examples = `
Examples:
  weft recover --types sync.completed --status failed --since 2h --dry-run
  weft recover --types sync.completed --status failed --since 2h --wait
  weft recover --message msg_… --status delivered        send a delivered message again`;

export function addRecover(program: Command, process: NodeJS.Process): void {
  const now = () => Date.now();
  const command = program
    .command("recover")
    .description("Send messages again to the subscriptions that did not receive them")
    .option("--types <list>", "only these event types, such as sync.*", readEventTypes)
    .option(
      "--status <list>",
      "a list of failed, skipped, missing, delivered (default: the first three)",
      readStandings,
    )
    .addOption(
      new Option("--status-class <class>", "only messages with an attempt whose response is of this class").choices([
        ...statusClasses,
      ]),
    )
    .option("--since <time>", "accepted at this time or later: 2h ago, or an ISO time", readTime("--since", now))
    .option("--until <time>", "accepted before this time", readTime("--until", now))
    .option("--subscription <id>", "only for this subscription; repeatable", collectIds)
    .option("--message <id>", "only this message; repeatable", collectIds)
    .option("--dry-run", "count the deliveries, and send nothing")
    .option("--wait", "wait until all deliveries are re-queued")
    .addHelpText("after", examples);
  addTerms(command, ["recovery", "delivery", "subscription"]);
  addRecordFlags(command).action(async (flags: Flags) => {
    if (flags.since === undefined && flags.message === undefined) {
      throw new CommandError(
        2,
        "A time or a message is missing. Set --since to the start of the recovery, or --message.",
      );
    }
    const client = clientFor(flags, process.env);
    const {
      types: event_types,
      status,
      statusClass: status_class,
      since,
      until,
      subscription: subscription_ids,
      message: message_ids,
    } = flags;
    const dry_run = flags.dryRun === true;
    const started = await client.webhooks.recoverByFilter({
      ...{ event_types, status, status_class, since, until, subscription_ids, message_ids, dry_run },
    });
    const result = flags.wait === true && !dry_run ? await finished(client, started) : started;
    const shown = result.subscriptions.filter(({ deliveries, recovery, skipped }) =>
      dry_run ? (deliveries ?? 0) > 0 || skipped !== null : recovery !== null || skipped !== null,
    );
    const table = recordTable(dry_run ? planColumns : progressColumns, shown, { isWide: flags.wide === true });
    printAll(
      process.stdout,
      flags,
      result.subscriptions,
      shown.length > 0 ? table : nothingText(await unknownTypeSentence(client, event_types ?? [])),
    );
  });
}

function nothingText(unknownType: string | null): string {
  return unknownType === null ? "No deliveries match." : `No deliveries match. ${unknownType}`;
}

type Row = FilteredRecovery["subscriptions"][number];

const planColumns: readonly TableColumn<Row>[] = [
  { heading: "SUBSCRIPTION", text: ({ url }) => url, width: 56 },
  {
    heading: "DELIVERIES",
    text: (row) => row.skipped ?? `${row.is_exact === false ? "at least " : ""}${row.deliveries}`,
  },
  { heading: "ID", text: ({ subscription_id }) => subscription_id, isWide: true },
];

const progressColumns: readonly TableColumn<Row>[] = [
  { heading: "SUBSCRIPTION", text: ({ url }) => url, width: 40 },
  { heading: "STATE", text: ({ recovery, skipped }) => recovery?.status ?? skipped ?? "" },
  { heading: "RE-QUEUED", text: ({ recovery }) => (recovery === null ? "" : progressText(recovery)) },
  { heading: "RECOVERY", text: ({ recovery }) => recovery?.id ?? "", isWide: true },
];

function progressText({ recovered, total, outcomes }: RecoveryTask): string {
  const failed = outcomes.failed === 0 ? "" : `, ${outcomes.failed} failed again`;
  return `${recovered} of ${total ?? "?"}${failed}`;
}

const pollMs = 500;

async function finished(client: WeftClient, started: FilteredRecovery): Promise<FilteredRecovery> {
  const subscriptions: Row[] = [];
  for (const row of started.subscriptions) subscriptions.push({ ...row, recovery: await ended(client, row) });
  return { ...started, subscriptions };
}

async function ended(client: WeftClient, { subscription_id, recovery }: Row): Promise<RecoveryTask | null> {
  let task = recovery;
  while (task !== null && task.status === "running") {
    await sleep(pollMs);
    task = await client.webhooks.getRecovery(subscription_id, task.id);
  }
  return task;
}

function collectIds(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, readId(text)];
}

const standings: readonly string[] = ["failed", "skipped", "missing", "delivered"];

function readStandings(text: string): readonly string[] {
  const given = text.split(",").map((part) => part.trim());
  if (given.every((part) => standings.includes(part))) return given;
  throw new CommandError(2, `--status is a list of ${standings.join(", ")}; got "${text}".`);
}
