/** The invariants of every simulation. */
export type Invariant =
  | "no loss"
  | "fencing"
  | "no needless duplicates"
  | "no unrecorded requests"
  | "bounded concurrency"
  | "open circuits"
  | "rate limits"
  | "rests of receivers"
  | "the pace of refusals"
  | "the pace of some refusals"
  | "the schedule"
  | "records tell what happened"
  | "order within a job"
  | "ordered subscriptions"
  | "no starvation"
  | "no forgotten claims"
  | "leases"
  | "no standstill";

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

/** Keeps the first violation, because its consequences would only hide it. */
export class Verdict {
  violation: Violation | null = null;

  violate(invariant: Invariant, what: string): void {
    this.violation ??= { invariant, what };
  }
}
