import { type Clock, loop, untilNextLook } from "../domain/clock.ts";
import type { NewId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { eventCodeOf, type McpErrorCodes } from "../domain/mcp-subscription.ts";
import { newOperationalEventIds } from "../domain/operational-event.ts";
import type { HttpSender } from "../outbound/http-sender.ts";
import type { Reporter } from "../report/reporter.ts";
import type { EndedMcpSubscription, McpEventType } from "../store/mcp-subscriptions/interface.ts";
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
  /** Whether subscriptions to this event type continue. */
  readonly isOffered: (type: McpEventType) => boolean;
}

const endedPerTurn = 100;
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
      this.#repeat("end subscriptions to removed event types", async () => {
        await this.#endRemovedTypes();
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
      if (removed !== null && removed.reason !== null) this.#notify(removed);
    }
    return ended.length;
  }

  /** The outcome has no effect: there is one request. */
  #notify({ target, secrets, organizationId, reason }: EndedMcpSubscription): void {
    const { sender, clock, userAgent, errorCodes } = this.#parts;
    const error =
      reason === "event_removed"
        ? {
            code: eventCodeOf("not_found", errorCodes),
            message: "The event no longer exists.",
            data: { kind: "event" },
          }
        : {
            code: eventCodeOf("forbidden", errorCodes),
            message: "The access was revoked.",
            data: { reason: "access_revoked" },
          };
    const { url, mcpId } = target;
    const id = `msg_terminated_${mcpId.replace("sub_", "")}_${reason}`;
    const control = { url, mcpId, secrets, id, body: { type: "terminated", error } };
    const request = controlRequest(control, { at: clock.now(), userAgent });
    const notice = sender.send({ ...request, owner: organizationId }).finally(() => this.#notices.delete(notice));
    this.#notices.add(notice);
  }

  async #endRemovedTypes(): Promise<void> {
    const { store, clock, isOffered } = this.#parts;
    if (!(await store.hasMcpSubscriptions({ now: clock.now() }))) return;
    for (const type of await store.listMcpEventTypes({ now: clock.now() })) {
      if (isOffered(type)) continue;
      const reason = "event_removed";
      const end = () => store.endMcpSubscriptionsTo({ ...type, reason, limit: endedPerTurn });
      while (!this.#stop.signal.aborted && (await end()) === endedPerTurn);
    }
  }
}
