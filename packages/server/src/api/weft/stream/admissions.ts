import { ApiError } from "../../../domain/errors.ts";
import type { OrganizationId } from "../../../domain/id.ts";

export interface AdmissionLimits {
  readonly perOrganizationMax: number;
  readonly perNodeMax: number;
  /** A plural for the sentence of a rejection: `streams`. */
  readonly plural: string;
}

/** Counts open connections, per organization and in total, from the moment each is admitted. */
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

  /**
   * Counts a connection, and returns a function that ends the count. Throws a 429 when the organization or the node has reached
   * its limit.
   */
  admit(organizationId: OrganizationId): () => void {
    const { perOrganizationMax, perNodeMax, plural } = this.#limits;
    const own = this.#open.get(organizationId) ?? 0;
    if (own >= perOrganizationMax || this.#count >= perNodeMax) {
      const [whose, max] =
        own >= perOrganizationMax ? ["The organization", perOrganizationMax] : ["This node", perNodeMax];
      throw new ApiError(
        "too_many_streams",
        `${whose} has ${max} ${plural} open, which is the limit. Close one first.`,
      );
    }
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
