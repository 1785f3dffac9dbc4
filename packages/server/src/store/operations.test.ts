import { expect, test } from "vitest";
import { bindOperations, namesOf, type Operations, type Params, type QueriesOf } from "./operations.ts";
import type { OutboxStore } from "./outbox/interface.ts";
import type { StoreOperations } from "./store.ts";

function boundTo(calls: unknown[]) {
  const operations: Operations<"outboxWaits" | "readTask", null> = {
    outboxWaits: async (_context, params) => calls.push(params) > 0,
    readTask: async (_context, params) => {
      calls.push(params);
      return null;
    },
  };
  return bindOperations(namesOf(operations), (name, params) => operations[name](null, params));
}

test("each method of a store runs the operation of its name with its parameters", async () => {
  const calls: unknown[] = [];
  const { outboxWaits, readTask } = boundTo(calls);
  const task = { organizationId: null, taskId: "task" as Params<"readTask">["taskId"] };
  expect(await outboxWaits({})).toBe(true);
  expect(await readTask(task)).toBeNull();
  expect(calls).toEqual([{}, task]);
});

// The type checker runs this test: each of these lines must be an error.
test("an operation that is undeclared, missing or of another type does not compile", () => {
  // @ts-expect-error No interface declares it.
  const undeclared = { outboxSleeps: async () => true } satisfies QueriesOf<OutboxStore>;
  // @ts-expect-error The interface says boolean.
  const mistyped = { outboxWaits: async () => "yes" } satisfies QueriesOf<OutboxStore>;
  // @ts-expect-error A store has all operations.
  const incomplete: StoreOperations = boundTo([]);
  expect([undeclared, mistyped, incomplete].map((operations) => Object.keys(operations).length)).toEqual([1, 1, 2]);
});
