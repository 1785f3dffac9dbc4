import { expect, test } from "vitest";
import { inTurns } from "./load-agent-handler.ts";

test("other work of the event loop runs between two pieces, and a failure stops the loading", async () => {
  const order: string[] = [];
  const piece = (name: string) => async () => {
    order.push(name);
    setImmediate(() => order.push(`work after ${name}`));
  };
  await inTurns([piece("first"), piece("second")]);
  expect(order).toEqual(["first", "work after first", "second", "work after second"]);
  const failing = async () => {
    throw new Error("The file is missing.");
  };
  await expect(inTurns([failing, piece("third")])).rejects.toThrow("The file is missing.");
  expect(order).not.toContain("third");
});
