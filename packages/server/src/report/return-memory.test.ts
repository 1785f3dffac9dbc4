import { constants, PerformanceObserver } from "node:perf_hooks";
import { cachedDataVersionTag } from "node:v8";
import { expect, test } from "vitest";
import { returnMemory } from "./return-memory.ts";

interface Collection {
  readonly kind: number;
  readonly flags: number;
}

test("an idle thread collects its young objects, and compiled code stays valid", async () => {
  const before = cachedDataVersionTag();
  const collected = Promise.withResolvers<Collection>();
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as unknown as { detail: Collection }[]) {
      // V8 collects by itself as well, without this flag.
      if ((detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0) collected.resolve(detail);
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  using _memory = returnMemory();
  expect((await collected.promise).kind).toBe(constants.NODE_PERFORMANCE_GC_MINOR);
  observer.disconnect();
  expect(cachedDataVersionTag()).toBe(before);
});
