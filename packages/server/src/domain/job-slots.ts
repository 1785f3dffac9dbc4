import type { OrganizationId } from "./id.ts";
import { limits } from "./limits.ts";

/** The part of a job that decides how many others may run. */
export interface JobInSlot {
  readonly organizationId: OrganizationId;
  /** The short name of its source. */
  readonly source: string;
}

/** The organizations and sources that may not start another job on a node at present. */
export interface FullSlots {
  readonly organizations: readonly OrganizationId[];
  readonly sources: readonly string[];
}

/** `atOnceMax` is the number of jobs of one source that a node runs concurrently. */
export function fullSlots(inSlots: readonly JobInSlot[], atOnceMax: (source: string) => number): FullSlots {
  const jobsByOrganization = Map.groupBy(inSlots, ({ organizationId }) => organizationId);
  const jobsBySource = Map.groupBy(inSlots, ({ source }) => source);
  return {
    organizations: [...jobsByOrganization]
      .filter(([, jobs]) => jobs.length >= limits.syncJobsPerOrganizationMax)
      .map(([organizationId]) => organizationId),
    sources: [...jobsBySource].filter(([source, jobs]) => jobs.length >= atOnceMax(source)).map(([source]) => source),
  };
}
