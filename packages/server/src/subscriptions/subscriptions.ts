import { identityOf } from "../delivery/targets/receiver-identity.ts";
import { targetRules } from "../delivery/targets/target-kinds.ts";
import type { AddressPolicy } from "../delivery/targets/target-rules.ts";
import type { Scope } from "../domain/api-key.ts";
import { maskedValue } from "../domain/credential-headers.ts";
import { ApiError, quotaExceeded, validationFailed, validationSentence } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { newOperationalEventIds } from "../domain/operational-event.ts";
import { ownProperty } from "../domain/own-property.ts";
import { noAccess, type ReceiverAccess } from "../domain/receiver-access.ts";
import { undelivered } from "../domain/recovery.ts";
import type { SignatureType } from "../domain/signature-type.ts";
import { initialVersion, newSubscription, type Subscription } from "../domain/subscription.ts";
import type { AlertKind, TargetKind } from "../domain/target.ts";
import type { Catalogue } from "../intake/catalogue.ts";
import type { CatalogueReader } from "../intake/catalogue-reader.ts";
import type { Origin } from "../intake/intake.ts";
import type { OrganizationNamespaces } from "../intake/organization-namespaces.ts";
import type { Reachability } from "../outbound/endpoint-check.ts";
import type { TlsIdentity } from "../outbound/tls-identity.ts";
import type { Store } from "../store/store.ts";
import type { SubscriptionChanges, SubscriptionKey } from "../store/subscriptions/interface.ts";
import { checkWindow, recoverSubscription } from "../upkeep/recover-subscription.ts";
import { movedTarget, newTarget, targetChanges } from "./address.ts";
import { type AccessRequest, accessAfter, requireAccessAgain, requireFittingAccess } from "./receiver-access.ts";
import { secretFor, signatureTypeOf } from "./signing-secret.ts";

/** The operator's rules for subscriptions. */
export interface SubscriptionPolicy {
  readonly address: AddressPolicy;
  readonly recoveryWindowMsMax: number;
  /** The type of generated secrets where the request names none, and no secret was there before. */
  readonly defaultSignatureType: SignatureType;
  /** Subscriptions that one organization may have. */
  readonly subscriptionsMax: number;
  /** Null when new endpoints are not checked. */
  readonly checkEndpoint:
    | ((url: string, owner: OrganizationId, tls: TlsIdentity | null) => Promise<Reachability>)
    | null;
}

export interface SubscriptionsParts {
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly reader: Pick<CatalogueReader, "refresh">;
  readonly namespaces: OrganizationNamespaces;
  readonly policy: SubscriptionPolicy;
  readonly origin: Origin;
}

/** The fields that creating and changing a subscription have in common. Fields that are absent are not set. */
export interface SubscriptionSettings
  extends Pick<
    SubscriptionChanges,
    | "uid"
    | "eventTypes"
    | "channels"
    | "description"
    | "metadata"
    | "filters"
    | "headers"
    | "retryDelaysMs"
    | "ordered"
    | "rateLimit"
    | "sendsTraceContext"
    | "version"
    | "template"
  > {
  readonly routingKey?: string | undefined;
  readonly access?: AccessRequest;
  readonly isDisabled?: boolean;
  /** Whether a new URL must be reachable, if the operator requires it. Clients of Svix expect to set any URL. */
  readonly checksUrl: boolean;
}

export interface SubscriptionRequest extends SubscriptionSettings {
  readonly url: string;
  /** Null for a webhook. */
  readonly destination?: AlertKind | null;
  readonly eventTypes: readonly string[];
  readonly secret: SecretRequest;
}

export interface SubscriptionChange extends SubscriptionSettings {
  readonly url?: string | undefined;
  /** Replaces the signing secret. The old one stops to sign at once. */
  readonly secret?: SecretRequest;
  /** Recovers the messages since then (Unix ms). It needs `isDisabled: false`. */
  readonly recoverSince?: number;
}

export interface SecretRequest {
  /** Null for a generated secret. */
  readonly secret?: string | null | undefined;
  readonly signature_type?: SignatureType | null | undefined;
}

/** Event types of a subscription that the organization cannot select. */
export class UnknownEventTypesError extends ApiError {
  readonly names: readonly string[];

  constructor(patterns: readonly string[], mistakeOf: (pattern: string) => string | null) {
    const mistakes = patterns.flatMap((pattern, index) => {
      const msg = mistakeOf(pattern);
      return msg === null ? [] : [{ loc: ["body", "event_types", index], msg, type: "event_type_unknown" }];
    });
    super("validation_failed", validationSentence(mistakes), { mistakes });
    this.names = patterns.filter((pattern) => mistakeOf(pattern) !== null);
  }
}

/**
 * The use cases of subscriptions, for both APIs. Each throws an ApiError whose mistakes are located by the names of the
 * fields in `/v1`.
 */
export class Subscriptions {
  readonly #parts: SubscriptionsParts;

  constructor(parts: SubscriptionsParts) {
    this.#parts = parts;
  }

  async create(organizationId: OrganizationId, request: SubscriptionRequest): Promise<Subscription> {
    const { policy, origin } = this.#parts;
    const { target, credential, checkableUrl } = newTarget(request, policy.address);
    await this.requireEventTypes(organizationId, request.eventTypes);
    const access = accessAfter(request.access ?? {}, noAccess, origin.now());
    requireFittingAccess(access, { target, headers: request.headers ?? {} }, policy.address);
    const secret = await secretFor(request.secret, policy.defaultSignatureType);
    if (request.checksUrl) await this.#requireReachable(checkableUrl, organizationId, access);
    const subscription = newSubscription({
      id: origin.newId<"subscription">(),
      organizationId,
      target,
      ...paceOf(target.kind, request),
      uid: request.uid ?? null,
      eventTypes: request.eventTypes,
      channels: request.channels ?? null,
      description: request.description ?? null,
      metadata: request.metadata ?? {},
      filters: request.filters ?? null,
      headers: request.headers ?? {},
      access,
      retryDelaysMs: request.retryDelaysMs ?? null,
      sendsTraceContext: request.sendsTraceContext ?? false,
      version: request.version ?? initialVersion,
      disabledReason: request.isDisabled === true ? "by_request" : null,
      createdAt: origin.now(),
    });
    await this.store({ subscription, secret, credential });
    return subscription;
  }

  /** Stores a new subscription. Throws when its uid is taken or the organization has as many as it may have. */
  async store(made: { subscription: Subscription; secret: string; credential?: string | null }): Promise<void> {
    const { store, policy, origin } = this.#parts;
    const { subscriptionsMax } = policy;
    const result = await store.createSubscription({
      ...made,
      operationalEventIds: newOperationalEventIds(origin.newId),
      subscriptionsMax,
    });
    if (result === "uid_taken") throw uidTaken(made.subscription.uid);
    if (result === "full") throw quotaExceeded(subscriptionsMax, "subscriptions");
  }

  /** `scopes`: the rights of the caller. Returns the subscription with its changes. */
  async change(
    before: Subscription,
    change: SubscriptionChange,
    { scopes }: { scopes: readonly Scope[] },
  ): Promise<Subscription> {
    const { store, policy, origin } = this.#parts;
    requireNoAgent(before);
    const now = origin.now();
    const key = keyOf(before);
    const window = windowOf(change, now);
    if (window !== null) checkWindow(window, { now, windowMsMax: policy.recoveryWindowMsMax }, "recover_since");
    const moved =
      change.url === undefined ? null : movedTarget({ ...change, url: change.url }, before, policy.address, scopes);
    requireAccessAgain(change.access ?? {}, before, change.url ?? before.target.url, scopes);
    const access = accessAfter(change.access ?? {}, before.access, now);
    const changes = { ...changesOf(change, before), ...moved?.changes, ...(change.access !== undefined && { access }) };
    const target = { ...before.target, url: changes.url ?? before.target.url };
    requireFittingAccess(access, { target, headers: changes.headers ?? before.headers }, policy.address);
    const added = changes.eventTypes?.filter((name) => !before.eventTypes.includes(name));
    await this.requireEventTypes(before.organizationId, added ?? []);
    const secret = change.secret === undefined ? null : await secretFor(change.secret, policy.defaultSignatureType);
    if (moved !== null && change.checksUrl) {
      await this.#requireReachable(moved.checkableUrl, before.organizationId, access);
    }
    const after = Object.keys(changes).length === 0 ? before : await this.#update(before, changes, now);
    if (secret !== null) {
      await store.rotateSecret({
        ...key,
        secret,
        overlapUntil: now,
        now,
        operationalEventIds: newOperationalEventIds(origin.newId),
      });
    }
    if (window !== null) await recoverSubscription(store, origin.newId, key, { ...window, scope: undelivered, now });
    return after;
  }

  /** Returns the deleted subscription, or null if it does not exist. That of an agent ends, and is deleted soon after. */
  async delete(key: SubscriptionKey): Promise<Subscription | null> {
    const { store, origin } = this.#parts;
    const before = await store.readSubscription(key);
    if (before?.target.kind === "mcp") {
      await store.endMcpSubscription({ ...key, reason: "access_revoked" });
      return before;
    }
    return await store.deleteSubscription({
      ...key,
      now: origin.now(),
      operationalEventIds: newOperationalEventIds(origin.newId),
    });
  }

  /** Null when there is no such subscription. */
  async readSecret(key: SubscriptionKey): Promise<string | null> {
    const { store, origin } = this.#parts;
    await this.#requireNoAgentOf(key);
    const [current] = (await store.readSecrets({ ...key, now: origin.now() })) ?? [];
    return current?.secret ?? null;
  }

  /** The secrets before the new one sign as well during the overlap. Null when there is no such subscription. */
  async rotateSecret(
    key: SubscriptionKey,
    { overlapMs, ...request }: SecretRequest & { overlapMs: number },
  ): Promise<{ secret: string; overlapUntil: number } | null> {
    const { store, origin } = this.#parts;
    await this.#requireNoAgentOf(key);
    const now = origin.now();
    const live = (await store.readSecrets({ ...key, now })) ?? [];
    const [current] = live;
    if (current === undefined) return null;
    if (overlapMs > 0 && live.length >= limits.secretsLiveMax) throw tooManySecrets(live.length);
    const secret = await secretFor(request, signatureTypeOf(current.secret));
    const overlapUntil = now + overlapMs;
    const rotated = await store.rotateSecret({
      ...key,
      secret,
      overlapUntil,
      now,
      operationalEventIds: newOperationalEventIds(origin.newId),
    });
    return rotated ? { secret, overlapUntil } : null;
  }

  /** Throws a 422 for patterns that the organization's subscriptions cannot select. */
  async requireEventTypes(organizationId: OrganizationId, patterns: readonly string[]): Promise<void> {
    const { catalogue, reader, store, namespaces } = this.#parts;
    const owner = { id: organizationId, namespace: await namespaces.of(organizationId) };
    if (patterns.every((pattern) => catalogue.offers(owner, pattern))) return;
    // Another node may have defined it a moment ago.
    await reader.refresh();
    const { unknownEventTypes = "refuse" } = (await store.readOrganization({ organizationId })) ?? {};
    const mistakeOf = (pattern: string) => catalogue.selectionMistake(owner, pattern, unknownEventTypes);
    if (patterns.some((pattern) => mistakeOf(pattern) !== null)) throw new UnknownEventTypesError(patterns, mistakeOf);
  }

  async #requireNoAgentOf(key: SubscriptionKey): Promise<void> {
    const subscription = await this.#parts.store.readSubscription(key);
    if (subscription !== null) requireNoAgent(subscription);
  }

  async #update(before: Subscription, changes: SubscriptionChanges, now: number): Promise<Subscription> {
    const { store, origin } = this.#parts;
    const operationalEventIds = newOperationalEventIds(origin.newId);
    const after = await store.updateSubscription({ ...keyOf(before), changes, now, operationalEventIds });
    if (after === "uid_taken") throw uidTaken(changes.uid ?? null);
    if (after === "not_found") throw new ApiError("not_found", "The subscription was deleted meanwhile.");
    return after;
  }

  async #requireReachable(url: string | null, owner: OrganizationId, access: ReceiverAccess): Promise<void> {
    if (url === null) return;
    const reachability = (await this.#parts.policy.checkEndpoint?.(url, owner, identityOf(access))) ?? {
      reachable: true,
    };
    if (!reachability.reachable) throw new ApiError("endpoint_unreachable", reachability.detail);
  }
}

/** Throws a 409 for a subscription that an agent made, which alone may change it and knows its secret. */
export function requireNoAgent({ target }: Subscription): void {
  if (target.kind !== "mcp") return;
  throw new ApiError(
    "subscription_of_agent",
    "An agent made this subscription through MCP, and only the agent can change it. Delete it to end it.",
  );
}

function keyOf({ id, organizationId }: Subscription): SubscriptionKey {
  return { organizationId, subscriptionId: id };
}

function windowOf({ isDisabled, recoverSince }: SubscriptionChange, now: number) {
  if (recoverSince === undefined) return null;
  if (isDisabled === false) return { since: recoverSince, until: now };
  const msg = "This field needs `disabled: false`. To recover without enabling, use the recover route.";
  throw validationFailed([{ loc: ["body", "recover_since"], msg, type: "recover_without_enabling" }]);
}

function changesOf(change: SubscriptionChange, before: Subscription): SubscriptionChanges {
  const { uid, eventTypes, channels, description, metadata, filters, headers } = change;
  const { retryDelaysMs, ordered, rateLimit, sendsTraceContext, version } = change;
  return {
    ...targetChanges(change, before),
    ...(uid !== undefined && { uid }),
    ...(eventTypes !== undefined && { eventTypes }),
    ...(channels !== undefined && { channels }),
    ...(description !== undefined && { description }),
    ...(metadata !== undefined && { metadata }),
    ...(filters !== undefined && { filters }),
    ...(headers !== undefined && { headers: withKeptValues(headers, before.headers) }),
    ...(retryDelaysMs !== undefined && { retryDelaysMs }),
    ...(ordered !== undefined && { ordered }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(sendsTraceContext !== undefined && { sendsTraceContext }),
    ...(version !== undefined && { version }),
    ...stateChange(change.isDisabled, before),
  };
}

/** A subscription that is disabled already keeps its reason. */
function stateChange(isDisabled: boolean | undefined, before: Subscription): SubscriptionChanges {
  if (isDisabled === undefined || isDisabled === (before.disabledReason !== null)) return {};
  return { disabledReason: isDisabled ? "by_request" : null };
}

/** A request that states no pace gets that of the kind of target. */
function paceOf(kind: TargetKind, { ordered, rateLimit }: SubscriptionSettings) {
  const { defaults } = targetRules[kind];
  return { ordered: ordered ?? defaults.ordered, rateLimit: rateLimit === undefined ? defaults.rateLimit : rateLimit };
}

// A caller that changes one header sends the others back as they were shown, which is masked.
function withKeptValues(
  headers: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value === maskedValue ? (ownProperty(before, name) ?? value) : value,
    ]),
  );
}

function uidTaken(uid: string | null): ApiError {
  return new ApiError("uid_taken", `The uid ${JSON.stringify(uid)} belongs to another subscription. Use another uid.`);
}

function tooManySecrets(live: number): ApiError {
  return new ApiError(
    "limit_reached",
    `The subscription has ${live} secrets that still sign. Wait until some have expired, or rotate without an overlap.`,
  );
}
