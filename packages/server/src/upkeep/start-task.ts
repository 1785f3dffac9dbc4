import type { PayloadPurge, Survey } from "../domain/background-task.ts";
import { firstIdAt, type NewId, type OrganizationId } from "../domain/id.ts";
import type { Store } from "../store/store.ts";

interface Started {
  readonly newId: NewId;
  readonly now: number;
}

/** Stores a purge of all payloads that an organization has published so far. The upkeep runs it. */
export async function startPurge(
  store: Pick<Store, "countMessages" | "createTask">,
  organizationId: OrganizationId,
  { newId, now }: Started,
): Promise<PayloadPurge> {
  // Messages that are accepted within this millisecond count as published before.
  const until = now + 1;
  const total = await store.countMessages({ organizationId, until });
  const progress = { until, total, examined: 0, deleted: 0, cursor: firstIdAt<"message">(0) };
  const task: PayloadPurge = {
    ...{ kind: "payload_purge", id: newId<"task">(), organizationId, ...progress },
    ...{ status: total === 0 ? "finished" : "running", createdAt: now, updatedAt: now },
  };
  await store.createTask({ task });
  return task;
}

/** Stores a survey of organizations. The upkeep runs it. */
export async function startSurvey(
  store: Pick<Store, "createTask">,
  survey: Pick<Survey, "kind" | "since" | "until"> & {
    organizationIds: readonly OrganizationId[];
    /** The namespace whose token requested it; null for the operators of the installation. */
    namespace: string | null;
  },
  { newId, now }: Started,
): Promise<Survey> {
  const { kind, since, until, namespace, organizationIds: left } = survey;
  const progress = { total: left.length, left, cursor: firstIdAt<"message">(0), counted: 0, found: [] };
  const task: Survey = {
    ...{ kind, id: newId<"task">(), since, until, ...progress },
    ...{ status: left.length === 0 ? "finished" : "running", createdAt: now, updatedAt: now },
  };
  await store.createTask({ task, namespace });
  return task;
}
