export interface CountedProblem {
  readonly reason: string;
  readonly count: number;
  readonly example: string;
}

const reasonsMax = 20;
const otherReasons = "Other reasons.";

/** The reasons of a job's failed entities, one line per reason. */
export class ProblemCounts {
  readonly #byReason = new Map<string, { count: number; example: string }>();

  /** The number of failed entities. */
  get count(): number {
    return this.counted().reduce((sum, { count }) => sum + count, 0);
  }

  copy(): ProblemCounts {
    const copy = new ProblemCounts();
    for (const [reason, counted] of this.#byReason) copy.#byReason.set(reason, { ...counted });
    return copy;
  }

  add(reason: string, entityId: string): void {
    const known = this.#byReason.get(reason);
    if (known !== undefined) known.count += 1;
    else if (this.#byReason.size < reasonsMax) this.#byReason.set(reason, { count: 1, example: entityId });
    else
      this.#byReason.set(otherReasons, {
        count: (this.#byReason.get(otherReasons)?.count ?? 0) + 1,
        example: entityId,
      });
  }

  counted(): CountedProblem[] {
    return Array.from(this.#byReason, ([reason, { count, example }]) => ({ reason, count, example }));
  }
}
