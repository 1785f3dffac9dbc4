import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";

/**
 * Bounds the fan-out of one commit by the subscriptions that its messages are matched with. A message that does not fit
 * is stored, and its deliveries follow in later commits.
 */
export class FanOutBudget {
  #left: number = limits.fanOutPerCommitMax;
  readonly #spent = new Map<OrganizationId, number>();

  /** False when the commit has no room for so many subscriptions of an organization. */
  spend(organizationId: OrganizationId, subscriptions: number): boolean {
    const spent = this.#spent.get(organizationId) ?? 0;
    if (subscriptions > this.#left || spent + subscriptions > limits.fanOutPerOrganizationAndCommitMax) return false;
    this.#left -= subscriptions;
    this.#spent.set(organizationId, spent + subscriptions);
    return true;
  }
}
