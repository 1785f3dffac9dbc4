export interface ToldProblem {
  readonly reason: string;
  readonly count: number;
  readonly example: string;
}

const reasonsMax = 20;

/** Why entities of a job failed: a line for each reason, not for each entity. */
export class ProblemTally {
  readonly #byReason = new Map<string, { count: number; example: string }>();

  add(reason: string, entityId: string): void {
    const known = this.#byReason.get(reason);
    if (known !== undefined) known.count += 1;
    else if (this.#byReason.size < reasonsMax) this.#byReason.set(reason, { count: 1, example: entityId });
    else this.add("Other reasons.", entityId);
  }

  told(): ToldProblem[] {
    return Array.from(this.#byReason, ([reason, { count, example }]) => ({ reason, count, example }));
  }
}
