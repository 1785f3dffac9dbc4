import { randomUUID } from "node:crypto";
import type { AcceptedEvent, NewEvent, Weft } from "@weft/sdk";
import { CommandError } from "../failure.ts";
import { withFreshEnd } from "../fresh-example.ts";
import type { Story, StoryEvent } from "./stories.ts";

export interface StoryRun {
  readonly client: Weft;
  readonly story: Story;
  /** The wait between two events; null publishes all immediately, with times that end now. */
  readonly paceMs: number | null;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * Publishes the events of a story one after the other, all about the same new collection. Yields each message when it
 * is accepted.
 */
export async function* publishSteps({ client, story, paceMs, now, sleep }: StoryRun): AsyncGenerator<AcceptedEvent> {
  const types = await Array.fromAsync(client.webhooks.eachEventType());
  const examples = new Map(types.map(({ name, example }) => [name, example]));
  const identity = newIdentity(examples.get("collection.created") ?? {});
  const jobs = new Map<number, string>();
  const lastAt = story.steps.at(-1)?.atSeconds ?? 0;
  const end = now();
  for (const [index, step] of story.steps.entries()) {
    if (paceMs !== null && index > 0) await sleep(paceMs);
    const example = examples.get(step.eventType);
    if (example === undefined || example === null) {
      throw new CommandError(
        1,
        `This Weft has no example of ${step.eventType}, which the story ${story.name} contains.`,
      );
    }
    const at = paceMs === null ? new Date(end.getTime() - (lastAt - step.atSeconds) * 1_000) : now();
    const payload = payloadOf(step, example, { ...identity, ...jobOf(step, jobs), timestamp: at.toISOString() });
    yield await client.events.publishEvents({ event_type: step.eventType, payload });
  }
}

/** The fields that all events of a story share. */
function newIdentity(example: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { collection_readable_id: readableId = "sales-data-ab123" } = example;
  return {
    organization_id: randomUUID(),
    collection_id: randomUUID(),
    collection_readable_id: withFreshEnd(String(readableId)),
    source_connection_id: randomUUID(),
    sync_id: randomUUID(),
  };
}

function jobOf({ job = 1 }: StoryEvent, jobs: Map<number, string>): Record<string, unknown> {
  const id = jobs.get(job) ?? randomUUID();
  jobs.set(job, id);
  return { sync_job_id: id, job_id: id };
}

/** The example with the story's values in the fields that it has. */
function payloadOf(
  { says = {} }: StoryEvent,
  example: Readonly<Record<string, unknown>>,
  common: Readonly<Record<string, unknown>>,
): NewEvent["payload"] {
  const known = Object.entries(common).filter(([name]) => name in example);
  return { ...example, ...Object.fromEntries(known), ...says };
}
