import { parseFilters } from "../../domain/filters.ts";
import { memberText, textsAt } from "../../domain/json-text.ts";
import { isObjectText, type Message } from "../../domain/message.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { type Mismatch, mismatchOf, payloadReader } from "../fan-out/route.ts";
import type { ShownMismatch } from "./interface.ts";

/** The settings of a subscription that select messages. */
export type SelectingSettings = Pick<Subscription, "eventTypes" | "channels" | "filters">;

/** Why a message does not go to subscriptions with these settings, in their order; null for those that match. */
export function shownMismatches(
  message: Message,
  settings: readonly SelectingSettings[],
): readonly (ShownMismatch | null)[] {
  const isDeleted = message.payloadDeletedAt !== null;
  const matched = { ...message, filteredPayload: payloadReader(message) };
  const found = settings.map(({ filters, ...conditions }) => {
    const evaluated = isDeleted || filters === null ? null : parseFilters(filters);
    const mismatch = mismatchOf({ ...conditions, filters: evaluated }, matched);
    return mismatch ?? (isDeleted ? ({ kind: "payload_deleted" } as const) : null);
  });
  return withValues(message, found, settings);
}

type FoundMismatch = Mismatch | { readonly kind: "payload_deleted" } | null;

/** Adds the values that differ, as they are written in the payload. */
function withValues(
  message: Message,
  found: readonly FoundMismatch[],
  settings: readonly SelectingSettings[],
): readonly (ShownMismatch | null)[] {
  const fields = [...new Set(found.flatMap((mismatch) => (mismatch?.kind === "filter" ? [mismatch.field] : [])))];
  const payload = isObjectText(message) ? message.payload : "null";
  const texts = textsAt(
    payload,
    fields.flatMap((field) => [[field], field.split(".")]),
  );
  const textOf = (field: string) => {
    const at = 2 * fields.indexOf(field);
    return texts[at] ?? texts[at + 1] ?? null;
  };
  return found.map((mismatch, index) => {
    if (mismatch?.kind !== "filter") return mismatch;
    const wanted = memberText(settings[index]?.filters ?? "{}", mismatch.field) ?? "[]";
    return { ...mismatch, value: textOf(mismatch.field), wanted };
  });
}
