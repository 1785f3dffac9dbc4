import type { OrganizationId } from "./id.ts";
import { limits } from "./limits.ts";

/** A job as far as it takes room from others. */
export interface JobInSlot {
  readonly organizationId: OrganizationId;
  /** The short name of its source. */
  readonly source: string;
}

/** Who may have no further job on a node now, beside those that it runs. */
export interface FullSlots {
  readonly organizations: readonly OrganizationId[];
  readonly sources: readonly string[];
}

/** `atOnceMax` says how many jobs of one source a node runs at a time. */
export function fullSlots(held: readonly JobInSlot[], atOnceMax: (source: string) => number): FullSlots {
  const jobsByOrganization = Map.groupBy(held, ({ organizationId }) => organizationId);
  const jobsBySource = Map.groupBy(held, ({ source }) => source);
  return {
    organizations: [...jobsByOrganization]
      .filter(([, jobs]) => jobs.length >= limits.syncJobsPerOrganizationMax)
      .map(([organizationId]) => organizationId),
    sources: [...jobsBySource].filter(([source, jobs]) => jobs.length >= atOnceMax(source)).map(([source]) => source),
  };
}
