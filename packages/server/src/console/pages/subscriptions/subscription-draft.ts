import type { CreateSubscriptionBody, SubscriptionDetail, UpdateSubscriptionBody } from "@weft/sdk";
import { alertRules } from "../../../delivery/targets/alert-kinds.ts";
import type { AlertKind } from "../../../domain/target.ts";
import type { FilterRow } from "./filter-conditions.ts";
import { type FilterValue, isRounded, partsOf, textOf, valuesIn } from "./filter-values.ts";
import { accessChanges, accessDraftOf, emptyAccess, type ReceiverAccessDraft } from "./receiver-access-draft.ts";
import { delaysText, readDelays } from "./retry-delays.ts";

type Fields = readonly { readonly name: string; readonly value: string }[];

/** A subscription as a user edits it: the texts of the form. */
export interface SubscriptionDraft {
  /** Null for webhooks. */
  readonly destination: AlertKind | null;
  /** A mail address is shown without its `mailto:`. */
  readonly url: string;
  readonly template: string;
  readonly routingKey: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly filters: readonly FilterRow[];
  readonly headers: Fields;
  readonly access: ReceiverAccessDraft;
  /** Delays with units, separated by commas. */
  readonly retries: string;
  readonly retriesNone: boolean;
  readonly rateLimit: string;
  readonly ordered: boolean;
  readonly sendsTraceContext: boolean;
  readonly secret: string;
  readonly signature: "v1" | "v1a";
}

export const emptyDraft: SubscriptionDraft = {
  destination: null,
  url: "",
  template: "",
  routingKey: "",
  description: "",
  eventTypes: [],
  filters: [],
  headers: [],
  access: emptyAccess,
  retries: "",
  retriesNone: false,
  rateLimit: "",
  ordered: false,
  sendsTraceContext: false,
  secret: "",
  signature: "v1",
};

export function draftOf(subscription: SubscriptionDetail): SubscriptionDraft {
  const { retry_schedule: schedule } = subscription;
  return {
    ...emptyDraft,
    destination: subscription.destination,
    url: subscription.url.replace(/^mailto:/, ""),
    template: subscription.template ?? "",
    description: subscription.description ?? "",
    eventTypes: subscription.filter_types,
    filters: Object.entries(subscription.filters ?? {}).map(([name, values]) => ({
      name,
      value: values.map((value) => (typeof value === "string" ? textOf(value) : String(value))).join(", "),
    })),
    headers: Object.entries(subscription.headers).map(([name, value]) => ({ name, value })),
    access: accessDraftOf(subscription),
    retries: delaysText(schedule ?? []),
    retriesNone: schedule?.length === 0,
    rateLimit: subscription.rate_limit === null ? "" : String(subscription.rate_limit),
    ordered: subscription.ordered,
    sendsTraceContext: subscription.send_trace_context,
  };
}

/** A draft for another target, with the defaults of the API. */
export function withDestination(draft: SubscriptionDraft, destination: AlertKind | null): SubscriptionDraft {
  const { url, rateLimit, ordered, routingKey } = emptyDraft;
  return { ...draft, url, rateLimit, ordered, routingKey, ...initialFields(destination), destination };
}

function initialFields(destination: AlertKind | null): Partial<SubscriptionDraft> {
  if (destination === null) return {};
  const { defaults, usualUrl } = alertRules[destination];
  return {
    url: usualUrl ?? "",
    rateLimit: defaults.rateLimit === null ? "" : String(defaults.rateLimit),
    ordered: defaults.ordered,
  };
}

export function hasRoutingKey({ destination }: SubscriptionDraft): boolean {
  return destination !== null && alertRules[destination].routingKeyMissing !== null;
}

export function hasHeaders({ destination }: SubscriptionDraft): boolean {
  return destination === null || alertRules[destination].refusedFields.headers === undefined;
}

export interface DraftMistakes {
  /** A number that this page would round. */
  readonly filters: boolean;
  readonly retries: boolean;
  readonly rateLimit: boolean;
}

/** Numbers in the form that cannot be sent. Unchanged filters are not sent at all. */
export function draftMistakes(
  { filters, retries, rateLimit }: SubscriptionDraft,
  initial: SubscriptionDraft,
): DraftMistakes {
  return {
    filters: !isSame(filters, initial.filters) && filters.some(({ value }) => partsOf(value).some(isRounded)),
    retries: readDelays(retries).some(Number.isNaN),
    rateLimit: rateLimit.trim() !== "" && !Number.isInteger(Number(rateLimit)),
  };
}

export function creationOf(draft: SubscriptionDraft): CreateSubscriptionBody {
  return {
    ...common(draft),
    destination: draft.destination,
    ...(draft.routingKey.trim() !== "" && { routing_key: draft.routingKey.trim() }),
    headers: Object.fromEntries(named(draft.headers)),
    ...(draft.destination === null && accessChanges(draft.access, emptyAccess)),
    ...(draft.secret.trim() === "" ? { signature_type: draft.signature } : { secret: draft.secret.trim() }),
  };
}

/**
 * The changes to send. Unchanged headers are left out, because some values were shown as `***`, and so are unchanged
 * filters, because this page may have rounded their numbers.
 */
export function changeOf(draft: SubscriptionDraft, before: SubscriptionDetail): UpdateSubscriptionBody {
  const headers = Object.fromEntries(named(draft.headers));
  const hasSameHeaders = JSON.stringify(headers) === JSON.stringify(before.headers);
  const { filters, ...rest } = common(draft);
  return {
    ...rest,
    ...(isSame(draft.filters, draftOf(before).filters) ? {} : { filters }),
    ...(draft.routingKey.trim() !== "" && { routing_key: draft.routingKey.trim() }),
    ...(hasSameHeaders ? {} : { headers }),
    ...accessChanges(draft.access, accessDraftOf(before)),
  };
}

function common(draft: SubscriptionDraft) {
  const filters = filtersOf(draft);
  return {
    url: draft.destination === "email" ? `mailto:${draft.url.trim()}` : draft.url.trim(),
    ...(draft.destination !== null && { template: draft.template.trim() === "" ? null : draft.template }),
    description: draft.description.trim() === "" ? null : draft.description.trim(),
    event_types: [...draft.eventTypes],
    filters,
    retry_schedule: draft.retriesNone ? [] : draft.retries.trim() === "" ? null : readDelays(draft.retries),
    rate_limit: draft.rateLimit.trim() === "" ? null : Number(draft.rateLimit),
    ordered: draft.ordered,
    ...(draft.destination === null && { send_trace_context: draft.sendsTraceContext }),
  };
}

/** The filters in the form of the API; null without any. */
export function filtersOf({ filters }: SubscriptionDraft): Record<string, FilterValue[]> | null {
  const fields = named(filters).map(([name, value]) => [name, valuesIn(value)] as const);
  return fields.length === 0 ? null : Object.fromEntries(fields);
}

function named(fields: Fields): [string, string][] {
  return fields.filter(({ name }) => name.trim() !== "").map(({ name, value }) => [name.trim(), value]);
}

function isSame(fields: Fields, others: Fields): boolean {
  const textsOf = (rows: Fields) => JSON.stringify(rows.map(({ name, value }) => [name, value]));
  return textsOf(fields) === textsOf(others);
}
