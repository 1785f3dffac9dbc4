import type { AttemptOutcome } from "./attempt.ts";

/** Whether an outcome ends a delivery without further retries. `gone` also disables its subscription; null retries. */
export type FinalOutcome = (outcome: AttemptOutcome) => "gone" | "failed" | null;

/** HTTP 410 means that the receiver asks for no further requests. */
export const webhookOutcomes: FinalOutcome = (outcome) =>
  outcome.kind === "rejected" && outcome.status === 410 ? "gone" : null;

/** An agent refuses a single event with 410 or 413, and its subscription stays. */
export const agentOutcomes: FinalOutcome = (outcome) =>
  outcome.kind === "rejected" && (outcome.status === 410 || outcome.status === 413) ? "failed" : null;
