import { hash } from "node:crypto";
import { mcp, mcpDelivery } from "../../delivery/targets/mcp.ts";
import type { AddressPolicy } from "../../delivery/targets/target-rules.ts";
import { ApiError } from "../../domain/errors.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import {
  canonicalJson,
  grantedMs,
  McpError,
  type McpFailure,
  mcpFailureOfAttempt,
} from "../../domain/mcp-subscription.ts";
import { newOperationalEventIds } from "../../domain/operational-event.ts";
import { newSubscription, type Subscription } from "../../domain/subscription.ts";
import type { McpTarget } from "../../domain/target.ts";
import type { Origin } from "../../intake/intake.ts";
import { anyAttemptListItem } from "../../store/attempts/interface.ts";
import type { McpKey } from "../../store/mcp-subscriptions/interface.ts";
import type { Store } from "../../store/store.ts";
import type { CallbackChecks } from "./callback-checks.ts";
import { argumentsIn, invalid } from "./event-definitions.ts";
import type { AgentIdentity, OfferedEvents } from "./offered-events.ts";

export interface McpSubscriptionsParts {
  readonly store: Store;
  readonly events: OfferedEvents;
  readonly checks: CallbackChecks;
  readonly address: AddressPolicy;
  readonly origin: Origin;
}

export interface SubscribeRequest {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly url: string;
  readonly secret: string;
  readonly ttlMs: number | null | undefined;
}

export interface UnsubscribeRequest {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly url: string;
}

export interface Subscribed {
  readonly id: string;
  readonly refreshBefore: string;
  readonly cursor: null;
  readonly truncated: false;
  readonly deliveryStatus?: DeliveryStatus;
}

interface DeliveryStatus {
  readonly active: boolean;
  readonly lastDeliveryAt?: string;
  readonly lastError: McpFailure | null;
  readonly failedSince?: string;
  readonly throttled?: true;
  readonly retryAfterMs?: number;
}

/** The use cases of subscriptions that agents make through MCP. */
export class McpSubscriptions {
  readonly #parts: McpSubscriptionsParts;

  constructor(parts: McpSubscriptionsParts) {
    this.#parts = parts;
  }

  /** Creates or refreshes a subscription, when its callback has proved that it wants the events. */
  async subscribe(agent: AgentIdentity, request: SubscribeRequest): Promise<Subscribed> {
    const { store, events, checks, origin } = this.#parts;
    const { organizationId, principal } = agent;
    const definition = await events.require(agent, request.name);
    const { text, filters } = argumentsIn(request.arguments, definition);
    const url = this.#urlIn(request.url);
    const secret = secretIn(request.secret);
    const mcpId = mcpIdOf(principal, url, request.name, text);
    const known = await store.findMcpSubscription({ organizationId, mcpId, now: origin.now() });
    const status = known === null ? null : await this.#statusOf(known);
    if (known === null) await this.#requireRoom({ organizationId, mcpId, principal });
    const callback = { organizationId, principal, url };
    const isVerified = await store.isMcpCallbackVerified({ ...callback, now: origin.now() });
    const turn = isVerified ? null : await store.takeMcpTurn({ organizationId, mcpId, now: origin.now() });
    if (!isVerified) {
      await checks.require({ ...callback, mcpId, secret });
      await store.noteMcpCallback({ ...callback, verifiedUntil: origin.now() + limits.mcpCallbackVerifiedMs });
    }
    const now = origin.now();
    const expiresAt = Math.min(now + grantedMs(request.ttlMs), agent.expiresAt ?? Number.POSITIVE_INFINITY);
    const target = { kind: "mcp", url, mcpId, principal, keyId: agent.keyId, arguments: text, expiresAt } as const;
    const subscription = this.#subscriptionOf(organizationId, target, { name: request.name, filters, now });
    await this.#put(subscription, secret, turn, now);
    const refreshBefore = new Date(expiresAt).toISOString();
    const result = { id: mcpId, refreshBefore, cursor: null, truncated: false } as const;
    return status === null ? result : { ...result, deliveryStatus: status };
  }

  /** Ends a subscription, and a request for it that still verifies its callback. It need not exist. */
  async unsubscribe({ organizationId, principal }: AgentIdentity, request: UnsubscribeRequest): Promise<void> {
    const { store, origin } = this.#parts;
    const url = URL.parse(request.url);
    if (url === null) return;
    const mcpId = mcpIdOf(principal, url.href, request.name, canonicalJson(request.arguments));
    await store.deleteMcpSubscription({
      ...{ organizationId, mcpId, now: origin.now() },
      operationalEventIds: newOperationalEventIds(origin.newId),
    });
  }

  #urlIn(text: string): string {
    try {
      return mcp.urlOf(text, this.#parts.address);
    } catch (error) {
      if (error instanceof ApiError) throw invalid("delivery.url", error.mistakes[0]?.msg ?? error.message);
      throw error;
    }
  }

  #subscriptionOf(
    organizationId: OrganizationId,
    target: McpTarget,
    { name, filters, now }: { readonly name: string; readonly filters: string | null; readonly now: number },
  ): Subscription & { readonly target: McpTarget } {
    const subscription = newSubscription({
      ...{ id: this.#parts.origin.newId<"subscription">(), organizationId, target },
      ...{ eventTypes: [name], filters, createdAt: now },
      retryDelaysMs: mcpDelivery.delaysMs,
    });
    return { ...subscription, target };
  }

  async #put(
    subscription: Subscription & { readonly target: McpTarget },
    secret: string,
    turn: number | null,
    now: number,
  ): Promise<void> {
    const { store, origin } = this.#parts;
    const put = await store.putMcpSubscription({
      ...{ subscription, secret, turn, now, overlapUntil: now + limits.mcpSecretOverlapMs },
      operationalEventIds: newOperationalEventIds(origin.newId),
      ...subscriptionLimits,
    });
    if (put.kind === "superseded") {
      const data = { limit: "concurrent_requests", retryAfterMs: 0 };
      throw new McpError("resource_exhausted", "A later request about this subscription came first.", data);
    }
    if (put.kind === "full") throw tooMany(put.max);
  }

  /** Before the challenge, so that agents without room cause no requests. */
  async #requireRoom(wanted: McpKey & { readonly principal: string }): Promise<void> {
    const max = await this.#parts.store.findExceededMcpLimit({ ...wanted, ...subscriptionLimits });
    if (max !== null) throw tooMany(max);
  }

  async #statusOf({ id, organizationId, health, disabledReason }: Subscription): Promise<DeliveryStatus> {
    const { store, origin } = this.#parts;
    const key = { organizationId, subscriptionId: id };
    const attempts = { ...key, ...anyAttemptListItem, messageId: null, cursor: null, limit: 1 };
    const [current, newest, delivered] = await Promise.all([
      store.readSubscription(key),
      store.listAttemptItems({ ...attempts, status: "failed" }),
      store.listAttemptItems({ ...attempts, status: "success" }),
    ]);
    const throttle = current?.throttleState ?? null;
    const [failed] = newest.items;
    const [last] = delivered.items;
    const isFailing = health.failingSince !== null;
    return {
      active: disabledReason === null && throttle?.state !== "circuit_open",
      ...(last?.kind === "made" && { lastDeliveryAt: new Date(last.startedAt).toISOString() }),
      lastError: isFailing && failed?.kind === "made" ? mcpFailureOfAttempt(failed) : null,
      ...(health.failingSince !== null && { failedSince: new Date(health.failingSince).toISOString() }),
      ...(throttle !== null && { throttled: true }),
      ...(throttle?.nextTryAt != null && { retryAfterMs: Math.max(0, throttle.nextTryAt - origin.now()) }),
    };
  }
}

const subscriptionLimits = {
  ofPrincipalMax: limits.mcpSubscriptionsOfPrincipalMax,
  ofOrganizationMax: limits.mcpSubscriptionsOfOrganizationMax,
} as const;

function tooMany(max: number): McpError {
  const data = { limit: "subscriptions", max };
  return new McpError("resource_exhausted", `At most ${max} subscriptions are allowed. End some first.`, data);
}

/** The id follows from the identity, so that it is the same after a restart and on every node. */
function mcpIdOf(principal: string, url: string, name: string, argumentsText: string): string {
  const identity = `[${JSON.stringify(principal)},${JSON.stringify(url)},${JSON.stringify(name)},${argumentsText}]`;
  return `sub_${hash("sha256", identity, "hex").slice(0, 32)}`;
}

/** The signing secret in the form that Weft stores. */
function secretIn(text: string): string {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]{1,128}={0,2})$/.exec(text) ?? [];
  const bytes = encoded === undefined ? Buffer.alloc(0) : Buffer.from(encoded, "base64");
  const { mcpSecretBytesMin: min, mcpSecretBytesMax: max } = limits;
  const isWhole = encoded !== undefined && encoded.replaceAll("=", "").length % 4 !== 1;
  if (isWhole && bytes.length >= min && bytes.length <= max) return `whsec_${bytes.toString("base64")}`;
  throw invalid("delivery.secret", `Expected whsec_ and the base64 of ${min} to ${max} bytes.`);
}
