import type { MessageId, OrganizationId } from "../../domain/id.ts";
import type { Dialect, SqlValue } from "../sql.ts";

export interface Conditions {
  readonly conditions: string[];
  readonly values: SqlValue[];
}

interface MessageFilters {
  /** Exact names; null for all. */
  readonly eventTypes: readonly string[] | null;
  readonly channel: string | null;
  readonly tag: string | null;
}

/** The conditions that the filters put on a row of `message`. */
export function messageConditions(dialect: Dialect, { eventTypes, channel, tag }: MessageFilters): Conditions {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  if (eventTypes !== null) {
    conditions.push(`message.event_type in (${dialect.eachText})`);
    values.push(dialect.textsValue(eventTypes));
  }
  if (channel !== null) {
    conditions.push(dialect.hasItem("message.channels"));
    values.push(channel);
  }
  if (tag !== null) {
    conditions.push(dialect.hasItem("message.tags"));
    values.push(tag);
  }
  return { conditions, values };
}

/** The condition for one of these ids of an organization; the ids are in the order of the list. */
export function messagesAmong(
  dialect: Dialect,
  ids: readonly MessageId[],
  filters: MessageFilters & { readonly organizationId: OrganizationId },
): Conditions {
  const [one, other] = [ids[0] ?? "", ids.at(-1) ?? ""];
  const filtered = messageConditions(dialect, filters);
  return {
    // The bounds select the partitions to read.
    conditions: [
      "message.id >= ? and message.id <= ?",
      dialect.isOneOf("message.id"),
      "message.organization_id = ?",
      ...filtered.conditions,
    ],
    values: [
      one < other ? one : other,
      one < other ? other : one,
      JSON.stringify(ids),
      filters.organizationId,
      ...filtered.values,
    ],
  };
}
