import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { notSecret } from "../../secret-credentials.ts";
import { defineSource } from "../../source.ts";
import { madeUpText } from "../made-up-text.ts";

const container = { id: "timed-container", type: "TimedContainerEntity", name: "Timed Container" };

/** Generates entities over a period of time, to observe a running job, for example during a cancel. */
export const timedSource = defineSource({
  shortName: "timed",
  name: "Timed",
  className: "TimedSource",
  description: "Generates entities evenly over a duration, for tests of progress and cancelling.",
  authMethods: ["direct"],
  labels: ["Test"],
  isTest: true,
  entityTypes: ["TimedContainerEntity", "TimedEntity"],
  config: z.strictObject({
    entity_count: z.int().min(1).max(100_000).default(100).describe("The number of entities besides the container."),
    duration_seconds: z.number().min(0.1).max(600).default(10).describe("The time for all of them."),
    seed: z.int().default(42).describe("The seed of the content."),
  }),
  credentials: z.strictObject({ timed_key: z.string().min(1).max(1_024).describe("Any text.").meta(notSecret) }),
  entities: async function* ({ config, signal }) {
    const stepMs = (config.duration_seconds * 1000) / config.entity_count;
    yield {
      kind: "entity",
      ...container,
      text: "The container of a timed source, for a test.",
    };
    // Timers have whole milliseconds; fractions are carried over to a later wait.
    let owedMs = 0;
    for (let index = 0; index < config.entity_count; index++) {
      owedMs += stepMs;
      if (owedMs >= 1) {
        await sleep(Math.floor(owedMs), undefined, { signal });
        owedMs -= Math.floor(owedMs);
      }
      const { title, text } = madeUpText(config.seed, index);
      yield { kind: "entity", id: `timed-${index}`, type: "TimedEntity", name: title, text, breadcrumbs: [container] };
    }
  },
});
