import { vi } from "vitest";

/** Waits until a condition is true, as long as a busy machine may need. */
export function eventually(expectation: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(expectation, { timeout: 20_000, interval: 5 });
}
