import { assertNever } from "../domain/assert-never.ts";
import { type Clock, loop, untilNextLook } from "../domain/clock.ts";
import type { NewId, SubscriptionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { eventCodeOf, type McpEnding, type McpErrorCodes, type McpErrorKind } from "../domain/mcp-subscription.ts";
import { newOperationalEventIds } from "../domain/operational-event.ts";
import type { HttpSender } from "../outbound/http-sender.ts";
import type { Reporter } from "../report/reporter.ts";
import type { EndedMcpSubscription, McpArgumentsOf, McpEventType } from "../store/mcp-subscriptions/interface.ts";
import type { Store } from "../store/store.ts";
import { controlRequest } from "./targets/mcp.ts";

export interface McpEndingParts {
  readonly store: Store;
  readonly sender: Pick<HttpSender, "send">;
  readonly clock: Clock;
  readonly reporter: Pick<Reporter, "internalOperationFailed">;
  readonly newId: NewId;
  readonly userAgent: string;
  readonly errorCodes: McpErrorCodes;
  /** The event of a type as agents see it; null for a removed or archived type. */
  readonly eventOf: (type: McpEventType) => OfferedEvent | null;
}

export interface OfferedEvent {
  /** Differs if the arguments of the event may have changed. */
  readonly version: string;
  /** Whether a subscription with these arguments, in canonical form, can still be made. */
  readonly accepts: (argumentsText: string) => boolean;
}

const endedPerTurn = 100;
const argumentsPerPage = 500;
const eventTypesEveryMs = 30_000;
const forgetEveryMs = 3_600_000;
const retryMs = 1_000;

/**
 * Deletes subscriptions of agents that have ended. The receiver of one that Weft ended before its time is notified, with one
 * request.
 */
export class McpEndings {
  readonly #parts: McpEndingParts;
  readonly #stop = new AbortController();
  readonly #notices = new Set<Promise<unknown>>();
  /** The versions of events whose subscriptions were examined at the last look, by type. */
  #examined: ReadonlyMap<string, readonly string[]> = new Map();
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: McpEndingParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = Promise.all([
      this.#repeat("delete ended subscriptions of agents", async () => {
        const count = await this.#removeEnded();
        return count === endedPerTurn ? 0 : this.#untilNextLook(limits.mcpEndedLookMs);
      }),
      this.#repeat("end subscriptions to removed or changed event types", async () => {
        await this.#endChangedTypes();
        return this.#untilNextLook(eventTypesEveryMs);
      }),
      this.#repeat("forget verified callbacks", async () => {
        const now = this.#parts.clock.now();
        const turnsBefore = now - limits.mcpTtlMs;
        const count = await this.#parts.store.forgetMcpRecords({ now, turnsBefore, limit: endedPerTurn });
        return count === endedPerTurn ? 0 : this.#untilNextLook(forgetEveryMs);
      }),
    ]);
  }

  #untilNextLook(everyMs: number): number {
    return untilNextLook(this.#parts.clock.now(), everyMs);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all(this.#notices);
  }

  #repeat(operation: string, turn: () => Promise<number>): Promise<void> {
    return loop(this.#parts.clock, this.#stop.signal, async () => {
      try {
        return await turn();
      } catch (error) {
        if (this.#stop.signal.aborted) return 0;
        this.#parts.reporter.internalOperationFailed({ operation, error });
        return retryMs;
      }
    });
  }

  async #removeEnded(): Promise<number> {
    const { store, clock, newId } = this.#parts;
    const ended = await store.findEndedMcpSubscriptions({ now: clock.now(), limit: endedPerTurn });
    for (const key of ended) {
      const removed = await store.removeEndedMcpSubscription({
        ...{ ...key, now: clock.now() },
        operationalEventIds: newOperationalEventIds(newId),
      });
      if (removed !== null && removed.reason !== null) this.#notify(removed, removed.reason);
    }
    return ended.length;
  }

  /** The outcome has no effect: there is one request. */
  #notify({ target, secrets, organizationId }: EndedMcpSubscription, reason: McpEnding): void {
    const { sender, clock, userAgent, errorCodes } = this.#parts;
    const { kind, ...said } = errorOf(reason);
    const error = { code: eventCodeOf(kind, errorCodes), ...said };
    const { url, mcpId } = target;
    const id = `msg_terminated_${mcpId.replace("sub_", "")}_${reason}`;
    const control = { url, mcpId, secrets, id, body: { type: "terminated", error } };
    const request = controlRequest(control, { at: clock.now(), userAgent });
    const notice = sender.send({ ...request, owner: organizationId }).finally(() => this.#notices.delete(notice));
    this.#notices.add(notice);
  }

  /**
   * A new version is examined at two looks: a node that has not loaded it yet may accept arguments of the previous one a moment
   * later.
   */
  async #endChangedTypes(): Promise<void> {
    const { store, clock, eventOf } = this.#parts;
    if (!(await store.hasMcpSubscriptions({ now: clock.now() }))) return;
    const examined = new Map<string, readonly string[]>();
    for (const type of await store.listMcpEventTypes({ now: clock.now() })) {
      const event = eventOf(type);
      if (event === null) {
        const end = () => store.endMcpSubscriptionsTo({ ...type, reason: "event_removed", limit: endedPerTurn });
        while (!this.#stop.signal.aborted && (await end()) === endedPerTurn);
        continue;
      }
      const key = JSON.stringify([type.namespace, type.eventType]);
      const before = this.#examined.get(key) ?? [];
      const looks = before.filter((version) => version === event.version).length;
      if (looks < looksPerVersion) await this.#endUnfitting(type, event);
      examined.set(key, [event.version, ...before].slice(0, looksPerVersion));
    }
    this.#examined = examined;
  }

  async #endUnfitting(type: McpEventType, { accepts }: OfferedEvent): Promise<void> {
    const { store, clock } = this.#parts;
    let cursor: SubscriptionId | null = null;
    while (!this.#stop.signal.aborted) {
      const page: McpArgumentsOf[] = await store.listMcpArguments({
        ...{ ...type, now: clock.now() },
        ...{ cursor, limit: argumentsPerPage },
      });
      for (const { arguments: text, ...key } of page) {
        if (!accepts(text)) await store.endMcpSubscription({ ...key, reason: "schema_changed" });
      }
      cursor = page.at(-1)?.subscriptionId ?? null;
      if (page.length < argumentsPerPage) return;
    }
  }
}

const looksPerVersion = 2;

function errorOf(reason: McpEnding): { kind: McpErrorKind; message: string; data: object } {
  switch (reason) {
    case "event_removed":
      return { kind: "not_found", message: "The event no longer exists.", data: { kind: "event" } };
    case "schema_changed":
      return {
        kind: "unsupported",
        message: "The event no longer has these arguments.",
        data: { feature: "payloadSchema", reason: "schema_changed" },
      };
    case "access_revoked":
      return { kind: "forbidden", message: "The access was revoked.", data: { reason: "access_revoked" } };
    default:
      return assertNever(reason);
  }
}
