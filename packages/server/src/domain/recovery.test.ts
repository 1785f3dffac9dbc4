import { expect, test } from "vitest";
import { deliveryStates } from "./delivery.ts";
import { needsRecovery } from "./recovery.ts";

test("what failed, was skipped or was never made needs recovering; what is on its way, arrived or was cancelled does not", () => {
  expect(needsRecovery(null)).toBe(true);
  expect(deliveryStates.filter(needsRecovery)).toEqual(["failed", "skipped"]);
});
