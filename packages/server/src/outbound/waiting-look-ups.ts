/** A look-up that is waiting or running. */
interface LookUp {
  readonly name: string;
  readonly begin: () => Promise<void>;
}

/** The owner of Weft's own look-ups. */
const noOwner = "";

/**
 * Limits concurrent look-ups, in total and per owner. A look-up counts for one of the owners that need its name at present, so
 * that an owner whose look-ups hang does not block another that needs the same name.
 */
export class WaitingLookUps {
  readonly #max: { readonly together: number; readonly ofOwner: number; readonly waiting: number };
  readonly #kept = new Map<string, Map<string, number>>();
  readonly #underWay = new Map<string, number>();
  readonly #waiting = new Set<LookUp>();
  #count = 0;

  constructor(max: { readonly together: number; readonly ofOwner: number; readonly waiting: number }) {
    this.#max = max;
  }

  /** Until it is disposed of, a look-up of this name counts for this owner, or for another that needs it too. */
  keep(name: string, owner: string): Disposable {
    const owners = this.#kept.get(name) ?? new Map<string, number>();
    this.#kept.set(name, owners);
    owners.set(owner, (owners.get(owner) ?? 0) + 1);
    if (this.#waiting.size > 0) this.#startAll();
    return {
      [Symbol.dispose]: () => {
        const left = (owners.get(owner) ?? 1) - 1;
        if (left > 0) owners.set(owner, left);
        else owners.delete(owner);
        if (owners.size === 0 && this.#kept.get(name) === owners) this.#kept.delete(name);
      },
    };
  }

  /** Calls `begin` when it is the name's turn. False when too many look-ups wait already. */
  add(name: string, begin: () => Promise<void>): boolean {
    if (this.#waiting.size >= this.#max.waiting) return false;
    this.#waiting.add({ name, begin });
    this.#startAll();
    return true;
  }

  #startAll(): void {
    for (const lookUp of this.#waiting) {
      if (this.#count >= this.#max.together) return;
      const owner = this.#ownerFor(lookUp.name);
      if (owner !== null) void this.#start(lookUp, owner);
    }
  }

  async #start(lookUp: LookUp, owner: string): Promise<void> {
    this.#waiting.delete(lookUp);
    this.#count += 1;
    this.#underWay.set(owner, (this.#underWay.get(owner) ?? 0) + 1);
    await lookUp.begin();
    this.#count -= 1;
    const left = (this.#underWay.get(owner) ?? 1) - 1;
    if (left > 0) this.#underWay.set(owner, left);
    else this.#underWay.delete(owner);
    this.#startAll();
  }

  /** The owner that needs the name and has the fewest running look-ups; null when each has reached its limit. */
  #ownerFor(name: string): string | null {
    const owners = [...(this.#kept.get(name)?.keys() ?? [noOwner])];
    const counts = owners.map((owner) => ({ owner, count: this.#underWay.get(owner) ?? 0 }));
    const [fewest] = counts.sort((a, b) => a.count - b.count);
    return fewest !== undefined && fewest.count < this.#max.ofOwner ? fewest.owner : null;
  }
}
