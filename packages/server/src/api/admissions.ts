import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";

export interface AdmissionLimits {
  readonly perOrganizationMax: number;
  readonly perNodeMax: number;
  /** The error when the organization or the node has reached its limit. */
  readonly refusal: (whose: "The organization" | "This node", max: number) => ApiError;
}

/**
 * Counts open connections or calls in progress, per organization and in total, from the moment each is admitted. The limit of an
 * organization is a part of the node's, so that no organization takes the places of the others.
 */
export class Admissions {
  readonly #limits: AdmissionLimits;
  readonly #open = new Map<OrganizationId, number>();
  #count = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  /** Counts one, and returns a function that ends the count. Throws when the organization or the node has reached its limit. */
  admit(organizationId: OrganizationId): () => void {
    const { perOrganizationMax, perNodeMax, refusal } = this.#limits;
    const own = this.#open.get(organizationId) ?? 0;
    if (own >= perOrganizationMax) throw refusal("The organization", perOrganizationMax);
    if (this.#count >= perNodeMax) throw refusal("This node", perNodeMax);
    this.#change(organizationId, 1);
    let isOpen = true;
    return () => {
      if (isOpen) this.#change(organizationId, -1);
      isOpen = false;
    };
  }

  #change(organizationId: OrganizationId, by: number): void {
    const own = (this.#open.get(organizationId) ?? 0) + by;
    this.#count += by;
    if (own === 0) this.#open.delete(organizationId);
    else this.#open.set(organizationId, own);
  }
}

/** The error for connections that stay open. `plural` names them. */
export function tooManyOpen(plural: string): AdmissionLimits["refusal"] {
  return (whose, max) =>
    new ApiError("too_many_streams", `${whose} has ${max} ${plural} open, which is the limit. Close one first.`);
}
