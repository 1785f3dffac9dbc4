import type { OrganizationId } from "../../domain/id.ts";

/** Runs the reads of one organization one after the other, so that those of other organizations come in between. */
export class ReadTurns {
  readonly #last = new Map<OrganizationId, Promise<unknown>>();

  async take<Result>(organizationId: OrganizationId, read: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(organizationId);
    const own = before === undefined ? read() : before.then(read, read);
    this.#last.set(organizationId, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(organizationId) === own) this.#last.delete(organizationId);
    }
  }
}
