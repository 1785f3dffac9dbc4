import type { ReceivedRequest } from "./received-request.ts";

export interface Question {
  readonly request: ReceivedRequest;
  /** At least one. */
  readonly secrets: readonly string[];
  readonly now: Date;
  readonly toleranceSeconds: number;
}
