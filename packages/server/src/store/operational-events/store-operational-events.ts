import { createHash } from "node:crypto";
import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { newMessage } from "../../domain/message.ts";
import { type OperationalFact, operationalPayload, operatorsOrganizationId } from "../../domain/operational-event.ts";
import { defaultNamespace } from "../../domain/organization.ts";
import { namespaceOperatorsId } from "../namespace-operators.ts";
import { isTenant } from "../organizations/sql.ts";
import type { WriteContext } from "../sql.ts";

interface OwnerRow {
  readonly id: SubscriptionId;
  readonly uid: string | null;
  readonly organization_id: OrganizationId;
  readonly organization_uid: string | null;
  readonly namespace: string;
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
  const stored = await storedOperators(context, [...owners.values()]);
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
    const message = { eventType: fact.name, eventId: null, payload: JSON.stringify(payload), createdAt: now };
    const ofNamespace = namespaceOperatorsId(owner.namespace);
    return [
      newMessage({ ...message, id: fact.id, organizationId: operatorsOrganizationId }),
      ...(stored.has(ofNamespace)
        ? [newMessage({ ...message, id: copyOf(fact.id, owner.namespace), organizationId: ofNamespace })]
        : []),
    ];
  });
  await context.announce(messages);
}

const ofTenant = isTenant.replaceAll(/\bid\b/g, "organization.id");

async function readOwners(
  { sql }: WriteContext,
  facts: readonly OperationalFact[],
): Promise<Map<SubscriptionId, OwnerRow>> {
  const rows = await sql.all<OwnerRow>(
    `select subscription.id, subscription.uid, subscription.organization_id, organization.namespace,
       coalesce(organization.uid, organization.namespace_uid) as organization_uid
     from subscription join organization on organization.id = subscription.organization_id
       join organization as operators on operators.id = ?
     where ${sql.dialect.isOneOf("subscription.id")} and ${ofTenant}`,
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

/** The ids of those operators' organizations that exist, for the namespaces of these owners. */
async function storedOperators(
  { sql }: WriteContext,
  owners: readonly OwnerRow[],
): Promise<ReadonlySet<OrganizationId>> {
  const namespaces = new Set(owners.map(({ namespace }) => namespace));
  namespaces.delete(defaultNamespace);
  if (namespaces.size === 0) return new Set();
  const rows = await sql.all<{ id: OrganizationId }>(
    `select id from organization where ${sql.dialect.isOneOf("id")} and deleted_at is null`,
    JSON.stringify([...namespaces].map(namespaceOperatorsId)),
  );
  return new Set(rows.map(({ id }) => id));
}

/** The id of the message for a namespace: as old as the first one, and equal in every repetition of the commit. */
function copyOf(id: MessageId, namespace: string): MessageId {
  const digits = createHash("sha256").update(`${id} ${namespace}`).digest("hex");
  return `${id.slice(0, -12)}${digits.slice(0, 12)}` as MessageId;
}
