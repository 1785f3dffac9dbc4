import { z } from "zod";
import { prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { initialVersion, type Subscription } from "../../domain/subscription.ts";
import { mapOf } from "../../http/caller-objects.ts";
import { keptText, shownText } from "../../http/kept-text.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import { headerMistake } from "../../subscriptions/own-headers.ts";
import type { SubscriptionRequest, SubscriptionSettings } from "../../subscriptions/subscriptions.ts";
import { uidOf } from "../own-fields.ts";
import { channels, metadata } from "./texts.ts";

export const headersRequest = mapOf(keptText, { keysMax: limits.headersMax }).superRefine((headers, context) => {
  for (const mistake of headerMistake(headers)) context.addIssue({ code: "custom", ...mistake });
});

const everyType = ["*"];

const eventTypes = z
  .array(z.string())
  .min(1, { error: "Select at least one event type, or send null to select all." })
  .max(limits.eventTypesPerSubscriptionMax)
  .nullable()
  .transform((named) => (named === null ? everyType : [...new Set(named)]));
const version = z.int().min(1).max(limits.endpointVersionMax).nullable();
const rateLimit = z.int().min(1).max(limits.rateLimitMax).nullable();

const { svixSecretBytesMin: secretBytesMin } = limits;

/** A secret that the caller chose. Svix's API requires more bytes than Weft's. */
export const ownSecret = z
  .string()
  .superRefine((text, context) => {
    const isShared = text.startsWith("whsec_");
    if (!isShared && !text.startsWith("whsk_")) {
      context.addIssue({ code: "custom", message: "A secret begins with whsec_, a private key with whsk_." });
    } else if (isShared && Buffer.from(text.slice("whsec_".length), "base64").length < secretBytesMin) {
      context.addIssue({ code: "custom", message: `A secret stands for at least ${secretBytesMin} bytes in base64.` });
    }
  })
  .describe(
    `A signing secret \`whsec_…\` of ${secretBytesMin} to ${limits.secretBytesMax} bytes or a private key \`whsk_…\`, without surrounding spaces.`,
  );

const url = keptText;

const optionalFields = z
  .object({
    description: shownText,
    uid: uidOf("ep").nullable(),
    disabled: z.boolean(),
    eventTypes: eventTypes.describe("Null means all."),
    filterTypes: eventTypes.describe("The older name of `eventTypes`."),
    channels: channels.nullable(),
    metadata,
    rateLimit: rateLimit.describe("The maximum deliveries per second."),
    version: version.describe("Stored and returned; Weft does not use it."),
    throttleRate: rateLimit.describe("Another name of `rateLimit`, which wins over it."),
  })
  .partial().shape;

export const replaceRequest = z.object({ url, ...optionalFields });
export const createRequest = z.object({
  ...replaceRequest.shape,
  secret: ownSecret.nullish(),
  headers: headersRequest.nullish(),
});
export const patchRequest = z.object({ url: url.optional(), ...optionalFields, secret: ownSecret.nullish() });

const defaults = {
  uid: null,
  description: null,
  eventTypes: everyType,
  channels: null,
  metadata: {},
  rateLimit: null,
  isDisabled: false,
  version: initialVersion,
};

/** The settings in a body, without the URL and the secret. */
export function settingsIn(body: z.output<typeof patchRequest>): SubscriptionSettings {
  const { description, filterTypes, throttleRate, disabled } = body;
  const { uid, eventTypes = filterTypes, channels, metadata, rateLimit: deliveryRate, version } = body;
  const rateLimit = throttleRate === undefined ? deliveryRate : throttleRate;
  return {
    checksUrl: false,
    ...(description !== undefined && { description: description === "" ? null : description }),
    ...(uid !== undefined && { uid }),
    ...(eventTypes !== undefined && { eventTypes }),
    ...(channels !== undefined && { channels }),
    ...(metadata !== undefined && { metadata }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(disabled !== undefined && { isDisabled: disabled }),
    ...(version !== undefined && { version: version ?? initialVersion }),
  };
}

/** All settings of an endpoint that a body replaces, without its URL. Its secrets and headers stay. */
export function replacementIn(body: z.output<typeof replaceRequest>) {
  return { ...defaults, ...settingsIn(body) };
}

/** A new endpoint. */
export function requestIn(body: z.output<typeof createRequest>): SubscriptionRequest {
  const { url, headers, secret } = body;
  return { ...replacementIn(body), url, headers: headers ?? {}, secret: { secret } };
}

export const endpointResponse = z
  .object({
    id: z.string(),
    uid: z.string().nullable(),
    url: z.string(),
    description: z.string(),
    disabled: z.boolean(),
    eventTypes: z.array(z.string()).nullable().describe("Null for all."),
    filterTypes: z.array(z.string()).nullable(),
    channels: z.array(z.string()).nullable(),
    metadata: z.record(z.string(), z.string()),
    rateLimit: z.int().nullable(),
    throttleRate: z.int().nullable(),
    version: z.int(),
    createdAt: timeResponse,
    updatedAt: timeResponse,
  })
  .meta({ id: "EndpointOut" });

export function endpointOf(subscription: Subscription): z.input<typeof endpointResponse> {
  const { eventTypes, rateLimit } = subscription;
  const named = eventTypes.includes("*") ? null : [...eventTypes];
  return {
    id: prefixed("ep", subscription.id),
    uid: subscription.uid,
    url: subscription.target.url,
    description: subscription.description ?? "",
    disabled: subscription.disabledReason !== null,
    eventTypes: named,
    filterTypes: named,
    channels: subscription.channels === null ? null : [...subscription.channels],
    metadata: { ...subscription.metadata },
    rateLimit,
    throttleRate: rateLimit,
    version: subscription.version,
    createdAt: isoTime(subscription.createdAt),
    updatedAt: isoTime(subscription.updatedAt),
  };
}
