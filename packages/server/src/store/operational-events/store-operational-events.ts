import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { newMessage } from "../../domain/message.ts";
import { type OperationalFact, operationalPayload, operatorsOrganizationId } from "../../domain/operational-event.ts";
import type { WriteContext } from "../sql.ts";

interface OwnerRow {
  readonly id: SubscriptionId;
  readonly uid: string | null;
  readonly organization_id: OrganizationId;
  readonly organization_uid: string | null;
}

/**
 * Stores the operational events of facts in the commit that makes them true. There are none about the operators' own
 * subscriptions, nor before their organization exists.
 */
export async function storeOperationalEvents(
  context: WriteContext,
  facts: readonly OperationalFact[],
  now: number,
): Promise<void> {
  if (facts.length === 0) return;
  const owners = await readOwners(context, facts);
  if (owners.size === 0) return;
  const eventIds = await readEventIds(context, facts);
  const messages = facts.flatMap((fact) => {
    const owner = owners.get(fact.subscriptionId);
    if (owner === undefined) return [];
    const payload = operationalPayload(
      fact,
      {
        organizationId: owner.organization_id,
        organizationUid: owner.organization_uid,
        subscriptionUid: owner.uid,
        eventId: "attempt" in fact ? (eventIds.get(fact.attempt.messageId) ?? null) : null,
      },
      now,
    );
    return newMessage({
      id: fact.id,
      organizationId: operatorsOrganizationId,
      eventType: fact.name,
      eventId: null,
      payload: JSON.stringify(payload),
      createdAt: now,
    });
  });
  await context.announce(messages);
}

async function readOwners(
  { sql }: WriteContext,
  facts: readonly OperationalFact[],
): Promise<Map<SubscriptionId, OwnerRow>> {
  const rows = await sql.all<OwnerRow>(
    `select subscription.id, subscription.uid, subscription.organization_id, organization.uid as organization_uid
     from subscription join organization on organization.id = subscription.organization_id
       join organization as operators on operators.id = ?
     where ${sql.dialect.isOneOf("subscription.id")} and subscription.organization_id <> operators.id`,
    operatorsOrganizationId,
    JSON.stringify([...new Set(facts.map(({ subscriptionId }) => subscriptionId))]),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function readEventIds(
  { sql }: WriteContext,
  facts: readonly OperationalFact[],
): Promise<Map<MessageId, string | null>> {
  const ids = facts.flatMap((fact) => ("attempt" in fact ? [fact.attempt.messageId] : []));
  if (ids.length === 0) return new Map();
  const rows = await sql.all<{ id: MessageId; event_id: string | null }>(
    `select id, event_id from message where ${sql.dialect.isOneOf("id")}`,
    JSON.stringify([...new Set(ids)]),
  );
  return new Map(rows.map((row) => [row.id, row.event_id]));
}
