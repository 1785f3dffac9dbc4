import type { PayloadPurge, Survey, Task } from "../domain/background-task.ts";
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
  return await started(store, {
    ...{ kind: "payload_purge", id: newId<"task">(), organizationId, ...progress },
    ...{ status: total === 0 ? "finished" : "running", createdAt: now, updatedAt: now },
  });
}

/** Stores a survey of organizations. The upkeep runs it. */
export async function startSurvey(
  store: Pick<Store, "createTask">,
  survey: Pick<Survey, "kind" | "since" | "until"> & { organizationIds: readonly OrganizationId[] },
  { newId, now }: Started,
): Promise<Survey> {
  const { kind, since, until, organizationIds: left } = survey;
  const progress = { total: left.length, left, cursor: firstIdAt<"message">(0), counted: 0, found: [] };
  return await started(store, {
    ...{ kind, id: newId<"task">(), since, until, ...progress },
    ...{ status: left.length === 0 ? "finished" : "running", createdAt: now, updatedAt: now },
  });
}

async function started<Kind extends Task>(store: Pick<Store, "createTask">, task: Kind): Promise<Kind> {
  await store.createTask({ task });
  return task;
}
