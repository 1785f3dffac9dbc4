import { type MessageId, type OrganizationId, type SubscriptionId, timeOfId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { readMessages } from "../messages/read-messages.ts";
import type { QueriesOf } from "../operations.ts";
import { lastId, type ReadContext, type WriteContext } from "../sql.ts";
import type { AdvancedFanOut, FannedOutMessage, FanOutStore } from "./interface.ts";
import { matchingRoutes, type Route } from "./route.ts";

export const lookUps = { fanOutWaits } satisfies QueriesOf<FanOutStore>;

async function fanOutWaits({ sql }: ReadContext): Promise<boolean> {
  return (await sql.get("select 1 as waits from fan_out limit 1")) !== null;
}

/** This is not among the shared commands, because PostgreSQL runs it in its group commit. */
export async function advanceFanOut(
  context: WriteContext,
  { after }: { after: OrganizationId | null },
): Promise<AdvancedFanOut> {
  const organizations = await waitingOrganizations(context, after);
  const share = Math.floor(limits.fanOutPerStepMax / Math.max(1, organizations.length));
  const completed: FannedOutMessage[] = [];
  let advanced = 0;
  for (const organizationId of organizations) {
    advanced += await advanceOrganization(context, organizationId, share, completed);
    context.noteFanOut(organizationId, await organizationWaits(context, organizationId));
  }
  const isEnd = organizations.length < limits.fanOutOrganizationsPerStep;
  return { last: isEnd ? null : (organizations.at(-1) ?? null), advanced, completed };
}

async function waitingOrganizations({ sql }: ReadContext, after: OrganizationId | null): Promise<OrganizationId[]> {
  const found: OrganizationId[] = [];
  let last: string = after ?? firstId;
  while (found.length < limits.fanOutOrganizationsPerStep) {
    const row = await sql.get<{ id: OrganizationId }>(
      "select organization_id as id from fan_out where organization_id > ? order by organization_id limit 1",
      last,
    );
    if (row === null) break;
    found.push(row.id);
    last = row.id;
  }
  return found;
}

async function organizationWaits({ sql }: ReadContext, organizationId: OrganizationId): Promise<boolean> {
  return (await sql.get("select 1 as waits from fan_out where organization_id = ? limit 1", organizationId)) !== null;
}

const firstId = "00000000-0000-0000-0000-000000000000";

interface WaitingRow {
  readonly message_id: MessageId;
  readonly after_id: MessageId | null;
  readonly after_subscription_id: SubscriptionId | null;
}

const messagesAtOnce = 16;

async function advanceOrganization(
  context: WriteContext,
  organizationId: OrganizationId,
  share: number,
  completed: FannedOutMessage[],
): Promise<number> {
  let left = share;
  let characters = 0;
  while (left > 0 && characters < limits.fanOutPayloadLengthMax) {
    const rows = await takeOldest(context, organizationId);
    if (rows.length === 0) break;
    const { messages: read, unread } = await readMessages(context, {
      organizationId,
      messageIds: rows.map((row) => row.message_id),
    });
    const messages = new Map(read.map((message) => [message.id, message]));
    const routesFor = await context.routesFor([...messages.values()]);
    const done: MessageId[] = [];
    const later = new Set(unread);
    for (const row of rows) {
      if (later.has(row.message_id)) break;
      const message = messages.get(row.message_id);
      const step =
        message === undefined ? nothing : await advanceMessage(context, message, row, routesFor(message), left);
      left -= 1 + step.matched;
      characters += message?.payload.length ?? 0;
      if (step.last === null) {
        done.push(row.message_id);
        if (message !== undefined && message.traceContext !== null) completed.push(fannedOut(message));
      } else await keepPosition(context, organizationId, row.message_id, step.last);
      if (left <= 0 || step.last !== null) break;
    }
    await forget(context, organizationId, done);
    if (done.length < rows.length - later.size || rows.length < messagesAtOnce) break;
  }
  return share - left;
}

/** Empty while another node advances the oldest one, because the later ones must not overtake it. */
async function takeOldest({ sql }: WriteContext, organizationId: OrganizationId): Promise<readonly WaitingRow[]> {
  const oldest = await sql.get<{ message_id: MessageId }>(
    "select message_id from fan_out where organization_id = ? order by message_id limit 1",
    organizationId,
  );
  if (oldest === null) return [];
  const rows = await sql.all<WaitingRow>(
    `select message_id, after_id, after_subscription_id from fan_out where organization_id = ?
     order by message_id limit ? ${sql.dialect.forUpdateSkipLocked}`,
    organizationId,
    messagesAtOnce,
  );
  return rows[0]?.message_id === oldest.message_id ? rows : [];
}

/**
 * The clocks of two nodes may differ: a subscription that is slightly too new gets one message more, rather than one
 * less.
 */
const clockSlackMs = 1_000;

interface FanOutStep {
  /** Subscriptions that the message was matched with. */
  readonly matched: number;
  /** The last of them, if more follow; null when the fan-out is complete. */
  readonly last: SubscriptionId | null;
}

const nothing: FanOutStep = { matched: 0, last: null };

async function advanceMessage(
  context: WriteContext,
  message: Message,
  { after_id: after, after_subscription_id: from }: WaitingRow,
  routes: readonly Route[],
  left: number,
): Promise<FanOutStep> {
  if (message.payloadDeletedAt !== null) return nothing;
  const open = routes.filter(
    ({ subscriptionId: id }) => (from === null || id > from) && timeOfId(id) <= message.createdAt + clockSlackMs,
  );
  const taken = open.slice(0, left);
  const last = taken.at(-1)?.subscriptionId ?? null;
  const made = await deliveriesBetween(context, message.id, from, last);
  const missing = taken.filter(({ subscriptionId }) => !made.has(subscriptionId));
  await context.deliver(message, matchingRoutes(message, missing), after);
  return { matched: taken.length, last: taken.length < open.length ? last : null };
}

/** A recovery or a resend may have created some of the deliveries already. */
async function deliveriesBetween(
  { sql }: ReadContext,
  messageId: MessageId,
  after: SubscriptionId | null,
  upTo: SubscriptionId | null,
): Promise<ReadonlySet<SubscriptionId>> {
  const rows = await sql.all<{ id: SubscriptionId }>(
    "select subscription_id as id from delivery where message_id = ? and subscription_id > ? and subscription_id <= ?",
    messageId,
    after ?? firstId,
    upTo ?? lastId,
  );
  return new Set(rows.map((row) => row.id));
}

function fannedOut({ id, organizationId, eventType, createdAt, traceContext }: Message): FannedOutMessage {
  return { id, organizationId, eventType, createdAt, traceContext };
}

async function keepPosition(
  { sql }: WriteContext,
  organizationId: OrganizationId,
  messageId: MessageId,
  last: SubscriptionId,
): Promise<void> {
  await sql.run(
    "update fan_out set after_subscription_id = ? where organization_id = ? and message_id = ?",
    last,
    organizationId,
    messageId,
  );
}

async function forget({ sql }: WriteContext, organizationId: OrganizationId, ids: readonly MessageId[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.run(
    `delete from fan_out where organization_id = ? and ${sql.dialect.isOneOf("message_id")}`,
    organizationId,
    JSON.stringify(ids),
  );
}
