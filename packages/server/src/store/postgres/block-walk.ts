/** A block has this many ids. A block of a higher level has as many of these as a power of 2, with the level as exponent. */
const blockIds = 8_192;
const levels = [8, 4, 0] as const;
/** The index compares every chunk that it considers with all words of a query, so that a step names few blocks. */
const blocksNamedMax = 16;
const firstCount = 2;
/** The next step has at most this many times as many blocks. A step with too many chunks is repeated with this fraction. */
const growthMax = 4;
const shrink = 8;

/** Limits the chunks of a walk. */
export interface WalkBounds {
  /** The number of matches that the walk looks for. */
  readonly wanted: number;
  /** More chunks in one step are too many, unless it has a single block. */
  readonly perStepMax: number;
  /** The walk ends when it has examined this many chunks. */
  readonly examinedMax: number;
}

/**
 * Walks over blocks of ids, newest first, in as few steps as possible, until there are enough matches. The share of matches so
 * far determines how many blocks the next step has.
 */
export class BlockWalk {
  readonly #bounds: WalkBounds;
  /** Blocks from this one on have been walked. */
  #end: number;
  #count = firstCount;
  #found = 0;
  #examined = 0;

  constructor(newestId: number, bounds: WalkBounds) {
    this.#end = Math.floor(newestId / blockIds) + 1;
    this.#bounds = bounds;
  }

  /** How many more matches are wanted. */
  get missing(): number {
    return this.#bounds.wanted - this.#found;
  }

  get isOver(): boolean {
    return this.missing <= 0 || this.#end === 0 || this.#examined >= this.#bounds.examinedMax;
  }

  /** The blocks of the next step, as `level/number`. */
  blocks(): string[] {
    return this.#step().names;
  }

  /**
   * Takes the results of the step: the chunks that it examined, and those among them that match. False if they were too many;
   * then the next step has the newest of its blocks.
   */
  take(examined: number, matches: number): boolean {
    const { wanted, perStepMax } = this.#bounds;
    const { count } = this.#step();
    if (examined > perStepMax && count > 1) {
      this.#count = Math.max(1, Math.floor(count / shrink));
      return false;
    }
    this.#end -= count;
    this.#found += matches;
    this.#examined += examined;
    const needed = matches === 0 ? Number.POSITIVE_INFINITY : Math.ceil(((wanted - this.#found) * count) / matches);
    this.#count = Math.max(1, Math.min(growthMax * count, needed));
    return true;
  }

  /** At most `#count` blocks, in as large ones as possible. */
  #step(): { readonly names: string[]; readonly count: number } {
    const names: string[] = [];
    const first = Math.max(0, this.#end - this.#count);
    let at = this.#end;
    while (at > first && names.length < blocksNamedMax) {
      const from = at;
      const level = levels.find((each) => from % 2 ** each === 0 && from - 2 ** each >= first) ?? 0;
      at -= 2 ** level;
      names.push(`${level}/${at / 2 ** level}`);
    }
    return { names, count: this.#end - at };
  }
}
