import type { Archive } from "../archive/archive.ts";
import { ArchiveStorageError } from "../archive/archive-storage.ts";
import type { Clock } from "../domain/clock.ts";
import { firstIdAt, type MessageId, type NodeId, type OrganizationId } from "../domain/id.ts";
import type { Organization } from "../domain/organization.ts";
import { type ExpiredRange, expiredRanges, type RetentionSettings } from "../domain/retention.ts";
import type { Reporter } from "../report/reporter.ts";
import type { PageOf } from "../store/page.ts";
import type { Store } from "../store/store.ts";

export interface ExpiryParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly nodeId: NodeId;
  readonly settings: RetentionSettings;
  /** Null without an archive. */
  readonly archive: Archive | null;
}

const organizationsPerPage = 100;
const messagesPerFile = 5_000;
// Each message may have a delivery for every subscription of its organization, and other tenants wait for the commit.
const deletedPerStep = 20;

/**
 * Expires the messages of one organization after the other: writes them to the archive, if there is one, and deletes them. In a
 * fleet only the first node does so. Two nodes that both do so at a handover archive some messages twice, and lose none.
 */
export class Expiry {
  readonly #parts: ExpiryParts;

  constructor(parts: ExpiryParts) {
    this.#parts = parts;
  }

  /** Expires everything that is due. Throws when the archive cannot be used; nothing is deleted that was not archived. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, nodeId, clock } = this.#parts;
    if (!(await store.isFirstNode({ nodeId, now: clock.now() }))) return;
    await this.#expireAll((page) => store.listOrganizationsOfOperators(page), signal);
    await this.#expireAll((page) => store.listOrganizations({ ...page, oldestFirst: true }), signal);
  }

  async #expireAll(
    list: (page: PageOf<OrganizationId>) => Promise<Organization[]>,
    signal: AbortSignal,
  ): Promise<void> {
    let cursor = firstIdAt<"organization">(0);
    while (!signal.aborted) {
      const page = await list({ cursor, limit: organizationsPerPage });
      for (const organization of page) await this.#expire(organization, signal);
      const last = page.at(-1);
      if (last === undefined || page.length < organizationsPerPage) return;
      cursor = last.id;
    }
  }

  // An unexpected error with one organization does not keep the others from expiring.
  async #expire(organization: Organization, signal: AbortSignal): Promise<void> {
    const { settings, archive, clock, reporter } = this.#parts;
    const ranges = expiredRanges(settings, organization, { now: clock.now(), includesAll: archive !== null });
    try {
      for (const range of ranges) await this.#expireRange(organization.id, range, signal);
    } catch (error) {
      if (error instanceof ArchiveStorageError || signal.aborted) throw error;
      reporter.internalOperationFailed({ operation: `expire messages of organization ${organization.id}`, error });
    }
  }

  async #expireRange(organizationId: OrganizationId, range: ExpiredRange, signal: AbortSignal): Promise<void> {
    const { store } = this.#parts;
    while (!signal.aborted) {
      const [first, ...others] = await store.findExpiredMessages({ organizationId, ...range, limit: messagesPerFile });
      if (first === undefined) return;
      await this.#delete(organizationId, await this.#archived(organizationId, [first, ...others]), signal);
    }
  }

  /** Returns those of the messages that may be deleted. */
  async #archived(
    organizationId: OrganizationId,
    messageIds: readonly [MessageId, ...MessageId[]],
  ): Promise<readonly MessageId[]> {
    const { store, archive, reporter } = this.#parts;
    if (archive === null) return messageIds;
    const archived = await archive.write(store, organizationId, messageIds);
    const { files, bytes } = archived;
    reporter.messagesArchived({ organizationId, messages: archived.messageIds.length, files, bytes });
    return archived.messageIds;
  }

  async #delete(organizationId: OrganizationId, messageIds: readonly MessageId[], signal: AbortSignal): Promise<void> {
    const { store, reporter } = this.#parts;
    let messages = 0;
    for (let start = 0; start < messageIds.length && !signal.aborted; start += deletedPerStep) {
      const step = messageIds.slice(start, start + deletedPerStep);
      messages += await store.deleteMessages({ organizationId, messageIds: step });
    }
    reporter.messagesExpired({ organizationId, messages });
  }
}
