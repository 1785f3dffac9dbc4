import type { CreateSubscriptionBody, SubscriptionDetail, UpdateSubscriptionBody } from "@weft/sdk";
import { alertRules } from "../../../delivery/targets/alert-kinds.ts";
import type { AlertKind } from "../../../domain/target.ts";
import { delaysText, readDelays } from "./retry-delays.ts";

type Fields = { readonly name: string; readonly value: string }[];

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
  readonly filters: Fields;
  readonly headers: Fields;
  /** Delays with units, separated by commas. */
  readonly retries: string;
  readonly retriesNone: boolean;
  readonly rateLimit: string;
  readonly ordered: boolean;
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
  retries: "",
  retriesNone: false,
  rateLimit: "",
  ordered: false,
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
    retries: delaysText(schedule ?? []),
    retriesNone: schedule?.length === 0,
    rateLimit: subscription.rate_limit === null ? "" : String(subscription.rate_limit),
    ordered: subscription.ordered,
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

// A text that looks like another type, or has a comma, is quoted.
function textOf(value: string): string {
  const isPlain = value !== "" && !/[",]/.test(value) && value.trim() === value && readValue(value) === value;
  return isPlain ? value : JSON.stringify(value);
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
  };
}

function common(draft: SubscriptionDraft) {
  const filters = Object.fromEntries(named(draft.filters).map(([name, value]) => [name, valuesIn(value)]));
  return {
    url: draft.destination === "email" ? `mailto:${draft.url.trim()}` : draft.url.trim(),
    ...(draft.destination !== null && { template: draft.template.trim() === "" ? null : draft.template }),
    description: draft.description.trim() === "" ? null : draft.description.trim(),
    event_types: [...draft.eventTypes],
    filters: Object.keys(filters).length === 0 ? null : filters,
    retry_schedule: draft.retriesNone ? [] : draft.retries.trim() === "" ? null : readDelays(draft.retries),
    rate_limit: draft.rateLimit.trim() === "" ? null : Number(draft.rateLimit),
    ordered: draft.ordered,
  };
}

function named(fields: Fields): [string, string][] {
  return fields.filter(({ name }) => name.trim() !== "").map(({ name, value }) => [name.trim(), value]);
}

/** Values separated by commas: `true`, `12` and `null` are JSON values, and quoted ones are texts. */
function valuesIn(text: string): (string | number | boolean | null)[] {
  return partsOf(text).map(readValue);
}

function partsOf(text: string): string[] {
  const parts = text.match(/\s*"(?:[^"\\]|\\.)*"\s*|[^,]+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function isSame(fields: Fields, others: Fields): boolean {
  return JSON.stringify(fields) === JSON.stringify(others);
}

/** Whether the text is a number with more digits than JavaScript's numbers keep. */
function isRounded(part: string): boolean {
  const value = readValue(part);
  if (typeof value !== "number" || (value !== 0 && Number.isSafeInteger(value))) return false;
  const digits = part.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "").replace(/0+$/, "");
  return digits.length > 15 || !Number.isFinite(value) || (value === 0 && digits !== "");
}

function readValue(part: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(part);
    return typeof value === "object" && value !== null ? part : (value as string | number | boolean | null);
  } catch {
    return part;
  }
}
